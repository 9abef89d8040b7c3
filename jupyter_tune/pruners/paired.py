"""The paired rule: a trial with folds is stopped after a fold if it will hardly end better than the best one.

The folds of the best complete trial, the incumbent, are compared with the same folds of the trial:

    d_j     loss of the trial minus loss of the incumbent in fold j, of n folds so far; K the incumbent's
    D       the difference of the two means over all K folds, as it will be: given the n folds, about
            N(mean d, s^2 (1/n - 1/K)), since n of its K terms are known already
    stopped if  mean d  >  t(1 - ALPHA/(K - 1), degrees) s sqrt(1/n - 1/K)

So a trial that would end better than the incumbent is stopped with a chance of ALPHA at most, over all K - 1
looks (Bonferroni). After the last fold nothing is left to save. One with NaN or an infinity in a fold is no
better than the worst, and is stopped at once.

    s^2     the variance of a difference between two trials in one fold. Two folds tell little of it, so it
            is pooled over complete trials: of their differences to the incumbent, each with its folds - 1
            degrees of freedom; over the better half of the trials, since those that fail vary in ways of
            their own; and never less than the trial's own, from 3 folds on

What is assumed is what a paired t test assumes. Wilcoxon's signed ranks assume less, but cannot reject at
0.05 before the fifth fold, when a usual cross-validation is over (Optuna's WilcoxonPruner).

Before two trials are complete none is stopped. Trials that the user enqueued are not stopped either.
"""

from __future__ import annotations

import math
from statistics import variance

from jupyter_tune.core.folds import Label
from jupyter_tune.core.ports import Pruner
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, Trial

ALPHA = 0.05
"""Most that the chance of stopping a trial which would end better than the incumbent may be."""

_MOST = 50
"""Complete trials that the variance is taken from, the best."""


class PairedPruner:
    def __init__(self) -> None:
        # of one incumbent and number of complete trials
        self._known: tuple[tuple[int, int, int], tuple[float, int]] | None = None

    def prune_reason(self, study: Study, number: int) -> str:
        trial = study.trials[number]
        if not trial.folds:
            return ""
        incumbent = _incumbent(study)
        if incumbent is None or len(incumbent.folds) < 2:
            return ""
        objective, theirs = study.objective, incumbent.fold_values
        whole = trial.folds.whole(like=incumbent.folds)
        bad = next((label for label, value in whole.items() if not math.isfinite(value)), None)
        if bad is not None:
            return f"paired: fold {bad} gave {whole[bad]:g}, which no other fold can make good"
        differences = [
            objective.loss(value) - objective.loss(theirs[label])
            for label, value in whole.items()
            if label in theirs
        ]
        n, all_of_them = len(differences), len(theirs)
        if not 0 < n < all_of_them:
            return ""
        mean = sum(differences) / n
        spread, degrees = self._spread(study, incumbent)
        if mean <= 0 or degrees == 0:
            return ""
        if n > 2:
            spread = max(spread, variance(differences))
        bound = _quantile(1 - ALPHA / (all_of_them - 1), degrees) * math.sqrt(
            spread * (1 / n - 1 / all_of_them)
        )
        if mean <= bound:
            return ""
        folds = "fold" if n == 1 else f"{n} folds"
        return (
            f"paired: {objective.metric} is {mean:.3g} worse than that of trial {incumbent.number} in the "
            f"same {folds}; more than {bound:.2g} is hardly chance"
        )

    def resumes(self, study: Study) -> list[int]:
        """None: a later fold is no place to go on from."""
        return []

    def _spread(self, study: Study, incumbent: Trial) -> tuple[float, int]:
        """The pooled variance of differences in one fold, and its degrees of freedom, 0 if there are none."""
        key = incumbent.number, study.counts[COMPLETE], study.first_code
        if self._known is None or self._known[0] != key:
            self._known = key, _pooled(study, incumbent)
        return self._known[1]


class WithFolds:
    """The paired rule beside `pruner`, which compares steps: that is asked in the first fold alone, or where
    the steps count on over all folds."""

    def __init__(self, pruner: Pruner):
        self._pruner, self._paired = pruner, PairedPruner()

    def prune_reason(self, study: Study, number: int) -> str:
        trial = study.trials[number]
        reason = self._paired.prune_reason(study, number)
        if reason or (len(trial.folds) > 1 and trial.steps > trial.last_step):
            return reason
        return self._pruner.prune_reason(study, number)

    def resumes(self, study: Study) -> list[int]:
        return self._pruner.resumes(study)


def _incumbent(study: Study) -> Trial | None:
    """The best complete trial that has folds."""
    best = study.best_trial
    if best is None or best.folds:
        return best
    with_folds = [trial for trial in _complete(study) if study.is_candidate(trial)]
    return min(with_folds, key=lambda trial: _loss(study, trial), default=None)


def _complete(study: Study) -> list[Trial]:
    """Complete trials with a finite value and folds, by number."""
    found = [t for t in study.in_state(COMPLETE) if t.folds and not study.is_earlier(t)]
    return [trial for trial in found if math.isfinite(_loss(study, trial))]


def _loss(study: Study, trial: Trial) -> float:
    return math.inf if trial.value is None else study.objective.loss_or_worst(trial.value)


def _pooled(study: Study, incumbent: Trial) -> tuple[float, int]:
    others = sorted(
        (trial for trial in _complete(study) if trial is not incumbent), key=lambda trial: _loss(study, trial)
    )
    others = others[: min(_MOST, math.ceil(len(others) / 2))]
    theirs = incumbent.fold_values
    squares, degrees = 0.0, 0
    for trial in others:
        differences = _differences(trial.fold_values, theirs)
        if len(differences) > 1:
            squares += variance(differences) * (len(differences) - 1)
            degrees += len(differences) - 1
    return (squares / degrees if degrees else 0.0), degrees


def _differences(values: dict[Label, float], of: dict[Label, float]) -> list[float]:
    differences = [values[label] - of[label] for label in values if label in of]
    return [each for each in differences if math.isfinite(each)]


def _quantile(chance: float, degrees: int) -> float:
    """Student's t."""
    # here, not above: only studies with folds need it
    from scipy.special import stdtrit  # type: ignore[import-untyped]

    return float(stdtrit(degrees, chance))
