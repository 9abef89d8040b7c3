"""One attempt of a trial in the supervisor: its messages, its signals and its outcome.

An attempt is over when its process has been reaped and no stray process is left. Its outcome:

    the trial sent it               what the trial sent
    it was halted before            the halt's state and reason
    it lost its channel             failed "channel lost"
    killed by a signal              failed, with the signal; "memory" after an out-of-memory kill
    otherwise                       failed, with the exit code

A failure has a cause too (core/retries.py). An attempt whose time is over is halted, as failed.

A halted trial may stop at a report during its grace period. Then it gets SIGTERM, which stops it
anywhere in Python code, and after another TERMINATE_S SIGKILL. A trial that has sent its outcome has
the same time to exit.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TypeAlias

from jupyter_tune.core.retries import CRASH, ERROR, MEMORY, TIMEOUT
from jupyter_tune.core.trial import FAILED
from jupyter_tune.executors.local.logs import CappedLog
from jupyter_tune.executors.local.processes import kill_tree, send_signal
from jupyter_tune.executors.local.signs import Signs
from jupyter_tune.trials.files import has_checkpoint, log_path
from jupyter_tune.trials.memory import oom_kills
from jupyter_tune.trials.program import CHANNEL_LOST, TERMINATED
from jupyter_tune.wire.frames import CHUNK, Link, Message

GRACE_S = 5.0
TERMINATE_S = 1.0
EXIT_S = 1.0
"""Seconds from the loss of a trial's channel to SIGKILL; a dying process loses its channel first."""
SWEEP_S = 2.0
"""Seconds to wait for the strays of an ended attempt; only a stuck device keeps one alive longer."""

Key: TypeAlias = tuple[int, int]
"""(trial number, attempt)"""


