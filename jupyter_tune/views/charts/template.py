"""A chart template is a Plotly figure in which some dicts are references to the tables.

    {"$column": "trials.value", "state": [...]?}            a column, rows by number, of those states
    {"$column": "points.step", "state": [...]?, "gap": ?}   points by (number, step), by their trial's state;
                                                            with gap a None between two trials
    {"$events": "text"}                                     a column of events, rows by seq
    {"$landscape": "mean"}                                  dotted path; None where there is none;
                                                            best.x and best.y are lists of no or one cell
    {"$status": "metric"}                                   dotted path; None where there is none

A column of trials takes further options, in this order:

    "standing": [...] of the rows those that stand so: see tables/standing
    "every": PATH     of the rows those whose number is a multiple of that number (of all, if there is none)
    "until": PATH     that number, or the cell of that column, minus the cell; None if either is no number
    "on": AXIS        the cell's place on the axis, from 0 to 1 (see axes/scale); or PATH, where an AXIS is
                      or None: then it is the cell

PATH is dotted from the root: "status.elapsed_s", "trials.end_s", "landscape.importances.high". A list of the
landscape takes "until" and "on" too. What is made of other references, or of literal lists:

    {"$range": OF, "trimmed": ?, "end": ?}    [least, greatest] of the numbers; [0, 1] of none; trimmed: their
                                     span; end 0 or 1: that end of it
    {"$span": OF, "maximize"?, "around"?}    [low, high] of an axis that a few bad values would flatten, else
                                     None; maximize: whether large values are good, where these are not
                                     the first metric's; around: cells to be told apart on that axis
    {"$outside": CELLS, "of": OF, "span": SPAN}    the cells beside the values that lie beyond the span
    {"$edge": OF, "span": SPAN}      for each of these the end of the span beyond which it lies
    {"$clamp": OF, "span": SPAN}     the cells, those beyond the span at its end
    {"$volumes": [OF, ...], "maximize": [...], "of": STANDINGS, "reference": ?}    for each row of these
                                     columns of metrics the volume that the feasible rows up to it dominate;
                                     reference: a value of each, by default a little worse than the worst
    {"$logticks": OF}, {"$logtexts": OF, "room"?}    round values among the numbers for a logarithmic axis,
                                     and their texts, those that fit in `room` characters; None
                                     where the numbers span no range
    {"$ranks": OF}                   for each number the share of the numbers that are not greater; else None
    {"$sorted": OF, "by": OF?}       the cells in the rising order of their numbers, or of those of "by";
                                     without those that have none
    {"$join": [PART, ...]}           one text of literal texts and references; what is None leaves nothing
    {"$hover": [name, ...], "state"?, "standing"?, "why"?, "points"?}    for each trial "name: value" of what
                                     it has, in lines; with why also its error, or else the reason why it
                                     ended, or else what it violates;
                                     with points that of its trial for each point, None between two
    {"$told": [[NAME, CELLS], ...], "grid": ?}    for each row of these columns "name: value" of its cells, in
                                     lines; with grid each pair of two columns: a plane's, by rows
    {"$parallel": CELL, "axes": [...], ...}      polylines over several axes (see derived)
    {"$case": PATH, WORD: THEN, ...}             what stands under the word at the path; None if none does

Plotly reads all texts as markup. So every word of the data is handed to `word` on its way in, which writes
& < > as entities; a template's own texts are written so when it is made.

The page fills the same templates by the same rules, and one file of cases is run through both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from html import escape
from typing import Any, TypeAlias

from jupyter_tune.core.objective import Objective
from jupyter_tune.views.axes import ticks
from jupyter_tune.views.axes.scale import place
from jupyter_tune.views.charts import derived
from jupyter_tune.views.charts.volumes import volumes
from jupyter_tune.views.tables.columns import Cells, Rows

Word = Callable[[Any], Any]


def as_markup(cell: Any) -> Any:
    """A string as Plotly shows it unread; anything else as it is."""
    return escape(cell, quote=False) if isinstance(cell, str) else cell


def fill(template: Any, tables: Mapping[str, Any], word: Word = lambda cell: cell) -> Any:
    """The template with every reference replaced, at any depth.

    Args:
        tables: a snapshot as `columns.unpacked` gives it.
        word:   what is done to each cell of the data; `as_markup` for whatever Plotly shows.
    """
    return _filled(template, tables, word, {})


_WHY = ("error", "reason", "violates", "spread")
_Spans: TypeAlias = dict[str, list[float] | None]
"""By reference: an axis and every mark beyond it ask for the same span."""


def _filled(template: Any, tables: Mapping[str, Any], word: Word, spans: _Spans) -> Any:
    match template:
        case {"$hover": [*names]}:
            kept = _trials_kept(template, tables)
            params = {name: _own(tables["trials"], f"p:{name}", kept) for name in names}
            why = [_pick(tables["trials"], name, kept) for name in _WHY] if template.get("why") else []
            texts = derived.hover(params, sum(kept), word, why)
            return _at_points(texts, template, tables) if template.get("points") else texts
        case {"$told": [*parts]}:
            columns = [
                (_filled(name, tables, lambda cell: cell, spans) or "", _cells(of, tables))
                for name, of in parts
            ]
            return derived.told(columns, word, grid=template.get("grid") is True)
        case {"$column": _} | {"$events": _} | {"$landscape": _} | {"$status": _} | {"$parallel": _}:
            return _each(_looked_up(template, tables), word)
        case {"$case": str(path)}:
            return _filled(template.get(str(_at(tables, path))), tables, word, spans)
        case {"$join": [*parts]}:
            filled = (_filled(part, tables, word, spans) for part in parts)
            return "".join(str(part) for part in filled if part is not None)
        case {"$range": of}:
            span = _span(template, of, tables, spans) if template.get("trimmed") else None
            ends = span or derived.range_of(_cells(of, tables))
            return ends[template["end"]] if "end" in template else ends
        case {"$span": of}:
            return _span(template, of, tables, spans)
        case {"$clamp": of, "span": span}:
            return derived.clamped(_cells(of, tables), _filled(span, tables, word, spans))
        case {"$volumes": [*columns], "maximize": ways, "of": standings}:
            metrics = [_cells(of, tables) for of in columns]
            return volumes(metrics, ways, _cells(standings, tables), template.get("reference"))
        case {"$outside": cells, "of": of, "span": span}:
            cells = _filled(cells, tables, word, spans) or []
            return derived.outside(cells, _cells(of, tables), _filled(span, tables, word, spans))
        case {"$edge": of, "span": span}:
            return derived.edges(_cells(of, tables), _filled(span, tables, word, spans))
        case {"$logticks": of}:
            return ticks.log_ticks(_cells(of, tables))
        case {"$logtexts": of}:
            return ticks.log_texts(_cells(of, tables), template.get("room"))
        case {"$ranks": of}:
            return derived.ranks(_cells(of, tables))
        case {"$sorted": of}:
            cells = _filled(of, tables, word, spans) or []
            return derived.in_order(cells, _cells(template.get("by", of), tables))
        case dict():
            return {key: _filled(value, tables, word, spans) for key, value in template.items()}
        case list():
            return [_filled(item, tables, word, spans) for item in template]
        case _:
            return template


def _cells(of: Any, tables: Mapping[str, Any]) -> Cells:
    """The cells of a reference as they are in the tables."""
    cells: Cells = fill(of, tables) or []
    return cells


def _span(
    template: Mapping[str, Any], of: Any, tables: Mapping[str, Any], spans: _Spans
) -> list[float] | None:
    objective = _objective(tables)
    if "maximize" in template:
        objective = Objective("", maximize=template["maximize"])
    around = template.get("around")
    key = json.dumps([of, objective.worse_side, around])
    if key not in spans:
        cells = _cells(of, tables)
        spans[key] = (
            derived.span_of(cells, objective)
            if around is None
            else derived.span_around(cells, _cells(around, tables), objective)
        )
    return spans[key]


def _objective(tables: Mapping[str, Any]) -> Objective:
    status = tables.get("status", {})
    return Objective(status.get("metric", ""), maximize=status.get("direction") == "maximize")


def _each(value: Any, word: Word) -> Any:
    return [_each(item, word) for item in value] if isinstance(value, list) else word(value)


def _looked_up(reference: Mapping[str, Any], tables: Mapping[str, Any]) -> Any:
    match reference:
        case {"$column": str(path)}:
            return _column(path, reference, tables)
        case {"$events": str(name)}:
            return tables.get("events", {}).get(name, [])
        case {"$landscape": str(path)}:
            cells = _until(_landscape(path, tables), reference.get("until"), None, tables)
            return _placed(cells, _axis(reference, tables))
        case {"$status": str(path)}:
            return _at(tables["status"], path)
        case {"$parallel": str(cell)}:
            return _parallel(cell, reference, tables)
    raise ValueError(f"chart template: a reference is a path, got {reference!r}")


def _column(path: str, options: Mapping[str, Any], tables: Mapping[str, Any]) -> Cells:
    table, _, name = path.partition(".")
    if table == "trials":
        kept = _trials_kept(options, tables)
        axis = _axis(options, tables)
        cells = (_pick if axis is None else _own)(tables["trials"], name, kept)
        placed: Cells = _placed(_until(cells, options.get("until"), kept, tables), axis)
        return placed
    if table == "points":
        points: Rows = tables["points"]
        states = options.get("state")
        keep = None if states is None else _rows_in(points, "number", _numbers_in(tables["trials"], states))
        return (
            _pick_with_gaps(points, name, keep) if options.get("gap") is True else _pick(points, name, keep)
        )
    raise ValueError(f"chart template: no table for column {path!r}; there are trials and points")


def _at_points(texts: list[str], options: Mapping[str, Any], tables: Mapping[str, Any]) -> Cells:
    """Of these texts of trials that of its trial for each point, with a gap between two trials."""
    of_states = {"state": options["state"]} if "state" in options else {}
    numbers = _column("trials.number", of_states, tables)
    known = dict(zip(numbers, texts, strict=True))
    return [known.get(number) for number in _column("points.number", {**of_states, "gap": True}, tables)]


def _trials_kept(options: Mapping[str, Any], tables: Mapping[str, Any]) -> list[bool]:
    trials: Rows = tables["trials"]
    kept = [True] * len(trials.get("number", []))
    if (states := options.get("state")) is not None:
        kept = _rows_in(trials, "state", states)
    if (standings := options.get("standing")) is not None:
        stand = _rows_in(trials, "standing", standings) or [False] * len(kept)
        kept = [a and b for a, b in zip(kept, stand, strict=True)]
    if every := _at(tables, options.get("every", "")):
        multiple = [int(number or 0) % every == 0 for number in trials.get("number", [])]
        kept = [a and b for a, b in zip(kept, multiple, strict=True)]
    return kept


def _until(cells: Any, path: str | None, kept: list[bool] | None, tables: Mapping[str, Any]) -> Any:
    if path is None or not isinstance(cells, list):
        return cells
    if path.startswith("trials."):
        end: Any = _pick(tables["trials"], path.removeprefix("trials."), kept)
    else:
        end = _at(tables, path)
    return derived.differences(end if isinstance(end, list) else [end] * len(cells), cells)


def _axis(options: Mapping[str, Any], tables: Mapping[str, Any]) -> Any:
    """The AXIS of the option "on"; None where the cells themselves are drawn."""
    on = options.get("on")
    return _at(tables, on) if isinstance(on, str) else on


def _placed(cells: Any, axis: Mapping[str, Any] | None) -> Any:
    if axis is None or not isinstance(cells, list):
        return cells
    return [place(cell, axis) for cell in cells]


def _parallel(cell: str, options: Mapping[str, Any], tables: Mapping[str, Any]) -> Cells:
    trials: Rows = tables["trials"]
    kept = _trials_kept(options, tables)
    names = dict.fromkeys(["number", "value", *(axis["column"] for axis in options["axes"])])
    rows = {name: _own(trials, name, kept) or [None] * sum(kept) for name in names}
    only = _at(tables, options["only"]) if "only" in options else None
    if "only" in options and only is None:
        return []
    lines = derived.Parallel(rows, options["axes"], _objective(tables))
    return lines.cells(cell, lines.rows(options.get("band"), only))


def _rows_in(rows: Rows, name: str, kept: Collection[Any]) -> list[bool]:
    return [cell in kept for cell in rows.get(name, [])]


def _numbers_in(trials: Rows, states: Collection[str]) -> set[Any]:
    numbers = zip(trials.get("number", []), trials.get("state", []), strict=True)
    return {number for number, state in numbers if state in states}


def _pick(rows: Rows, name: str, keep: list[bool] | None) -> Cells:
    cells = rows.get(name, [])
    return list(cells) if keep is None else [cell for cell, kept in zip(cells, keep, strict=False) if kept]


def _own(trials: Rows, name: str, keep: list[bool]) -> Cells:
    """The same; of a parameter ABSENT for a trial that does not have it, and None where it is None."""
    cells = _pick(trials, name, keep)
    if not name.startswith("p:") or None not in cells:
        return cells
    nones = _pick(trials, "nones", keep) or [""] * len(cells)
    parameter = name.removeprefix("p:")
    return [
        derived.ABSENT if cell is None and parameter not in str(none).split("\n") else cell
        for cell, none in zip(cells, nones, strict=True)
    ]


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
        # None is a choice, too
        return [] if _at(tables.get("landscape"), "best") is None else [value]
    return value


def _at(root: Any, path: str) -> Any:
    for key in path.split("."):
        root = root.get(key) if isinstance(root, Mapping) else None
    return root
