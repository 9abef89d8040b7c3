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
- Of pruned trials with a checkpoint those alone can be resumed that keep their files (keeping.py).
- Commands in flight are kept by the engine, not by the study.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from jupyter_tune.core.attempts import Attempts
from jupyter_tune.core.confirming import since
from jupyter_tune.core.events import (
    AttemptsFound,
    BudgetChanged,
    CodeChanged,
    DriverStarted,
    FilesRemoved,
    GainEstimated,
    HaltRequested,
    NoteWritten,
    PriorAdded,
    Record,
    RulesChanged,
    SearchEnded,
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
from jupyter_tune.core.priors import Priors
from jupyter_tune.core.readings import Readings
from jupyter_tune.core.rounds import Rounds
from jupyter_tune.core.rungs import FirstRung, grace
from jupyter_tune.core.slots import Slots
from jupyter_tune.core.trial import Trial
from jupyter_tune.errors import TuneError

INTERRUPTED = "interrupted"
"""What clients call a study whose driver ended before the study did. The journal does not record it."""


class Study(Attempts, Priors):
    """The present state of a study: `Study.fold(records)`, or `apply` one at a time."""

    def __init__(self, opened: StudyOpened, at: float = 0.0, first_rung: FirstRung = grace):
        Attempts.__init__(self, opened, at, first_rung)
        Priors.__init__(self)
        self.name = opened.name
        self.seq = Record.FIRST
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
            case RulesChanged():
                # by these the search may go on
                self.search_ended = None
                self._steer(record, self.highest)
                self._keep_anew()
            case FilesRemoved():
                self._remove_files(event)
            case SearchEnded(reason=reason):
                self.search_ended = reason
            case StudyEnded():
                self.end_reason, self.ended_at = event.reason, at
            case StudyOpened():
                raise TuneError("a second StudyOpened in one journal; the file holds two studies")
            case _:
                self._steer(record, self.highest)
        if not isinstance(event, (StudyTagged, NoteWritten)):
            # those may be written while no driver runs the study
            self._last_at = at

    # questions

    @property
    def resumable(self) -> Set[int]:
        """The numbers of the pruned trials that left a checkpoint."""
        return self.rungs.resumable

    @property
    def measured_again(self) -> list[Trial]:
        """The trials that confirm the best ones (confirming.py), since the study last went on after its end
        or for edited code."""
        return since(self.trials, self.reopened_after)

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
