"""The part of the fold that follows each trial through its attempts; study.py has the rules."""

from __future__ import annotations

from collections.abc import Set

from jupyter_tune.core.clock import Clock
from jupyter_tune.core.codes import Codes
from jupyter_tune.core.confirming import in_question
from jupyter_tune.core.events import (
    CodeChanged,
    FilesRemoved,
    StudyOpened,
    TrialAdded,
    TrialEnded,
    TrialReopened,
    TrialReported,
    TrialResumed,
    TrialStarted,
)
from jupyter_tune.core.failures import last_line
from jupyter_tune.core.numbered import Numbered
from jupyter_tune.core.progress import Progress
from jupyter_tune.core.readings import Readings
from jupyter_tune.core.results import Results
from jupyter_tune.core.retries import MEMORY, further_attempts
from jupyter_tune.core.rungs import FirstRung, Rungs
from jupyter_tune.core.slots import Slots
from jupyter_tune.core.steering import Steering
from jupyter_tune.core.trial import CANCELLED, COMPLETE, ENDED, FAILED, LOST, PRUNED, RUNNING, WAITING, Trial


class Attempts(Results, Steering, Clock, Codes):
    """Attributes, besides those of its parts: `rungs`: which trials have reached the steps at which they are
    compared, `reopened_after`: the highest number when the study last went on after its end or for edited
    code (-1: it never did), `slots`: how attempts ended on each slot, `progress`: what stop rules look back
    at.
    """

    def __init__(self, opened: StudyOpened, at: float, first_rung: FirstRung):
        Results.__init__(self, opened)
        Steering.__init__(self, opened)
        Clock.__init__(self, at)
        Codes.__init__(self, opened)
        self._first_rung = first_rung
        self.rungs = Rungs(opened.settings, first_rung)
        self._readings = Readings()
        self.reopened_after = -1
        self.slots = Slots()
        self.progress = Progress()

    def _start(self, event: TrialStarted, at: float) -> None:
        trial = self.trials[event.number]
        if not trial.is_live or event.attempt <= trial.attempt:
            return
        trial = self._to_change(trial.number)
        if trial.is_adrift:
            self.progress = self.progress.attempt_over(trial, self.lost_at)
        if not trial.resumed:
            if trial.attempt:
                self._forget_curve(trial)
            trial.since = event.attempt
        self._move(trial, RUNNING)
        trial.attempt, trial.started_at = event.attempt, at
        trial.reports, trial.is_adrift = 0, False
        trial.slot, trial.place, trial.versions = event.slot, event.place, event.versions
        trial.code = self.code

    def _report(self, event: TrialReported) -> None:
        if event.attempt != self.trials[event.number].attempt:
            return
        trial = self._to_change(event.number)
        trial.reports += 1
        trial.attrs.update(event.attrs)
        # those of a live trial are counted when they are asked for
        steps_before = 0 if trial.is_live else trial.steps
        before = trial.curve.get(event.step)
        value = trial.take(event.step, event.metrics, event.fold, self.objective)
        if value is None:
            return
        if not trial.is_live:
            self._steps_of_ended += trial.steps - steps_before
        # a later fold corrects the curve, not what trials are compared by
        if before is not None and event.fold is not None:
            return
        self._usual.reports(trial, event.step, before)
        if self.is_earlier(trial):
            return
        self._readings.note(trial.number, event.step, value)
        self.rungs.reach(trial.number, event.step, value)

    def _end(self, event: TrialEnded, at: float) -> None:
        trial = self.trials[event.number]
        # an attempt that ended before it started has the number that its start would have had
        stale = event.attempt < trial.attempt + (trial.state == WAITING)
        if not trial.is_live or stale:
            return
        trial = self._to_change(trial.number)
        was_running = trial.state == RUNNING
        if was_running:
            self.progress = self.progress.attempt_over(trial, at)
        trial.is_adrift = False
        has_failed = event.state in (LOST, FAILED)
        # studies from before the rule go on as they began
        if was_running and self.settings.retries is not None:
            self.slots = self.slots.after(trial, event, has_failed=has_failed)
        if has_failed:
            cause = LOST if event.state == LOST else event.cause
            trial.runs_alone = trial.runs_alone or cause == MEMORY
            if len(trial.retried) < further_attempts(self.settings, cause):
                trial.retried += (event.reason or last_line(event.error) or event.state,)
                self._move(trial, WAITING)
                trial.attempt = event.attempt
                return
        self._move(trial, FAILED if event.state == LOST else event.state)
        trial.attempt = event.attempt
        self._withdrawn += trial.is_withdrawn
        trial.ended_at, trial.reason, trial.error = at, event.reason, event.error
        trial.value, trial.checkpoint = event.value, event.checkpoint
        trial.metrics.update(event.metrics)
        trial.by_user = self._halted(trial.number)
        if self._can_resume(trial):
            self.rungs.stop(trial.number)
        best = self.best_reading
        self._settle(trial)
        self._keep(trial, self._staying())
        self.progress = self.progress.trial_over(trial, best.value if best else None, self.settings)
        self._usual.ends(trial)

    def _resume(self, event: TrialResumed) -> None:
        pruned = self.trials[event.number]
        is_stale = pruned.state != PRUNED or event.attempt != pruned.attempt
        if is_stale or (pruned.files_removed and not event.afresh):
            return
        self.progress = self.progress.goes_on(pruned)
        trial = self._to_change(event.number)
        if trial.duration_s is not None:
            trial.before_s = trial.duration_s
        self._move(trial, WAITING)
        trial.resumed = not event.afresh
        if event.afresh:
            trial.reached = trial.last_step
        trial.value = trial.started_at = trial.ended_at = None
        trial.reason = ""
        trial.files_removed = False
        self.rungs.go_on(trial.number)
        self.keeping.goes_on(trial.number)
        self._lead.pass_over(trial.number)

    def _add(self, event: TrialAdded, at: float) -> None:
        trial = Trial(event.number, event.params, "added", self.revision, COMPLETE, value=event.value)
        trial.metrics.update(event.metrics)
        trial.suggested_at = trial.started_at = trial.ended_at = at
        trial.code, trial.parent, trial.parent_number = self.code, event.parent, event.parent_number
        self.added += 1
        self._enter(trial)
        self._settle(trial)
        # a result from elsewhere does not count towards patience
        self._lead.pass_over(trial.number)

    def _reopen(self, event: TrialReopened) -> None:
        ended = self.trials[event.number]
        if ended.state not in (CANCELLED, FAILED) or event.attempt != ended.attempt:
            return
        self.progress = self.progress.goes_on(ended)
        trial = self._to_change(event.number)
        if trial.is_withdrawn:
            # as if it had never been
            self._withdrawn -= 1
            trial.attempt = 0
        if self.is_earlier(trial):
            # it runs the new code, and its result is one
            self._earlier -= 1
            self._forget_curve(trial)
            trial.resumed, trial.code = False, self.code
        trial.retried = ()
        trial.files_removed = trial.by_user = False
        self.keeping.goes_on(trial.number)
        self._move(trial, WAITING)
        trial.value = trial.started_at = trial.ended_at = None
        trial.reason = trial.error = ""

    def _change_code(self, event: CodeChanged) -> None:
        super()._change_code(event)
        if not event.edited:
            return
        for live in self.live:
            self._to_change(live.number).code = self.code
        self._leave_behind(event.version)
        self.search_ended = None
        self.rungs, self._readings = Rungs(self.settings, self._first_rung), Readings()
        self._count_anew()

    def _taken_over(self, at: float) -> None:
        for running in self.in_state(RUNNING):
            trial = self._to_change(running.number)
            self._move(trial, WAITING)
            trial.is_adrift = True
        if self.is_ended:
            self._lead.count_anew()
            self._count_anew()
            self.search_ended = None
        self.slots = Slots()
        self._driven_from(at)
        self.end_reason = self.stop_reason = None

    def _count_anew(self) -> None:
        """The study goes on after its end, or for edited code."""
        self.reopened_after = self.highest
        self.progress = self.progress.anew(self.steps_done, self.ended_count)

    def _can_resume(self, trial: Trial) -> bool:
        # one that the user ended is never resumed, nor one stopped in a later fold: it would begin anew
        goes_on = trial.checkpoint and len(trial.folds) < 2
        return trial.state == PRUNED and goes_on and not trial.by_user

    def _staying(self) -> set[int]:
        """The trials that are the best by now, or on the front, or may become the best; none is asked for
        where all trials keep their files."""
        if self.keeping.limit is None:
            return set()
        best = (trial.number for trial in self.best_trials)
        return {*best, *self._lead.numbers, *in_question(self.settings, self.objective, self.that_count())}

    def _keep(self, trial: Trial, staying: Set[int]) -> None:
        """The trial has ended: whether it, and those that ended before, keep their files."""
        for number in self.keeping.ended(trial, staying, can_resume=self._can_resume(trial)):
            self.rungs.go_on(number)

    def _keep_anew(self) -> None:
        """Another number of trials keep their files: all that have ended are ranked again."""
        if self.keeping.limit == self.settings.keep:
            return
        self.keeping.begin_anew()
        self.keeping.limit, self.keeping.excess = self.settings.keep, Numbered()
        best, staying = self._lead.numbers, self._staying()
        ended = [
            trial for trial in self.in_state(*ENDED) if not (self.is_earlier(trial) or trial.files_removed)
        ]
        # the best is the first of its equals
        for trial in sorted(ended, key=lambda one: (one.number not in best, one.ended_at, one.number)):
            # one that lost its place and has its files still
            if self._can_resume(trial) and trial.number not in self.rungs.resumable:
                self.rungs.stop(trial.number)
            self._keep(trial, staying)

    def _remove_files(self, event: FilesRemoved) -> None:
        gone = [number for number in event.trials if not self.trials[number].is_live]
        for number in gone:
            trial = self._to_change(number)
            trial.checkpoint, trial.files_removed = False, True
            self.rungs.go_on(number)
        self.keeping.take_out(gone, event.size)

    def _forget_curve(self, trial: Trial) -> None:
        trial.forget_curve()
        self.rungs.forget(trial.number)
        self._usual.forget(trial.number)
