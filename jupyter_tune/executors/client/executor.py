"""Hands trials to the client that has started the study, which runs them in its own process: `--workers 0`.

    NextTrial    the client asks for an attempt, and gets the job, or None when there will be none
    TellTrial    it passes a report on, and gets the halt that ends the trial, or None; or the end

One attempt runs at a time. Nothing here can end one that does not report: the client's user has it in hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Any

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.encoding import event_from_json
from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.ports import Key, TrialFact, Work
from jupyter_tune.core.trial import LOST
from jupyter_tune.wire.frames import Message
from jupyter_tune.wire.requests import NextTrial, OwnTrial, TellTrial

SLOT = "kernel/0"


class ClientExecutor:
    """Attempts that the study's own client runs."""

    def __init__(self) -> None:
        self._post: Callable[[TrialFact], None] = lambda fact: None
        self._files = ""
        self._queue: asyncio.Queue[Launch | None] = asyncio.Queue()
        self._launched: set[Key] = set()
        self._running: set[Key] = set()
        self._halts: dict[Key, Halt] = {}
        self._acknowledged: dict[Key, asyncio.Future[None]] = {}

    async def open(
        self, work: Work, post: Callable[[TrialFact], None], adrift: Mapping[Key, int]
    ) -> Collection[Key]:
        self._files, self._post = work.files, post
        return ()

    def launch(self, command: Launch) -> None:
        self._launched.add((command.number, command.attempt))
        self._queue.put_nowait(command)

    def acknowledge(self, fact: TrialFact) -> None:
        waits = self._acknowledged.pop((fact.number, fact.attempt), None)
        if isinstance(fact, TrialReported) and waits is not None:
            waits.set_result(None)

    def halt(self, command: Halt) -> None:
        key = command.number, command.attempt
        if key in self._running:
            self._halts[key] = command
        elif key in self._launched:
            self._end(TrialEnded(*key, command.state, reason=command.reason))

    def recall(self, number: int, attempt: int) -> bool:
        key = number, attempt
        if key in self._running or key not in self._launched:
            return False
        self._launched.discard(key)
        return True

    async def close(self, *, taken_over: bool = False) -> None:
        self._queue.put_nowait(None)
        for key in list(self._launched):
            self._end(TrialEnded(*key, LOST, reason="the executor was closed"))

    async def answer(self, request: OwnTrial) -> Any:
        """Do what the client that runs the trials requests, and return the result."""
        match request:
            case NextTrial():
                return await self._next()
            case TellTrial(event=data):
                event = event_from_json(data)
                if isinstance(event, TrialReported):
                    return await self._report(event)
                if isinstance(event, TrialEnded) and (event.number, event.attempt) in self._launched:
                    self._end(event)
        return None

    async def _next(self) -> Message | None:
        while (command := await self._queue.get()) is not None:
            key = command.number, command.attempt
            # it was not halted or recalled meanwhile, nor is it there twice
            if key in self._launched - self._running:
                self._running.add(key)
                self._post(TrialStarted(*key, SLOT))
                return {
                    "number": command.number,
                    "attempt": command.attempt,
                    "params": command.params,
                    "seed": command.seed,
                    "last_step": command.resumed_from,
                    "files": self._files,
                }
        self._queue.put_nowait(None)
        return None

    async def _report(self, report: TrialReported) -> Message | None:
        key = report.number, report.attempt
        if key in self._running:
            committed = self._acknowledged[key] = asyncio.get_running_loop().create_future()
            self._post(report)
            await committed
        halt = self._halts.get(key)
        return None if halt is None else {"state": halt.state, "reason": halt.reason}

    def _end(self, ended: TrialEnded) -> None:
        key = ended.number, ended.attempt
        self._launched.discard(key)
        self._running.discard(key)
        self._halts.pop(key, None)
        waits = self._acknowledged.pop(key, None)
        if waits is not None and not waits.done():
            waits.set_result(None)
        self._post(ended)
