"""TuneSearchCV beside scikit-learn's own searches and Optuna's, at equal CPU time.

    python -m tests.benchmarks.sklearn_search.run [FILE]      continues where FILE stopped

RandomizedSearchCV tries CANDIDATES configurations; the CPU time of their fits is the budget of all. Half of
the rows are searched on, by cross-validation; the configuration chosen is then fitted on them and scored on
the other half. A line of FILE is one search.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from tests.benchmarks.sklearn_search.meter import Meter
from tests.benchmarks.sklearn_search.problems import MOST_ROWS, PROBLEMS, Problem
from tests.benchmarks.sklearn_search.report import report
from tests.benchmarks.sklearn_search.searches import SEARCHES, run

SEEDS = range(5)
FOLDS = 5


def main() -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    file = Path(sys.argv[1] if len(sys.argv) > 1 else "studies/sklearn-searches.jsonl")
    file.parent.mkdir(exist_ok=True)
    done = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    known = {(row["problem"], row["seed"]) for row in done}
    for seed in SEEDS:
        for problem in PROBLEMS:
            if (problem.name, seed) in known:
                continue
            rows = _searched(problem, seed)
            with file.open("a") as lines:
                lines.writelines(f"{json.dumps(row)}\n" for row in rows)
            done += rows
            print(f"{problem.name}, seed {seed}: load average {os.getloadavg()[0]:.1f}", flush=True)
    print(report(done))


def _searched(problem: Problem, seed: int) -> list[dict[str, Any]]:
    x, y = problem.data(seed)
    kept = np.random.default_rng(seed).permutation(len(x))[:MOST_ROWS]
    classes = is_classifier(problem.estimator)
    x, x_held_out, y, y_held_out = train_test_split(
        x[kept], y[kept], test_size=0.5, random_state=seed, stratify=y[kept] if classes else None
    )
    cv = (StratifiedKFold if classes else KFold)(FOLDS, shuffle=True, random_state=seed)
    rows: list[dict[str, Any]] = []
    budget = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        for name in SEARCHES:
            meter = Meter(Path(folder) / f"{name}.jsonl", tuple(problem.space))
            before = _all_cpu_s()
            wall_s = run(name, problem, x, y, cv, seed, meter, budget)
            cpu_s = meter.cpu_s()
            if name == "RandomizedSearchCV":
                budget = cpu_s
            # a bracket is whole or nothing
            within = float("inf") if name == "HalvingRandomSearchCV" else budget
            config, score = _chosen(meter, within, halved=name == "HalvingRandomSearchCV")
            model = clone(problem.estimator).set_params(**(config or {})).fit(x, y)
            rows.append(
                {
                    "problem": problem.name,
                    "seed": seed,
                    "search": name,
                    "cv_score": score,
                    "held_out": float(model.score(x_held_out, y_held_out)),
                    "cpu_s": cpu_s,
                    "overhead_s": _all_cpu_s() - before - cpu_s,
                    "wall_s": wall_s,
                    "configs": len({json.dumps(line["config"]) for line in meter.lines()}),
                    "folds": len(meter.lines()),
                    "load": os.getloadavg()[0],
                }
            )
    return rows


def _chosen(meter: Meter, within: float, *, halved: bool) -> tuple[dict[str, Any] | None, float]:
    if not halved:
        return meter.best_within(within, FOLDS)
    # the last round has all rows, and its configurations are the last ones measured
    lines = meter.lines()
    last: dict[str, list[float]] = {}
    for line in reversed(lines):
        scores = last.setdefault(json.dumps(line["config"]), [])
        if len(scores) == FOLDS:
            break
        scores.append(line["score"])
    whole = {config: sum(each) / FOLDS for config, each in last.items() if len(each) == FOLDS}
    best = max(whole, key=lambda config: whole[config])
    return json.loads(best), whole[best]


def _all_cpu_s() -> float:
    """Of this process and those of its descendants that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main()
