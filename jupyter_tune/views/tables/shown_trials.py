"""The rows of the table of trials: which of them are sent, and what is in each.

Laws:
- Besides those that `selection` chooses every trial is shown that was the best so far when it ended: the
  history of the best has no gap. And every trial on the front of several metrics is, and those on which the
  user has written.
- What is shown follows from the study alone; how it came to be shown does not matter.
- A refresh costs what changed since the last one, never what there is in all.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from jupyter_tune.core.parameters import Categorical, Scalar
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.views.tables.attrs import annotated, tags_shown
from jupyter_tune.views.tables.columns import Columns, finite, pack
from jupyter_tune.views.tables.selection import Bounds, Selection
from jupyter_tune.views.tables.spread import spread_in_words
from jupyter_tune.views.tables.standing import front_of, standing_columns
from jupyter_tune.views.words import LONGEST_REASON, bounded, last_line, number_in_words, versions_in_words

ROWS = Bounds(all=500, best=100, newest=150, sample=150)

_CELLS: dict[str, Callable[[Trial], Scalar]] = {
    "number": lambda trial: trial.number,
    "state": lambda trial: trial.state,
    "value": lambda trial: finite(trial.value),
    "last": lambda trial: finite(trial.curve.get(trial.last_step)),
    "step": lambda trial: trial.last_step if trial.curve else None,
    "duration_s": lambda trial: trial.duration_s,
    "slot": lambda trial: trial.slot or None,
    "source": lambda trial: trial.ran_as or trial.source,
    "revision": lambda trial: trial.revision,
    "error": lambda trial: last_line(trial.error),
    "reason": lambda trial: bounded(trial.reason or _again(trial), LONGEST_REASON),
    "nonfinite": lambda trial: _nonfinite(trial),
    "spread": lambda trial: "",
    "versions": lambda trial: versions_in_words(trial.versions),
    "nones": lambda trial: "\n".join(name for name, value in trial.params.items() if value is None),
}
_WORDS = frozenset({"state", "slot", "source", "error", "reason", "nonfinite", "spread", "versions", "nones"})

TRIAL_COLUMNS = (*_CELLS, "start_s", "end_s", "best", "code", "tags", "note")
"""`start_s`, `end_s`: of the last attempt, in seconds since the study was opened; None for a result from
elsewhere. `best`: the best value so far, in the order of numbers; None before the first complete trial.
`reason`: why it ended, or while another attempt waits or runs, why the one before did. `nonfinite`: NaN or an
infinity in words, where that is its value or latest report: the columns `value` and `last` have none then.
`spread`: how far a value with folds may be off, in words.
`versions`: of the libraries that were not the notebook's, in words; "" where all were.
`tags`: those of the user in words, a line each; `note`: what the user has written on it.
`code`: the version that it ran last, where the study has several.
`nones`: the parameters whose value is the choice None, a line each; where the column of another has none, the
trial does not have that parameter. Studies of several metrics or of constraints have further columns: see
standing.py."""

_Key: TypeAlias = tuple[Any, ...]


class BestSoFar:
    """The values that were better than all before them, in the rising order of some key."""

    def __init__(self, is_better: Callable[[float, float | None], bool]):
        self._is_better = is_better
        self._keys: list[_Key] = []
        self._values: list[float] = []

    def add(self, key: _Key, value: float) -> tuple[_Key, _Key | None] | None:
        """Enters a value; the keys from which and up to which it now is the best (None: up to the last
        there will be), or None if it never was."""
        at = bisect_left(self._keys, key)
        if not self._is_better(value, self._values[at - 1] if at else None):
            return None
        end = at
        while end < len(self._keys) and not self._is_better(self._values[end], value):
            end += 1
        self._keys[at:end], self._values[at:end] = [key], [value]
        return key, self._keys[at + 1] if at + 1 < len(self._keys) else None

    def at(self, key: _Key) -> float | None:
        """The best value up to this key."""
        at = bisect_right(self._keys, key)
        return self._values[at - 1] if at else None

    @property
    def keys(self) -> Sequence[_Key]:
        return self._keys


class ShownTrials:
    """The shown trials of a study.

    `note` a trial after each record about it, then `refresh`; what a reader must be told since the
    last `take` is gathered until then.
    """

    def __init__(self, study: Study, bounds: Bounds = ROWS):
        self._study = study
        self._selection = Selection(study, bounds)
        self._by_number = BestSoFar(study.objective.is_better)
        self._by_end = BestSoFar(study.objective.is_better)
        self._touched: set[int] = set(study.trials)
        self._shown: set[int] = set()
        self._changed: set[int] = set()
        self._dropped: set[int] = set()
        self._front: frozenset[int] = frozenset()

    def note(self, number: int) -> None:
        """Something happened to this trial."""
        self._touched.add(number)

    def note_code(self) -> None:
        """The code of the study has changed: perhaps earlier trials are no results any more."""
        is_better = self._study.objective.is_better
        self._by_number, self._by_end = BestSoFar(is_better), BestSoFar(is_better)
        self._touched = set(self._study.trials)

    @property
    def numbers(self) -> list[int]:
        """The shown trials."""
        return sorted(self._shown)

    @property
    def leader(self) -> int | None:
        """The trial with the best value: one that may be the best if there is any, else a pruned one."""
        return self._selection.leader

    def best(self, most: int) -> list[int]:
        """The first `most` trials that may be the best, the best value first."""
        return self._selection.best(most)

    @property
    def stride(self) -> int:
        """Trials whose number it divides are all shown."""
        return self._selection.stride

    def take(self) -> tuple[list[int], list[int]]:
        """Trials whose rows go, then those whose rows come or change; both since the last call."""
        drops, changes = sorted(self._dropped), sorted(self._changed)
        self._dropped, self._changed = set(), set()
        return drops, changes

    def refresh(self) -> None:
        """Brings what is shown up to date with the study."""
        for number in self._touched:
            trial = self._study.trials[number]
            self._selection.enter(trial)
            self._consider(trial)
        front = front_of(self._study) if self._touched else self._front
        wanted = self._selection.wanted() | {key[-1] for key in self._by_end.keys} | front
        wanted |= annotated(self._study)
        # those that left the front, or came to stand on it, are told anew
        self._touched |= front ^ self._front
        self._front = front
        gone = self._shown - wanted
        self._dropped |= gone
        self._changed |= (wanted - self._shown) | (wanted & self._touched)
        self._changed -= gone
        self._shown = wanted
        self._touched = set()

    def _consider(self, trial: Trial) -> None:
        """Best-so-far at this trial, and at those after it as far as this one changes it."""
        value = finite(trial.value)
        if value is None or not self._study.is_candidate(trial):
            return
        # several may end at one time, in one record's batch
        self._by_end.add((trial.ended_at or 0.0, trial.number), value)
        changed = self._by_number.add((trial.number,), value)
        if changed is not None:
            (first,), end = changed
            last = self._study.highest if end is None else end[0] - 1
            self._changed |= {number for number in self._shown if first <= number <= last}

    def columns(self, numbers: Iterable[int]) -> Columns:
        """The rows of these trials, all columns."""
        trials = [self._study.trials[number] for number in numbers]
        columns = {
            name: pack([cell(trial) for trial in trials], numeric=name not in _WORDS)
            for name, cell in _CELLS.items()
        }
        columns["spread"] = [spread_in_words(trial, self._study.settings) for trial in trials]
        columns["start_s"] = pack([self._since(trial, trial.started_at) for trial in trials], numeric=True)
        columns["end_s"] = pack([self._since(trial, trial.ended_at) for trial in trials], numeric=True)
        columns["best"] = pack([self._by_number.at((trial.number,)) for trial in trials], numeric=True)
        versions = [trial.code if len(self._study.codes) > 1 else None for trial in trials]
        columns["code"] = pack(versions, numeric=True)
        tags, notes = self._study.tags, self._study.notes
        columns["tags"] = ["\n".join(tags_shown(tags.get(trial.number, {}))) for trial in trials]
        columns["note"] = [notes.get(trial.number, "") for trial in trials]
        columns |= standing_columns(self._study, trials, self._front)
        for name, parameter in self._study.space.items():
            cells = [trial.params.get(name) for trial in trials]
            columns["p:" + name] = pack(cells, numeric=not isinstance(parameter, Categorical))
        return columns

    def _since(self, trial: Trial, at: float | None) -> float | None:
        return None if at is None or trial.source == "added" else since(self._study, at)


def _nonfinite(trial: Trial) -> str:
    reading = trial.curve.get(trial.last_step) if trial.value is None else trial.value
    return "" if reading is None or math.isfinite(reading) else number_in_words(reading)


def _again(trial: Trial) -> str:
    return f"attempt {trial.attempt} after: {trial.retried[-1]}" if trial.retried and trial.is_live else ""


def since(study: Study, at: float) -> float:
    """Seconds on the study's clock, without the noise of so large numbers' difference."""
    return round(study.clock(at), 3)
