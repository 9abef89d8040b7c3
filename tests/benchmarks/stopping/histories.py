"""Whole searches to stop early: 60 trials of the `gp` sampler on each problem, and what was expected of them.

At every tenth trial the gain of the coming trials is estimated, as a driver does it. What
came then is in the same history: so a rule may be asked when it would have stopped, and a band whether the
truth fell inside it. Histories are kept in out/bench-stopping/, and those that are there are not made again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jupyter_tune as jt
from tests.benchmarks.search.peers.ours import space_of
from tests.benchmarks.search.problems import Problem, problems

TRIALS, FIRST, EVERY = 60, 10, 10
HORIZONS = (1, 5, 10, 20)
KINDS = ("landscapes", "synthetic", "surrogates")
"""Those whose losses cost nothing: 24 problems."""


@dataclass(frozen=True)
class History:
    """`losses`: without noise, `told`: as the tuner saw them; `estimates`: [trials known, noise, spread,
    gains, seconds]."""

    problem: str
    seed: int
    params: list[dict[str, Any]]
    losses: list[float]
    told: list[float]
    estimates: list[Any]


def names() -> list[str]:
    return [name for name, problem in problems().items() if problem.kind in KINDS]


def history(problem: Problem, seed: int, trials: int = TRIALS) -> History:
    from jupyter_tune.samplers.gp.prospects import prospects

    tuner = jt.Tuner(space_of(problem.space), minimize="loss", pruner="none", seed=seed)
    found = History(problem.name, seed, [], [], [], [])
    for number in range(trials):
        trial = tuner.ask()
        params = {parameter["name"]: trial.params[parameter["name"]] for parameter in problem.space}
        loss = problem.loss(params)
        told = problem.observed(loss, seed, number)
        # a training that diverged has no loss: it fails
        if loss is None or told is None:
            tuner.tell(trial, state="failed")
            loss = told = float("inf")
        else:
            tuner.tell(trial, loss=told)
        found.params.append(dict(trial.params))
        found.losses.append(loss)
        found.told.append(told)
        if number + 1 >= FIRST and (number + 1) % EVERY == 0:
            began = time.monotonic()
            known = prospects(tuner.study, HORIZONS)
            if known is not None:
                took_s = time.monotonic() - began
                found.estimates.append([number + 1, known.noise, known.spread, known.gains, took_s])
    return found


def histories(folder: Path, seeds: Iterable[int], of: Iterable[str]) -> list[History]:
    """Those of these problems and seeds; the missing ones are made, seed by seed."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for seed in seeds:
        for name in of:
            path = folder / f"{name}-{seed}.json"
            if not path.exists():
                whole = asdict(history(problems()[name], seed))
                path.write_text(json.dumps(whole))
            found.append(History(**json.loads(path.read_text())))
    return found
