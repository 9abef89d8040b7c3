"""What a study has measured more than once, and which configuration is the best by that."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jupyter_tune.core.configurations import Key, configurations, is_measured, key_of
from jupyter_tune.core.incumbent import Incumbent, Posterior, incumbent, posterior_of
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.trial import Trial


class Measured:
    """The part of the fold that knows of repetitions. It computes what is asked for, once after each trial.

    Args:
        trials:   those that are results.
        may_lead: whether a trial can be the best; one that lost its files cannot.
    """

    def __init__(
        self,
        objective: Objective,
        trials: Callable[[], Iterable[Trial]],
        may_lead: Callable[[Trial], bool],
    ):
        self._objective, self._trials, self._may_lead = objective, trials, may_lead
        self._known: set[Key] = set()
        self._is_repeated = self._has_folds = False
        self._forget()

    def _forget(self) -> None:
        self._posterior: Posterior | None = None
        self._best: tuple[int, int] | None = None
        self._sure: dict[int, Incumbent | None] = {}
        self._is_found = False

    def copy_for(self, trials: Callable[[], Iterable[Trial]], may_lead: Callable[[Trial], bool]) -> Measured:
        """The same for a copy of the study; neither sees what changes in the other from now on."""
        twin = Measured(self._objective, trials, may_lead)
        # once one is repeated, no others are looked for
        twin._known = set() if self._is_repeated else set(self._known)
        twin._is_repeated, twin._has_folds = self._is_repeated, self._has_folds
        return twin

    def note(self, trial: Trial) -> None:
        """The trial has ended."""
        if not is_measured(trial):
            return
        self._has_folds = self._has_folds or len(trial.folds) > 1
        if not self._is_repeated:
            key = key_of(trial.params)
            self._is_repeated = key in self._known
            self._known.add(key)
        self._forget()

    @property
    def best(self) -> int | None:
        """The number of the best trial by all measurements; None where no configuration has several."""
        if not self._is_repeated:
            return None
        self._find()
        return None if self._best is None else self._best[1]

    def sure(self, number: int) -> Incumbent | None:
        """How sure it is that trial `number` is the best; None where nothing was measured more than once."""
        if not (self._is_repeated or self._has_folds):
            return None
        if number not in self._sure:
            self._find()
            self._sure[number] = self._of(number)
        return self._sure[number]

    def _find(self) -> None:
        if self._is_found:
            return
        self._is_found = True
        posterior = self._posterior = posterior_of(configurations(self._objective, self._trials()).values())
        if posterior is None or not self._is_repeated:
            return
        for at in sorted(range(len(posterior.known)), key=posterior.means.__getitem__):
            leading = [trial for trial in posterior.known[at].candidates if self._may_lead(trial)]
            if leading:
                first = min(
                    leading, key=lambda trial: (self._objective.loss(trial.value or 0.0), trial.number)
                )
                self._best = at, first.number
                return

    def _of(self, number: int) -> Incumbent | None:
        if self._posterior is None:
            return None
        for at, each in enumerate(self._posterior.known):
            if any(trial.number == number for trial in each.candidates):
                return incumbent(self._objective, self._posterior, at, number)
        return None
