"""What commands print with --json: one value, or for what goes on in time one value a line.

Numbers that JSON does not have are texts, as in the journal: "nan", "inf", "-inf".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click

from jupyter_tune.cli.following import Progress, status_of
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.encoding import number_to_json
from jupyter_tune.views.tables.columns import json_ready
from jupyter_tune.views.tables.export import rows


def print_json(value: Any, *, indent: int | None = 1) -> None:
    """Print one value; in a single line with `indent=None`."""
    click.echo(json.dumps(plain(value), indent=indent, allow_nan=False))


def plain(value: Any) -> Any:
    """Nested lists and mappings as JSON has them."""
    return json_ready(value, number_to_json)


def status_as_json(handle: StudyHandle) -> dict[str, Any]:
    """The state of a study as plain data."""
    status = status_of(handle)
    best = status["best"]
    return {
        "name": handle.name,
        "path": str(handle.path),
        **{key: status[key] for key in ("state", "reason", "metric", "direction", "trials", "workers")},
        "counts": status["counts"],
        "best": best and {"number": best["number"], "value": best["value"], "params": best["params"]},
        "elapsed_s": status["elapsed_s"],
        **{key: status[key] for key in ("eta_s", "eta_low_s", "eta_high_s")},
        "disk": asdict(handle.disk()),
        "notices": [text for _, text in handle.notices],
    }


def json_printer(handle: StudyHandle, since: float) -> Callable[[], None]:
    """Prints what is new, a line each: the trials that ended after `since`, and notices."""
    progress = Progress(handle, since)

    def show() -> None:
        for study, trial, _ in progress.ended():
            print_json({"trial": rows(study, [trial])[0]}, indent=None)
        for notice in progress.notices():
            print_json({"notice": notice}, indent=None)

    return show
