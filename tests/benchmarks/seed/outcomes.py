"""An experiment's studies: every method with every seed, and what can be said of them."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import jupyter_tune as jt
from jupyter_tune.core.parameters import Params
from tests.benchmarks.seed.experiments import Experiment, Method
from tests.benchmarks.seed.memory import Memory, digest_of
from tests.benchmarks.seed.simulation import Run, simulate

ANOTHER_TIME = 1000
"""What a seed grows by each time that the same params are trained again."""

SAMPLED_SEEDS = 10
"""The random configurations that tell how hard a target is are the first ones of so many seeds."""


@dataclass(frozen=True)
class Outcome:
    """`runs`: by method, one a seed in order; `share`: of the sampled random trainings, at the target;
    `worth`: where there is a judge, by method the accuracy of what each run has chosen, trained again."""

    experiment: Experiment
    seeds: int
    runs: dict[str, list[Run]]
    memory: Memory
    share: float | None
    worth: dict[str, list[float]] = field(default_factory=dict)

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
    return Outcome(experiment, seeds, runs, memory, share, judged(experiment, runs, folder))


def judged(experiment: Experiment, runs: Mapping[str, Sequence[Run]], folder: Path) -> dict[str, list[float]]:
    """By method, the best accuracy of what each run has chosen, trained again; nothing without a judge."""
    if experiment.judge is None:
        return {}
    memory = Memory(folder / f"judge-{digest_of(experiment.sources)}.jsonl", experiment.judge)
    return {
        name: [trained(memory, run.chosen, -1, experiment.epochs) for run in found]
        for name, found in runs.items()
    }


def trained(memory: Memory, params: Params, seed: int, epochs: int) -> float:
    """The best accuracy of a training to its end."""
    curve = memory.curve(params, seed)
    best = max(epoch.accuracy for epoch in islice(curve, epochs))
    curve.close()
    return best


def study(experiment: Experiment, method: Method, seed: int, memory: Memory) -> Run:
    """One study on the virtual clock; its first trial is a random point."""
    # to confirm, a tuner has to know which trials are the last
    ends: dict[str, Any] = {"trials": method.trials, "confirm": method.confirm} if method.confirm else {}
    tuner = jt.Tuner(
        experiment.space,
        maximize="accuracy",
        sampler=method.sampler,
        pruner=method.pruner,
        max_steps=experiment.epochs,
        seed=seed,
        **ends,
    )
    tuner.enqueue(first_point(experiment.space, seed))
    return simulate(
        tuner,
        lambda params, again: memory.curve(params, seed + ANOTHER_TIME * again),
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
            bests.append(trained(memory, tuner.ask().params, seed, experiment.epochs))
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


@dataclass(frozen=True)
class Difference:
    """A mean difference, with the interval that holds 95 % of resampled seeds' means."""

    mean: float
    low: float
    high: float


def difference(values: Sequence[float], beside: Sequence[float], resamples: int = 4000) -> Difference:
    """By how much `values` are larger; both by seed, and resampled in pairs."""
    chance = random.Random(0)
    pairs = [one - other for one, other in zip(values, beside, strict=True)]
    drawn = sorted(statistics.fmean(chance.choices(pairs, k=len(pairs))) for _ in range(resamples))
    return Difference(
        statistics.fmean(pairs), drawn[round(0.025 * (resamples - 1))], drawn[round(0.975 * (resamples - 1))]
    )


def at_least_as_good(outcome: Outcome, method: str, beside: str) -> int:
    """In how many seeds `method` is no worse than `beside`: by what that is worth which it has chosen, where
    there is a judge, else by its best reading."""
    results = {name: [run.best for run in runs] for name, runs in outcome.runs.items()} | outcome.worth
    return sum(one >= other for one, other in zip(results[method], results[beside], strict=True))
