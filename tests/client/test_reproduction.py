"""A trial is run again, and both results are compared."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

import jupyter_tune as jt
from jupyter_tune.client.restarts import RESTARTS
from jupyter_tune.errors import DriverError

pytestmark = pytest.mark.usefixtures("nothing_stays")


def train(x: float) -> float:
    for step in range(1, 4):
        noise = random.random() / 100  # seeded by the trial's own seed
        noise += time.time() if x > 0.9 else 0.0
        jt.report(score=x + noise + jt.trial.number, step=step)
    return x


def test_a_trial_that_is_run_again_agrees_or_says_where_it_differs(tmp_path: Path) -> None:
    study = jt.tune(
        train, {"x": jt.Float(0, 1)}, maximize="score", trials=3, workers=2, sampler="random", name="s"
    )
    study.wait()
    study.enqueue(x=0.95)
    study.wait()
    before = len(study.trials)
    same = study.reproduce(study.trials[2])
    assert same.agrees
    assert same.again.curve == study.trials[2].curve
    assert same.again.number == 2
    assert "They agree at all 3 steps" in repr(same)
    other = study.reproduce(3)
    assert not other.agrees
    assert "They differ first at step 1" in repr(other)
    assert len(study.trials) == before, "the study is not changed"
    assert {path.name for path in tmp_path.glob("*.db")} >= {"s-trial-2.tune.db", "s-trial-3.tune.db"}
    with pytest.raises(DriverError, match="there is no such trial"):
        study.reproduce(99)
    restart = RESTARTS.pop(study.path)
    try:
        with pytest.raises(DriverError, match="does not have the code of study 's'"):
            study.reproduce(0)
    finally:
        RESTARTS[study.path] = restart
    study.close()
