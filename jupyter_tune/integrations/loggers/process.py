"""The process of a logger: a keeper, and below it the process in which the tracker's library runs.

    driver, or `jupyter tune log`
      keeper    imports nothing but this file needs; ends the logger in time, with whatever it has started
        logger  follower.py and the library, in a child that the keeper forks

A library may hang in C code, with the interpreter's lock, or leave processes behind (wandb has a service of
its own). So what bounds it is outside: the keeper, a subreaper, waits for the logger's end, and kills it and
all its descendants once FINISH_S have passed since the socket to the driver ended, or when the driver sends
SIGTERM, for which it waits a while after the study's end.

    to the driver   notice text, level · alive, at every look · done
    from it         nothing; the end of the socket is the end of its patience

Run as `FD TRACKER STUDY SINCE`: SINCE is the last record of earlier drivers, or empty without a driver.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from jupyter_tune.executors.local.processes import adopt_orphans, die_with_parent, kill_descendants
from jupyter_tune.wire.frames import Message, encode

FINISH_S = 30.0
"""Seconds that a logger has after the end of its driver."""

FINISH_VARIABLE = "JUPYTER_TUNE_LOGGER_FINISH_S"
"""Environment variable that overrides FINISH_S; only tests set it."""

LATE_FINISH_S = 2.0
"""The same without a driver: its user has left."""

HOLDER_S = 2.0
"""Seconds between two looks whether a driver still runs the study, for a logger that none has started."""

TRIES = 3
"""Of a logger that a user waits for."""


def main() -> None:
    fd, tracker, path, since = sys.argv[1:]
    endpoint = socket.socket(fileno=int(fd))
    adopt_orphans()
    keeper = os.getpid()
    # of the driver's session: an interrupt of the terminal or kernel must not end it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wake, waker = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(wake)
        os.close(waker)
        die_with_parent(keeper)
        os._exit(_run(endpoint, tracker, Path(path), int(since) if since else None))
    os.set_blocking(waker, False)
    overdue: list[int] = []
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.signal(signal.SIGTERM, lambda number, frame: overdue.append(number))
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    finish_s = float(os.environ.get(FINISH_VARIABLE, FINISH_S)) if since else LATE_FINISH_S
    keep(pid, endpoint, wake, overdue, finish_s)


def keep(pid: int, endpoint: socket.socket, wake: int, overdue: Sequence[int], finish_s: float) -> None:
    """Wait for the end of the logger `pid`, and end with it, and with all that it has started; at the latest
    `finish_s` after the end of `endpoint`, or once there is something in `overdue`. `wake`: is readable after
    a signal."""
    poller = select.poll()
    poller.register(wake, select.POLLIN)
    poller.register(endpoint, select.POLLIN)
    until: float | None = None
    code = 1
    while not overdue and (until is None or time.monotonic() < until):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            break
        wait_ms = None if until is None else max(0.0, until - time.monotonic()) * 1000 + 1
        ready = {fd for fd, _ in poller.poll(wait_ms)}
        if wake in ready:
            os.read(wake, 4096)
        if endpoint.fileno() in ready:
            poller.unregister(endpoint)
            until = time.monotonic() + finish_s
    kill_descendants()
    os._exit(code if 0 <= code < 256 else 1)


def _run(endpoint: socket.socket, name: str, path: Path, since: int | None) -> int:
    """Log the study. Returns the exit code."""

    def send(message: Message) -> None:
        # the driver may be gone
        with suppress(OSError):
            endpoint.sendall(encode(message))

    def notice(text: str, level: str) -> None:
        send({"type": "notice", "text": text, "level": level})

    def driver_is_gone(wait_s: float) -> bool:
        return bool(select.select([endpoint], [], [], wait_s)[0])

    try:
        from jupyter_tune.integrations.loggers.follower import Follower, first_lines
        from jupyter_tune.journal import holder
        from jupyter_tune.registry import TRACKERS, load_tracker

        def no_driver_runs_it(wait_s: float) -> bool:
            if holder(path) is None:
                return True
            time.sleep(max(wait_s, HOLDER_S))
            return False

        try:
            make = load_tracker(name)
        except Exception as error:
            text = first_lines(f"{type(error).__name__}: {error}")
            library = TRACKERS[name].library
            notice(f"{name}: {text}; the library {library} cannot be used here, nothing is logged", "error")
            return 1
        follower = Follower(
            path,
            name,
            make,
            since=since,
            notice=notice,
            is_over=no_driver_runs_it if since is None else driver_is_gone,
            alive=lambda: send({"type": "alive"}),
            tries=TRIES if since is None else None,
        )
        follower.run()
    except Exception as error:
        notice(f"{name}: {type(error).__name__}: {error}", "error")
        return 1
    send({"type": "done"})
    return 0
