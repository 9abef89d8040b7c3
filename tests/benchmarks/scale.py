"""CPU of the driver for each record in studies of many trials on many slots, and how it grows.

Whole studies in virtual time: the driver's own loop, engine, ASHA, random sampler and journal; trials are
timers that report about ten times, each record in a transaction of its own. Without the timers' CPU. SQLite
alone: the same rows in the same transactions. Replay: from the file to the study, as at a resume.
TRIALS=100000 measures studies of up to 100,000 trials; the default is 10,000.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.rows import Row, by_size
from tests.benchmarks.scaled_study import Cost
from tests.simulation.world import MEMORY

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
SLOTS = (10, 100)
MOST_SLOTS = 1_000
FEW_TRIALS = 3_000
"""Of the studies that differ in something else than their trials."""


def measure() -> list[Row]:
    most = int(os.environ.get("TRIALS", "10000"))
    by_trials = [_cost(trials, MOST_SLOTS) for trials in SIZES if trials <= most]
    others = {
        **{f"on {slots} slots": _cost(FEW_TRIALS, slots) for slots in SLOTS},
        f"on {MOST_SLOTS} slots": _cost(FEW_TRIALS, MOST_SLOTS),
        "with checkpoints": _cost(FEW_TRIALS, MOST_SLOTS, "--checkpoints"),
        "with 3 clients": _cost(FEW_TRIALS, MOST_SLOTS, "--clients", "3"),
        "with Hyperband": _cost(FEW_TRIALS, MOST_SLOTS, "--pruner", "hyperband"),
    }
    studies = {
        **{f"{cost.trials:,} trials": cost for cost in by_trials},
        **{f"{FEW_TRIALS:,} trials {name}": cost for name, cost in others.items()},
    }
    return [
        *by_size("CPU of a record", "µs", {cost.trials: [[cost.driver]] for cost in by_trials}),
        *(_beside_rows(f"CPU of a record, {name}", cost) for name, cost in studies.items()),
        *by_size("replay of a record", "µs", {cost.trials: [[cost.replay]] for cost in by_trials}),
        *by_size("memory for a trial", "kB", {c.trials: [[c.memory / c.trials / 1e3]] for c in by_trials}),
        *by_size("file for a trial", "kB", {c.trials: [[c.file / c.trials / 1e3]] for c in by_trials}),
    ]


def _beside_rows(name: str, cost: Cost) -> Row:
    alone = Row.of("SQLite alone", "µs", [[cost.rows]])
    return Row.of(name, "µs", [[cost.driver]], beside=alone)


def _cost(trials: int, slots: int, *options: str) -> Cost:
    # in memory: a disk that is waited for costs no CPU time, but hours
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.scaled_study", str(trials), str(slots), *options],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "TMPDIR": folder},
            stdout=subprocess.PIPE,
            check=True,
        )
    return Cost(**json.loads(ran.stdout))
