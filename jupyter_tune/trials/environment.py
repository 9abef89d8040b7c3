"""Sets up a trial's process: working directory, import path, environment, threads and random seeds."""

from __future__ import annotations

import functools
import importlib
import os
import random
import sys
import time
from collections.abc import Mapping
from typing import Any

from jupyter_tune.wire.frames import Message

_OWN_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""What users set to choose the number of threads; the first of them that is set holds for all libraries."""

THREAD_VARIABLES = (
    *_OWN_THREADS,
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",  # Apple's Accelerate
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",  # libraries written in Rust, such as tokenizers
    "LOKY_MAX_CPU_COUNT",  # joblib, and with it n_jobs=-1 of scikit-learn
)


def set_up_environment(number: int, options: Message) -> None:
    """Apply `options` (see program.py) for trial `number`. A value of None in `env` unsets the variable."""
    os.environ["JUPYTER_TUNE_TRIAL"] = str(number)
    for name, value in options.get("env", {}).items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    threads = str(threads_of(options))
    for name in THREAD_VARIABLES:
        os.environ.setdefault(name, threads)
    if hasattr(time, "tzset"):
        time.tzset()
    if "sys_path" in options:
        sys.path[:] = options["sys_path"]
    if "cwd" in options:
        os.chdir(options["cwd"])


def threads_of(options: Message) -> int:
    """Threads for numeric libraries: those that the user has set, else the trial's part of the processors."""
    return own_threads(os.environ) or int(options.get("threads", 1))


def own_threads(environ: Mapping[str, str]) -> int | None:
    """The number of threads that the user has set for numeric libraries."""
    for name in _OWN_THREADS:
        # OpenMP takes a list too, of which the first is for the outermost loops
        text = environ.get(name, "").partition(",")[0].strip()
        if text.isdigit() and int(text):
            return int(text)
    return None


def make_reproducible(seed: int, threads: int) -> None:
    """`seed_generators`, and limit numpy and torch to `threads` threads."""
    seed_generators(seed)
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        pools = thread_pools()
        if pools is not None:
            pools.limit(limits=threads)
    if torch is not None:
        torch.set_num_threads(threads)


def seed_generators(seed: int) -> None:
    """Seed Python, and numpy and torch if loaded. Never touches CUDA."""
    random.seed(seed)
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        numpy.random.seed(seed)
    if torch is not None:
        torch.manual_seed(seed)


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
