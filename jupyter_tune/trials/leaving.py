"""How a trial's process ends: as the interpreter would end a script, and in its order.

    threading   callbacks of executors and pools, then the threads that are not daemons
    atexit      multiprocessing's and tempfile's clean-up, logging's flush, the code's own handlers
    objects     those of `__main__`: files left open are flushed here
    streams     what was printed

The process itself then ends by `os._exit`: it was forked, and the rest of the interpreter's end is
not its own. Nothing here can change the trial's outcome, which was sent before. The supervisor bounds
the time: SIGTERM ends the step at which it arrives, SIGKILL ends the process.
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

from jupyter_tune.trials.report import TrialHalted


def finish(main: types.ModuleType) -> None:
    """Let threads, exit handlers and the objects of `main` finish."""
    own = os.getpid()
    for step in (threading._shutdown, atexit._run_exitfuncs, main.__dict__.clear):  # type: ignore[attr-defined]
        try:
            step()
        except TrialHalted:
            continue  # SIGTERM: this step has had its time
        except BaseException:
            # the log is the only place left to report it
            traceback.print_exc()
        if os.getpid() != own:
            end_fork(None)  # forked by a handler
    _flush()


def end_fork(error: BaseException | None) -> NoReturn:
    """End a process that the code forked and that came to the end of the code, or left it by `error`.

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
