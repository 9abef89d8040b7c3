"""Ranges from names and values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.parameters import Categorical, Float, Int, with_default
from jupyter_tune.errors import SpaceError
from jupyter_tune.notebook.autotune.ranges import RULES, rule_for


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("lr", 0.01, Float(1e-4, 0.1, log=True)),
        ("learning_rate", 0.003, Float(1e-5, 0.1, log=True)),
        ("learningRate", 0.3, Float(1e-3, 1.0, log=True)),
        ("LEARNING_RATE", 1.0, Float(1e-2, 1.0, log=True)),
        ("head_lr", 0.1, Float(1e-3, 1.0, log=True)),
        ("lr_head", 0.1, Float(1e-3, 1.0, log=True)),
        ("momentum", 0.9, Float(0.5, 0.999, reverse_log=True)),
        ("beta1", 0.3, Float(0.0, 0.9999, reverse_log=True)),
        ("weight_decay", 1e-4, Float(1e-7, 1e-2, log=True)),
        ("weight_decay", 0, Float(0.0, 0.1)),
        ("dropout_rate", 0.2, Float(0.0, 0.7)),
        ("batch_size", 64, Int(16, 256, log=True)),
        ("batch_size", 1, Int(1, 4, log=True)),
        ("n_hidden", 64, Int(16, 256, log=True)),
        ("num_layers", 2, Int(1, 5)),
        ("max_depth", 6, Int(1, 12)),
        ("C", 1.0, Float(1e-2, 1e2, log=True)),
        ("gamma", 0.99, Float(0.8, 0.9999, reverse_log=True)),
        ("gamma", 0.01, Float(1e-4, 1.0, log=True)),
        ("activation", "tanh", Categorical(["tanh", "relu", "gelu", "silu", "elu"])),
        ("activation", "ReLU", Categorical(["ReLU", "GELU", "SiLU", "Tanh", "ELU"])),
        ("optimizer", "Adam", Categorical(["Adam", "SGD", "AdamW", "RMSprop"])),
        ("nesterov", False, Categorical([False, True])),
        ("kernel_size", 3, Categorical([3, 5, 7])),
    ],
)
def test_practice_has_a_range(name: str, value: bool | float | str, expected: object) -> None:
    rule = rule_for(name)
    assert rule is not None
    assert rule.range_of(value) == expected


@pytest.mark.parametrize(
    "name",
    [
        "n_epochs",
        "epochs",
        "max_iter",
        "seed",
        "random_state",
        "device",
        "num_workers",
        "num_classes",
        "steps",
    ],
)
def test_what_is_given_has_none(name: str) -> None:
    assert rule_for(name) is None


@pytest.mark.parametrize("name", ["x", "result", "abc", "clr", "vitamin_c", "path", "dimension", "lrs"])
def test_a_name_that_practice_does_not_know_has_none(name: str) -> None:
    assert rule_for(name) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("lr", 0.0), ("lr", -0.1), ("lr", 3.0), ("lr", True), ("lr", "fast"), ("width", 0), ("width", 6.5)],
        *[("activation", "linear"), ("dropout", 0.9), ("nesterov", 1), ("kernel_size", 4)],
    ],
)
def test_a_value_that_such_names_do_not_have_has_no_range(name: str, value: bool | float | str) -> None:
    rule = rule_for(name)
    assert rule is not None
    assert rule.range_of(value) is None


@given(
    st.sampled_from(RULES),
    st.booleans()
    | st.integers(-5, 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
)
def test_a_range_holds_the_value_or_is_refused(rule: object, value: bool | float | str) -> None:
    try:
        parameter = rule.range_of(value)  # type: ignore[attr-defined]
    except SpaceError:
        return  # beyond the floats, where no range is; the proposal leaves the name as it is
    if parameter is not None:
        assert with_default(parameter, value, "name").default == value
