"""The trials of a study of several metrics that no other beats in all of them: its Pareto front."""

from __future__ import annotations

import math
from collections.abc import Sequence

from jupyter_tune.core.numbered import Numbered
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.trial import COMPLETE, PRUNED, Trial


def losses_of(trial: Trial, objectives: Sequence[Objective]) -> tuple[float, ...] | None:
    """The losses of a complete trial, one for each objective; None unless all are finite."""
    values = trial.values if trial.state == COMPLETE else None
    if values is None or len(values) != len(objectives) or not all(map(math.isfinite, values)):
        return None
    return tuple(objective.loss(value) for objective, value in zip(objectives, values, strict=True))


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether losses `one` are nowhere worse than `other`, and somewhere better."""
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


class Front:
    """What Lead is for one metric. `numbers`: of the trials on the front; there is no single best."""

    best: int | None = None

    def __init__(self, objectives: Sequence[Objective]):
        self._objectives = objectives
        # replaced, never changed: a snapshot shares it
        self._front: dict[int, tuple[float, ...]] = {}
        self._since: Numbered[None] = Numbered()

    @property
    def numbers(self) -> list[int]:
        return sorted(self._front)

    @property
    def finished_since(self) -> int:
        """Trials that completed or were pruned since the front last moved, and still are."""
        return len(self._since)

    def copy(self) -> Front:
        """The same; neither sees what changes in the other from now on."""
        twin = Front(self._objectives)
        twin._front, twin._since = self._front, self._since.copy()
        return twin

    # the fold

    def consider(self, trial: Trial) -> None:
        """The trial has ended."""
        losses = losses_of(trial, self._objectives) if trial.is_candidate else None
        others = self._front.values()
        if losses is not None and not any(dominates(other, losses) for other in others):
            moves = losses not in others
            kept = {number: other for number, other in self._front.items() if not dominates(losses, other)}
            self._front = {**kept, trial.number: losses}
            if moves:
                self.count_anew()
                return
        if trial.state in (COMPLETE, PRUNED):
            self._since[trial.number] = None

    def pass_over(self, number: int) -> None:
        """The trial does not count, or no more, among those since the front moved."""
        self._since.pop(number, None)

    def count_anew(self) -> None:
        self._since = Numbered()
