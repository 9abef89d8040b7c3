"""A finding: what is so, the figure behind it, and what to do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from jupyter_tune.core.parameters import Scalar
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, Trial


def results(study: Study, *states: str) -> list[Trial]:
    """The trials in these states that say something about the present code, by number."""
    return [trial for trial in study.in_state(*states) if not study.is_earlier(trial)]


def measured(study: Study) -> list[Trial]:
    """The complete ones of them with a finite value, by number."""
    return [t for t in results(study, COMPLETE) if t.value is not None and math.isfinite(t.value)]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about a study.

    kind:   edge, effect, failures, noise or pruning.
    text:   what is so, with its figure, in a sentence.
    remedy: what to do, as a line of code or of options.
    more:   what goes with the remedy, in words; it begins with its separator.
    act:    what acting on it does to the running study, in a few words; empty where the remedy is for the
            next study.
    ranges: the ranges to which the study is narrowed (or widened back) then.
    """

    kind: str
    text: str
    remedy: str
    more: str = ""
    act: str = ""
    ranges: Mapping[str, list[Scalar]] = field(default_factory=dict)

    @classmethod
    def about_ranges(cls, kind: str, text: str, act: str, ranges: Mapping[str, list[Scalar]]) -> Finding:
        """A finding that narrowing or widening ranges of the running study answers."""
        said = ", ".join(f"{name}={_written(to)}" for name, to in ranges.items())
        return cls(kind, text, f"study.narrow({said})", act=act, ranges=ranges)

    def __str__(self) -> str:
        return f"{self.text} → {self.remedy}{self.more}"

    def to_json(self) -> dict[str, Any]:
        """For a page, by the names of its fields."""
        return {**asdict(self), "ranges": {name: list(to) for name, to in self.ranges.items()}}


def _written(values: list[Scalar]) -> str:
    numbers = len(values) == 2 and not any(
        isinstance(value, (str, bool)) or value is None for value in values
    )
    return f"({values[0]!r}, {values[1]!r})" if numbers else repr(values)
