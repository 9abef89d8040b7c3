"""What users do to a study while it runs: the part of the fold that their requests make.

    narrow    RangesNarrowed               undone by the ranges before it
    budget    BudgetChanged                undone by the budget before it
    rules     RulesChanged                 stays: given when the study is resumed
    pause     StudyPaused, StudyResumed    undone by each other
    enqueue   TrialEnqueued                undone by EnqueueWithdrawn, until it is suggested
    halt      HaltRequested                stays: a halted trial is not started again
    stop      StopRequested                stays
    code      CodeChanged                  stays: the study was resumed with it
    tag       StudyTagged                  replaced by the next of its name
    note      NoteWritten                  replaced by the next

Rules:
- Of narrow, budget and pause the newest change can be undone; after it the one before, and so on.
- A request that changed nothing is no act, except resuming a study. An undo is an act that cannot be
  undone itself.
- Resuming a study with another budget makes the budgets before it final.
- Nothing is undone in a study that ends or has ended.

Nothing here is changed in place, so that a snapshot of the study shares it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jupyter_tune.core.events import (
    BudgetChanged,
    CodeChanged,
    EnqueueWithdrawn,
    Event,
    HaltRequested,
    NoteWritten,
    RangesNarrowed,
    Record,
    RulesChanged,
    StopRequested,
    StudyOpened,
    StudyPaused,
    StudyResumed,
    StudyTagged,
    TrialEnqueued,
    TrialSuggested,
)
from jupyter_tune.core.notes import Tags, tagged
from jupyter_tune.core.parameters import Params, Scalar
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.trial import CONFIRM, Trial
from jupyter_tune.errors import SpaceError, TuneError

UNDO, RESUME = "undo", "resume"
"""How the journal marks an event of an undo, and of resuming a study; all others are by "user"."""

_CHANGES = {RangesNarrowed: "narrow", BudgetChanged: "budget", StudyPaused: "pause", StudyResumed: "pause"}
"""The events that change the Standing; those of one kind take each other back."""


@dataclass(frozen=True, slots=True)
class Enqueued:
    """Values for a coming trial; `seq` is the number of the record that requested them."""

    seq: int
    params: Params


@dataclass(frozen=True, slots=True)
class Standing:
    """What an act may change, and what it is changed back to."""

    ranges: Space
    settings: Settings
    paused: bool


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a user did.

    `seq`, `at`, `event`: the record's; `trial`: the highest number then, -1 for none; `before`:
    what held until then.
    """

    seq: int
    at: float
    trial: int
    event: Event
    before: Standing


class Steering:
    """A study as people have steered it.

    Attributes: `space` as declared, `ranges` as narrowed now, `revision` of the ranges, `settings`
    with the present budget, `search_ended`: why the search has ended, and the study has not (SearchEnded),
    `queue`: what is enqueued and not suggested yet, `halts`: number -> state
    (pruned, cancelled) of the live trials whose end was requested, `acts` in their order, `tags` and `notes`
    of the study (None) and of its trials.
    """

    def __init__(self, opened: StudyOpened):
        self.space = opened.space
        self.settings = opened.settings
        self.ranges: Space = opened.space
        self.revision = 0
        self.paused = False
        self.stop_reason: str | None = None
        self.search_ended: str | None = None
        self.end_reason: str | None = None
        self.queue: tuple[Enqueued, ...] = ()
        self.halts: dict[int, str] = {}
        self.acts: tuple[Act, ...] = ()
        self.tags: dict[int | None, Tags] = {}
        self.notes: dict[int | None, str] = {}
        # kind -> its changes that are not undone
        self._changes: dict[str, tuple[Act, ...]] = dict.fromkeys(_CHANGES.values(), ())

    @property
    def is_ended(self) -> bool:
        return self.end_reason is not None

    def user_attrs(self, trial: Trial) -> Tags:
        """What a trial has written on itself, and what the user has put on it."""
        return {**trial.attrs, **self.tags.get(trial.number, {})}

    @property
    def undoable(self) -> tuple[int, ...]:
        """The numbers of the records that can be undone now, the newest last."""
        if self.is_ended or self.stop_reason is not None:
            return ()
        changes = [acts[-1].seq for acts in self._changes.values() if acts]
        return tuple(sorted(changes + [entry.seq for entry in self.queue]))

    def is_outdated(self, trial: Trial) -> bool:
        """Whether it was drawn from earlier ranges, has not started, and lies outside the present ones.
        Enqueued values and the defaults stay."""
        if trial.attempt or trial.source in ("user", "default", CONFIRM) or trial.revision == self.revision:
            return False
        return not self.ranges.contains(trial.params)

    # the fold

    def _steer(self, record: Record, highest: int) -> None:
        before = self._standing
        match record.event:
            case RangesNarrowed(revision=revision, ranges=ranges):
                self.ranges, self.revision = self.space.narrow(ranges), revision
            case BudgetChanged(trials=trials, workers=workers):
                self.settings = replace(self.settings, trials=trials, workers=workers)
            case RulesChanged(timeout_s=timeout_s, target=target, patience=patience, of_trials=of_trials):
                rules: dict[str, Any] = {"timeout_s": timeout_s, "target": target, "patience": patience}
                self.settings = replace(self.settings, **(rules | (of_trials or {}) | record.event.others))
            case StudyPaused():
                self.paused = True
            case StudyResumed():
                self.paused = False
            case TrialEnqueued(params=params):
                self.queue += (Enqueued(record.seq, params),)
            case EnqueueWithdrawn(enqueued=seq):
                self._unqueue(seq)
            case HaltRequested(number=number, state=state):
                self.halts = {**self.halts, number: state}
            case StopRequested(reason=reason):
                self.stop_reason = reason
            case StudyTagged(tags=tags, trial=trial):
                self.tags = {**self.tags, trial: tagged(self.tags.get(trial, {}), tags)}
            case NoteWritten(text=text, trial=trial):
                others = {of: note for of, note in self.notes.items() if of != trial}
                self.notes = {**others, trial: text} if text else others
        act = Act(record.seq, record.at, highest, record.event, before)
        kind = _CHANGES.get(type(record.event))
        if kind is None:
            self.acts += (act,)
        elif before != self._standing:
            self.acts += (act,)
            self._changes = {**self._changes, kind: self._left(kind, act)}
        elif kind == "budget" and _by(record.event) == RESUME:
            self.acts += (act,)

    @property
    def _standing(self) -> Standing:
        return Standing(self.ranges, self.settings, self.paused)

    def _left(self, kind: str, act: Act) -> tuple[Act, ...]:
        """The changes of this kind that are not undone, after `act`."""
        by = _by(act.event)
        if by == UNDO:
            return self._changes[kind][:-1]
        return () if by == RESUME else (*self._changes[kind], act)

    def _served(self, event: TrialSuggested) -> None:
        """A trial carries values from the queue: those it names, in older journals the first."""
        if event.source == "user" and self.queue:
            self._unqueue(self.queue[0].seq if event.enqueued is None else event.enqueued)

    def _unqueue(self, seq: int) -> None:
        self.queue = tuple(entry for entry in self.queue if entry.seq != seq)

    def _halted(self, number: int) -> bool:
        """Whether the end of this trial, which has come, had been requested."""
        asked = number in self.halts
        if asked:
            self.halts = {other: state for other, state in self.halts.items() if other != number}
        return asked


