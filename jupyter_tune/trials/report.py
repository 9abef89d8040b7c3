"""`report` and `trial`: what training code sees of the study it runs in.

Both speak for the trial of this process. Outside a study they are stand-ins: `report` prints,
`trial` has number 0, so a cell runs as a plain script too. Both pickle by reference: wherever
they are loaded, they speak for the trial there.

A report is sent, then waits for its acknowledgement, which comes once it is committed, and
with it the verdict. No verdict within ACKNOWLEDGE_S: the trial goes on and meets it at its
next report. A trial that is to stop is stopped by TrialHalted, which no `except Exception`
swallows. Code that swallows it all the same gets it again at every later report, and its end is
the halt's.
"""

from __future__ import annotations

import os
import select
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_tune.core.events import Metrics, number_to_json
from jupyter_tune.core.measurements import as_metric, as_step
from jupyter_tune.errors import ReportError, TuneError
from jupyter_tune.wire.frames import CHUNK, FrameError, Message, Splitter, encode

ACKNOWLEDGE_S = 1.0
CHECKPOINTS = "checkpoints"

__all__ = ["TrialHalted", "report", "trial"]


class TrialHalted(BaseException):
    """The trial ends here. `state`: what it is to be (pruned, cancelled, ...); `reason`: why."""

    def __init__(self, state: str, reason: str):
        super().__init__(f"{state}: {reason}")
        self.state = state
        self.reason = reason

    def outcome(self) -> Message:
        """How a trial ends that this halt has ended."""
        error = self.reason if self.state == "failed" else ""
        return {"state": self.state, "reason": self.reason, "error": error}


class ChannelLost(TrialHalted):
    """The way to the study is gone: closed by the training code, or by the other side."""

    def __init__(self) -> None:
        super().__init__("failed", "channel lost")


class Channel:
    """The trial's end of the wire: reports and the end go up, acknowledgements and halts come down.

    `last_step`: where reports without a step go on from.
    `halt`: the verdict that ends the trial, as soon as it was heard.
    """

    def __init__(self, fd: int, last_step: int = 0):
        self._fd = fd
        self._identity = _identity(fd)
        self._owner = os.getpid()
        self._splitter = Splitter()
        self._lock = threading.Lock()
        self._last_step = last_step
        self._sent = self._acknowledged = 0
        self.is_sending = False
        self.halt: TrialHalted | None = None

    def report(self, step: int | None, metrics: Metrics) -> None:
        """Send one report and wait for its verdict. Raises TrialHalted if it is to stop."""
        self._must_be_mine("report() was called")
        with self._lock:
            self.check()
            step = self._last_step + 1 if step is None else step
            frame = _report_frame(step, metrics)
            self._write(frame)
            self._last_step = step
            self._sent += 1
            self._await_verdict()
        self._raise_halt()

    def check(self) -> None:
        """Raise TrialHalted if the trial was told to stop."""
        self.hear(0)
        self._raise_halt()

    def end(self, outcome: Message, imported: Sequence[str] = ()) -> Message:
        """Send how the trial ended, and return it: `outcome`, unless a halt arrived before.

        With it goes what the trial had to import, so that later ones need not.

        The halt then decides, whatever made the code go on after it: a bare except, `finally: return`,
        a thread that took it. Raises ChannelLost if the other side cannot be reached.
        """
        self._must_be_mine("the trial's end was sent")
        with self._lock:
            self.hear(0)
            if isinstance(self.halt, ChannelLost):
                raise ChannelLost()
            if self.halt is not None:
                outcome = self.halt.outcome()
            self._write(encode({"kind": "ended", **outcome, "imported": list(imported)}))
        return outcome

    def _must_be_mine(self, what: str) -> None:
        """Only the process that was started for the trial speaks for it, not those that it forked."""
        if os.getpid() != self._owner:
            raise TuneError(
                f"{what} in a child process of the trial; "
                "hand the value to the trial's own process and report it there"
            )

    def hear(self, wait_s: float) -> None:
        """Take in what the other side said, waiting for it at most `wait_s`."""
        if _identity(self._fd) != self._identity:
            self.halt = ChannelLost()
            return
        poller = select.poll()
        poller.register(self._fd, select.POLLIN)
        while poller.poll(wait_s * 1000):
            try:
                data = os.read(self._fd, CHUNK)
                messages = self._splitter.feed(data)
            except (OSError, FrameError):
                data = b""
            if not data:
                self.halt = ChannelLost()
                return
            for message in messages:
                self._take(message)
            wait_s = 0

    def _take(self, message: Message) -> None:
        if message["kind"] == "acknowledged":
            self._acknowledged += 1
        elif message["kind"] == "halt":
            self.halt = TrialHalted(message["state"], message["reason"])

    def _await_verdict(self) -> None:
        until = time.monotonic() + ACKNOWLEDGE_S
        while self._acknowledged < self._sent and self.halt is None:
            left_s = until - time.monotonic()
            if left_s <= 0:
                return
            self.hear(left_s)

    def _raise_halt(self) -> None:
        if self.halt is not None:
            # a new one each time: an exception that is raised again drags its old traceback along
            halt = self.halt
            raise ChannelLost() if isinstance(halt, ChannelLost) else TrialHalted(halt.state, halt.reason)

    def _write(self, frame: bytes) -> None:
        # the training code may have closed our descriptor, and the number may be its own file now
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


