"""Real studies whose trials take a random time are the same, decision by decision."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

import jupyter_tune as jt

pytestmark = pytest.mark.usefixtures("nothing_stays")


def train(x: float, lr: float) -> float:
    pace = random.SystemRandom()
    for step in range(1, 10):
        time.sleep(pace.expovariate(100))
        jt.report(score=round(1 - (x - 0.3) ** 2 - abs(lr - 0.1) / step, 3), step=step)
    return round(1 - (x - 0.3) ** 2, 3)


@pytest.mark.parametrize("sampler", ["gp", "random"])
def test_real_studies_of_random_timing_are_the_same(sampler: str) -> None:
    def run(number: int) -> list[Any]:
        study = jt.tune(
            train,
            {"x": jt.Float(0, 1), "lr": jt.Float(1e-3, 1, log=True)},
            maximize="score",
            trials=14,
            workers=3,
            max_steps=9,
            sampler=sampler,
            batch_deterministic=True,
            name=f"run-{number}",
        )
        study.wait()
        study.close()
        return [(t.number, t.params, t.source, t.state, t.value, t.curve, t.reason) for t in study.trials]

    first = run(0)
    assert run(1) == first
    assert {state for _, _, _, state, *_ in first} == {"complete", "pruned"}
