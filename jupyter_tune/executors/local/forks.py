"""How a supervisor forks a process that runs a trial, or loads what trials will load."""

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


def fork(body: Callable[[int], int], output: int, not_for_it: Iterable[int]) -> tuple[int, Link]:
    """Run `body` in a process of its own: its pid, and our end of its channel.

    Args:
        body:       takes the channel's descriptor there; gives the exit code.
        output:     the descriptor that all output of the process goes to.
        not_for_it: descriptors of ours that it is to close.

    Raises: OSError if the system refuses the process.
    """
    ours, theirs = socket.socketpair()
    # collections in the child would touch, so copy, every page that holds an object
    gc.freeze()
    supervisor = os.getpid()
    try:
        with warnings.catch_warnings():
            # idle BLAS threads that a preloaded library started; they have fork handlers
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            _become(body, supervisor, theirs, output, [ours.fileno(), *not_for_it])
    except OSError:
        ours.close()
        raise
    finally:
        theirs.close()
    return pid, Link(ours)


def _become(
    body: Callable[[int], int], supervisor: int, channel: socket.socket, output: int, not_mine: list[int]
) -> NoReturn:
    code = 1
    try:
        die_with_parent(supervisor)
        os.setsid()
        adopt_orphans()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for fd in not_mine:
            os.close(fd)
        _redirect(output)
        gc.enable()
        code = body(channel.fileno())
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        # never back into the supervisor's loop, whatever happened
        os._exit(code)


def _redirect(output: int) -> None:
    """Nothing to read, and all output, from C as from Python, into `output`, line by line."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nothing)
    os.close(output)
    # new ones: the old remember what the descriptors were before
    for name, fd in (("stdout", 1), ("stderr", 2)):
        stream = open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115, its life is the process's
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    faulthandler.enable()
