"""Forks the supervisor's child processes: trials, and the one that loads the payload beforehand."""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable
from typing import NoReturn

from jupyter_tune.executors.local.processes import adopt_orphans, die_with_parent
from jupyter_tune.wire.frames import Link


def fork(body: Callable[[int], int], output: int, close_in_child: Iterable[int]) -> tuple[int, Link]:
    """Run `body` in a new process.

    Args:
        body:           takes the descriptor of the channel, returns the exit code.
        output:         the descriptor for everything that the process prints.
        close_in_child: descriptors of this process that the child closes.

    Returns: the child's pid, and our end of the channel.
    Raises:  OSError if the process cannot be created.
    """
    ours, theirs = socket.socketpair()
    # a garbage collection in the child would touch, and so copy, every page with an object
    gc.freeze()
    supervisor = os.getpid()
    try:
        with warnings.catch_warnings():
            # Python warns of threads: preloaded BLAS libraries keep idle ones, with fork handlers
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            run_child(body, supervisor, theirs.fileno(), output, [ours.fileno(), *close_in_child])
    except OSError:
        ours.close()
        raise
    finally:
        theirs.close()
    return pid, Link(ours)


def run_child(
    body: Callable[[int], int], supervisor: int, channel: int, output: int, to_close: list[int]
) -> NoReturn:
    """What the child does from its start to its exit: see `fork`, whose arguments these are."""
    code = 1
    try:
        die_with_parent(supervisor)
        os.setsid()
        adopt_orphans()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for fd in to_close:
            os.close(fd)
        _redirect(output)
        gc.enable()
        code = body(channel)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        # never return into the supervisor's loop
        os._exit(code)


def _redirect(output: int) -> None:
    """Empty stdin, and send the output of C and Python code to `output`, line by line."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nothing)
    os.close(output)
    # the old stream objects cache properties of the old descriptors
    for name, fd in (("stdout", 1), ("stderr", 2)):
        stream = open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115, its life is the process's
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    faulthandler.enable()
