"""The suggestions of a running study: from the engine's command to the params of a trial.

The sampler works in a thread of its own, on a snapshot, one suggestion at a time, so that each knows those
before it; the next may be computed ahead (lookahead.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.events import StopRequested, TrialSuggested
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.driver.lookahead import Lookahead
from jupyter_tune.driver.sampler_thread import SamplerThread
from jupyter_tune.errors import TuneError
from jupyter_tune.registry import FALLBACK_SAMPLER, make_sampler


class Suggestions:
    """Those of `engine`'s study. `record`: has a fact recorded at once; `notice`: tells users."""

    def __init__(
        self,
        engine: Engine,
        thread: SamplerThread,
        record: Callable[[TrialSuggested | StopRequested], None],
        notice: Callable[[str, str], None],
    ):
        self.thread = thread
        self._engine = engine
        self._study = engine.study
        self._record = record
        self._notice = notice
        self._ahead = Lookahead(thread.suggest)
        self._one_at_a_time = asyncio.Lock()

    async def suggest(self, number: int) -> None:
        """Have trial `number` suggested and recorded."""
        async with self._one_at_a_time:
            command, params, source, revision, known = await self._suggestion(number)
            # at once: the next suggestion counts this one among the pending
            self._record(TrialSuggested(number, params, source, revision, command.enqueued, known))

    def note_end(self, trial: Trial) -> None:
        """This trial has ended."""
        self._ahead.note(trial)

    def look_ahead(self) -> None:
        """Once everything requested runs, have the next suggestion computed, if one will be needed."""
        if self._engine.is_starting_trials:
            return
        command = self._engine.upcoming()
        if command is None:
            self._ahead.drop()
        else:
            self._ahead.prepare(self._study, command, self.thread.took_s)

    def drop(self) -> None:
        """Forget what was computed ahead."""
        self._ahead.drop()

    async def _suggestion(self, number: int) -> tuple[Suggest, Params, str, int, int | None]:
        while True:
            command, revision = self._engine.command_for(number), self._study.revision
            if command.source == "default":
                return command, self._study.ranges.defaults(), command.source, revision, None
            try:
                params, source, known = await self._propose(self._study.snapshot(), command)
            except TuneError as error:
                # nothing can be proposed: the study ends, and this trial with it before it starts
                self._record(StopRequested(str(error)))
                return command, self._study.ranges.defaults(), command.source or "default", revision, None
            # nothing drawn from ranges that moved meanwhile may start, nor what was withdrawn
            if revision == self._study.revision and command is self._engine.command_for(number):
                return command, params, command.source or source, revision, known

    async def _propose(self, study: Study, command: Suggest) -> tuple[Params, str, int]:
        """Params, which sampler they come from, and the last record that it knew."""
        prepared = self._ahead.take(command, study.revision)
        known = study.seq if prepared is None else self._ahead.taken_seq
        try:
            return *await asyncio.wrap_future(prepared or self.thread.suggest(study, command)), known
        except Exception as error:
            # a numerical failure of the model must not end a night's work
            self._notice(
                f"sampler {study.settings.sampler} failed on trial {command.number} ({error!r}); "
                "its parameters were drawn at random",
                "error",
            )
            seed = trial_seed(study.settings.seed, command.number)
            return *make_sampler(FALLBACK_SAMPLER).suggest(study, command, seed), study.seq
