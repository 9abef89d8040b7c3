"""What it costs to pick a configuration by cross-validation, and how good the pick is.

Every tuner gets the same configurations of a recorded table (tables.py) in the same order, and the same fold
scores. A pick is good if its mean over all folds is within one standard error of the best configuration's.

    python -m tests.benchmarks.folds.run
"""

from __future__ import annotations

import math
import os
import random
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import optuna

import jupyter_tune as jt
from jupyter_tune.core.folds import standard_error
from jupyter_tune.core.trial import COMPLETE
from tests.benchmarks.folds.tables import tables

SEEDS = range(4)
RESAMPLED = 2000

Table = list[list[float]]


@dataclass(frozen=True)
class Pick:
    """`config`: the chosen one; `cost`: fold evaluations."""

    config: int
    cost: int


def everything(table: Table, order: Sequence[int]) -> Pick:
    best = max(order, key=lambda config: statistics.mean(table[config]))
    return Pick(best, sum(len(table[config]) for config in order))


def paired(table: Table, order: Sequence[int]) -> Pick:
    """Ours."""
    tuner = jt.Tuner({"config": jt.Float(0, 1)}, maximize="score", sampler="random", pruner="paired")
    cost, config_of = 0, {}
    for config in order:
        trial = tuner.ask()
        config_of[trial.number] = config
        for fold, score in enumerate(table[config]):
            cost += 1
            if not tuner.report(trial, fold=fold, score=score):
                break
        else:
            tuner.tell(trial, state=COMPLETE)
    return Pick(config_of[tuner.best_trial.number], cost)


def wilcoxon(table: Table, order: Sequence[int], p: float = 0.1) -> Pick:
    """Optuna's pruner with its defaults, as its documentation uses it: a pruned trial has the mean so far."""
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.RandomSampler(seed=0),
        pruner=optuna.pruners.WilcoxonPruner(p_threshold=p),
    )
    cost = 0
    for config in order:
        trial = study.ask()
        trial.set_user_attr("config", config)
        seen: list[float] = []
        for fold, score in enumerate(table[config]):
            cost += 1
            seen.append(score)
            trial.report(score, fold)
            if trial.should_prune():
                break
        study.tell(trial, statistics.mean(seen))
    return Pick(study.best_trial.user_attrs["config"], cost)


TUNERS: dict[str, Callable[[Table, Sequence[int]], Pick]] = {
    "all folds": everything,
    "jupyter_tune, paired": paired,
    "Optuna, WilcoxonPruner": wilcoxon,
}


def main() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    known = tables()
    print(f"{len(known)} problems, {len(SEEDS)} orders; load average {os.getloadavg()[0]:.0f}")
    for folds in map(int, sys.argv[1:] or (5, 10)):
        print(f"\n| {folds} folds | evaluations | within one standard error of the best | regret, in those |")
        print("|---|---|---|---|")
        for name, tuner in TUNERS.items():
            by_problem = [_problem([row[:folds] for row in table], tuner) for table in known.values()]
            cells = [_with_interval([each[place] for each in by_problem]) for place in range(3)]
            print(
                f"| {name} | {cells[0](100, ' %')} | {cells[1](100, ' %')} | {cells[2](1, '')} |", flush=True
            )


def _problem(table: Table, tuner: Callable[[Table, Sequence[int]], Pick]) -> tuple[float, float, float]:
    """Means over the orders: share of the evaluations, share of good picks, regret in standard errors."""
    means = [statistics.mean(row) for row in table]
    best = max(means)
    error = max(standard_error(table[means.index(best)]) or 0.0, 1e-9)
    costs, good, regrets = [], [], []
    for seed in SEEDS:
        order = random.Random(seed).sample(range(len(table)), len(table))
        pick = tuner(table, order)
        regret = (best - means[pick.config]) / error
        costs.append(pick.cost / sum(map(len, table)))
        good.append(float(regret <= 1.0))
        regrets.append(regret)
    return statistics.mean(costs), statistics.mean(good), statistics.mean(regrets)


def _with_interval(values: Sequence[float]) -> Callable[[float, str], str]:
    """The mean over the problems, with a 95 % interval from resampling them."""
    chance = random.Random(0)
    drawn = sorted(statistics.mean(chance.choices(values, k=len(values))) for _ in range(RESAMPLED))
    low, high = drawn[math.floor(0.025 * RESAMPLED)], drawn[math.ceil(0.975 * RESAMPLED) - 1]

    def written(times: float, unit: str) -> str:
        digits = 0 if times == 100 else 2
        mean, *ends = (f"{times * value:.{digits}f}" for value in (statistics.mean(values), low, high))
        return f"{mean}{unit} ({' to '.join(ends)})"

    return written


if __name__ == "__main__":
    main()
