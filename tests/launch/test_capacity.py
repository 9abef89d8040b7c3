"""What a study gets of the machine, and what is refused before anything starts."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tune.errors import OptionError
from jupyter_tune.executors.local.devices import FAKE, VISIBLE, Found, Gpu
from jupyter_tune.launch import capacity
from jupyter_tune.launch.capacity import Capacity, capacity_of
from jupyter_tune.launch.option import MAGIC, TUNE
from jupyter_tune.launch.options import read_options


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """32 cores and two GPUs."""
    monkeypatch.setenv(FAKE, "2")
    monkeypatch.delenv(VISIBLE, raising=False)
    monkeypatch.setattr(capacity, "default_workers", lambda: 32)


def given(place: str = TUNE, **options: Any) -> Capacity:
    return capacity_of(read_options(options, place), place)


def test_each_trial_gets_a_gpu_by_default_and_the_user_is_told():
    found = given()
    assert (found.workers, found.gpus) == (
        2,
        {"among": {"0": "GPU-00000000-fake", "1": "GPU-00000001-fake"}, "per_trial": 1.0},
    )
    assert found.notices == (
        "2 trials run at once, each on a GPU of its own; gpus_per_trial 0 runs 32 on the processors.",
    )


@pytest.mark.parametrize(("per_trial", "workers"), [(0.5, 4), ("0.25", 8), (2, 1), (0, 32), (1, 2)])
def test_there_are_as_many_workers_as_fit(per_trial, workers):
    found = given(gpus_per_trial=per_trial)
    assert (found.workers, found.notices) == (workers, ())
    assert found.gpus is not None
    assert found.gpus["per_trial"] == float(per_trial)


def test_the_user_s_choice_of_gpus_is_kept(monkeypatch):
    monkeypatch.setenv(VISIBLE, "1")
    found = given()
    assert found.gpus is not None
    assert found.gpus["among"] == {"1": "GPU-00000001-fake"}
    assert found.workers == 1


@pytest.mark.parametrize("hides", [(FAKE, "0"), (VISIBLE, ""), (VISIBLE, "-1")])
def test_without_gpus_a_trial_runs_on_each_core_and_gpus_are_left_alone(monkeypatch, hides):
    monkeypatch.setenv(*hides)
    assert given() == Capacity(32, None, ())
    assert given(gpus_per_trial=0, workers=5) == Capacity(5, None, ())


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        (
            {"gpus_per_trial": 1.5},
            "gpus_per_trial: must be a share of one GPU, such as 0.5, or a whole number",
        ),
        ({"gpus_per_trial": -1}, "gpus_per_trial: must be 0, or 0.01 or more, got -1"),
        ({"gpus_per_trial": 0.001}, "must be 0, or 0.01 or more, got 0.001"),
        ({"gpus_per_trial": "many"}, "gpus_per_trial: must be a number, got 'many'"),
        ({"gpus_per_trial": 4}, "gpus_per_trial: 4 is more than the 2 GPUs here; use 2 at most"),
        (
            {"workers": 8},
            "workers: 8 trials with 1 GPU each do not fit on the 2 GPUs here; use workers 2, or "
            "gpus_per_trial 0.25",
        ),
        (
            {"workers": 2, "gpus_per_trial": 2},
            "workers: 2 trials with 2 GPU each do not fit on the 2 GPUs here; use workers 1, or "
            "gpus_per_trial 1",
        ),
        ({"workers": 1000}, "do not fit on the 2 GPUs here; use workers 2$"),
    ],
)
def test_more_than_there_is_is_refused(options, refusal):
    with pytest.raises(OptionError, match=refusal):
        given(**options)


def test_a_refusal_names_the_flag_and_the_mask(monkeypatch):
    monkeypatch.setenv(VISIBLE, "0")
    with pytest.raises(OptionError) as refused:
        given(MAGIC, gpus_per_trial="2")
    assert str(refused.value) == (
        "--gpus-per-trial: 2 is more than the 1 GPU here (CUDA_VISIBLE_DEVICES='0'); use 1 at most"
    )
    monkeypatch.setenv(VISIBLE, "")
    with pytest.raises(OptionError) as refused:
        given(MAGIC, gpus_per_trial="0.5")
    assert str(refused.value) == (
        "--gpus-per-trial: 0.5 asked for, but none is found (CUDA_VISIBLE_DEVICES=''); leave it out"
    )


def test_a_driver_that_fails_is_told_and_the_study_runs_on_the_cores(monkeypatch):
    problem = "the NVIDIA driver does not answer (Driver/library version mismatch), so no GPU is used"
    monkeypatch.setattr(capacity, "find_gpus", lambda: Found(problem=problem))
    assert given() == Capacity(32, None, (problem,))
    with pytest.raises(OptionError, match="version mismatch"):
        given(gpus_per_trial=1)


def test_a_trial_cannot_have_two_parts_of_a_divided_gpu(monkeypatch):
    parts = (Gpu("0:0", "MIG-a", "A", 10), Gpu("0:1", "MIG-b", "A", 10))
    monkeypatch.setattr(capacity, "find_gpus", lambda: Found(parts))
    assert given().workers == 2
    with pytest.raises(OptionError, match=r"one part of a divided GPU \(MIG\); use 1"):
        given(gpus_per_trial=2)


def test_a_study_on_a_cluster_leaves_the_gpus_here_alone():
    assert given(on="tcp://127.0.0.1:1") == Capacity(1)
    assert given(on="tcp://127.0.0.1:1", workers=50) == Capacity(50)
    with pytest.raises(OptionError, match="give what a trial takes of a worker, as resources GPU=1"):
        given(on="tcp://127.0.0.1:1", gpus_per_trial=1)
