"""The next suggestion, thought of while trials run, so that a slot that gets free need not wait.

It is what the sampler would say if it were asked now: for the number that the next trial will
have, with the running trials pending. So it knows nothing of the trial whose end will free the
slot, as if there were one worker more. That price is paid only where it buys something: where
thinking afresh takes less than PATIENCE of a trial's length, nothing is prepared, and every
suggestion knows all there is to know. Trials of a minute never notice.

Laws:
- It lives in memory only: no record, no waiting trial, nothing to take back.
- It is used once, for the very command and the revision of the ranges it was made for, or never.
- One is prepared for every trial. Every end asks for a suggestion, which uses it up and has the
  next one prepared with that end known; only an end that asks for none has it made again.
- A failure is kept like a success and raised where it is used; dropped unseen, it is no news.
"""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeAlias

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial

PATIENCE = 0.01
"""A slot may wait this share of a trial's length for a suggestion that knows everything."""

RECENT = 20
"""A trial's length is the mean of so many that ended last."""

Thought: TypeAlias = "Future[tuple[Params, str]]"


@dataclass(frozen=True, slots=True)
class _Prepared:
    """`known`: how many trials had ended when it was begun."""

    command: Suggest
    revision: int
    known: int
    thought: Thought


class Lookahead:
    """Keeps at most one suggestion ahead. `think` begins one in the sampler's thread."""

    def __init__(self, think: Callable[[Study, Suggest], Thought]):
        self._think = think
        self._lengths_s: deque[float] = deque(maxlen=RECENT)
        self._prepared: _Prepared | None = None

    def note(self, trial: Trial) -> None:
        """This trial has ended; what never started has no length."""
        if trial.attempt_s is not None:
            self._lengths_s.append(trial.attempt_s)

    def prepare(self, study: Study, command: Suggest, think_s: float) -> None:
        """See to it that `command` is being thought of. `think_s`: how long the last thought took."""
        known = len(study.trials) - len(study.live)
        had = self._prepared
        if had is not None and (had.command, had.revision, had.known) == (command, study.revision, known):
            return
        self.drop()
        # before the first end it is prepared in any case: what trials cost is not known yet
        if not self._lengths_s or think_s > PATIENCE * statistics.fmean(self._lengths_s):
            thought = self._think(study.snapshot(), command)
            self._prepared = _Prepared(command, study.revision, known, thought)

    def take(self, command: Suggest, revision: int) -> Thought | None:
        """What was prepared for `command`, maybe still in the making; None if it must be thought afresh."""
        had, self._prepared = self._prepared, None
        if had is None:
            return None
        # one that still waits for its turn would be no sooner, and knows less
        waits = had.thought.cancel()
        return None if waits or (had.command, had.revision) != (command, revision) else had.thought

    def drop(self) -> None:
        """Nothing is wanted ahead. What the thread has begun it ends, for nobody."""
        if self._prepared is not None:
            self._prepared.thought.cancel()
            self._prepared = None
