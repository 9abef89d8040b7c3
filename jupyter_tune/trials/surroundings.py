"""What surrounds the code of a trial: folder, path, environment, threads, and the seeds of chance."""

from __future__ import annotations

import functools
import importlib
import os
import random
import sys
import time
from typing import Any

from jupyter_tune.wire.frames import Message

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def enter_surroundings(number: int, options: Message) -> None:
    """Make this process trial `number`'s: `options` as in program.py; an `env` of None unsets a variable."""
    os.environ["JUPYTER_TUNE_TRIAL"] = str(number)
    for name in _THREAD_VARIABLES:
        os.environ.setdefault(name, str(threads_of(options)))
    for name, value in options.get("env", {}).items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    if hasattr(time, "tzset"):
        time.tzset()
    if "sys_path" in options:
        sys.path[:] = options["sys_path"]
    if "cwd" in options:
        os.chdir(options["cwd"])


def threads_of(options: Message) -> int:
    """Threads for numeric libraries: the trials that run at once share the processors."""
    if options.get("threads"):
        return int(options["threads"])
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, processors // int(options.get("workers", 1)))


def make_reproducible(seed: int, threads: int) -> None:
    """Seed what is loaded, and hold it to `threads` threads. CUDA is not touched."""
    random.seed(seed)
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        numpy.random.seed(seed)
        pools = thread_pools()
        if pools is not None:
            pools.limit(limits=threads)
    if torch is not None:
        torch.manual_seed(seed)
        torch.set_num_threads(threads)


@functools.cache
def thread_pools() -> Any:
    """The pools of the BLAS libraries loaded when it is first called; None without threadpoolctl.

    BLAS reads its environment when it is loaded, and that is before a trial is forked. Finding the
    pools takes a while, so a supervisor does it once for its trials.
    """
    try:
        return importlib.import_module("threadpoolctl").ThreadpoolController()
    except ImportError:
        return None
