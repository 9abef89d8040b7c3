"""One attempt as its supervisor sees it: what was heard, what was seen, what follows.

An attempt is over when its process was reaped and no stray is left. Its outcome:

    the trial said it               what the trial said
    it was halted before            what the halt said
    it lost its channel             failed "channel lost"
    killed by a signal              failed, the signal named; "memory" after an out-of-memory kill
    else                            failed, the exit code named

A halted trial has its grace to stop at a report, then SIGTERM (which stops it anywhere in Python
code), then, after TERMINATE_S, SIGKILL. One that has said its end has the same time to exit.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TypeAlias

from jupyter_tune.executors.local.logs import CappedLog
from jupyter_tune.executors.local.processes import kill_tree, oom_kills, send_signal
from jupyter_tune.trials.files import has_checkpoint, log_path
from jupyter_tune.trials.program import CHANNEL_LOST, TERMINATED
from jupyter_tune.wire.frames import CHUNK, Link, Message

GRACE_S = 5.0
TERMINATE_S = 1.0
EXIT_S = 1.0
"""From the loss of its channel to the kill: a dying process loses it just before it is dead."""
SWEEP_S = 2.0
"""So long an ended attempt waits for its strays to die; only a stuck device keeps one longer."""

Key: TypeAlias = tuple[int, int]
"""(trial number, attempt)"""


class Attempt:
    """One attempt of a trial, from its fork on.

    Args:
        key, pid: which it is; the process that runs it.
        link:     our end of its channel.
        folder:   where the trial's files lie.
        log_fd:   the pipe that its output comes through; -1 once it has ended.
        grace_s:  from a halt to SIGTERM.
    """

    def __init__(self, key: Key, pid: int, link: Link, folder: Path, log_fd: int, grace_s: float):
        self.key = key
        self.pid = pid
        self.link = link
        self.log_fd = log_fd
        self.swept_by = 0.0
        self._folder = folder
        self._log = CappedLog(log_path(folder, key[1]))
        self._grace_s = grace_s
        self._oom_kills = oom_kills()
        self._said: Message | None = None
        self._halt: Message | None = None
        self._status: int | None = None
        self._terminate_at: float | None = None
        self._kill_at: float | None = None
        self._was_killed = False
        self._lost_channel = False

    # what happens to it

    def reported(self, now: float, to_the_end: bool = False) -> list[Message]:
        """The reports that arrived; `to_the_end`: everything that is still in the channel."""
        reports = []
        for message in self.link.receive_rest() if to_the_end else self.link.receive():
            # the code can reach the channel too: a frame that says nothing known is let pass
            if message.get("kind") == "reported":
                reports.append(message)
            elif message.get("kind") == "ended" and self._said is None:
                self._said = message
                self._end_by(now + self._grace_s)
        if self.link.lost and not self._lost_channel:
            self._lost_channel = True
            if self._said is None:
                self._kill_at = now + EXIT_S
        return reports

    def read_log(self) -> bool:
        """Move output from the pipe to the file; False if there was none."""
        try:
            data = os.read(self.log_fd, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self._close_log_pipe()
            return False
        self._log.write(data)
        return True

    def halt(self, state: str, reason: str, now: float, grace_s: float | None = None) -> None:
        """The trial is to end as `state`, by force after its grace."""
        if self._halt is None:
            self._halt = {"kind": "halt", "state": state, "reason": reason}
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
        """Signal the trial if it is due."""
        if self.is_reaped:
            return
        if self._terminate_at is not None and now >= self._terminate_at:
            self._terminate_at, self._kill_at = None, now + TERMINATE_S
            send_signal(self.pid, signal.SIGTERM)
        if self._kill_at is not None and now >= self._kill_at:
            self._kill_at = now + TERMINATE_S
            self._was_killed = True
            kill_tree(self.pid)

    # what it is

    @property
    def is_reaped(self) -> bool:
        return self._status is not None

    @property
    def due(self) -> float | None:
        """When something is to be done about it, if nothing happens before."""
        if self.is_reaped:
            return self.swept_by
        return min((at for at in (self._terminate_at, self._kill_at) if at is not None), default=None)

    @property
    def imported(self) -> list[str]:
        """Modules that the trial had to load, as far as it said."""
        names = (self._said or {}).get("imported", [])
        return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []

    def outcome(self) -> Message:
        """How it ended: state, reason, error, checkpoint, and what else the trial said."""
        return {**self._ending(), "checkpoint": has_checkpoint(self._folder)}

    def _ending(self) -> Message:
        if self._said is not None and not (self._halt and self._said.get("reason") == TERMINATED):
            return {name: value for name, value in self._said.items() if name not in ("kind", "imported")}
        if self._halt is not None:
            return {"state": self._halt["state"], "reason": self._halt["reason"]}
        reason, error = self._cause_of_death()
        return {"state": "failed", "reason": reason, "error": error}

    def _cause_of_death(self) -> tuple[str, str]:
        assert self._status is not None
        code = os.waitstatus_to_exitcode(self._status)
        if code == CHANNEL_LOST or self._was_killed:
            return "channel lost", "channel lost: the code closed a descriptor that is not its own"
        if code >= 0:
            return f"exited with code {code}", f"the code ended the process: exited with code {code}"
        name = f"killed by {signal.Signals(-code).name}"
        if code == -signal.SIGKILL and oom_kills() > self._oom_kills:
            return "memory", f"the machine ran out of memory: {name}"
        return name, name

    def close(self) -> None:
        """Let go of everything, after the last output was moved to the file."""
        while self.log_fd >= 0 and self.read_log():
            pass
        self._close_log_pipe()
        self._log.close()
        self.link.close()

    def _close_log_pipe(self) -> None:
        if self.log_fd >= 0:
            os.close(self.log_fd)
            self.log_fd = -1
