"""Hypervolume with several objectives, and the best feasible value with constraints, beside other tuners.

    python -m tests.benchmarks.search.several.run --out FILE [--seeds 5] [--trials 100] [--tuners NAME...]

Each row of FILE is one study: tuner, problem, seed, and after how many trials it had found what. Rows that
FILE has are not run again, so a run goes on where it stopped. Optuna may be installed in a Python of its own,
whose run writes to the same FILE. `report.py` makes the tables.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.search.several.peers import ask_optuna
from tests.benchmarks.search.several.problems import PROBLEMS, Problem, Values
from tests.benchmarks.search.several.score import found_after

Evaluate = Callable[[list[float]], tuple[Values, Values]]
Study = Callable[[Problem, int, int, Evaluate], None]
AFTER = (30, 100)


def ask_ours(sampler: str) -> Study:
    import jupyter_tune as jt

    def study(problem: Problem, seed: int, trials: int, evaluate: Evaluate) -> None:
        space = {
            name: jt.Int(int(low), int(high)) if name in problem.whole else jt.Float(low, high)
            for name, (low, high) in problem.bounds.items()
        }
        metrics = [f"f{i}" for i in range(len(problem.reference))]
        limits = [f"c{i} <= 0" for i in range(problem.constraints)]
        options: dict[str, Any] = {"subject_to": limits} if limits else {}
        tuner = jt.Tuner(space, minimize=metrics, sampler=sampler, seed=seed, **options)
        for _ in range(trials):
            trial = tuner.ask()
            values, excesses = evaluate([float(trial.params[name] or 0) for name in problem.bounds])
            told: dict[str, Any] = dict(zip(metrics, values, strict=True))
            tuner.tell(trial, **told | {f"c{i}": excess for i, excess in enumerate(excesses)})

    return study


TUNERS: dict[str, Callable[[], Study]] = {
    "jupyter_tune gp": lambda: ask_ours("gp"),
    "jupyter_tune random": lambda: ask_ours("random"),
    "Optuna NSGA-II": lambda: ask_optuna("nsga2"),
    "Optuna TPE": lambda: ask_optuna("tpe"),
    "Optuna GP": lambda: ask_optuna("gp"),
}


def rows(
    tuner: str, seeds: int, trials: int, names: list[str], known: set[str]
) -> Iterator[dict[str, object]]:
    study = TUNERS[tuner]()
    for seed in range(seeds):
        for problem in map(PROBLEMS.__getitem__, names):
            if json.dumps([tuner, problem.name, seed, trials]) in known:
                continue
            seen: list[tuple[Values, Values]] = []

            def evaluate(
                x: list[float], problem: Problem = problem, seen: list[tuple[Values, Values]] = seen
            ) -> tuple[Values, Values]:
                seen.append(problem.call(x))
                return seen[-1]

            began = time.perf_counter()
            study(problem, seed, trials, evaluate)
            took_s = time.perf_counter() - began
            values = {after: found_after(problem, seen[:after]) for after in AFTER if after <= trials}
            found = {after: None if math.isnan(value) else value for after, value in values.items()}
            row = {"tuner": tuner, "problem": problem.name, "seed": seed, "trials": trials}
            yield {**row, "found": found, "s": round(took_s, 2)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--tuners", nargs="+", default=list(TUNERS), choices=list(TUNERS))
    parser.add_argument("--problems", nargs="+", default=list(PROBLEMS), choices=list(PROBLEMS))
    given = parser.parse_args()
    lines = given.out.read_text().splitlines() if given.out.exists() else []
    done = [json.loads(line) for line in lines]
    known = {json.dumps([row["tuner"], row["problem"], row["seed"], row["trials"]]) for row in done}
    with given.out.open("a") as out:
        for tuner in given.tuners:
            for row in rows(tuner, given.seeds, given.trials, given.problems, known):
                print(json.dumps(row), file=out, flush=True)


if __name__ == "__main__":
    main()
