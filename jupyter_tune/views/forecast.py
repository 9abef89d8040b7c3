"""How long a study has taken, and how long it will.

The forecast: what is left of the budget takes as long as the trials that ended took on average
(pruned ones included: they are what saves the time), spread over the workers. Trials at work have
part of their time behind them. The timeout cuts it short. No forecast before the first end, while
paused or stopping, or where neither budget nor timeout says when to stop.
"""

from __future__ import annotations

from jupyter_tune.core.study import COMPLETE, FAILED, PRUNED, RUNNING, Study, Trial

_TELLING = (COMPLETE, PRUNED, FAILED)
"""A cancelled trial says nothing of how long trials take, and an added one took no time."""


class Forecast:
    """Sums over the trials of a study; `note` a trial when it starts or ends."""

    def __init__(self, study: Study):
        self._study = study
        self._started: set[int] = set()
        self._durations: dict[int, float] = {}
        self._total_s = 0.0
        for trial in study.trials.values():
            self.note(trial)

    def note(self, trial: Trial) -> None:
        if trial.started_at is None or trial.source == "added":
            return
        self._started.add(trial.number)
        if trial.state in _TELLING and trial.ended_at is not None and trial.number not in self._durations:
            self._durations[trial.number] = max(0.0, trial.ended_at - trial.started_at)
            self._total_s += self._durations[trial.number]

    @property
    def started(self) -> int:
        """How many trials ever started."""
        return len(self._started)

    def elapsed_s(self, now: float) -> float:
        until = now if self._study.ended_at is None else self._study.ended_at
        return max(0.0, until - self._study.opened_at)

    def left_s(self, now: float) -> float | None:
        """Seconds until the study ends; None where nobody can say."""
        study, settings = self._study, self._study.settings
        if study.is_ended or study.paused or study.stop_reason is not None:
            return None
        times = []
        if settings.timeout_s is not None:
            times.append(max(0.0, settings.timeout_s - self.elapsed_s(now)))
        if settings.trials is not None and self._durations:
            times.append(self._work_left_s(settings.trials, now) / max(1, settings.workers))
        return min(times, default=None)

    def _work_left_s(self, budget: int, now: float) -> float:
        mean = self._total_s / len(self._durations)
        live = self._study.live
        behind = sum(
            min(mean, max(0.0, now - trial.started_at))
            for trial in live
            if trial.state == RUNNING and trial.started_at is not None
        )
        ended = self._study.spent - len(live)
        return max(0.0, max(budget - ended, len(live)) * mean - behind)
