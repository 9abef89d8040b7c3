"""Searches that know thousands of results: are they worse off than with 400, which the model is given whole?

A pool of random results of a problem is drawn by its seed. A search is given the first 400, 1,000, 3,000 or
10,000 of them, all with the same seed, and then runs 50 trials. What counts is the best of these.

    python -m tests.benchmarks.search.known          runs what is missing in out/bench-search/known.jsonl,
                                                      and prints the table
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import jupyter_tune as jt
from jupyter_tune.samplers.gp.subset import subset
from tests.benchmarks.markdown import table
from tests.benchmarks.search.fingerprint import digest, of_suggestions
from tests.benchmarks.search.lines import append, lines_of
from tests.benchmarks.search.peers.ours import space_of
from tests.benchmarks.search.problems import problems
from tests.benchmarks.search.results import FOLDER
from tests.benchmarks.search.spaces import Params, draw
from tests.benchmarks.search.statistics import Estimate, Scores, duel

PROBLEMS = (
    "rastrigin_5", "rosenbrock_8", "ellipsoid_10", "schwefel_4",
    "hartmann", "ackley_mixed", "training", "lcbench_3945",
)  # fmt: skip
SIZES = (400, 1_000, 3_000, 10_000)
SEEDS, TRIALS = 3, 50
PATH = FOLDER / "known.jsonl"


@dataclass(frozen=True)
class Run:
    """`before`: the best loss of what was known; `losses`: of the trials; `cpu_s`: of all asks."""

    version: str
    problem: str
    seed: int
    known: int
    before: float
    losses: list[float]
    cpu_s: float

    @property
    def key(self) -> tuple[str, str, int, int]:
        return (self.version, self.problem, self.seed, self.known)


def search(problem: str, seed: int, pool: list[tuple[Params, float]], trials: int = TRIALS) -> Run:
    """`trials` trials after the results of `pool`."""
    it = problems()[problem]
    tuner = jt.Tuner(space_of(it.space), minimize="loss", pruner="none", seed=seed)
    for params, loss in pool:
        tuner.add_trial(params, loss=loss)
    losses, cpu_s = [], 0.0
    for _ in range(trials):
        before = time.process_time()
        trial = tuner.ask()
        cpu_s += time.process_time() - before
        losses.append(_loss(problem, trial.params))
        tuner.tell(trial, loss=losses[-1])
    lowest = min(loss for _, loss in pool)
    return Run(version(), problem, seed, len(pool), lowest, losses, cpu_s)


def pool(problem: str, seed: int, size: int) -> list[tuple[Params, float]]:
    """Random results; the first of a longer pool are those of a shorter one."""
    space, rng = problems()[problem].space, np.random.default_rng([seed, 1])
    drawn = [draw(space, rng) for _ in range(size)]
    return [(params, _loss(problem, params)) for params in drawn]


@functools.cache
def version() -> str:
    """Of what is suggested, and of what is chosen of many results, which no suggestion of the other shows."""
    losses = np.random.default_rng(0).normal(size=2_000)
    return digest([of_suggestions("gp"), subset(losses).tolist()])


def _loss(problem: str, params: Params) -> float:
    loss = problems()[problem].loss(params)
    assert loss is not None  # none of PROBLEMS fails
    return loss


def missing(path: Path = PATH) -> Iterator[tuple[str, int, list[int]]]:
    """Problem, seed, and the sizes that have not been run."""
    done = {Run(**line).key for line in lines_of(path)}
    for seed in range(SEEDS):
        for problem in PROBLEMS:
            sizes = [size for size in SIZES if (version(), problem, seed, size) not in done]
            if sizes:
                yield problem, seed, sizes


def scores(runs: list[Run], size: int, best_of_all: bool) -> Scores:
    """The best loss by problem and seed; `best_of_all`: with the results that were given."""
    return {
        (run.problem, run.seed): min([*run.losses, *([run.before] if best_of_all else [])])
        for run in runs
        if run.known == size
    }


def report(runs: list[Run]) -> str:
    """What is known against 400 of it, as a table."""
    rows = []
    for size in SIZES:
        of_size = [run for run in runs if run.known == size]
        if not of_size:
            continue
        cpu = Estimate.of([1000 * run.cpu_s / len(run.losses) for run in of_size])
        row = [f"{size:,}", f"{cpu.value:.0f}"]
        for best_of_all in (False, True):
            found = duel(scores(runs, size, best_of_all), scores(runs, SIZES[0], best_of_all))
            row.append(f"{found.outcome}, {found.share}")
        rows.append(row)
    heads = ["results known", "CPU ms", "best of the next 50: won–lost–tied, pairs", "best of all"]
    return table(heads, rows)


if __name__ == "__main__":
    for problem, seed, sizes in missing():
        everything = pool(problem, seed, max(sizes))
        for size in sizes:
            run = search(problem, seed, everything[:size])
            append(PATH, asdict(run))
            print(f"{problem} seed {seed}, {size}: {min(run.losses):.4g}", file=sys.stderr, flush=True)
    print(report([run for line in lines_of(PATH) if (run := Run(**line)).version == version()]))
