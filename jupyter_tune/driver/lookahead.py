"""The next suggestion, computed while trials run, so that a free slot need not wait for it.

It is what the sampler would say if it were asked now: for the number of the next trial, with the running
trials pending. It does not know the trial whose end will free the slot, as if there were one worker more.
That price is paid only where it buys something: where a suggestion takes less than PATIENCE of a trial's
length, none is prepared, and every suggestion knows all results. For trials of a minute that is always so.

Laws:
- It lives in memory only: no record, no waiting trial, nothing to take back.
- It is used once, for the very command and the revision of the ranges it was computed for, or never.
- One is prepared for every trial. Every end of a trial requests a suggestion, which takes it and has the next
  one prepared with that end known; it is computed again only after an end that requests none.
- An exception is kept like a result and raised where the suggestion is used; dropped unused, it is not
  reported.
"""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.driver.sampler_thread import PendingSuggestion

PATIENCE = 0.01
"""A slot may wait this share of a trial's length for a suggestion that knows all results."""

RECENT = 20
"""A trial's length is the mean over this many trials that ended last."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """`known`: how many trials had ended when it was begun; `seq`: the last record then."""

    command: Suggest
    revision: int
    known: int
    seq: int
    suggestion: PendingSuggestion


class Lookahead:
    """Keeps at most one suggestion ahead. `suggest` begins one in the sampler's thread.

    `taken_seq`: the last record that the suggestion which was taken last knew.
    """

    def __init__(self, suggest: Callable[[Study, Suggest], PendingSuggestion]):
        self._suggest = suggest
        self._lengths_s: deque[float] = deque(maxlen=RECENT)
        self._prepared: _Prepared | None = None
        self.taken_seq = 0

    def note(self, trial: Trial) -> None:
        """This trial has ended; one that never started has no length."""
        if trial.attempt_s is not None:
            self._lengths_s.append(trial.attempt_s)

    def prepare(self, study: Study, command: Suggest, took_s: float) -> None:
        """Have `command` computed, unless it is already. `took_s`: seconds of the last suggestion."""
        known = study.ended_count
        had = self._prepared
        if had is not None and (had.command, had.revision, had.known) == (command, study.revision, known):
            return
        self.drop()
        # before the first end it is prepared in any case: what trials cost is not known yet
        if not self._lengths_s or took_s > PATIENCE * statistics.fmean(self._lengths_s):
            suggestion = self._suggest(study.snapshot(), command)
            self._prepared = _Prepared(command, study.revision, known, study.seq, suggestion)

    def take(self, command: Suggest, revision: int) -> PendingSuggestion | None:
        """What was prepared for `command`, maybe not finished yet; None if it must be computed anew."""
        had, self._prepared = self._prepared, None
        if had is None:
            return None
        # one that still waits for the thread would come no sooner, and knows less
        waits = had.suggestion.cancel()
        self.taken_seq = had.seq
        return None if waits or (had.command, had.revision) != (command, revision) else had.suggestion

    def drop(self) -> None:
        """Forget what was prepared. The thread finishes a suggestion it has begun; its result is not used."""
        if self._prepared is not None:
            self._prepared.suggestion.cancel()
            self._prepared = None
