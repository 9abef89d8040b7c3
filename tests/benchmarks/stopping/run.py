"""Stop rules beside Optuna's terminators, and the coverage of forecasts: `make bench-stop`.

    python tests/benchmarks/stopping/run.py [--seeds N] [--first SEED]

Histories are kept in out/bench-stopping/, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
OUT = ROOT / "out" / "bench-stopping"


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="of each problem")
    parser.add_argument("--first", type=int, default=0, help="the first; rules were chosen on 0, 1")
    asked = parser.parse_args(words)
    seeds = range(asked.first, asked.first + asked.seeds)
    # only now, as this file's own folder must not be where modules are looked for
    from tests.benchmarks.search.environments import python_of
    from tests.benchmarks.search.problems import problems
    from tests.benchmarks.stopping import histories, report, times

    found = histories.histories(OUT, seeds, histories.names())
    lines = [
        json.dumps(
            {
                "problem": each.problem,
                "seed": each.seed,
                "params": each.params,
                "told": each.told,
                "space": problems()[each.problem].space,
                "every": histories.EVERY,
            }
        )
        for each in found
    ]
    script = Path(__file__).with_name("optuna_terminators.py")
    command = [str(python_of("optuna")), str(script)]
    answer = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=True)
    peers: dict[str, dict[tuple[str, int], int | None]] = {}
    for line in answer.stdout.splitlines():
        problem, seed, stops = json.loads(line)
        for name, stop in stops.items():
            peers.setdefault(name, {})[problem, seed] = stop
    print(report.rules(found, peers), report.coverage(found), sep="\n\n")
    told = [
        each for name in times.tasks() for workers in times.WORKERS for each in times.told(name, workers, 1)
    ]
    print("", report.coverage_of_times(told), f"\nload average {os.getloadavg()[0]:.0f}", sep="\n")


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    main(sys.argv[1:])
