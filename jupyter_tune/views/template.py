"""A chart template is a Plotly figure in which some dicts are references to the tables.

    {"$column": "trials.value", "state": [...]?}            a column, rows by number, of those states
    {"$column": "points.step", "state": [...]?, "gap": ?}   points by (number, step), by their trial's state;
                                                            with gap a None between two trials
    {"$landscape": "mean"}                                  dotted path; None where there is none;
                                                            best.x and best.y are lists of no or one cell
    {"$status": "metric"}                                   dotted path; None where there is none

The page fills the same templates by the same rules, and one file of cases is run through both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from jupyter_tune.views.columns import Cells, Rows


def fill(template: Any, tables: Mapping[str, Any]) -> Any:
    """The template with every reference replaced, at any depth.

    Args: tables: a snapshot as `columns.unpacked` gives it.
    """
    match template:
        case {"$column": str(path), **options}:
            return _column(path, options, tables)
        case {"$landscape": str(path)}:
            return _landscape(path, tables)
        case {"$status": str(path)}:
            return _at(tables["status"], path)
        case dict():
            return {key: fill(value, tables) for key, value in template.items()}
        case list():
            return [fill(item, tables) for item in template]
        case _:
            return template


def _column(path: str, options: Mapping[Any, Any], tables: Mapping[str, Any]) -> Cells:
    table, _, name = path.partition(".")
    trials: Rows = tables["trials"]
    states = options.get("state")
    if table == "trials":
        return _pick(trials, name, None if states is None else _rows_in(trials, "state", states))
    if table == "points":
        points: Rows = tables["points"]
        keep = None if states is None else _rows_in(points, "number", _numbers_in(trials, states))
        return (
            _pick_with_gaps(points, name, keep) if options.get("gap") is True else _pick(points, name, keep)
        )
    raise ValueError(f"chart template: no table for column {path!r}; there are trials and points")


def _rows_in(rows: Rows, name: str, kept: Collection[Any]) -> list[bool]:
    return [cell in kept for cell in rows.get(name, [])]


def _numbers_in(trials: Rows, states: Collection[str]) -> set[Any]:
    numbers = zip(trials.get("number", []), trials.get("state", []), strict=True)
    return {number for number, state in numbers if state in states}


def _pick(rows: Rows, name: str, keep: list[bool] | None) -> Cells:
    cells = rows.get(name, [])
    return list(cells) if keep is None else [cell for cell, kept in zip(cells, keep, strict=False) if kept]


def _pick_with_gaps(rows: Rows, name: str, keep: list[bool] | None) -> Cells:
    numbers, cells = _pick(rows, "number", keep), _pick(rows, name, keep)
    result: Cells = []
    for row, cell in enumerate(cells):
        if row and numbers[row] != numbers[row - 1]:
            result.append(None)
        result.append(cell)
    return result


def _landscape(path: str, tables: Mapping[str, Any]) -> Any:
    value = _at(tables.get("landscape"), path)
    if path.startswith("best."):
        return [] if value is None else [value]
    return value


def _at(root: Any, path: str) -> Any:
    for key in path.split("."):
        root = root.get(key) if isinstance(root, Mapping) else None
    return root
