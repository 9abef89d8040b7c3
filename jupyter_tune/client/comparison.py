"""`jt.compare`: studies beside each other."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, TypeAlias

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.report import write
from jupyter_tune.core.encoding import number_to_json
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.one_metric import one_metric
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError
from jupyter_tune.views.tables.progress import BY, By, band, middle, staircase
from jupyter_tune.views.words import duration_in_words, number_in_words

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

Given: TypeAlias = StudyHandle | str | Path


__all__ = ["By", "Comparison", "Given", "compared"]

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body {{ margin: 24px; font: 15px/1.5 system-ui, sans-serif; }} table {{ border-collapse: collapse; }}
th, td {{ padding: 4px 16px 4px 0; text-align: right; border: 0; border-bottom: 1px solid #dcdfe4; }}
th:first-child {{ text-align: left; }}</style></head>
<body>{chart}{table}</body></html>
"""
_LINE = "{:<24.24} {:>7} {:>16} {:>22} {:>7}  {}"


@dataclass(frozen=True)
class Comparison:
    """Studies by label: `plot()` is a figure, `table()` a DataFrame, and printed it is that table;
    `save("compared.html")` writes both.

    Studies of one label count as repeats of each other: lines are medians, bands the middle half. Those of
    several metrics are here as studies of the one by which they are compared.
    """

    studies: Mapping[str, list[Study]]
    by: By

    @property
    def objective(self) -> Objective:
        """The one of all these studies."""
        return next(iter(self.studies.values()))[0].objective

    def plot(self, by: By | None = None) -> Figure:
        """The best value so far of each label over `by`: trials, time or steps."""
        import plotly.graph_objects as go

        return go.Figure(self.figure(by))

    def figure(self, by: By | None = None) -> dict[str, Any]:
        """`plot` as plain data."""
        from jupyter_tune.views.charts.comparison import comparison

        along = _checked(by or self.by)
        bands = {
            label: (len(studies), band([staircase(study, along) for study in studies]))
            for label, studies in self.studies.items()
        }
        return comparison(bands, along, self.objective)

    def table(self) -> pandas.DataFrame:
        """A row for each label, the best first.

        `best`, with `low` and `high` its quartiles; `trials`, `time_s`, `steps`: how much was spent;
        `to_common`: trials until as good as the worst label's `best`, NaN where most repeats never were. All
        are medians over the studies of the label.
        """
        import pandas

        return pandas.DataFrame(self.rows()).set_index("label")

    def rows(self) -> list[dict[str, Any]]:
        """`table` as plain data; NaN where there is no value."""
        objective = self.objective
        rows = [_row(label, studies) for label, studies in self.studies.items()]
        rows.sort(key=lambda row: objective.loss_or_worst(row["best"]))
        common = next((row["best"] for row in reversed(rows) if math.isfinite(row["best"])), math.nan)
        for row in rows:
            stairs = [staircase(study, "trials") for study in self.studies[row["label"]]]
            middle_one = median(each.reaches(common, objective) for each in stairs)
            row["to_common"] = middle_one if math.isfinite(middle_one) else math.nan
        return rows

    def __repr__(self) -> str:
        head = ("label", "studies", f"best {self.objective.metric}", "middle half", "trials", "time")
        lines = [_LINE.format(*head)]
        for row in self.rows():
            low, high = number_in_words(row["low"]), number_in_words(row["high"])
            spread = f"{low} \N{EN DASH} {high}" if row["studies"] > 1 else ""
            spent = f"{row['trials']:g}", duration_in_words(row["time_s"])
            lines.append(
                _LINE.format(row["label"], row["studies"], number_in_words(row["best"]), spread, *spent)
            )
        return "\n".join(lines)

    def to_json(self) -> list[dict[str, Any]]:
        """The rows of the table as JSON has them: NaN is a text."""
        return [
            {name: number_to_json(cell) if isinstance(cell, float) else cell for name, cell in row.items()}
            for row in self.rows()
        ]

    def save(self, path: str | os.PathLike[str], by: By | None = None) -> Path:
        """Write chart and table to `path`, an .html file that needs no other.

        Raises: OptionError for another suffix, TuneError if the file cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() not in (".html", ".htm"):
            raise OptionError(f"compare: {str(path)!r} does not end in .html; give such a file")
        chart = self.plot(by).to_html(full_html=False, include_plotlyjs=True)
        title = escape(f"{', '.join(self.studies)}: best {self.objective.metric}")
        return write(target, _PAGE.format(title=title, chart=chart, table=self._repr_html_()))

    def _repr_html_(self) -> str:
        html: str = self.table().to_html()
        return html


def _row(label: str, studies: list[Study]) -> dict[str, Any]:
    """What the studies of a label found, and what it took."""
    trials, time_s, steps = (median(staircase(study, by).end for study in studies) for by in BY)
    finals = [value for value in (study.best_value for study in studies) if value is not None]
    low, best, high = middle(finals or [math.nan])
    found = {"label": label, "studies": len(studies), "best": best, "low": low, "high": high}
    return {**found, "trials": trials, "time_s": time_s, "steps": steps}


def compared(
    studies: Mapping[str, Any] | Iterable[Given] | Given,
    by: By,
    tag: str | None,
    load: Callable[[Any], StudyHandle],
    target: str | None = None,
) -> Comparison:
    """The comparison of these studies. See launch/comparing.py."""
    along = _checked(by)
    found: dict[str, list[Study]] = {}
    for label, given in _labelled(studies):
        study = (given if isinstance(given, StudyHandle) else load(given)).snapshot()
        if label is None and tag is not None:
            label = str(study.tags.get(None, {}).get(tag, study.name))
        name = study.name if label is None else label
        found.setdefault(name, []).append(_after(study, target))
    if not found:
        raise OptionError("compare: give at least one study, by its name or as a study")
    _require_one_objective([study for several in found.values() for study in several])
    return Comparison(found, along)


def _after(study: Study, target: str | None) -> Study:
    """`study` after one metric. Raises: OptionError with its name."""
    try:
        return one_metric(study, target)
    except OptionError as error:
        raise OptionError(f"compare: study {study.name!r}: {error}") from None


def _labelled(studies: Any) -> Iterable[tuple[str | None, Any]]:
    if isinstance(studies, Mapping):
        for label, several in studies.items():
            for each in _listed(several):
                yield str(label), each
        return
    for each in _listed(studies):
        yield None, each


def _listed(given: Any) -> list[Any]:
    alone = isinstance(given, (StudyHandle, str, Path))
    if not alone and not isinstance(given, Iterable):
        raise OptionError(f"compare: {given!r} is no study; give its name, a study, or a list of them")
    return [given] if alone else list(given)


def _require_one_objective(studies: list[Study]) -> None:
    first = studies[0]
    for study in studies:
        asked, there = _aim(study), _aim(first)
        if asked != there:
            raise OptionError(
                f"compare: study {first.name!r} is to {there} and study {study.name!r} to {asked}; "
                "only studies of one metric and direction compare"
            )


def _aim(study: Study) -> str:
    return f"{study.settings.direction} {study.settings.metric}"


def _checked(by: Any) -> By:
    if by not in BY:
        raise OptionError(f"compare: by={by!r}; use one of {', '.join(BY)}")
    known: By = by
    return known
