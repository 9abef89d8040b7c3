from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_tune.core.parameters import Float
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.errors import OptionError
from jupyter_tune.executors.local.machine import cores
from jupyter_tune.launch.capacity import Capacity
from jupyter_tune.launch.plan import Plan

GPUS: dict[str, Any] = {"among": {0: "GPU-0"}, "per_trial": 0.5}


def devices(budget: str | None, capacity: Capacity, **places: Any) -> float:
    settings = Settings("accuracy", workers=capacity.workers, budget=budget)
    plan = Plan("s", Path("."), Space(x=Float(0, 1)), settings, {}, {}, **places)
    return plan.within(capacity).settings.devices_per_trial


def test_a_budget_of_gpu_hours_counts_the_gpus_of_a_trial():
    assert devices("8 gpu-hours", Capacity(2, GPUS)) == 0.5
    cluster: dict[str, Any] = {"address": "tls://a"}
    assert devices("8 gpu-hours", Capacity(2), on=cluster, resources={"GPU": 2}) == 2


def test_a_budget_of_core_hours_counts_a_trials_share_of_the_cores():
    assert devices("8 core-hours", Capacity(2)) == cores() / 2
    assert devices("8 core-hours", Capacity(2), on={"address": "tls://a"}) == 1


@pytest.mark.parametrize("budget", [None, "10 steps", "3 trial-hours"])
def test_other_budgets_count_trials(budget):
    assert devices(budget, Capacity(2, GPUS)) == 1


@pytest.mark.parametrize("capacity", [Capacity(2), Capacity(2, {"among": {0: "GPU-0"}, "per_trial": 0.0})])
def test_hours_of_gpus_that_trials_do_not_have_are_refused(capacity):
    with pytest.raises(OptionError, match="budget: 8 gpu-hours: trials have no GPU here; or use core-hours"):
        devices("8 gpu-hours", capacity)


def test_a_cluster_is_asked_what_a_trial_takes():
    with pytest.raises(OptionError, match="say what a trial takes, by resources GPU=1"):
        devices("8 gpu-hours", Capacity(2), on={"address": "tls://a"})
