"""A trial's end of its channel to the study: what it sends, and what stops it.

    reported, ended           ->   to the process that started the trial
    job, acknowledged, halt   <-   from it

A report waits until it is committed and the pruner has decided. If that takes longer than ACKNOWLEDGE_S, the
trial goes on and gets the verdict at its next report. Training code can do anything to the process: close the
channel's descriptor, reuse its number, fork. So each use checks that the descriptor is still the channel's.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from jupyter_tune.core.encoding import metrics_to_json
from jupyter_tune.core.events import Metrics
from jupyter_tune.core.folds import Label
from jupyter_tune.errors import ReportError, TuneError
from jupyter_tune.wire.frames import CHUNK, FrameError, Message, Splitter, encode

NOTHING: Mapping[str, Any] = MappingProxyType({})

ACKNOWLEDGE_S = 1.0
"""Seconds that a report waits for its verdict."""


class TrialHalted(BaseException):
    """Raised to stop the trial. `state`: pruned, cancelled or another end state; `reason`: why."""

    def __init__(self, state: str, reason: str):
        super().__init__(f"{state}: {reason}")
        self.state = state
        self.reason = reason

    def outcome(self) -> Message:
        """The outcome of a trial that this halt ends."""
        error = self.reason if self.state == "failed" else ""
        return {"state": self.state, "reason": self.reason, "error": error}


class ChannelLost(TrialHalted):
    """The channel to the study was closed, by the training code or by the supervisor."""

    def __init__(self) -> None:
        super().__init__("failed", "channel lost")


class Channel:
    """The trial's end of its socket: sends reports and the outcome, receives acknowledgements and halts.

    `last_step`: the step after which reports without a step continue.
    `halt`: the verdict that ends the trial, once received.
    `acknowledged`: how many reports are committed; they are acknowledged in the order of their sending.
    """

    def __init__(self, fd: int, last_step: int = 0):
        self._fd = fd
        self._identity = _identity(fd)
        self._owner = os.getpid()
        self._splitter = Splitter()
        self._lock = threading.Lock()
        self.last_step = last_step
        self._sent = self.acknowledged = 0
        self.is_sending = False
        self.halt: TrialHalted | None = None
        self._job: Message | None = None

    def await_job(self) -> Message:
        """The job of a process that was started ahead of its trial. Raises ChannelLost if none comes."""
        while self._job is None:
            self.receive(None)
            if isinstance(self.halt, ChannelLost):
                raise ChannelLost()
        return self._job

    def report(
        self,
        step: int | None,
        metrics: Metrics,
        attrs: Mapping[str, Any] = NOTHING,
        fold: Label | None = None,
        wait: bool = True,
    ) -> None:
        """Send one report and wait for the verdict. Raises TrialHalted if the trial is to stop.

        Args:
            attrs: what the trial writes on itself; without metrics, that is no further step.
            wait:  False: raise a halt that has arrived already; a later report raises one that comes later.
        """
        self._check_owner("report() was called")
        with self._lock:
            self.check()
            step = self.last_step + bool(metrics) if step is None else step
            self._write(_report_frame(step, metrics, attrs, fold))
            self.last_step = step
            self._sent += 1
            if wait:
                self._await_verdict()
        self._raise_halt()

    def post(
        self, step: int, metrics: Metrics, attrs: Mapping[str, Any] = NOTHING, fold: Label | None = None
    ) -> None:
        """Send one report without waiting for the verdict, which `receive` gets. Nothing after a halt."""
        with self._lock:
            if self.halt is None:
                self._write(_report_frame(step, metrics, attrs, fold))
                self._sent += 1

    def fileno(self) -> int:
        return self._fd

    def check(self) -> None:
        """Raises TrialHalted if the trial is to stop."""
        self.receive(0)
        self._raise_halt()

    def end(self, outcome: Message, imported: Sequence[str] = ()) -> Message:
        """Send the trial's outcome and return it: `outcome`, or the halt's if a halt arrived before.

        The halt wins however the code came to run on: by a bare except, by `finally: return`, in another
        thread.

        Args: imported: modules that the trial had to import, so that the supervisor can preload them.
        Raises: ChannelLost if the supervisor cannot be reached.
        """
        self._check_owner("the trial's end was sent")
        with self._lock:
            self.receive(0)
            if isinstance(self.halt, ChannelLost):
                raise ChannelLost()
            if self.halt is not None:
                outcome = self.halt.outcome()
            self._write(encode({"type": "ended", **outcome, "imported": list(imported)}))
        return outcome

    def _check_owner(self, what: str) -> None:
        """Raises TuneError in a process that the trial forked: only the trial itself may send."""
        if os.getpid() != self._owner:
            raise TuneError(
                f"{what} in a child process of the trial; "
                "hand the value to the trial's own process and report it there"
            )

    def receive(self, wait_s: float | None) -> None:
        """Handle the messages that have arrived; wait up to `wait_s` for the first, None for ever."""
        if _identity(self._fd) != self._identity:
            self.halt = ChannelLost()
            return
        poller = select.poll()
        poller.register(self._fd, select.POLLIN)
        while poller.poll(None if wait_s is None else wait_s * 1000):
            try:
                data = os.read(self._fd, CHUNK)
                messages = self._splitter.feed(data)
            except (OSError, FrameError):
                data = b""
            if not data:
                self.halt = ChannelLost()
                return
            for message in messages:
                self._handle(message)
            wait_s = 0

    def _handle(self, message: Message) -> None:
        if message["type"] == "acknowledged":
            self.acknowledged += 1
        elif message["type"] == "halt":
            self.halt = TrialHalted(message["state"], message["reason"])
        elif message["type"] == "job":
            self._job = message["job"]

    def _await_verdict(self) -> None:
        until = time.monotonic() + ACKNOWLEDGE_S
        while self.acknowledged < self._sent and self.halt is None:
            left_s = until - time.monotonic()
            if left_s <= 0:
                return
            self.receive(left_s)

    def _raise_halt(self) -> None:
        if self.halt is not None:
            # a new exception each time: a raised one keeps its old traceback
            halt = self.halt
            raise ChannelLost() if isinstance(halt, ChannelLost) else TrialHalted(halt.state, halt.reason)

    def _write(self, frame: bytes) -> None:
        # the training code may have closed our descriptor and reused its number for a file
        if _identity(self._fd) != self._identity:
            raise ChannelLost()
        self.is_sending = True
        try:
            while frame:
                frame = frame[os.write(self._fd, frame) :]
        except OSError:
            raise ChannelLost() from None
        finally:
            self.is_sending = False


def _identity(fd: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(fd)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _report_frame(step: int, metrics: Metrics, attrs: Mapping[str, Any], fold: Label | None) -> bytes:
    report: Message = {"type": "reported", "step": step, "metrics": metrics_to_json(metrics)}
    if attrs:
        report["attrs"] = dict(attrs)
    if fold is not None:
        report["fold"] = fold
    try:
        return encode(report)
    except FrameError as error:
        raise ReportError(f"{len(metrics)} metrics in one report: {error}; report fewer at once") from None
