"""The dashboard as a notebook keeps it: templates and tables in plain JSON, which our front end shows as it
showed the running study. The front end writes the same from what it knows (labextension/src/wire/saved.ts).
"""

from __future__ import annotations

from typing import Any

from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.views.charts import templates
from jupyter_tune.views.tables.tables import parameters

DASHBOARD = "application/vnd.jupyter-tune.dashboard+json"
VERSION = 1
"""Of what is under DASHBOARD; counts changes that an older front end could not survive."""

_DIGITS = 6
"""Significant ones of a point of a curve."""


def dashboard(space: Space, settings: Settings, tables: dict[str, Any]) -> dict[str, Any]:
    """What is kept under DASHBOARD.

    Args: tables: as `columns.unpacked` gives them.
    """
    points = tables["points"]
    rounded = [None if value is None else float(f"{value:.{_DIGITS}g}") for value in points["value"]]
    # bytes give numbers back as floats: in JSON 3.0 would be longer than 3
    whole = {name: [int(cell) for cell in points[name]] for name in ("number", "step")}
    return {
        "version": VERSION,
        "parameters": parameters(space),
        "templates": templates(space, settings=settings),
        "tables": {**tables, "points": {**whole, "value": rounded}},
    }
