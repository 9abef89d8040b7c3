"""The saved output of a study, by mime type; it needs no kernel, and all but the first no script.

    application/vnd.jupyter-tune.dashboard+json    templates and tables, which our front end shows as it
                                                   showed the running study
    text/html, image/png, text/plain               for everywhere else

As a program it reads {"records": [...], "landscape": ...} from stdin, records as clients get them, and prints
the bundle as JSON: so the kernel never imports what draws the charts.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from typing import Any

from jupyter_tune.core.encoding import record_from_json
from jupyter_tune.core.study import Study
from jupyter_tune.views.drawing import png
from jupyter_tune.views.saved.dashboard import DASHBOARD, dashboard
from jupyter_tune.views.saved.page import page
from jupyter_tune.views.saved.panels import panels
from jupyter_tune.views.saved.text import text
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.curves import CurveBounds
from jupyter_tune.views.tables.messages import Landscape
from jupyter_tune.views.tables.selection import Bounds, everything_of
from jupyter_tune.views.tables.shown_trials import ROWS
from jupyter_tune.views.tables.tables import Tables, last_heard

_CURVES = CurveBounds(all=120, best=40, newest=40, sample=30, points=60)
"""Fewer curves and points than live: here every point is text in the notebook file."""


def bundle(study: Study, landscape: Landscape | None = None) -> dict[str, Any]:
    """The study by mime type: the dashboard as plain data, html, png (base64) and text."""
    # a picture has room for every trial, text does not
    shown = everything(study, landscape)
    drawn = list(panels(study.space, study.settings, shown))
    advice = (landscape or {}).get("advice", ())
    return {
        DASHBOARD: dashboard(study.space, study.settings, _snapshot(study, landscape, ROWS)),
        "text/html": page(study, shown["status"], drawn, advice),
        "image/png": base64.b64encode(png({panel.title: panel.chart for panel in drawn})).decode(),
        "text/plain": "\n".join([text(shown["status"]), *map(_finding, advice)]),
    }


def _finding(found: Mapping[str, Any]) -> str:
    return f"{found['text']} → {found['remedy']}{found['more']}"


def everything(study: Study, landscape: Landscape | None) -> dict[str, Any]:
    """The tables with every trial, unpacked."""
    return _snapshot(study, landscape, everything_of(study))


def _snapshot(study: Study, landscape: Landscape | None, rows: Bounds) -> dict[str, Any]:
    tables = Tables(study, _CURVES, rows)
    tables.show_landscape(landscape)
    return unpacked(tables.snapshot(last_heard(study)))


def main() -> None:
    given = json.load(sys.stdin)
    study = Study.fold(map(record_from_json, given["records"]))
    json.dump(bundle(study, given.get("landscape")), sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
