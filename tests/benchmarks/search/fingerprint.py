"""The version of our own search: a fingerprint of what it decides, not of its source.

Two editions that make the same suggestions and the same stops here, to the last bit, count as one: so the
runs of hours outlive a renaming. Trials without curves have a version of their own, which a change to
a pruner leaves as it is.
"""

from __future__ import annotations

import functools
import hashlib
import random
from typing import Any

import jupyter_tune as jt
from tests.benchmarks.search import curves
from tests.benchmarks.search.peers.ours import Ours
from tests.benchmarks.search.peers.served import Setup
from tests.benchmarks.search.workers import simulate

TRIALS, KNOWN, HORIZON = 16, 150, 4.0
CONDITIONAL_TRIALS = 24
CURVES = "digits_mlp"


@functools.cache
def of_suggestions(sampler: str) -> str:
    """12 hex digits for `sampler`, gp, random, ...: on a mixed space, trial by trial and with much known."""
    return digest([_one_by_one(sampler, known=0), _one_by_one(sampler, known=KNOWN)])


@functools.cache
def of_searches(sampler: str) -> str:
    """12 hex digits for `sampler` with ASHA: its suggestions, and curves with four workers and with one."""
    return digest([of_suggestions(sampler), _with_curves(sampler, 4), _with_curves(sampler, 1)])


@functools.cache
def of_conditional(sampler: str) -> str:
    """12 hex digits for `sampler` on a conditional space, with one and with two levels of conditions."""
    space = jt.Space(
        {
            "c": jt.Categorical(["a", "b", "c"]),
            "x": jt.Float(1e-3, 1, log=True),
            "y": jt.Float(0, 1),
            "d": jt.Categorical(["one", "two"]),
            "n": jt.Int(1, 99),
        },
        when={"x": {"c": ["a", "b"]}, "y": {"c": "b"}, "d": {"c": "c"}, "n": {"d": "two"}},
    )
    tuner = jt.Tuner(space, minimize="loss", sampler=sampler, pruner="none")
    asked = []
    for _ in range(CONDITIONAL_TRIALS):
        trial = tuner.ask()
        asked.append(list(trial.params.items()))
        absent = {"x": 1.0, "y": 0.7, "n": 70}
        tuner.tell(trial, loss=_loss(absent | trial.params) + 0.1 * (trial.params["c"] == "b"))
    return digest(asked)


def digest(seen: list[Any]) -> str:
    """12 hex digits."""
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]


def _one_by_one(sampler: str, known: int) -> list[Any]:
    space = {
        "x": jt.Float(1e-3, 1, log=True),
        "y": jt.Float(0, 1),
        "n": jt.Int(1, 99),
        "c": jt.Categorical(["a", "b", "c"]),
    }
    tuner = jt.Tuner(space, minimize="loss", sampler=sampler, pruner="none")
    chance = random.Random(0)
    for _ in range(known):
        params: dict[str, Any] = {
            "x": 10 ** chance.uniform(-3, 0),
            "y": chance.random(),
            "n": chance.randint(1, 99),
            "c": chance.choice("abc"),
        }
        tuner.add_trial(params, loss=_loss(params))
    asked = []
    for _ in range(2 if known else TRIALS):
        trial = tuner.ask()
        asked.append(list(trial.params.values()))
        tuner.tell(trial, loss=_loss(trial.params))
    return asked


def _loss(params: dict[str, Any]) -> float:
    return (params["x"] - 0.1) ** 2 + (params["y"] - 0.3) ** 2 + params["n"] / 99 + 0.5 * (params["c"] == "a")


def _with_curves(sampler: str, workers: int) -> list[Any]:
    task = curves.task(CURVES)
    tuner = Ours(Setup(list(task.space), 0, task.max_steps, workers, f"{sampler}+asha"))
    outcome = simulate(tuner, task, workers, 0, horizon=HORIZON)
    return [outcome.asked, outcome.reports, outcome.improvements]
