"""Studies that begin with the trials of others: the same task, a related one, an unrelated one.

A parent is a study of 50 trials from another seed. A child is run from the same seed cold, with the parent's
trials as observations, as --warm-start gives them, and with them as priors, as --transfer does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import jupyter_tune as jt
from tests.benchmarks.search import curves, landscapes
from tests.benchmarks.search.peers.ours import space_of
from tests.benchmarks.search.spaces import Parameter, Params, to_unit

TRIALS = 50
PARENT_SEED = 1000
COLD, OBSERVED, PRIOR = "cold", "observed", "prior"

Loss: TypeAlias = Callable[[Params], float]
Results: TypeAlias = list[tuple[Params, float]]


@dataclass(frozen=True)
class Task:
    """`loss`: of params of `space`, to be minimised."""

    name: str
    space: tuple[Parameter, ...]
    loss: Loss


@dataclass(frozen=True)
class Pair:
    """`kind`: same, related or unrelated."""

    kind: str
    child: str
    parent: str


@cache
def task(name: str) -> Task:
    """A training task by its name; `-NAME`: its losses negated, so that its best is the worst; `NAME/f`: the
    landscape f over the space of that task."""
    if name.startswith("-"):
        other = task(name[1:])
        return Task(name, other.space, lambda params: -other.loss(params))
    plain, _, landscape = name.partition("/")
    known = curves.task(plain)
    if not landscape:
        return Task(name, known.space, lambda params: float(known.curve(params).losses[-1]))
    f = getattr(landscapes, landscape)(landscapes.Instance(name, len(known.space)))
    return Task(name, known.space, lambda params: f(10 * to_unit(known.space, params) - 5))


LCBENCH = [f"lcbench_{number}" for number in curves.LCBENCH]
TASKSET = [f"taskset_{name}" for name in curves.TASKSET]
LANDSCAPES = ("sphere", "rastrigin", "rosenbrock", "schwefel")


def pairs() -> list[Pair]:
    families = (LCBENCH, TASKSET)
    tables = list(curves.TABLES)
    everything = [*LCBENCH, *TASKSET, *tables]
    related = [
        Pair("related", child, parent)
        for family in families
        for at, child in enumerate(family)
        for parent in (family[(at + 1) % len(family)], family[(at + 2) % len(family)])
    ]
    related += [Pair("related", "digits_mlp", "digits_conv"), Pair("related", "digits_conv", "digits_mlp")]
    unrelated = [
        Pair("unrelated", child, f"{child}/{LANDSCAPES[at % len(LANDSCAPES)]}")
        for at, child in enumerate(everything)
    ]
    opposite = [Pair("opposite", child, f"-{child}") for child in everything]
    return [Pair("same", child, child) for child in everything] + related + unrelated + opposite


def study(
    name: str,
    seed: int,
    trials: int,
    parents: list[tuple[str, Results]],
    how: str = COLD,
    *,
    until: float = -math.inf,
    least: int = 0,
) -> Results:
    """The trials of a study of a task, in their order: `trials`, or once `until` is reached only `least`."""
    it = task(name)
    tuner = jt.Tuner(space_of(it.space), minimize="loss", seed=seed)
    for parent, results in parents:
        for params, loss in results:
            if how == OBSERVED:
                tuner.add_trial(params, loss=loss)
            elif how == PRIOR:
                tuner.add_prior(
                    parent, {k: v for k, v in params.items() if k in tuner.study.space}, loss=loss
                )
    done: Results = []
    for _ in range(trials):
        trial = tuner.ask()
        loss = it.loss(trial.params)
        tuner.tell(trial, loss=loss)
        done.append((trial.params, loss))
        if len(done) >= least and min(each for _, each in done) <= until:
            break
    return done
