"""Ours, the whole stack: driver, journal, and a process for every trial; on Dask with BENCH_ON_DASK."""

import contextlib
import os
import sys
from typing import Any

import jupyter_tune as jt
from tests.benchmarks.noop.times import arguments, asked, stay, trial

if os.environ.get("BENCH_TORCH"):
    import torch  # noqa: F401

FOLDER, TRIALS, MODE = arguments()


def objective(x, folder, mode):
    trial(folder, mode)
    jt.report(score=x, step=1)
    return x


def study(name, trials, mode, on):
    def run(x):
        return objective(x, FOLDER, mode)

    options: Any = {"maximize": "score", "workers": 2, "sampler": "random", "pruner": "none"}
    found = jt.tune(
        run, jt.Space(x=jt.Float(0.0, 1.0)), name=name, trials=trials, dir=FOLDER, on=on, **options
    )
    found.wait()
    assert [each.state for each in found.trials] == ["complete"] * trials, found
    return found


def main():
    with contextlib.ExitStack() as stack:
        on = None
        if os.environ.get("BENCH_ON_DASK"):
            from distributed import Client, LocalCluster

            cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0")
            on = stack.enter_context(Client(stack.enter_context(cluster)))
        study("warm-up", 4, "trials", on)
        asked(FOLDER)
        study("noop", TRIALS, MODE, on)
        stay(FOLDER, MODE)


if __name__ == "__main__":
    sys.exit(main())
