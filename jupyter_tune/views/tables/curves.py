"""Which curves are shown, and which of their points: bounded, however long the study.

Laws:
- Of the trials that reported those are shown that `selection` chooses.
- Of a curve every 2^k-th report is shown, with the k that leaves at most `CurveBounds.points`; the last
  report always, once the trial has ended.
- What is shown follows from the study alone; how it came to be shown does not matter.
- A refresh costs what changed since the last one, never what there is in all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import ENDED, Trial
from jupyter_tune.views.tables.columns import finite
from jupyter_tune.views.tables.selection import Bounds, Selection, stride


@dataclass(frozen=True, slots=True)
class CurveBounds(Bounds):
    """How much is shown of many curves: numbers of curves, and `points` of each."""

    all: int = 200
    best: int = 50
    newest: int = 100
    sample: int = 50
    points: int = 200


@dataclass(slots=True)
class _Shown:
    """The shown part of one curve: `read` reports of `attempt` were looked at."""

    attempt: int
    ended: bool
    read: int = 0
    stride: int = 1
    values: dict[int, float | None] = field(default_factory=dict)


class Curves:
    """The shown curves of a study.

    `note` a trial after each record about it, then `refresh`; what a reader must be told since the
    last `take` is gathered until then.
    """

    def __init__(self, study: Study, bounds: CurveBounds):
        self._study = study
        self._bounds = bounds
        self._shown: dict[int, _Shown] = {}
        self._selection = Selection(study, bounds)
        self._touched: dict[int, set[int]] = {number: set() for number in study.trials}
        self._changed: dict[int, dict[int, float | None]] = {}
        self._dropped: set[int] = set()

    def note(self, number: int, step: int | None = None) -> None:
        """Something happened to this trial; `step` if it was a report."""
        steps = self._touched.setdefault(number, set())
        if step is not None:
            steps.add(step)

    @property
    def rows(self) -> list[tuple[int, int, float | None]]:
        """Every shown point as (number, step, value), in that order."""
        return [
            (number, step, value)
            for number, shown in sorted(self._shown.items())
            for step, value in sorted(shown.values.items())
        ]

    def take(self) -> tuple[list[int], list[tuple[int, int, float | None]]]:
        """Trials whose points go, then points that come or change; both since the last call."""
        drops = sorted(self._dropped)
        points = [
            (number, step, value)
            for number, steps in sorted(self._changed.items())
            for step, value in sorted(steps.items())
        ]
        self._dropped, self._changed = set(), {}
        return drops, points

    def refresh(self) -> None:
        """Brings what is shown up to date with the study."""
        for number in self._touched:
            trial = self._study.trials[number]
            self._selection.enter(trial, may_be_shown=bool(trial.curve))
        wanted = self._selection.wanted()
        for number in self._shown.keys() - wanted:
            self._drop(number)
        for number in (wanted - self._shown.keys()) | (wanted & self._touched.keys()):
            self._follow(self._study.trials[number], self._touched.get(number, set()))
        self._touched = {}

    def _follow(self, trial: Trial, touched: set[int]) -> None:
        shown = self._shown.get(trial.number)
        count, ended = len(trial.curve), trial.state in ENDED
        every = stride(count, self._bounds.points - 1)
        # anything but more of the same is shown afresh: a new attempt, another stride, a late report,
        # an end that was none
        late = shown is not None and shown.ended and (bool(touched) or not ended)
        if shown is None or late or (shown.attempt, shown.stride) != (trial.attempt, every):
            if shown is not None:
                self._drop(trial.number)
            shown = self._shown[trial.number] = _Shown(trial.attempt, ended, stride=every)
        fresh = list(islice(reversed(trial.curve), count - shown.read))[::-1]
        steps = {step for place, step in enumerate(fresh, shown.read) if place % every == 0}
        steps |= touched & shown.values.keys()
        if ended:
            steps.add(next(reversed(trial.curve)))
        shown.read, shown.ended = count, ended
        changes = {step: finite(trial.curve[step]) for step in steps}
        shown.values.update(changes)
        if changes:
            self._changed.setdefault(trial.number, {}).update(changes)

    def _drop(self, number: int) -> None:
        del self._shown[number]
        self._changed.pop(number, None)
        self._dropped.add(number)
