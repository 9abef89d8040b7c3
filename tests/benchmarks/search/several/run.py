"""Hypervolume with several objectives, and the best feasible value with constraints, beside other tuners.

    python -m tests.benchmarks.search.several.run --out FILE [--seeds 5] [--trials 100] [--tuners NAME...]
                                                  [--problems NAME...]

Each row of FILE is one study: tuner, problem, seed, and after how many trials it had found what. Studies that
FILE has, as long or longer and of the same versions, are not run again, so a run goes on where it stopped,
and several may write to one FILE. A tuner that needs an environment of its own gets it (environments.py): its
studies run in a process there. `report.py` makes the tables.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.search.environments import CannotInstall, python_of
from tests.benchmarks.search.lines import append, lines_of
from tests.benchmarks.search.several.problems import PROBLEMS, Evaluate, Problem, Study, Values
from tests.benchmarks.search.several.score import found_after

ROOT = Path(__file__).parents[4]
AFTER = (30, 100)
VERSION_FROM, VERSION_TRIALS = ("BNH", "DTLZ2", "pressure vessel"), 14


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


def version_of_ours(sampler: str) -> str:
    """12 hex digits for what it suggests (see fingerprint.py)."""
    # here, not above: it brings all of the package, which other environments lack
    from tests.benchmarks.search.fingerprint import digest

    asked: list[list[float]] = []
    study = ask_ours(sampler)
    for problem in map(PROBLEMS.__getitem__, VERSION_FROM):

        def evaluate(x: list[float], problem: Problem = problem) -> tuple[Values, Values]:
            asked.append(x)
            return problem.call(x)

        study(problem, 0, VERSION_TRIALS, evaluate)
    return digest(asked)


def versions_of(*names: str) -> str:
    return ", ".join(f"{name} {version(name)}" for name in names)


def ask_optuna(kind: str) -> Study:
    from tests.benchmarks.search.several.optuna_study import ask_optuna

    return ask_optuna(kind)


def ask_botorch() -> Study:
    from tests.benchmarks.search.several.botorch_study import study

    return study


def ask_ax() -> Study:
    from tests.benchmarks.search.several.ax_study import study

    return study


@dataclass(frozen=True)
class Tuner:
    """`ask` imports the tuner's library, which `environment` has; `version`: of what decides."""

    ask: Callable[[], Study]
    version: Callable[[], str]
    environment: str = "main"


TUNERS = {
    "jupyter_tune gp": Tuner(lambda: ask_ours("gp"), lambda: version_of_ours("gp")),
    "jupyter_tune random": Tuner(lambda: ask_ours("random"), lambda: version_of_ours("random")),
    "Optuna NSGA-II": Tuner(lambda: ask_optuna("nsga2"), lambda: versions_of("optuna")),
    "Optuna TPE": Tuner(lambda: ask_optuna("tpe"), lambda: versions_of("optuna")),
    "Optuna GP": Tuner(lambda: ask_optuna("gp"), lambda: versions_of("optuna", "torch", "scipy")),
    "BoTorch": Tuner(ask_botorch, lambda: versions_of("botorch", "gpytorch", "torch"), "ax"),
    "Ax": Tuner(ask_ax, lambda: versions_of("ax-platform", "botorch", "gpytorch", "torch"), "ax"),
}


def rows(tuner: str, seeds: int, trials: int, names: Sequence[str], out: Path) -> Iterator[dict[str, object]]:
    """The studies that `out` lacks, one by one; it is read again before each, as others may add to it."""
    study, of = TUNERS[tuner].ask(), TUNERS[tuner].version()
    for seed in range(seeds):
        for problem in map(PROBLEMS.__getitem__, names):
            key: dict[str, object] = {"tuner": tuner, "version": of, "problem": problem.name}
            key |= {"problem_version": problem.version, "seed": seed}
            if any(key.items() <= row.items() and row["trials"] >= trials for row in lines_of(out)):
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
            yield {**key, "trials": trials, "found": found, "s": round(took_s, 2)}


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--tuners", nargs="+", default=list(TUNERS), choices=list(TUNERS))
    parser.add_argument("--problems", nargs="+", default=list(PROBLEMS), choices=list(PROBLEMS))
    parser.add_argument("--here", action="store_true", help="in this environment, whatever the tuner's is")
    given = parser.parse_args(words)
    out = given.out.absolute()
    code = 0
    for name in given.tuners:
        tuner = TUNERS[name]
        if tuner.environment == "main" or given.here:
            for row in rows(name, given.seeds, given.trials, given.problems, out):
                append(out, row)
            continue
        numbers = ["--seeds", str(given.seeds), "--trials", str(given.trials)]
        choice = ["--tuners", name, "--problems", *given.problems]
        module = ["-m", "tests.benchmarks.search.several.run", "--here", "--out", str(out)]
        try:
            command = [str(python_of(tuner.environment)), *module, *numbers, *choice]
        except CannotInstall as error:
            print(f"{name} is missing: {error}", file=sys.stderr, flush=True)
            code = 1
            continue
        # BoTorch compiles there, and a run that was killed leaves a lock that later ones would wait for
        with tempfile.TemporaryDirectory() as extensions:
            environ = {**os.environ, "PYTHONPATH": str(ROOT), "TORCH_EXTENSIONS_DIR": extensions}
            code = max(code, subprocess.run(command, cwd=ROOT, env=environ).returncode)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
