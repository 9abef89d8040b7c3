"""The lines of the benchmarks' table: a number, how it varied, and what it stands beside.

Every benchmark measures in rounds, in turns with what it is compared with, so that a busy
moment of the machine hits both. The spread is the range of the rounds' own values.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tests.benchmarks import markdown

Rounds: TypeAlias = Sequence[Sequence[float]]
Statistic: TypeAlias = Callable[[Sequence[float]], float]

HEAD = ("measured", "value", "spread", "compared with", "ratio", "target")


def percentile(percent: float) -> Statistic:
    """The smallest sample that so many percent of the samples do not exceed."""

    def of(samples: Sequence[float]) -> float:
        ordered = sorted(samples)
        return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]

    return of


@dataclass(frozen=True)
class Row:
    name: str
    unit: str
    value: float
    low: float
    high: float
    samples: int
    beside: Row | None = None
    target: str = ""

    @classmethod
    def of(
        cls,
        name: str,
        unit: str,
        rounds: Rounds,
        *,
        statistic: Statistic = statistics.median,
        beside: Row | None = None,
        target: str = "",
    ) -> Row:
        """`statistic` over all samples. Raises ValueError if a round has measured nothing."""
        if not rounds or not all(rounds):
            raise ValueError(f"{name}: a round has measured nothing")
        each = [statistic(samples) for samples in rounds]
        everything = [sample for samples in rounds for sample in samples]
        return cls(name, unit, statistic(everything), min(each), max(each), len(everything), beside, target)

    @property
    def ratio(self) -> float | None:
        """How many times the row beside it this one is."""
        return None if self.beside is None else self.value / self.beside.value

    def cells(self) -> tuple[str, ...]:
        beside = f"{self.beside.name}: {_shown(self.beside.value)} {self.beside.unit}" if self.beside else ""
        return (
            self.name,
            f"{_shown(self.value)} {self.unit}",
            f"{_shown(self.low)} … {_shown(self.high)} (n = {self.samples})",
            beside,
            "" if self.ratio is None else f"× {_shown(self.ratio)}",
            self.target,
        )


def by_size(name: str, unit: str, measured: Mapping[int, Rounds]) -> list[Row]:
    """At every number of trials, the smallest first and the others beside it."""
    rows: list[Row] = []
    for trials, rounds in sorted(measured.items()):
        beside = replace(rows[0], name=f"at {min(measured)} trials") if rows else None
        rows.append(Row.of(f"{name}, {trials:,} trials", unit, rounds, beside=beside))
    return rows


def table(rows: Iterable[Row]) -> str:
    """The rows as a table in markdown."""
    return markdown.table(HEAD, (row.cells() for row in rows))


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
