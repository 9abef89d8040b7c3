"""`report` and `trial`: the interface between training code and its study.

Both refer to the trial of this process. Outside a study, `report` prints and `trial` has number 0, so a
cell also runs as a plain script. Both pickle by reference: loaded in another process, they refer to the
trial of that process. A script that a trial runs as a command joins that trial: the variable JOB of its
environment has the trial's values, and a socket that takes its reports (command/scripts.py).

`report` sends the metrics and waits until they are committed and the pruner has decided. If that takes
longer than ACKNOWLEDGE_S, the trial goes on and gets the verdict at its next report. A trial is stopped by
TrialHalted, which `except Exception` does not catch. Code that catches it gets it again at every later
report, and the trial's outcome is the halt's in any case.
"""

from __future__ import annotations

import json
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

from jupyter_tune.core.events import Metrics, metrics_to_json
from jupyter_tune.core.measurements import as_metric, as_step
from jupyter_tune.errors import ReportError, TuneError
from jupyter_tune.wire.frames import CHUNK, FrameError, Message, Splitter, encode

ACKNOWLEDGE_S = 1.0
"""Seconds that a report waits for its verdict."""
CHECKPOINTS = "checkpoints"
ARTIFACTS = "artifacts"
JOB = "JUPYTER_TUNE_JOB"
"""The variable by which a script finds the trial that runs it, as JSON."""

__all__ = ["TrialHalted", "report", "trial"]


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
        self._last_step = last_step
        self._sent = self.acknowledged = 0
        self.is_sending = False
        self.halt: TrialHalted | None = None

    def report(self, step: int | None, metrics: Metrics) -> None:
        """Send one report and wait for the verdict. Raises TrialHalted if the trial is to stop."""
        self._check_owner("report() was called")
        with self._lock:
            self.check()
            step = self._last_step + 1 if step is None else step
            frame = _report_frame(step, metrics)
            self._write(frame)
            self._last_step = step
            self._sent += 1
            self._await_verdict()
        self._raise_halt()

    def post(self, step: int, metrics: Metrics) -> None:
        """Send one report without waiting for the verdict, which `receive` gets. Nothing after a halt."""
        with self._lock:
            if self.halt is None:
                self._write(_report_frame(step, metrics))
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

    def receive(self, wait_s: float) -> None:
        """Handle the messages that have arrived; wait up to `wait_s` for the first."""
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
                self._handle(message)
            wait_s = 0

    def _handle(self, message: Message) -> None:
        if message["type"] == "acknowledged":
            self.acknowledged += 1
        elif message["type"] == "halt":
            self.halt = TrialHalted(message["state"], message["reason"])

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


def _report_frame(step: int, metrics: Metrics) -> bytes:
    try:
        return encode({"type": "reported", "step": step, "metrics": metrics_to_json(metrics)})
    except FrameError as error:
        raise ReportError(f"{len(metrics)} metrics in one report: {error}; report fewer at once") from None


@dataclass
class RunningTrial:
    """The trial that this process runs; by default the stand-in used outside a study."""

    number: int = 0
    params: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    folder: Path | None = None
    channel: Channel | None = None
    reported: set[str] = field(default_factory=set)
    """Names of the metrics reported so far."""
    last_step: int = 0
    """Used by the stand-in only; a channel counts steps itself, under its lock."""

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


_running: RunningTrial | None = None


def set_running(running: RunningTrial | None) -> None:
    """Make `running` the trial that `report` and `trial` of this process refer to."""
    global _running
    _running = running


def _current() -> RunningTrial:
    global _running
    if _running is None:
        job = os.environ.get(JOB)
        _running = RunningTrial() if job is None else _joined(json.loads(job))
    return _running


def _joined(job: Message) -> RunningTrial:
    """The trial that has started this script as its command, or a part of it."""
    import socket  # few scripts need it

    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(job["socket"])
    except OSError:
        connection.close()
        raise TuneError(
            f"trial {job['number']} of the study has ended, and this process goes on without it; "
            f"unset {JOB} to run it by itself"
        ) from None
    channel = Channel(connection.detach(), job["last_step"])
    return RunningTrial(job["number"], job["params"], job["seed"], Path(job["folder"]), channel)


def report(step: int | None = None, **metrics: Any) -> None:
    """Report metrics of the trial, as in `report(accuracy=0.91, step=3)`. May also stop the trial.

    Args:
        step:    epoch or iteration; default: the last step plus 1.
        metrics: Python numbers, numpy or torch scalars, or 0-d tensors.

    Raises:
        ReportError: a metric is not a number, or none is given.
        TrialHalted: the trial is pruned or cancelled; do not catch it.
    """
    if not metrics:
        raise ReportError("report() was given no metric; give one by name: report(accuracy=0.91)")
    measured = {name: as_metric(name, value) for name, value in metrics.items()}
    _current().report(None if step is None else as_step(step), measured)


class CurrentTrial:
    """The trial that runs in this process."""

    @property
    def number(self) -> int:
        """Its number in the study, from 0; 0 outside a study."""
        return _current().number

    @property
    def params(self) -> dict[str, Any]:
        """The values of this trial's parameters by name; empty outside a study."""
        return _current().params

    @property
    def seed(self) -> int:
        """From the study's seed and the trial's number; python, numpy and torch are seeded with it."""
        return _current().seed

    @property
    def checkpoint_dir(self) -> Path:
        """A folder shared by all attempts of this trial; empty when the first one starts.

        Save the training state here, and load it if it is there. A pruned trial with a checkpoint is
        started again if it becomes promising later, and continues from the checkpoint. Pass `step` to
        `report` in this case. The process can be killed at any time: write to a new file, then rename it.
        """
        return _current().subfolder(CHECKPOINTS)

    def save_artifact(self, path: str | os.PathLike[str]) -> Path:
        """Copy a file or folder to the trial's artifacts. Returns the path of the copy."""
        source = Path(path)
        target = _current().subfolder(ARTIFACTS) / source.name
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
