"""The supervisor: a small program that starts trials and leaves no process behind.

Laws:
- It has one thread, never runs training code, never unpickles and never touches CUDA, so it is safe to
  fork, and a forked trial finds its libraries loaded.
- It imports the modules that the driver names, and those preloadable ones (preloads.py) that earlier
  trials have imported.
- For short trials it starts processes ahead (spares.py).
- When the driver sends `close`, or its socket ends, the supervisor kills all descendants and exits. When
  the supervisor is killed, the operating system kills its trials, and the driver kills their orphans
  (processes.py).

    from the driver  preload modules · check job · launch job · acknowledge key · halt key, state, reason ·
                     close
    to the driver    ready · preloaded failed · checked error, notices
                     started key, pid · reported key, step, metrics · silent key, seconds
                     ended key, state, value, metrics, reason, error, cause, checkpoint · alive, while
                     attempts run

Run as `python -m jupyter_tune.executors.local.supervisor FD`, with FD an inherited stream socket.
On Linux no descendant escapes; for other systems see processes.py.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable

from jupyter_tune.executors.local.attempt import GRACE_S, TERMINATE_S, Attempt, Key
from jupyter_tune.executors.local.dry_load import DryLoad
from jupyter_tune.executors.local.imports import Imports
from jupyter_tune.executors.local.processes import (
    ON_LINUX,
    adopt_orphans,
    children,
    is_resource_tracker,
    kill_descendants,
    kill_group,
    kill_tree,
)
from jupyter_tune.executors.local.signs import LOOK_S, SILENT_S, Signs
from jupyter_tune.executors.local.spares import Spares
from jupyter_tune.executors.local.starts import FORK, LOAD, Process, start, start_method, start_trial
from jupyter_tune.trials.environment import limit_pools, threads_of
from jupyter_tune.trials.files import trial_folder
from jupyter_tune.wire.frames import Link, Message


class Supervisor:
    """The loop of this process. `endpoint` is the socket to the driver."""

    def __init__(self, endpoint: socket.socket):
        self._driver = Link(endpoint)
        self._attempts: dict[Key, Attempt] = {}
        self._dry_load: DryLoad | None = None
        self._is_closing = False
        self._look_at = 0.0
        self._method = start_method()
        self._imports = Imports(self._driver_is_gone)
        self._spares = Spares(self._start)
        self._wake, self._waker = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._waker, False)
        self._commands: dict[str, Callable[[Message], None]] = {
            "preload": self._preload,
            "check": self._check,
            "launch": self._launch,
            "acknowledge": self._acknowledge,
            "halt": self._halt,
            "close": self._close,
        }

    def serve(self) -> None:
        """Run until the driver sends `close` or is gone, then kill all descendants."""
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.signal(signal.SIGTERM, lambda number, frame: self._driver.lose())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        adopt_orphans()
        self._driver.send({"type": "ready", "pid": os.getpid()})
        while self._attempts or not self._is_closing:
            self._turn()
        kill_descendants()
        self._flush_driver()

    # one turn of the loop

    def _turn(self) -> None:
        ready = self._wait()
        if self._wake in ready:
            os.read(self._wake, 4096)
        now = time.monotonic()
        for attempt in list(self._attempts.values()):
            if attempt.log_fd in ready:
                attempt.read_log(now)
            if attempt.link.fileno() in ready:
                attempt.link.flush()
                self._relay(attempt, attempt.read_reports(now))
        if self._driver.fileno() in ready:
            self._driver.flush()
            for message in self._driver.receive():
                self._commands[message["type"]](message)
        if self._driver.lost and not self._is_closing:
            self._close({})
        self._reap()
        self._finish()
        for attempt in self._attempts.values():
            attempt.enforce(now)
        if self._attempts and now >= self._look_at:
            self._look_at = now + LOOK_S
            self._look(now)
        if self._dry_load is not None:
            self._dry_load.receive()
            self._dry_load.enforce(now)
        self._imports.import_late(now)
        self._spares.replenish(now)

    def _wait(self) -> set[int]:
        """The descriptors that are ready; waits no longer than until the next deadline."""
        poller = select.poll()
        poller.register(self._wake, select.POLLIN)
        if not self._driver.lost:
            poller.register(self._driver, select.POLLIN | (select.POLLOUT if self._driver.has_unsent else 0))
        for attempt in self._attempts.values():
            if attempt.log_fd >= 0:
                poller.register(attempt.log_fd, select.POLLIN)
            if not attempt.link.lost:
                events = select.POLLIN | (select.POLLOUT if attempt.link.has_unsent else 0)
                poller.register(attempt.link, events)
        dues = [at for attempt in self._attempts.values() if (at := attempt.due) is not None]
        if self._attempts:
            dues.append(self._look_at)
        if self._dry_load is not None:
            dues.append(self._dry_load.due)
            if not self._dry_load.link.lost:
                poller.register(self._dry_load.link, select.POLLIN)
        dues += [at for at in (self._imports.due, self._spares.due) if at is not None]
        due = min(dues, default=None)
        wait_ms = None if due is None else max(0.0, due - time.monotonic()) * 1000 + 1
        return {fd for fd, _ in poller.poll(wait_ms)}

    def _look(self, now: float) -> None:
        """Give a sign of life, and see whether the attempts give theirs."""
        self._driver.send({"type": "alive"})
        for attempt in self._attempts.values():
            silence = attempt.look(now)
            if silence is not None:
                self._driver.send({"type": "silent", "key": attempt.key, "seconds": silence})

    def _relay(self, attempt: Attempt, reports: list[Message]) -> None:
        for message in reports:
            self._driver.send({**message, "key": attempt.key})

    def _reap(self) -> None:
        by_pid = {attempt.pid: attempt for attempt in self._attempts.values()}
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if self._dry_load is not None and pid == self._dry_load.pid:
                dry_load, self._dry_load = self._dry_load, None
                error = dry_load.exited(status)
                self._driver.send({"type": "checked", "error": error, "notices": dry_load.notices})
            elif pid in by_pid:
                by_pid[pid].exited(status, time.monotonic())
                if not ON_LINUX:
                    kill_group(pid)
            else:
                self._spares.reaped(pid)

    def _finish(self) -> None:
        """Kill the strays of ended attempts, and send the end of each attempt that has none left."""
        ended = [attempt for attempt in self._attempts.values() if attempt.is_reaped]
        if not ended:
            return
        running = {attempt.pid for attempt in self._attempts.values() if not attempt.is_reaped}
        running |= self._spares.pids
        strays = [pid for pid in children(os.getpid()) if pid not in running]
        now = time.monotonic()
        for stray in strays:
            # a tracker removes the trial's shared memory, and ends by itself once the others are dead
            if not is_resource_tracker(stray) or all(now >= attempt.swept_by for attempt in ended):
                kill_tree(stray)
        for attempt in ended:
            if strays and now < attempt.swept_by:
                continue
            self._relay(attempt, attempt.read_reports(now, to_the_end=True))
            attempt.close()
            del self._attempts[attempt.key]
            if self._method == FORK:
                self._imports.learn(attempt.imported)
            self._driver.send({**attempt.outcome(), "type": "ended", "key": attempt.key})
            self._spares.ended(attempt.key, now)
            if self._imports.has_learned:
                self._spares.drop()

    # commands

    def _preload(self, message: Message) -> None:
        modules = message["modules"] if self._method == FORK else []
        self._spares.drop()
        failed = self._imports.preload(modules, time.monotonic())
        self._driver.send({"type": "preloaded", "failed": failed})

    def _driver_is_gone(self) -> bool:
        """Whether the socket is closed."""
        poller = select.poll()
        poller.register(self._driver, 0)
        return any(event & (select.POLLHUP | select.POLLERR) for _, event in poller.poll(0))

    def _launch(self, message: Message) -> None:
        job = message["job"]
        key = (job["number"], job["attempt"])
        try:
            process = self._spares.take(job) or self._start(job)
        except OSError as error:
            self._driver.send(
                {"type": "ended", "key": key, "state": "lost", "reason": f"{self._method}: {error}"}
            )
            return
        pid, link, log_fd = process.pid, process.link, process.log_fd
        grace_s = float(job["options"].get("grace_s", GRACE_S))
        folder = trial_folder(job["files"], key[0])
        now = time.monotonic()
        signs = Signs(pid, now, float(job["options"].get("silent_s", SILENT_S)))
        attempt = self._attempts[key] = Attempt(key, pid, link, folder, log_fd, grace_s, signs)
        if job.get("timeout_s") is not None:
            attempt.limit(job["timeout_s"], now)
        self._driver.send({"type": "started", "key": key, "pid": pid})
        self._spares.launched(key, job, now)

    def _start(self, job: Message) -> Process:
        """Start a trial's process. Raises OSError if it cannot be created."""
        if self._method == FORK:
            self._imports.import_learned()
            limit_pools(threads_of(job["options"]))
        return start_trial(self._method, job, self._descriptors())

    def _check(self, message: Message) -> None:
        job = message["job"]
        output = os.open(os.devnull, os.O_WRONLY)
        try:
            pid, link = start(self._method, LOAD, job, output, self._descriptors())
        except OSError:
            # a trial meets the same error, and is launched again
            self._driver.send({"type": "checked", "error": "", "notices": []})
        else:
            self._dry_load = DryLoad(pid, link, time.monotonic())
        finally:
            os.close(output)

    def _descriptors(self) -> list[int]:
        """The supervisor's own descriptors, which a forked child closes."""
        mine = [self._wake, self._waker, self._driver.fileno(), *self._spares.descriptors]
        for attempt in self._attempts.values():
            mine += [attempt.link.fileno(), attempt.log_fd]
        if self._dry_load is not None:
            mine.append(self._dry_load.link.fileno())
        return [fd for fd in mine if fd >= 0]

    def _acknowledge(self, message: Message) -> None:
        attempt = self._attempts.get(_key(message))
        if attempt is not None:
            attempt.link.send({"type": "acknowledged"})

    def _halt(self, message: Message) -> None:
        attempt = self._attempts.get(_key(message))
        if attempt is not None:
            attempt.halt(message["state"], message["reason"], time.monotonic())

    def _close(self, message: Message) -> None:
        self._is_closing = True
        self._spares.drop()
        for attempt in self._attempts.values():
            attempt.halt("lost", "the executor was closed", time.monotonic(), grace_s=0.0)

    # the end

    def _flush_driver(self) -> None:
        until = time.monotonic() + TERMINATE_S
        while self._driver.has_unsent and time.monotonic() < until:
            select.select([], [self._driver], [], TERMINATE_S)
            self._driver.flush()


def _key(message: Message) -> Key:
    number, attempt = message["key"]
    return number, attempt


def main() -> None:
    gc.disable()
    supervisor = Supervisor(socket.socket(fileno=int(sys.argv[1])))
    supervisor.serve()


if __name__ == "__main__":
    main()
