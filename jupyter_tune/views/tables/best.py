"""What the status says of the best trials."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_tune.core.around_best import around_best
from jupyter_tune.core.parameters import Scalar
from jupyter_tune.core.study import Study
from jupyter_tune.errors import SpaceError
from jupyter_tune.views.tables.columns import finite
from jupyter_tune.views.tables.messages import Best
from jupyter_tune.views.tables.shown_trials import since
from jupyter_tune.views.tables.spread import best_spread_in_words


def best_of(study: Study) -> Best | None:
    best = study.best_trial
    value = finite(study.best_value)
    if best is None or value is None:
        return None
    # one that an earlier study ran was not found at a time of this one
    at_s = None if best.ended_at is None or best.ran_as else since(study, best.ended_at)
    params = dict(best.params)
    return {
        "number": best.number,
        "value": value,
        "params": params,
        "literal": repr(params),
        "spread": best_spread_in_words(study),
        "at_s": at_s,
        "ran_as": best.ran_as,
    }


class RangesAroundBest:
    """The ranges around the best trials, worked out anew when these are others."""

    def __init__(self, study: Study):
        self._study = study
        self._best: list[int] = []
        self._ranges: dict[str, list[Scalar]] = {}

    def of(self, best: Sequence[int]) -> dict[str, list[Scalar]]:
        """The ranges; empty if there are too few trials to see where it is good.

        Args: best: the numbers of the best trials, at least the first around_best.ENOUGH of them.
        """
        if best != self._best:
            study = self._study
            results = [(study.trials[number].params, study.trials[number].value or 0.0) for number in best]
            self._best = list(best)
            try:
                self._ranges = around_best(study.space, study.objective, results).ranges
            except SpaceError:
                self._ranges = {}
        return self._ranges