class Attempt:
    """One attempt of a trial, from its fork on.

    Args:
        key:      trial number and attempt.
        pid:      the process that runs it.
        link:     our end of its channel.
        folder:   the trial's files.
        log_fd:   the read end of its output pipe; -1 once closed.
        grace_s:  seconds from a halt to SIGTERM.
        signs:    its signs of life.
    """

    def __init__(
        self, key: Key, pid: int, link: Link, folder: Path, log_fd: int, grace_s: float, signs: Signs
    ):
        self.key = key
        self.pid = pid
        self.link = link
        self.log_fd = log_fd
        self.swept_by = 0.0
        self._folder = folder
        self._log = CappedLog(log_path(folder, key[1]))
        self._grace_s = grace_s
        self._signs = signs
        self._oom_kills = oom_kills()
        self._final: Message | None = None
        self._halt: Message | None = None
        self._limit: tuple[float, str] | None = None
        self._status: int | None = None
        self._terminate_at: float | None = None
        self._kill_at: float | None = None
        self._was_killed = False
        self._lost_channel = False

    # events

    def read_reports(self, now: float, to_the_end: bool = False) -> list[Message]:
        """The reports that have arrived. With `to_the_end`, drain the channel."""
        reports = []
        for message in self.link.receive_rest() if to_the_end else self.link.receive():
            # the training code can write to the channel too, so unknown frames are ignored
            if message.get("type") == "reported":
                reports.append(message)
                self._signs.heard(now)
            elif message.get("type") == "ended" and self._final is None:
                self._final = message
                self._end_by(now + self._grace_s)
        if self.link.lost and not self._lost_channel:
            self._lost_channel = True
            if self._final is None:
                self._kill_at = now + EXIT_S
        return reports

    def look(self, now: float) -> float | None:
        """Seconds for which the trial has given no sign of life, once these have become too many."""
        return None if self.is_reaped else self._signs.look(now)

    def read_log(self, now: float) -> bool:
        """Move output from the pipe to the file; False if there was none."""
        try:
            data = os.read(self.log_fd, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self._close_log_pipe()
            return False
        self._log.write(data)
        self._signs.heard(now)
        return True

    def limit(self, seconds: float, now: float) -> None:
        """End the attempt as failed if it takes longer than `seconds`, from `now` on."""
        self._limit = now + seconds, f"took longer than {seconds:g} s"

    def halt(self, state: str, reason: str, now: float, grace_s: float | None = None) -> None:
        """Ask the trial to end as `state`; it is signalled when its grace period is over."""
        if self._halt is None:
            self._halt = {"type": "halt", "state": state, "reason": reason}
            self.link.send(self._halt)
        self._end_by(now + (self._grace_s if grace_s is None else grace_s))

    def _end_by(self, at: float) -> None:
        if self._kill_at is None:
            self._terminate_at = at if self._terminate_at is None else min(at, self._terminate_at)

    def exited(self, status: int, now: float) -> None:
        """The process was reaped with `status`, as waitpid gives it."""
        self._status = status
        self.swept_by = now + SWEEP_S

    def enforce(self, now: float) -> None:
        """Send the signals that are due, and halt the attempt if its time is over."""
        if self.is_reaped:
            return
        if self._limit is not None and now >= self._limit[0] and self._halt is None:
            self.halt(FAILED, self._limit[1], now)
        if self._terminate_at is not None and now >= self._terminate_at:
            self._terminate_at, self._kill_at = None, now + TERMINATE_S
            send_signal(self.pid, signal.SIGTERM)
        if self._kill_at is not None and now >= self._kill_at:
            self._kill_at = now + TERMINATE_S
            self._was_killed = True
            kill_tree(self.pid)

    # state

    @property
    def is_reaped(self) -> bool:
        return self._status is not None

    @property
    def due(self) -> float | None:
        """The next time at which `enforce` has something to do; None for never."""
        if self.is_reaped:
            return self.swept_by
        dues = [self._terminate_at, self._kill_at]
        if self._limit is not None and self._halt is None:
            dues.append(self._limit[0])
        return min((at for at in dues if at is not None), default=None)

    @property
    def imported(self) -> list[str]:
        """Modules that the trial had to import, as its last message lists them."""
        names = (self._final or {}).get("imported", [])
        return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []

    def outcome(self) -> Message:
        """State, reason, error, cause, checkpoint, and the other fields that the trial sent."""
        ending = self._ending()
        if ending.get("state") == FAILED:
            ending = {"cause": self._cause(ending.get("reason")), **ending}
        return {**ending, "checkpoint": has_checkpoint(self._folder)}

    def _cause(self, reason: object) -> str:
        """The cause of a failure that came without one."""
        if self._limit is not None and reason == self._limit[1]:
            return TIMEOUT
        return CRASH if reason == TERMINATED else ERROR

    def _ending(self) -> Message:
        terminated = self._final is not None and self._final.get("reason") == TERMINATED
        if self._final is not None and not (self._halt and terminated):
            return {name: value for name, value in self._final.items() if name not in ("type", "imported")}
        if self._halt is not None:
            return {"state": self._halt["state"], "reason": self._halt["reason"]}
        reason, error, cause = self._death()
        return {"state": FAILED, "reason": reason, "error": error, "cause": cause}

    def _death(self) -> tuple[str, str, str]:
        """Reason, error and cause of an end that the trial did not send."""
        assert self._status is not None
        code = os.waitstatus_to_exitcode(self._status)
        if code == CHANNEL_LOST or self._was_killed:
            return "channel lost", "channel lost: the code closed a descriptor that is not its own", ERROR
        if code >= 0:
            return f"exited with code {code}", f"the code ended the process: exited with code {code}", ERROR
        name = f"killed by {signal.Signals(-code).name}"
        if code == -signal.SIGKILL and oom_kills() > self._oom_kills:
            return "memory", f"the machine ran out of memory: {name}", MEMORY
        return name, name, CRASH

    def close(self) -> None:
        """Write the remaining output to the log and close all descriptors."""
        while self.log_fd >= 0 and self.read_log(0.0):
            pass
        self._close_log_pipe()
        self._log.close()
        self.link.close()

    def _close_log_pipe(self) -> None:
        if self.log_fd >= 0:
            os.close(self.log_fd)
            self.log_fd = -1
