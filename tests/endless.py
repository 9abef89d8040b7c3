"""Studies whose trials run until they are stopped, for tests that steer, follow or kill a study."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from typing import Any

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from tests.processes import wait_until


def endless(**params: float) -> None:
    """Best at its first report."""
    for step in itertools.count(1):
        time.sleep(0.02)
        jt.report(score=math.prod(params.values()) / step, step=step)


def unit_space(names: str) -> dict[str, jt.Float]:
    """A parameter from 0 to 1 for each letter."""
    return {name: jt.Float(0.0, 1.0) for name in names}


def a_study(
    name: str, names: str = "x", *, trial: Callable[..., None] = endless, **options: Any
) -> StudyHandle:
    """A study of two such trials, both of which have reported."""
    defaults = {"maximize": "score", "sampler": "random", "workers": 2}
    study = jt.tune(trial, unit_space(names), name=name, **{**defaults, **options})
    wait_until(lambda: len(study.trials) == 2 and all(t.curve for t in study.trials), "two trials to report")
    return study
