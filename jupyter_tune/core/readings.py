"""Which trials have given the same reading: known without looking at every curve of a study."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from jupyter_tune.core.trial import Trial


class Readings:
    """Of the steps that were asked about: value -> numbers of the trials that have reported it there.

    A trial may have corrected its reading since, or lost it with its attempt: look at its curve.
    """

    def __init__(self) -> None:
        self._steps: dict[int, dict[float, list[int]]] = {}

    def of(self, step: int, value: float, trials: Mapping[int, Trial]) -> Sequence[int]:
        """Those that have reported `value` at `step`, by number. Args: trials: all of the study."""
        if step not in self._steps:
            self._steps[step] = {}
            for trial in trials.values():
                if step in trial.curve:
                    self.note(trial.number, step, trial.curve[step])
        return sorted(self._steps[step].get(value, ()))

    def note(self, number: int, step: int, value: float) -> None:
        """The trial has reported `value` at `step`."""
        # NaN equals nothing
        if step in self._steps and not math.isnan(value):
            self._steps[step].setdefault(value, []).append(number)
