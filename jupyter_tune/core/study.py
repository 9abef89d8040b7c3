"""The study: a fold of its records, and nothing else.

    state      may become                         by
    waiting    running, cancelled                 TrialStarted, TrialEnded, AttemptsFound
    running    complete, pruned, failed,          TrialEnded
               cancelled; waiting again           TrialEnded(lost, failed), DriverStarted
    pruned     waiting again                      TrialResumed
    cancelled,
    failed     waiting again                      TrialReopened
    the rest   nothing: an outcome is final

Rules of the fold:
- retries.py has the rule for which lost or failed attempts are followed by another.
- Every fact about a trial carries its attempt; facts of older attempts are dropped.
- A new attempt starts with an empty curve: curves of two attempts never mix.
- But the attempts of a resumed trial share one curve: each goes on from the checkpoint of the one
  before. Steps that they report again correct the curve, not the place in the rungs, and the pruner is
  not asked again.
- A late report of the same attempt joins the curve and never reopens the trial.
- NaN is kept as reported and is never best, nor is an infinity that would beat every value; on a curve
  the last report of a step wins.
- A study that is resumed after its end counts trials without a better one, and failures, anew. Its clock
  stands still from its end, or from the last record of a driver that died, until then.
- Trials of code that was edited since are no results any more (codes.py).
- Commands in flight are kept by the engine, not by the study.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from jupyter_tune.core.clock import Clock
from jupyter_tune.core.codes import Codes
from jupyter_tune.core.events import (
    AttemptsFound,
    BudgetChanged,
    CodeChanged,
    DriverStarted,
    GainEstimated,
    HaltRequested,
    NoteWritten,
    PriorAdded,
    Record,
    StudyEnded,
    StudyOpened,
    StudyTagged,
    TrialAdded,
    TrialEnded,
    TrialReopened,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.failures import last_line
from jupyter_tune.core.priors import Priors
from jupyter_tune.core.progress import Progress
from jupyter_tune.core.readings import Readings
from jupyter_tune.core.results import Results
from jupyter_tune.core.retries import MEMORY, further_attempts
from jupyter_tune.core.rounds import Rounds
from jupyter_tune.core.rungs import FirstRung, Rungs, grace
from jupyter_tune.core.slots import Slots
from jupyter_tune.core.steering import Steering
from jupyter_tune.core.trial import CANCELLED, COMPLETE, FAILED, LOST, PRUNED, RUNNING, WAITING, Trial
from jupyter_tune.errors import TuneError

INTERRUPTED = "interrupted"
"""What clients call a study whose driver ended before the study did. The journal does not record it."""


class Study(Results, Steering, Clock, Codes, Priors):
    """The present state of a study: `Study.fold(records)`, or `apply` one at a time.

    Attributes, besides those of its parts: `rungs`: which trials have reached the steps at which they are
    compared, `reopened_after`: the highest number when the study last went on after its end or for edited
    code (-1: it never did), `slots`: how attempts ended on each slot, `progress`: what stop rules look back
    at.
    """

    def __init__(self, opened: StudyOpened, at: float = 0.0, first_rung: FirstRung = grace):
        Results.__init__(self, opened)
        Steering.__init__(self, opened)
        Clock.__init__(self, at)
        Codes.__init__(self, opened)
        Priors.__init__(self)
        self.name = opened.name
        self._first_rung = first_rung
        self.rungs = Rungs(opened.settings, first_rung)
        self._readings = Readings()
        self.seq = Record.FIRST
        self.reopened_after = -1
        self.slots = Slots()
        self.progress = Progress()
        self.rounds = Rounds(self) if opened.settings.batch_deterministic else None

    @classmethod
    def fold(cls, records: Iterable[Record], first_rung: FirstRung = grace) -> Study:
        """The study of these records. Raises TuneError if they do not begin with one.

        Args: first_rung: the pruner's rule (registry.first_rung), for those who ask `rungs`: the engine,
        samplers and pruners.
        """
        iterator = iter(records)
        first = next(iterator, None)
        if first is None or not isinstance(first.event, StudyOpened):
            raise TuneError("these records do not begin with StudyOpened; this is not a study")
        study = cls(first.event, first.at, first_rung)
        for record in iterator:
            study.apply(record)
        return study

    # the fold

    def apply(self, record: Record) -> None:
        """Fold one more record: the one after `seq`."""
        if self.rounds is not None:
            self.rounds.note(self, record)
        self.seq = record.seq
        at, event = record.at, record.event
        match event:
            case TrialReported():
                self._report(event)
            case TrialSuggested():
                trial = Trial(event.number, event.params, event.source, event.revision)
                trial.suggested_at, trial.code = at, self.code
                self._enter(trial)
                self._served(event)
            case TrialStarted():
                self._start(event, at)
            case TrialEnded():
                self._end(event, at)
            case TrialResumed():
                self._resume(event)
            case TrialReopened():
                self._reopen(event)
            case TrialAdded():
                self._add(event, at)
            case PriorAdded():
                self._learn(event)
            case HaltRequested() if not self.trials[event.number].is_live:
                pass  # it ended before
            case DriverStarted():
                self._taken_over(at)
            case AttemptsFound(attempts=attempts):
                for number, attempt in attempts:
                    self._find(number, attempt)
            case GainEstimated():
                self.progress = replace(self.progress, gain=event)
            case CodeChanged():
                self._change_code(event)
                self._steer(record, self.highest)
            case BudgetChanged():
                self._steer(record, self.highest)
                self.slots = Slots()
            case StudyEnded():
                self.end_reason, self.ended_at = event.reason, at
            case StudyOpened():
                raise TuneError("a second StudyOpened in one journal; the file holds two studies")
            case _:
                self._steer(record, self.highest)
        if not isinstance(event, (StudyTagged, NoteWritten)):
            # those may be written while no driver runs the study
            self._last_at = at

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
        steps_before, before = trial.steps, trial.curve.get(event.step)
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
        # a trial that the user ended is never resumed, nor one stopped in a later fold: it would begin anew
        goes_on = trial.checkpoint and len(trial.folds) < 2
        if not self._halted(trial.number) and trial.state == PRUNED and goes_on:
            self.rungs.stop(trial.number)
        best = self.best_trial
        self._settle(trial)
        self.progress = self.progress.trial_over(trial, best.value if best else None, self.settings)
        self._usual.ends(trial)

    def _resume(self, event: TrialResumed) -> None:
        pruned = self.trials[event.number]
        if pruned.state != PRUNED or event.attempt != pruned.attempt:
            return
        self.progress = self.progress.goes_on(pruned)
        trial = self._to_change(event.number)
        if trial.duration_s is not None:
            trial.before_s = trial.duration_s
        self._move(trial, WAITING)
        trial.resumed = True
        trial.value = trial.started_at = trial.ended_at = None
        trial.reason = ""
        self.rungs.go_on(trial.number)
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
        self.rungs, self._readings = Rungs(self.settings, self._first_rung), Readings()
        self.reopened_after = self.highest
        self.progress = self.progress.anew(self.steps_done, len(self.trials) - self.live_count)

    def _taken_over(self, at: float) -> None:
        for running in self.in_state(RUNNING):
            trial = self._to_change(running.number)
            self._move(trial, WAITING)
            trial.is_adrift = True
        if self.is_ended:
            self._lead.count_anew()
            self.reopened_after = self.highest
            self.progress = self.progress.anew(self.steps_done, len(self.trials) - self.live_count)
        self.slots = Slots()
        self._driven_from(at)
        self.end_reason = self.stop_reason = None

    def _forget_curve(self, trial: Trial) -> None:
        trial.forget_curve()
        self.rungs.forget(trial.number)
        self._usual.forget(trial.number)

    # questions

    @property
    def resumable(self) -> Set[int]:
        """The numbers of the pruned trials that left a checkpoint."""
        return self.rungs.resumable

    def with_reading(self, step: int, value: float) -> Sequence[int]:
        """The numbers of the trials that have reported `value` at `step`, and maybe corrected it since."""
        return self._readings.of(step, value, self.trials)

    @property
    def quarantined(self) -> dict[str, int]:
        """Places that are not used any more, because attempts fail there only; with how many slots."""
        return self.slots.quarantined(self.settings.workers)

    @property
    def usable_slots(self) -> int:
        return self.settings.workers - sum(self.quarantined.values())

    @property
    def is_in_a_round(self) -> bool:
        """Whether trials of a round live: what depends on the order of their ends is not decided yet."""
        return self.rounds is not None and self.live_count > 0

    def snapshot(self) -> Study:
        """A copy that later records do not change, made in a moment: the two share each trial until it
        changes."""
        copy = object.__new__(Study)
        copy.__dict__.update(self.__dict__)
        copy._detach()
        self._own = set()
        copy.rungs, copy._readings = self.rungs.copy(), Readings()
        copy.rounds = None
        return copy
