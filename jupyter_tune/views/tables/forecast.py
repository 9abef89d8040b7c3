"""How long a study has taken, how long it will, and what its early stops have spared.

The forecast: what is left of the budget takes as long as the trials that ended took on average
(pruned ones included: they are what saves the time) and the pauses between two trials, spread over the
workers. Trials at work have part of their time behind them. The timeout cuts it short, and so does a budget
of steps or hours. No forecast before the first end, while paused or stopping, or where nothing says when to
stop. Its band (time_left.py) is from the trials that ended last.

What was spared: the steps of the trials that ended, beside those of as many full trainings. A
trial at work or cancelled has saved nothing: it is counted on neither side.
"""

from __future__ import annotations

from statistics import fmean

from jupyter_tune.core.amounts import Budget
from jupyter_tune.core.stopping.budget import seconds_left, spent
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, PRUNED, RUNNING, Trial
from jupyter_tune.views.tables.time_left import RECENT, Band, Running, band, gaps

_TELLING = (COMPLETE, PRUNED, FAILED)
"""A cancelled trial says nothing of how long trials are, and an added one took no time."""


class Forecast:
    """Sums over the trials of a study; `note` a trial when it starts, reports, ends or goes on."""

    def __init__(self, study: Study):
        self._study = study
        self._ended: dict[int, tuple[int, float]] = {}
        self._total_s = 0.0
        # the band, and for which trials and when it was computed
        self._band: tuple[object, float, Band] | None = None
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
            self._ended[trial.number] = trial.steps, length_s
            self.steps_done += trial.steps
            self._total_s += length_s

    @property
    def steps_full(self) -> int | None:
        """The steps of as many full trainings; None where nothing says how long one is."""
        longest = self._longest
        return None if longest is None else longest * len(self._ended)

    @property
    def _longest(self) -> int | None:
        """The steps of a full training, in all its folds."""
        best, steps = self._study.best_trial, self._study.settings.max_steps
        return None if steps is None else steps * max(1, len(best.folds) if best else 1)

    def elapsed_s(self, now: float) -> float:
        until = now if self._study.ended_at is None else self._study.ended_at
        return max(0.0, self._study.clock(until))

    def left_s(self, now: float) -> float | None:
        """Seconds until the study ends; None where nothing tells."""
        return None if (ends := self.ends(now)) is None else ends[0].left_s

    def ends(self, now: float) -> tuple[Band, str] | None:
        """When the study ends, and by what: trials, timeout or budget; None where nothing tells."""
        study, settings = self._study, self._study.settings
        if study.is_ended or study.paused or study.stop_reason is not None:
            return None
        found = []
        limit_s = self._until_the_timeout(now)
        if limit_s is not None:
            found.append((Band(limit_s, limit_s, limit_s), "timeout"))
        if (settings.trials is not None or study.search_ended is not None) and self._ended:
            found.append((self._band_of_trials(now), "trials"))
        budget_s = self._until_the_budget(now)
        if budget_s is not None:
            # as sure as the pace of the study is known
            spread = 1.2 + 0.5 / max(1, len(self._ended)) ** 0.5
            found.append((Band(budget_s, budget_s / spread, budget_s * spread), "budget"))
        if not found:
            return None
        first, by = min(found, key=lambda each: each[0].left_s)
        high_s = min(each.high_s for each, _ in found)
        return Band(first.left_s, min(first.left_s, min(each.low_s for each, _ in found)), high_s), by

    def saved_s(self, more: int, now: float) -> float | None:
        """Seconds that `more` workers would save; None where it is not the trials that end the study."""
        ends, settings = self.ends(now), self._study.settings
        if ends is None or ends[1] != "trials":
            return None
        with_them = self._played(now, max(1, settings.workers) + more)
        return max(0.0, ends[0].left_s - with_them.left_s)

    def _until_the_timeout(self, now: float) -> float | None:
        timeout_s = self._study.settings.timeout_s
        # counted from when the driver took the study up
        return None if timeout_s is None else max(0.0, timeout_s - (now - self._study.driven_since))

    def _until_the_budget(self, now: float) -> float | None:
        study = self._study
        if study.settings.budget is None:
            return None
        budget = Budget.of(study.settings.budget)
        if not budget.is_steps:
            return seconds_left(study, budget, now)
        done, since_s = spent(study, budget), study.last_at - study.driven_since
        if not done or since_s <= 0:
            return None
        return max(0.0, (budget.amount - done) / done * since_s - (now - study.last_at))

    def _band_of_trials(self, now: float) -> Band:
        """Without news it is the same end, and comes nearer while trials run."""
        study, settings = self._study, self._study.settings
        started = (trial.started_at for trial in study.live)
        key = (self._total_s, settings.trials, study.search_ended, settings.workers, *started)
        if self._band is None or self._band[0] != key or now < self._band[1]:
            self._band = key, now, self._played(now, max(1, settings.workers))
        _, at, found = self._band
        passed_s = now - at if study.in_state(RUNNING) else 0.0
        return Band(*(max(0.0, each - passed_s) for each in (found.left_s, found.low_s, found.high_s)))

    def _played(self, now: float, workers: int) -> Band:
        last = [self._study.trials[number] for number in sorted(self._ended)[-RECENT:]]
        pauses = gaps(last)
        pause_s = fmean(pauses) if pauses else 0.0
        lengths = [pause_s + self._ended[trial.number][1] for trial in last]
        running = [self._running(trial, now, pause_s) for trial in self._study.in_state(RUNNING)]
        to_start = max(0, self._left(self._study.settings.trials or 0) - len(running))
        return band(lengths, running, to_start, workers)

    def _running(self, trial: Trial, now: float, pause_s: float) -> Running:
        passed_s = trial.before_s + max(0.0, now - (trial.started_at or now))
        longest, step = self._longest, trial.steps
        if longest is None or not step:
            return Running(pause_s + passed_s)
        # reports come at the end of a step
        return Running(pause_s + passed_s, passed_s / step * max(0, longest - step))

    def _left(self, budget: int) -> int:
        study, live = self._study, self._study.live_count
        if study.search_ended is not None:
            return max(0, study.settings.confirm - len(study.measured_again)) + live
        return max(budget - (self._study.spent - live), live)
