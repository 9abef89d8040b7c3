"""Copies the files of a host's trials to the driver, where it does not share the study's folder.

Logs and checkpoints while a trial runs, the rest before the fact of its end (files.py).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

from jupyter_tune.core.ports import Key
from jupyter_tune.executors.dask.files import Shipment
from jupyter_tune.trials.artifacts import ARTIFACTS
from jupyter_tune.trials.files import log_path, trial_folder
from jupyter_tune.trials.report import CHECKPOINTS
from jupyter_tune.wire.frames import Message

COPY_S = 0.5
"""Seconds between two copies of the files of running trials."""
COPY_SHARE = 0.1
"""Copies take this share of the time at most: large checkpoints are copied less often."""

Deliver: TypeAlias = Callable[[str, Message, bytes], Awaitable[None]]


class Copies:
    """Args: files: the folder of the trials here; deliver: sends a message of a Shipment, by its nonce."""

    def __init__(self, files: str, deliver: Deliver):
        self._files = files
        self._deliver = deliver
        self._shipments: dict[str, tuple[Key, Shipment]] = {}
        self._one_at_a_time = asyncio.Lock()

    def begin(self, nonce: str, key: Key, *, anew: bool = False) -> None:
        """Copy the files of this attempt from now on.

        Args: anew: the driver has none of them. Else the checkpoints that are here came from there.
        """

        async def deliver(message: Message, body: bytes) -> None:
            # not of one that began before another driver asked for all files
            if self._shipments.get(nonce) == (key, shipment):
                await self._deliver(nonce, message, body)

        shipment = Shipment(trial_folder(self._files, key[0]), deliver)
        if not anew:
            shipment.knows(CHECKPOINTS)
        self._shipments[nonce] = key, shipment

    async def finish(self, nonce: str) -> None:
        """The attempt is over: copy all that is missing."""
        if nonce in self._shipments:
            async with self._one_at_a_time:
                await self._copy(nonce, at_the_end=True)

    def forget(self, nonce: str) -> None:
        self._shipments.pop(nonce, None)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(COPY_S)
            for nonce in list(self._shipments):
                began = time.monotonic()
                async with self._one_at_a_time:
                    if nonce in self._shipments:
                        await self._copy(nonce)
                await asyncio.sleep((time.monotonic() - began) / COPY_SHARE)

    async def _copy(self, nonce: str, *, at_the_end: bool = False) -> None:
        key, shipment = self._shipments[nonce]
        log = log_path(Path(), key[1]).as_posix()
        await shipment.send_growth(log, at_the_end=at_the_end)
        await shipment.send_set(CHECKPOINTS)
        if at_the_end:
            await shipment.send_folder(ARTIFACTS)
