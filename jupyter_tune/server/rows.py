"""A study as a page lists it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, TypeAlias

from jupyter_tune.client.overviews import Standing
from jupyter_tune.core.trial import RUNNING
from jupyter_tune.journal import stem
from jupyter_tune.server.root import Root
from jupyter_tune.views.tables.columns import encodable, json_ready

Row: TypeAlias = dict[str, Any]

_NOTHING: Row = {
    "state": "",
    "reason": "",
    "trials": 0,
    "done": 0,
    "budget": None,
    "running": 0,
    "counts": {},
    "best": None,
    "metric": "",
    "direction": "",
    "best_trial": None,
    "best_params": None,
    "leader": None,
    "spark": [],
    "further": [],
    "front": 0,
    "opened_at": None,
    "changed_at": None,
    "is_detached": False,
    "tags": {},
    "notebook": None,
    "kind": "",
    "eta_s": None,
    "error": None,
}
"""What a row has, with what it says of a study that cannot be read."""


def row_of(root: Root, path: Path, standing: Standing, *, is_detached: bool) -> Row:
    """The row of a study that could be read."""
    found = standing.overview
    is_over = found.state == "ended" or not standing.lives
    leader = (
        None if found.leader is None or is_over else dict(zip(("trial", "value"), found.leader, strict=True))
    )
    ends_at = None if is_over or standing.state != "running" else found.ends_at
    told = {name: getattr(found, name) for name in _NOTHING if hasattr(found, name)}
    row = _row(root, path) | told
    row |= {
        "state": standing.state,
        # an attempt that ran for a driver that is gone runs no more
        "running": found.counts[RUNNING] if standing.lives else 0,
        "leader": leader,
        "is_detached": is_detached and standing.lives,
        "notebook": root.name_of(found.notebook),
        "eta_s": None if ends_at is None else max(0.0, ends_at - time.time()),
    }
    ready: Row = encodable(json_ready(row))
    return ready


def broken_row(root: Root, path: Path, error: str) -> Row:
    """The row of a study that cannot be read."""
    broken: Row = encodable(_row(root, path) | {"error": error})
    return broken


def _row(root: Root, path: Path) -> Row:
    name = root.name(path)
    folder = name.rpartition("/")[0]
    return {"path": name, "name": stem(path), "folder": folder, **_NOTHING}


def is_news(row: Row, before: Row | None) -> bool:
    """Whether the row says something else than before; that time passes is no news."""
    return before is None or {**row, "eta_s": None} != {**before, "eta_s": None}
