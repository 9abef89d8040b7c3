"""An experiment's studies: every method with every seed, and what can be said of them."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import jupyter_tune as jt
from jupyter_tune.core.parameters import Params
from tests.benchmarks.seed.experiments import Experiment, Method
from tests.benchmarks.seed.memory import Memory, digest_of
from tests.benchmarks.seed.simulation import Run, simulate

SAMPLED_SEEDS = 10
"""The random configurations that tell how hard a target is are the first ones of so many seeds."""


@dataclass(frozen=True)
class Outcome:
    """`runs`: by method, one a seed in order; `share`: of the sampled random trainings, at the target."""

    experiment: Experiment
    seeds: int
    runs: dict[str, list[Run]]
    memory: Memory
    share: float | None

    def times_s(self, method: str) -> list[float]:
        """Each seed's virtual time to the target; infinite where it was not reached."""
        assert self.experiment.target is not None
        return [run.reached_s(self.experiment.target) for run in self.runs[method]]


def remember(experiment: Experiment, folder: Path) -> Memory:
    name = experiment.trainings or experiment.name
    return Memory(folder / f"{name}-{digest_of(experiment.sources)}.jsonl", experiment.train)


def measure(
    experiment: Experiment, seeds: int, folder: Path, tell: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Run every method with every seed; curves are kept in `folder`, `tell` hears how it goes."""
    memory = remember(experiment, folder)
    share = None
    if experiment.kind == "time to target" and experiment.sample:
        bests = random_bests(experiment, memory)
        if experiment.target_share is not None:
            experiment = replace(experiment, target=reached_by(bests, experiment.target_share))
        share = share_at(bests, experiment.target)
        tell(f"{experiment.name}: {share:.1%} of random configurations reach {experiment.target:.4f}")
    runs: dict[str, list[Run]] = {method.name: [] for method in experiment.methods}
    for seed in range(seeds):
        for method in experiment.methods:
            run = study(experiment, method, seed, memory)
            runs[method.name].append(run)
            tell(f"{experiment.name} seed {seed}, {method.name}: {run.ended_s:.1f} s, best {run.best:.4f}")
    return Outcome(experiment, seeds, runs, memory, share)


def study(experiment: Experiment, method: Method, seed: int, memory: Memory) -> Run:
    """One study on the virtual clock; its first trial is a random point."""
    tuner = jt.Tuner(
        experiment.space,
        maximize="accuracy",
        sampler=method.sampler,
        pruner=method.pruner,
        max_steps=experiment.epochs,
        seed=seed,
    )
    tuner.enqueue(first_point(experiment.space, seed))
    return simulate(
        tuner,
        lambda params: memory.curve(params, seed),
        workers=method.workers,
        epochs=experiment.epochs,
        trials=method.trials,
        target=math.inf if experiment.target is None else experiment.target,
    )


def first_point(space: jt.Space, seed: int) -> Params:
    chance = random.Random(f"first point {seed}")
    return space.from_unit({name: chance.random() for name in space})


def random_bests(experiment: Experiment, memory: Memory) -> list[float]:
    """The best accuracy of each of `sample` random configurations, trained to the end."""
    bests = []
    for seed in range(SAMPLED_SEEDS):
        tuner = jt.Tuner(experiment.space, maximize="accuracy", sampler="random", seed=seed)
        tuner.enqueue(first_point(experiment.space, seed))
        for _ in range(experiment.sample // SAMPLED_SEEDS):
            curve = memory.curve(tuner.ask().params, seed)
            bests.append(max(epoch.accuracy for epoch in islice(curve, experiment.epochs)))
            curve.close()
    return bests


def reached_by(bests: Sequence[float], share: float) -> float:
    """The accuracy that `share` of them reach, or as many more as are equal."""
    return sorted(bests, reverse=True)[math.ceil(share * len(bests)) - 1]


def share_at(bests: Sequence[float], target: float | None) -> float:
    assert target is not None
    return statistics.fmean(best >= target for best in bests)


@dataclass(frozen=True)
class Ratio:
    """Of mean times, with the interval that holds 95 % of resampled seeds' ratios; and of median times."""

    of_means: float
    low: float
    high: float
    of_medians: float


def ratio(times: Sequence[float], beside: Sequence[float], resamples: int = 4000) -> Ratio:
    """How many times as long `times` are; both by seed, and resampled in pairs."""
    chance = random.Random(0)
    seeds = range(len(times))
    drawn = sorted(
        sum(times[seed] for seed in chosen) / sum(beside[seed] for seed in chosen)
        for chosen in (chance.choices(seeds, k=len(times)) for _ in range(resamples))
    )
    return Ratio(
        statistics.fmean(times) / statistics.fmean(beside),
        drawn[round(0.025 * (resamples - 1))],
        drawn[round(0.975 * (resamples - 1))],
        statistics.median(times) / statistics.median(beside),
    )


def at_least_as_good(runs: Sequence[Run], beside: Sequence[Run]) -> int:
    """In how many seeds the best of the one is no worse than the best of the other."""
    return sum(run.best >= other.best for run, other in zip(runs, beside, strict=True))
