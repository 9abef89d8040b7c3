"""What the trials of a study get of this machine: how many run at once, and which GPUs they may use.

    GPUs are found        each trial gets one of them, and there are as many workers as that makes
    none is found         a worker for each core, and for each GB of memory; GPUs are left alone
    --gpus-per-trial 0    the same, and trials see no GPU: they would share those that others have leased
    --on CLUSTER          what the cluster has, which its driver asks

Everything is checked here, before a process or a file exists.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_tune.errors import OptionError
from jupyter_tune.executors.local.devices import VISIBLE, Found, find_gpus
from jupyter_tune.executors.local.machine import default_workers
from jupyter_tune.executors.local.slots import trials_on
from jupyter_tune.launch.options import options_of


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a study gets.

    workers: trials at once.
    gpus:    for the options of its trials (executors/local/slots.py); None leaves GPUs alone.
    notices: sentences for the user.
    """

    workers: int
    gpus: dict[str, Any] | None = None
    notices: tuple[str, ...] = ()


def capacity_of(options: Mapping[str, Any], place: str) -> Capacity:
    """What a study with these checked `options` gets. Raises OptionError for more than there is."""
    shown = {name: option.shown(place) for name, option in options_of(place).items()}
    if "on" in options:
        if "gpus_per_trial" in options:
            raise OptionError(
                f"{shown['gpus_per_trial']}: is about the GPUs of this machine, and Dask gives a trial all "
                "that its worker sees. Start a worker for each GPU, as LocalCUDACluster does, with one "
                "thread; or have workers announce them, as by --resources 'GPU=1', and give what a trial "
                f"takes of a worker, as {shown['resources']} GPU=1"
            )
        return Capacity(options.get("workers", 1))  # the cluster's threads count
    found = find_gpus()
    notices = (found.problem,) if found.problem else ()
    per_trial, workers = options.get("gpus_per_trial"), options.get("workers")
    if per_trial is None:
        per_trial = 1.0 if found.gpus else 0.0
        if found.gpus and workers is None:
            notices = (*notices, _by_default(len(found.gpus), shown["gpus_per_trial"]))
    _check_gpus(found, per_trial, shown["gpus_per_trial"])
    fit = trials_on(len(found.gpus), per_trial)
    if workers is None:
        workers = fit or default_workers()
    elif fit and workers > fit:
        raise OptionError(
            f"{shown['workers']}: {workers} trials with {per_trial:g} GPU each do not fit on "
            f"{_count(found)}; use {shown['workers']} {fit}{_or_share(found, workers, shown)}"
        )
    if not found.gpus:
        return Capacity(workers, None, notices)
    gpus = {"among": {gpu.index: gpu.uuid for gpu in found.gpus}, "per_trial": per_trial}
    return Capacity(workers, gpus, notices)


def _check_gpus(found: Found, per_trial: float, shown: str) -> None:
    if per_trial and not found.gpus:
        why = found.problem or f"none is found{_mask()}"
        raise OptionError(f"{shown}: {per_trial:g} asked for, but {why}; leave it out")
    if per_trial > len(found.gpus):
        raise OptionError(
            f"{shown}: {per_trial:g} is more than {_count(found)}{_mask()}; use {len(found.gpus)} at most"
        )
    if per_trial > 1 and any(gpu.is_part for gpu in found.gpus):
        raise OptionError(
            f"{shown}: {per_trial:g} asked for, but a process can use one part of a divided GPU (MIG); use 1"
        )


def _by_default(gpus: int, shown: str) -> str:
    many = "1 trial runs" if gpus == 1 else f"{gpus} trials run"
    return f"{many} at once, each on a GPU of its own; {shown} 0 runs {default_workers()} on the processors."


def _or_share(found: Found, workers: int, shown: Mapping[str, str]) -> str:
    share = math.floor(100 * len(found.gpus) / workers) / 100
    fits = 0 < share <= 1 and trials_on(len(found.gpus), share) >= workers
    return f", or {shown['gpus_per_trial']} {share:g}" if fits else ""


def _count(found: Found) -> str:
    return "the 1 GPU here" if len(found.gpus) == 1 else f"the {len(found.gpus)} GPUs here"


def _mask() -> str:
    return f" ({VISIBLE}={os.environ[VISIBLE]!r})" if VISIBLE in os.environ else ""
