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


def set_up_environment(options: Message) -> None:
    """Apply `options` (see program.py). A value of None in `env` unsets the variable."""
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
    """Threads for numeric libraries: those that the user has set, else the trial's part of the processors.

    The same in a trial, whose environment has `options` already, and in the process that forks it.
    """
    environ = {**os.environ, **options.get("env", {})}
    return own_threads({name: environ.get(name) or "" for name in _OWN_THREADS}) or int(
        options.get("threads", 1)
    )


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
    limit_pools(threads)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)


def seed_generators(seed: int) -> None:
    """Seed Python, and numpy and torch if loaded. Never touches CUDA."""
    random.seed(seed)
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        numpy.random.seed(seed)
    if torch is not None:
        # torch.manual_seed keeps a formatted stack for each kind of device, which takes 2 ms after a fork
        (torch.manual_seed if _has_accelerator(torch) else torch.default_generator.manual_seed)(seed)


def _has_accelerator(torch: Any) -> bool:
    """Whether this build of torch supports another device than the CPU. Starts no device."""
    accelerator = getattr(torch, "accelerator", None)  # since 2.6
    return accelerator is None or accelerator.current_accelerator() is not None


def limit_pools(threads: int) -> None:
    """Limit the BLAS libraries of numpy to `threads` threads.

    After a fork, setting even the same number starts the threads of OpenBLAS, which spin for a while. So the
    supervisor sets the number before it forks, and a trial only where it differs.
    """
    pools = thread_pools() if "numpy" in sys.modules else None
    for pool in pools.lib_controllers if pools is not None else ():
        if pool.num_threads != threads:
            pool.set_num_threads(threads)


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
