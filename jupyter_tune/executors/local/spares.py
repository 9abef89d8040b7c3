"""Processes started ahead of their trials, so that a slot waits less between two short ones.

A spare has done what every trial of the study does first: it has been forked, has set up its environment, and
has opened the payload. It waits for its job before it loads the first of the user's objects, so none of the
user's code runs ahead of a trial.

Laws:
- Each trial that runs has at most one spare, with its options; none has one unless the trial that ended last
  took less than SHORT_S: a longer one gains nothing from it.
- They are started PAUSE_S after the last launch and one at a time, when the trials have begun.
- A spare serves only a job that differs from the one that it was started for in OWN.
- Once the supervisor is to import more modules, those without them are killed.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress

from jupyter_tune.executors.local.attempt import Key
from jupyter_tune.executors.local.processes import send_signal
from jupyter_tune.executors.local.starts import Process
from jupyter_tune.wire.frames import Message

SHORT_S = 10.0
PAUSE_S = 0.1

OWN = ("number", "attempt", "params", "resumed_from", "seed", "timeout_s")
"""What each attempt has for itself; the rest of a job is the study's, or the slot's."""


class Spares:
    """Args: start: starts a process with a job."""

    def __init__(self, start: Callable[[Message], Process]):
        self._start = start
        self._waiting: list[tuple[Message, Process]] = []
        self._killed: set[int] = set()
        # of the attempts that run, when they began and what they share with others
        self._running: dict[Key, tuple[float, Message]] = {}
        self.due: float | None = None
        """When `replenish` has something to do; None for never."""
        self._are_worth_it = False

    @property
    def pids(self) -> set[int]:
        """Of all that have not been reaped."""
        return {process.pid for _, process in self._waiting} | self._killed

    @property
    def descriptors(self) -> list[int]:
        return [fd for _, process in self._waiting for fd in (process.link.fileno(), process.log_fd)]

    def take(self, job: Message) -> Process | None:
        """One that may run `job`, which it has been sent; None if there is none."""
        shared = _shared(job)
        for spare in [each for each in self._waiting if each[0] == shared]:
            self._waiting.remove(spare)
            _, process = spare
            # the others have just died, and `reaped` does not see them any more
            if os.waitpid(process.pid, os.WNOHANG) == (0, 0):
                process.link.send({"type": "job", "job": job})
                return process
            _close(process)
        return None

    def launched(self, key: Key, job: Message, now: float) -> None:
        """An attempt has begun. Spares whose options no trial has any more are killed."""
        self._running[key] = now, _shared(job)
        used = [shared for _, shared in self._running.values()]
        self._kill([spare for spare in self._waiting if spare[0] not in used])
        self.due = now + PAUSE_S

    def ended(self, key: Key, now: float) -> None:
        began, _ = self._running.pop(key)
        self._are_worth_it = now - began < SHORT_S
        if not self._are_worth_it:
            self.drop()

    def replenish(self, now: float) -> None:
        """Start one if it is time and there are too few."""
        if self.due is None or now < self.due:
            return
        self.due = None
        lacking = [shared for _, shared in self._running.values()] if self._are_worth_it else []
        for shared, _ in self._waiting:
            if shared in lacking:
                lacking.remove(shared)
        if lacking:
            # the next launch says so if it meets the same error
            with suppress(OSError):
                self._waiting.append((lacking[0], self._start(dict(lacking[0]))))
                self.due = now

    def drop(self) -> None:
        """Kill all."""
        self.due = None
        self._kill(list(self._waiting))

    def _kill(self, spares: list[tuple[Message, Process]]) -> None:
        for spare in spares:
            self._waiting.remove(spare)
            _, process = spare
            send_signal(process.pid, signal.SIGKILL)
            self._killed.add(process.pid)
            _close(process)

    def reaped(self, pid: int) -> None:
        """This child of the supervisor has ended."""
        self._killed.discard(pid)
        for spare in [each for each in self._waiting if each[1].pid == pid]:
            self._waiting.remove(spare)
            _close(spare[1])


def _close(process: Process) -> None:
    process.link.close()
    os.close(process.log_fd)


def _shared(job: Message) -> Message:
    return {name: value for name, value in job.items() if name not in OWN}
