"""Ends a trial's process as the interpreter ends a script, in the same order.

    threading   callbacks of executors and pools, then the threads that are not daemons
    atexit      clean-up of multiprocessing and tempfile, logging's flush, the code's own handlers
    objects     those of `__main__`: files left open are flushed here
    streams     stdout and stderr are flushed

The process then ends by `os._exit`, because it was forked and the rest of the interpreter's shutdown
belongs to the supervisor. The trial's outcome was sent before and does not change. The supervisor limits
the time: SIGTERM ends the current step, SIGKILL the process.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import traceback
import types
from contextlib import suppress
from typing import NoReturn

from jupyter_tune.trials.channel import TrialHalted


def finish(main: types.ModuleType) -> None:
    """Run the steps above; `main` is the trial's `__main__`."""
    own = os.getpid()
    for step in (threading._shutdown, atexit._run_exitfuncs, main.__dict__.clear):  # type: ignore[attr-defined]
        try:
            step()
        except TrialHalted:
            continue  # SIGTERM: this step is out of time
        except BaseException:
            # the outcome has been sent: the log is the only place left
            traceback.print_exc()
        if os.getpid() != own:
            end_fork(None)  # an exit handler forked this process
    _flush()


def end_fork(error: BaseException | None) -> NoReturn:
    """Exit a process that the training code forked and that has reached the end of the code or `error`.

    The trial's threads, exit handlers and open files belong to the trial's own process.
    """
    code = 0
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    elif error is not None:
        traceback.print_exception(error)
        code = 1
    _flush()
    os._exit(code & 0xFF)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
