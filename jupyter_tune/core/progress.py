"""What a study has spent and found lately: the part of the fold that its stop rules look back at.

All of it counts anew when a study goes on after its end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from jupyter_tune.core.events import GainEstimated
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import COMPLETE, CONFIRM, FAILED, PRUNED, Trial

_LATEST = 20


@dataclass(frozen=True, slots=True)
class Finished:
    """A trial of the search that completed or was pruned. `best_before`: the best value until then."""

    number: int
    value: float | None
    best_before: float | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Nothing is changed in place: snapshots of a study share it.

    `recent`: the trials that finished last, as many as the patience and at least _LATEST; `failed`: how many
    failed; `attempts`, `attempts_s`: how many attempts ended, and their seconds in all; `gain`: the latest
    estimate. `steps_before`, `known_before`: steps, and trials that had ended, when the study last went on
    after its end.
    """

    recent: tuple[Finished, ...] = ()
    failed: int = 0
    attempts: int = 0
    attempts_s: float = 0.0
    gain: GainEstimated | None = None
    steps_before: int = 0
    known_before: int = 0

    @property
    def latest(self) -> tuple[Finished, ...]:
        return self.recent[: -_LATEST - 1 : -1]

    @property
    def mean_s(self) -> float | None:
        """Seconds of an attempt, on average; None before the first end."""
        return self.attempts_s / self.attempts if self.attempts else None

    # the fold

    def attempt_over(self, trial: Trial, at: float) -> Progress:
        """The attempt that `trial` ran has ended, or was lost with its driver."""
        if trial.started_at is None:
            return self
        took_s = max(0.0, at - trial.started_at)
        return replace(self, attempts=self.attempts + 1, attempts_s=self.attempts_s + took_s)

    def trial_over(self, trial: Trial, best_before: float | None, settings: Settings) -> Progress:
        recent = self.recent
        # what measures a configuration again looks for nothing better
        if trial.state in (COMPLETE, PRUNED) and trial.source != CONFIRM:
            keep = max(_LATEST, settings.patience or 0)
            value = trial.value if trial.state == COMPLETE else None
            recent = (*recent, Finished(trial.number, value, best_before))[-keep:]
        return replace(self, recent=recent, failed=self.failed + (trial.state == FAILED))

    def goes_on(self, trial: Trial) -> Progress:
        """`trial`, which had ended, waits again; it is still as it was."""
        recent = tuple(each for each in self.recent if each.number != trial.number)
        failed = max(0, self.failed - (trial.state == FAILED))
        return replace(self, recent=recent, failed=failed)

    def anew(self, steps: int, known: int) -> Progress:
        """The study goes on after its end."""
        return Progress(steps_before=steps, known_before=known)
