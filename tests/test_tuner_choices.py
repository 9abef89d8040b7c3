"""Tuner: choices that are objects, and parameters that depend on choices."""

from __future__ import annotations

import enum
import pickle
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.errors import SpaceError
from jupyter_tune.registry import SAMPLERS


class Act(str, enum.Enum):  # noqa: UP042 as people write it; StrEnum has another str()
    RELU = "relu"
    TANH = "tanh"


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_trials_are_given_the_very_objects_that_were_declared(sampler: str) -> None:
    sizes, flags = [(64, 64), (128,)], [0, False, 1, True, None]
    space = {"act": jt.Categorical(Act), "size": jt.Categorical(sizes), "flag": jt.Categorical(flags)}
    asked = jt.Tuner(space, maximize="accuracy", sampler=sampler, max_steps=3)
    seen = []
    for number in range(8):
        trial = asked.ask()
        params: dict[str, Any] = trial.params
        act, size, flag = params["act"], params["size"], params["flag"]
        assert isinstance(act, Act)
        assert any(size is one for one in sizes)
        assert any(flag is one for one in flags)
        seen.append(flag)
        assert asked.report(trial, step=1, accuracy=number)
        assert trial.curve == {1: number}
        asked.tell(pickle.loads(pickle.dumps(trial)), accuracy=number)
        assert (trial.state, trial.value) == ("complete", number)
    assert asked.best_params == trial.params
    assert asked.best_trial is trial
    assert len({repr(flag) for flag in seen}) > 2


def test_objects_are_taken_wherever_params_are_given() -> None:
    space = {"act": jt.Categorical(Act), "flag": jt.Categorical([0, False, 1, True])}
    asked = jt.Tuner(space, maximize="accuracy", sampler="random")
    added = asked.add_trial({"act": Act.TANH, "flag": True}, accuracy=1)
    assert added.params == {"act": Act.TANH, "flag": True}
    asked.enqueue({"act": Act.TANH, "flag": False})
    assert asked.ask().params["flag"] is False
    asked.narrow(flag=[True])
    assert all(asked.ask().params["flag"] is True for _ in range(5))
    with pytest.raises(SpaceError, match=r"act: 'elu' is none of the choices <Act.RELU"):
        asked.enqueue({"act": "elu"})


def test_a_conditional_space_needs_no_class_of_ours() -> None:
    space = {"opt": jt.Categorical(["sgd", "adam"]), "momentum": jt.Float(0, 0.99)}
    when = {"momentum": {"opt": ["sgd"]}}
    tuned = jt.Tuner(space, when=when, maximize="accuracy", sampler="random", seed=3)
    seen = [tuned.ask().params for _ in range(20)]
    assert {params["opt"] for params in seen} == {"sgd", "adam"}
    assert all(("momentum" in params) == (params["opt"] == "sgd") for params in seen)
