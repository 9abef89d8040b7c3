"""How long a study has taken, how long it will, and what its early stops have spared.

The forecast: what is left of the budget takes as long as the trials that ended took on average
(pruned ones included: they are what saves the time), spread over the workers. Trials at work have
part of their time behind them. The timeout cuts it short. No forecast before the first end, while
paused or stopping, or where neither budget nor timeout says when to stop.

What was spared: the steps of the trials that ended, beside those of as many full trainings. A
trial at work or cancelled has saved nothing: it is counted on neither side.
"""

from __future__ import annotations

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, PRUNED, RUNNING, Trial

_TELLING = (COMPLETE, PRUNED, FAILED)
"""A cancelled trial says nothing of how long trials are, and an added one took no time."""


class Forecast:
    """Sums over the trials of a study; `note` a trial when it starts, reports, ends or goes on."""

    def __init__(self, study: Study):
        self._study = study
        self._ended: dict[int, tuple[int, float]] = {}
        self._total_s = 0.0
        self.steps_done = 0
        """The steps that trials had run when they ended."""
        for trial in study.trials.values():
            self.note(trial)

    def note(self, trial: Trial) -> None:
        if trial.source == "added":
            return
        # what was counted is counted anew: a late report adds steps, a resumed trial has not ended
        steps, took_s = self._ended.pop(trial.number, (0, 0.0))
        self.steps_done -= steps
        self._total_s -= took_s
        length_s = trial.duration_s
        if trial.state in _TELLING and length_s is not None:
            self._ended[trial.number] = trial.last_step, length_s
            self.steps_done += trial.last_step
            self._total_s += length_s

    @property
    def steps_full(self) -> int | None:
        """The steps of as many full trainings; None where nothing says how long one is."""
        longest = self._study.settings.max_steps
        return None if longest is None else longest * len(self._ended)

    def elapsed_s(self, now: float) -> float:
        until = now if self._study.ended_at is None else self._study.ended_at
        return max(0.0, self._study.clock(until))

    def left_s(self, now: float) -> float | None:
        """Seconds until the study ends; None where nothing tells."""
        study, settings = self._study, self._study.settings
        if study.is_ended or study.paused or study.stop_reason is not None:
            return None
        times = []
        if settings.timeout_s is not None:
            # counted from when the driver took the study up
            times.append(max(0.0, settings.timeout_s - (now - study.driven_since)))
        if settings.trials is not None and self._ended:
            times.append(self._work_left_s(settings.trials, now) / max(1, settings.workers))
        return min(times, default=None)

    def _work_left_s(self, budget: int, now: float) -> float:
        mean = self._total_s / len(self._ended)
        live = self._study.live
        behind = sum(
            min(mean, trial.before_s + max(0.0, now - trial.started_at))
            for trial in live
            if trial.state == RUNNING and trial.started_at is not None
        )
        ended = self._study.spent - len(live)
        return max(0.0, max(budget - ended, len(live)) * mean - behind)
