"""The table of events: what people did to a study, each act as a sentence.

Laws:
- A row is an act of `study.acts`, key `seq`; nothing of it ever changes but whether it can be undone.
- A refresh costs the new acts and those that became undoable or ceased to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jupyter_tune.core.events import (
    BudgetChanged,
    CodeChanged,
    EnqueueWithdrawn,
    HaltRequested,
    NoteWritten,
    RangesNarrowed,
    RulesChanged,
    StopRequested,
    StudyPaused,
    StudyResumed,
    StudyTagged,
    TrialEnqueued,
)
from jupyter_tune.core.parameters import Categorical, Parameter, Scalar
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.steering import RESUME, UNDO, Act
from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.columns import Columns, pack
from jupyter_tune.views.tables.shown_trials import since
from jupyter_tune.views.words import (
    LONGEST_REASON,
    bounded,
    count_of,
    duration_in_words,
    params_on_ranges,
    tags_in_words,
    value_on_range,
)

EVENT_COLUMNS = ("seq", "at_s", "trial", "kind", "text", "undoable")


class Events:
    """The acts of a study; what a reader must be told since the last `take` is gathered until then."""

    def __init__(self, study: Study):
        self._study = study
        self._acts: dict[int, Act] = {}
        self._undoable: frozenset[int] = frozenset()
        self._changed: set[int] = set()
        self.refresh()

    def refresh(self) -> None:
        """Brings the rows up to date with the study."""
        fresh = {act.seq: act for act in self._study.acts[len(self._acts) :]}
        self._acts |= fresh
        undoable = frozenset(self._study.undoable)
        self._changed |= fresh.keys() | (undoable ^ self._undoable)
        self._undoable = undoable

    def note_driver(self) -> None:
        """A new driver: events written while there was none change their time."""
        self._changed |= {seq for seq, act in self._acts.items() if act.at > self._study.lost_at}

    def take(self) -> list[int]:
        """The rows that came or changed since the last call."""
        changed, self._changed = sorted(self._changed), set()
        return changed

    @property
    def seqs(self) -> list[int]:
        return sorted(self._acts)

    def columns(self, seqs: Iterable[int]) -> Columns:
        """The rows of these records, all columns."""
        acts = [self._acts[seq] for seq in seqs]
        told = [self._told(act) for act in acts]
        cells: dict[str, list[Scalar]] = {
            "seq": [act.seq for act in acts],
            "at_s": [since(self._study, act.at) for act in acts],
            # the chart marks what has changed the search, and what is written on it does not
            "trial": [
                None if kind in ("tag", "note") else act.trial
                for act, (kind, _) in zip(acts, told, strict=True)
            ],
            "kind": [kind for kind, _ in told],
            "text": [text for _, text in told],
            "undoable": [act.seq in self._undoable for act in acts],
        }
        return {name: pack(cells[name], numeric=name in ("seq", "at_s", "trial")) for name in EVENT_COLUMNS}

    def _told(self, act: Act) -> tuple[str, str]:
        """The kind of act, as the page tells them apart, and the sentence."""
        space = self._study.space
        match act.event:
            case RangesNarrowed(ranges=ranges, by=by):
                moves = _moves(act.before.ranges, space.narrow(ranges), space, undone=by == UNDO)
                return "narrow", "; ".join(moves)
            case BudgetChanged() as change:
                return "budget", _budget(act.before.settings, change)
            case RulesChanged() as change:
                return "rules", _rules(act.before.settings, change)
            case TrialEnqueued(params=params):
                return "enqueue", f"queued {params_on_ranges(params, space) or 'one more trial'}"
            case EnqueueWithdrawn(enqueued=seq):
                asked = self._acts[seq].event if seq in self._acts else None
                params = asked.params if isinstance(asked, TrialEnqueued) else {}
                return "withdraw", f"withdrew {params_on_ranges(params, space) or 'the queued trial'}"
            case HaltRequested(number=number, state=state):
                return "halt", f"asked to {'prune' if state == 'pruned' else 'cancel'} trial {number}"
            case StudyPaused():
                return "pause", "paused"
            case StudyResumed(by=by):
                # who resumes an ended study ends its pause with it, and that is told by the next act
                return "resume", "pause ended" if by == RESUME else "resumed"
            case StopRequested(reason=reason):
                return "stop", reason
            case CodeChanged() as change:
                return "code", _code(change)
            case StudyTagged(tags=tags, trial=trial):
                return "tag", f"tagged {_of(trial)}{tags_in_words(tags)}"
            case NoteWritten(text=text, trial=trial):
                said = f"note: {bounded(text, LONGEST_REASON)}" if text else "note removed"
                return "note", f"{_of(trial)}{said}"
        raise ValueError(f"events: {type(act.event).__name__} has no sentence")


def _moves(before: Space, after: Space, declared: Space, *, undone: bool) -> Iterator[str]:
    """How each range that changed has changed."""
    for name, parameter in declared.items():
        old, new = before[name].range, after[name].range
        if old != new:
            verb = "back" if undone else _verb(old, new, parameter)
            yield f"{name} {verb} to {_range_in_words(new, parameter)}"


def _verb(old: tuple[Any, ...], new: tuple[Any, ...], parameter: Parameter) -> str:
    def lies_in(inner: tuple[Any, ...], outer: tuple[Any, ...]) -> bool:
        if isinstance(parameter, Categorical):
            return set(inner) <= set(outer)
        return bool(outer[0] <= inner[0] and inner[1] <= outer[1])

    return "narrowed" if lies_in(new, old) else "widened" if lies_in(old, new) else "moved"


def _range_in_words(values: tuple[Scalar, ...], parameter: Parameter) -> str:
    between = ", " if isinstance(parameter, Categorical) else " \N{EN DASH} "
    return between.join(value_on_range(value, parameter) for value in values)


def _budget(before: Settings, change: BudgetChanged) -> str:
    parts = []
    if change.trials != before.trials:
        parts.append(_trials(change.trials))
    if change.workers != before.workers:
        parts.append(count_of(change.workers, "worker"))
    if change.by == RESUME:
        return f"resumed with {' and '.join(parts)}" if parts else "resumed"
    return f"{'back to' if change.by == UNDO else 'changed to'} {' and '.join(parts)}"


_OTHER_RULES: dict[str, Callable[[Any], str]] = {
    "patience_gain": lambda share: f"patience for {100 * share:g} %",
    "stop_when_converged": lambda _: "an end when nothing is left to gain",
    "price": lambda price: f"a price of {price}",
    "budget": lambda budget: f"a budget of {budget}",
    "max_failures": lambda most: f"an end after {count_of(most, 'failure')}",
    "keep": lambda best: f"files of the best {best} alone kept",
}
"""How a rule that holds now is said, by its name in Settings."""

_WITHOUT = {"keep": "all files kept"}
"""How it is said that a rule holds no more, where "no RULE" is not the way."""


def _rules(before: Settings, change: RulesChanged) -> str:
    parts = []
    if change.target != before.target:
        parts.append("no target" if change.target is None else f"target {change.target:g}")
    if change.timeout_s != before.timeout_s:
        parts.append(
            "no timeout" if change.timeout_s is None else f"timeout {duration_in_words(change.timeout_s)}"
        )
    if change.patience != before.patience:
        parts.append("no patience limit" if change.patience is None else f"patience {change.patience}")
    for rule, value in change.others.items():
        if value != getattr(before, rule) and rule in _OTHER_RULES:
            parts.append(
                _OTHER_RULES[rule](value) if value else _WITHOUT.get(rule, f"no {rule.replace('_', ' ')}")
            )
    of_trials = change.of_trials or {}
    retries, limit = (of_trials.get(rule) for rule in ("retries", "trial_timeout_s"))
    if retries is not None and retries != (before.retries or 0):
        parts.append("1 retry" if retries == 1 else f"{retries:g} retries")
    if "trial_timeout_s" in of_trials and limit != before.trial_timeout_s:
        parts.append("no limit for a trial" if limit is None else f"{duration_in_words(limit)} for a trial")
    return f"{'resumed' if change.by == RESUME else 'goes on'} with {', '.join(parts) or 'the same rules'}"


def _code(change: CodeChanged) -> str:
    what = f" ({', '.join(change.changed)} changed)" if change.changed else ""
    starts = "; earlier trials are no results any more" if change.edited else ""
    return f"version {change.version} of the code runs{what}{starts}"


def _of(trial: int | None) -> str:
    return "" if trial is None else f"trial {trial}: "


def _trials(budget: int | None) -> str:
    return "any number of trials" if budget is None else count_of(budget, "trial")