def _report_frame(step: int, metrics: Metrics) -> bytes:
    values = {name: number_to_json(value) for name, value in metrics.items()}
    try:
        return encode({"kind": "reported", "step": step, "metrics": values})
    except FrameError as error:
        raise ReportError(f"{len(metrics)} metrics in one report: {error}; report fewer at once") from None


@dataclass
class Running:
    """The trial that this process runs; by default the stand-in for none."""

    number: int = 0
    params: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    folder: Path | None = None
    channel: Channel | None = None
    reported: set[str] = field(default_factory=set)
    """Names of the metrics reported so far."""
    last_step: int = 0
    """Only the stand-in counts here; a channel counts for itself, under its lock."""

    def report(self, step: int | None, metrics: Metrics) -> None:
        if self.channel is not None:
            self.reported |= metrics.keys()
            self.channel.report(step, metrics)
            return
        self.last_step = self.last_step + 1 if step is None else step
        print(f"step {self.last_step}: " + ", ".join(f"{name}={value:g}" for name, value in metrics.items()))

    def subfolder(self, name: str) -> Path:
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="jupyter_tune-"))
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path


_running = Running()


def become(running: Running) -> None:
    """From now on `report` and `trial` of this process speak for `running`."""
    global _running
    _running = running


def report(step: int | None = None, **metrics: Any) -> None:
    """Measure the trial: `report(accuracy=0.91, step=3)`; here it may also be stopped.

    Args:
        step:    the resource used so far (epoch, iteration); by default one more than last time.
        metrics: numbers: Python's, or numpy and torch scalars and 0-d tensors.

    Raises:
        ReportError: a metric is not a number, or there is none.
        TrialHalted: the trial is pruned or cancelled; let it pass.
    """
    if not metrics:
        raise ReportError("report() was given no metric; give one by name: report(accuracy=0.91)")
    measured = {name: as_metric(name, value) for name, value in metrics.items()}
    _running.report(None if step is None else as_step(step), measured)


class CurrentTrial:
    """The trial that runs in this process."""

    @property
    def number(self) -> int:
        """Its number in the study, from 0; 0 outside of one."""
        return _running.number

    @property
    def params(self) -> dict[str, Any]:
        """Name -> value, of the parameters that exist in this trial; empty outside a study."""
        return _running.params

    @property
    def seed(self) -> int:
        """From the study's seed and the trial's number; python, numpy and torch are seeded with it."""
        return _running.seed

    @property
    def checkpoint_dir(self) -> Path:
        """A folder that every attempt of this trial sees again; empty when the first one starts.

        A trial that keeps its state here is not lost when it is pruned: should it turn out to be
        among the best, it is started again, and goes on from what it finds here. Give its reports
        their step. The process may be stopped at any report, and killed anywhere: write a new file,
        then rename it.
        """
        return _running.subfolder(CHECKPOINTS)

    def save_artifact(self, path: str | os.PathLike[str]) -> Path:
        """Copy a file or folder to the trial's artifacts; where it is now."""
        source = Path(path)
        target = _running.subfolder("artifacts") / source.name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
        return target

    def __reduce__(self) -> str:
        return "trial"

    def __repr__(self) -> str:
        return f"trial {self.number}: {self.params}"


trial = CurrentTrial()
