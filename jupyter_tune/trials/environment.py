"""Sets up a trial's process: working directory, import path, environment, threads and random seeds."""

from __future__ import annotations

import functools
import importlib
import os
import random
import sys
import time
from typing import Any

from jupyter_tune.wire.frames import Message

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def set_up_environment(number: int, options: Message) -> None:
    """Apply `options` (see program.py) for trial `number`. A value of None in `env` unsets the variable."""
    os.environ["JUPYTER_TUNE_TRIAL"] = str(number)
    for name in THREAD_VARIABLES:
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
    """Threads for numeric libraries; concurrent trials share the processors."""
    if options.get("threads"):
        return int(options["threads"])
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, processors // int(options.get("workers", 1)))


def make_reproducible(seed: int, threads: int) -> None:
    """Seed Python, and numpy and torch if loaded, and limit them to `threads` threads. Never touches CUDA."""
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
    """The thread pools of the loaded BLAS libraries; None without threadpoolctl.

    Environment variables come too late: BLAS reads them when it is loaded, before the trial is forked.
    Finding the pools is slow, so the supervisor does it once and its trials use the cached result.
    """
    try:
        return importlib.import_module("threadpoolctl").ThreadpoolController()
    except ImportError:
        return None
