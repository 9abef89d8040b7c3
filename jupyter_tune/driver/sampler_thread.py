"""The thread in which samplers and landscapes are computed: one at a time, in the order of the requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.ports import Sampler
from jupyter_tune.core.study import Study
from jupyter_tune.registry import load_sampler, make_sampler

Result = TypeVar("Result")

PendingSuggestion: TypeAlias = "Future[tuple[Params, str]]"
"""Params, and which sampler they come from."""


class SamplerThread:
    """`took_s`: seconds that the last suggestion took."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sampler")
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="warm")
        self._samplers: dict[str, Sampler] = {}
        self.took_s = 0.0

    async def run(self, function: Callable[..., Result], *args: Any) -> Result:
        """The result of `function`, called in the thread after all that was requested before."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *args)

    async def warm(self, sampler: str) -> None:
        """Load what `sampler` uses, in a second thread: no suggestion waits for what it does not use."""
        await asyncio.get_running_loop().run_in_executor(self._beside, load_sampler, sampler)

    def suggest(self, study: Study, command: Suggest) -> PendingSuggestion:
        """Begin, or queue, a suggestion by the study's sampler. `study` belongs to the thread from now on."""
        return self._thread.submit(self._suggest, study, command)

    def _suggest(self, study: Study, command: Suggest) -> tuple[Params, str]:
        sampler, seed = self.sampler(study.settings.sampler), trial_seed(study.settings.seed, command.number)
        began = time.monotonic()
        suggestion = sampler.suggest(study, command, seed)
        self.took_s = time.monotonic() - began
        return suggestion

    def sampler(self, name: str) -> Sampler:
        """The sampler of that name; called in the thread, because loading it may take seconds."""
        if name not in self._samplers:
            self._samplers[name] = make_sampler(name)
        return self._samplers[name]
