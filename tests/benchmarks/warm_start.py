"""Trials to reach what a cold start has found after 50, for studies that begin with the trials of others.

`same`: a study of the same training, its trials counted (--warm-start). `related`: the same kind of training
on other data, as a prior (--transfer). `unrelated`: another landscape over the same parameters. `opposite`:
the training itself, with good and bad exchanged. A run that does not get there counts as 51 trials.

    python -m tests.benchmarks.warm_start [SEEDS [FILE]]

prints how often it was better than the cold start after 10 and 25 trials too, a tie half, and the gain. FILE
keeps what has run, a JSON line each: a run that was stopped goes on from there, and more seeds add to it.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.benchmarks.markdown import table
from tests.benchmarks.rows import Row
from tests.benchmarks.search import curves
from tests.benchmarks.search.lines import append, lines_of
from tests.benchmarks.search.statistics import Estimate
from tests.benchmarks.search.warm import (
    OBSERVED,
    PARENT_SEED,
    PRIOR,
    TRIALS,
    Pair,
    Results,
    pairs,
    study,
)

SEEDS = 3
LOOKED_AT = (10, 25)
HOW = {"same": OBSERVED, "related": PRIOR, "unrelated": PRIOR, "opposite": PRIOR}


@dataclass(frozen=True)
class Outcome:
    """`cold`, `warm`: the losses of both studies, in the order of their trials."""

    pair: Pair
    seed: int
    cold: list[float]
    warm: list[float]

    @property
    def reached(self) -> int:
        """Trials that the warm start took to the cold start's best."""
        best = min(self.cold)
        return next((n for n, loss in enumerate(self.warm, 1) if loss <= best), TRIALS + 1)

    @property
    def cold_reached(self) -> int:
        return self.cold.index(min(self.cold)) + 1

    def gain(self, trials: int) -> float:
        """How much lower the loss is than that of the cold start, in parts of what lies between the best and
        the median configuration."""
        reference = curves.task(self.pair.child).reference
        scale = reference.median - reference.best
        return (min(self.cold[:trials]) - min(self.warm[:trials])) / scale


@cache
def finished(name: str, seed: int) -> Results:
    return study(name, seed, TRIALS, [])


def outcome(pair: Pair, seed: int) -> Outcome:
    cold = finished(pair.child, seed)
    parent = [(pair.parent, finished(pair.parent, PARENT_SEED + seed))]
    best = min(loss for _, loss in cold)
    warm = study(pair.child, seed, TRIALS, parent, HOW[pair.kind], until=best, least=max(LOOKED_AT))
    return Outcome(pair, seed, [loss for _, loss in cold], [loss for _, loss in warm])


def outcomes(seeds: int, file: Path | None = None) -> list[Outcome]:
    """Of every pair and seed. Those in `file` are not run again, and the others are added to it."""
    wanted = [(pair, seed) for pair in pairs() for seed in range(seeds)]
    known = {} if file is None else {(one.pair, one.seed): one for one in map(_read, lines_of(file))}
    # a child's pairs beside each other, in one process: its cold start is run once
    missing = sorted((job for job in wanted if job not in known), key=lambda job: job[0].child)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for one in pool.map(outcome, *zip(*missing, strict=True), chunksize=8) if missing else ():
            known[one.pair, one.seed] = one
            if file is not None:
                append(file, {**asdict(one.pair), "seed": one.seed, "cold": one.cold, "warm": one.warm})
    return [known[job] for job in wanted]


def _read(line: dict[str, Any]) -> Outcome:
    pair = Pair(line["kind"], line["child"], line["parent"])
    return Outcome(pair, line["seed"], line["cold"], line["warm"])


def by_kind(found: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    kinds: dict[str, list[Outcome]] = {kind: [] for kind in HOW}
    for one in found:
        kinds[one.pair.kind].append(one)
    return kinds


def measure() -> list[Row]:
    rows = []
    for kind, found in by_kind(outcomes(SEEDS)).items():
        seeds = [[one for one in found if one.seed == seed] for seed in range(SEEDS)]
        cold = Row.of("cold start", "trials", [[one.cold_reached for one in each] for each in seeds])
        warm = [[float(one.reached) for one in each] for each in seeds]
        rows.append(Row.of(f"{kind} ({HOW[kind]}), {len(found)} runs", "trials", warm, beside=cold))
    return rows


def report(found: Sequence[Outcome]) -> str:
    """A table with 95 % intervals over pairs."""
    head = [
        "parent",
        "pairs x seeds",
        "median trials",
        "cold start",
        "reached",
        "better at 10",
        "better at 25",
    ]
    lines = []
    for kind, ones in by_kind(found).items():
        by_pair: dict[Pair, list[Outcome]] = {}
        for one in ones:
            by_pair.setdefault(one.pair, []).append(one)
        shares = [
            Estimate.of(
                [statistics.fmean([_share(one.gain(n)) for one in each]) for each in by_pair.values()]
            )
            for n in LOOKED_AT
        ]
        gains = [
            Estimate.of([statistics.fmean([one.gain(n) for one in each]) for each in by_pair.values()])
            for n in LOOKED_AT
        ]
        lines.append(
            [
                f"{kind} ({HOW[kind]})",
                f"{len(by_pair)} x {len(ones) // max(1, len(by_pair))}",
                f"{statistics.median([one.reached for one in ones]):g}",
                f"{statistics.median([one.cold_reached for one in ones]):g}",
                f"{sum(one.reached <= TRIALS for one in ones)} of {len(ones)}",
                *(f"{share}; gain {gain}" for share, gain in zip(shares, gains, strict=True)),
            ]
        )
    return table(head, lines)


def _share(gain: float) -> float:
    return 0.5 if abs(gain) <= 1e-9 else float(gain > 0)


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    print(report(outcomes(asked, Path(sys.argv[2]) if len(sys.argv) > 2 else None)))