def _by(event: Event) -> str:
    return getattr(event, "by", "")


def wanted_ranges(
    ranges: Mapping[str, Sequence[Scalar]] | None, named: Mapping[str, Sequence[Scalar]]
) -> dict[str, list[Scalar]]:
    """What a user gave to narrow, as lists: name -> [low, high], or the choices to keep.

    Raises: SpaceError for anything that holds no values.
    """
    if ranges is not None and not isinstance(ranges, Mapping):
        raise SpaceError(f"narrow: give name=(low, high), or a dict of them; got {ranges!r}")
    wanted = {}
    for name, to in {**(ranges or {}), **named}.items():
        # a string is iterable too, but its letters are no choices
        if isinstance(to, (str, bytes, Mapping)) or not hasattr(to, "__iter__"):
            raise SpaceError(f"{name}: a narrowed range is (low, high), or a list of choices; got {to!r}")
        wanted[name] = list(to)
    return wanted


def narrowed(study: Steering, changes: Mapping[str, list[Scalar]], by: str = "user") -> RangesNarrowed:
    """The event that makes `changes` to the present ranges.

    Raises: SpaceError if a range reaches outside the declared one.
    """
    ranges = {**study.ranges.ranges(), **{name: list(to) for name, to in changes.items()}}
    checked = study.space.narrow(ranges).ranges()
    return RangesNarrowed(study.revision + 1, checked, by)


def undoing(study: Steering, seq: int | None = None) -> Event:
    """The event that takes back what record `seq` did; None for the newest that can be.

    Raises: TuneError if there is no way back, and why.
    """
    if seq is None:
        if not study.undoable:
            raise TuneError("undo: nothing is left to undo")
        seq = study.undoable[-1]
    act = next((act for act in study.acts if act.seq == seq), None)
    if act is None:
        raise TuneError(f"undo: record {seq} is not a change that can be undone; {_choice(study)}")
    if isinstance(act.event, HaltRequested):
        raise TuneError(
            f"undo: trial {act.event.number} was halted and is not started again; enqueue its values again"
        )
    if isinstance(act.event, (StudyTagged, NoteWritten)):
        raise TuneError("undo: a tag or note cannot be undone; write it anew, or take it away")
    if isinstance(act.event, StopRequested):
        raise TuneError("undo: a stop cannot be undone; study.resume() goes on with the study")
    if isinstance(act.event, CodeChanged):
        raise TuneError("undo: the code of a study cannot be undone; resume the study with the earlier one")
    if isinstance(act.event, RulesChanged):
        raise TuneError(
            "undo: the rules that end a study cannot be undone; resume it with others after its end"
        )
    if seq not in study.undoable:
        raise TuneError(f"undo: record {seq} is undone, or a newer change replaced it; {_choice(study)}")
    before = act.before
    match act.event:
        case RangesNarrowed():
            return RangesNarrowed(study.revision + 1, before.ranges.ranges(), UNDO)
        case BudgetChanged():
            return BudgetChanged(before.settings.trials, before.settings.workers, UNDO)
        case StudyPaused() | StudyResumed():
            return StudyPaused(UNDO) if before.paused else StudyResumed(UNDO)
    return EnqueueWithdrawn(seq, UNDO)


def _choice(study: Steering) -> str:
    numbers = ", ".join(map(str, study.undoable))
    return f"the records that can be undone are {numbers}" if numbers else "nothing is left to undo"
