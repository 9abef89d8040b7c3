"""What other tasks give: kept by task, never among the trials, placed on this study's scales."""

from __future__ import annotations

import math

import pytest

from jupyter_tune.core.events import PriorAdded, TrialAdded
from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter, Scalar
from jupyter_tune.core.priors import by_task, has_place, most_telling, place_on
from jupyter_tune.core.space import Space
from tests.core.studies import completed, study_of


def test_priors_are_kept_by_task_in_their_order() -> None:
    study = study_of(
        PriorAdded({"x": 5.0}, 9.0, "b"), PriorAdded({"y": 1}, 2.0, "a"), PriorAdded({}, 3.0, "b")
    )
    assert list(study.priors.items()) == [("b", [({"x": 5.0}, 9.0), ({}, 3.0)]), ("a", [({"y": 1}, 2.0)])]
    assert by_task([({}, 1.0, "t")]) == {"t": [({}, 1.0)]}


def test_a_prior_is_no_trial_and_never_best() -> None:
    study = study_of(PriorAdded({"x": 0.1, "y": 0.1}, 100.0, "other"), *completed(0, 0.5), trials=3)
    assert list(study.trials) == [0]
    assert study.require_best()[1] == 0.5
    assert study.spent == 1


def test_a_snapshot_does_not_see_later_priors() -> None:
    study = study_of(PriorAdded({"x": 0.1}, 1.0, "a"))
    before = study.snapshot()
    study._learn(PriorAdded({"x": 0.2}, 2.0, "a"))
    assert before.priors == {"a": [({"x": 0.1}, 1.0)]}
    assert len(study.priors["a"]) == 2


def test_the_best_spans_the_parents_and_says_which_trial_it_was() -> None:
    added = TrialAdded(0, {"x": 0.1, "y": 0.2}, 0.9, {}, "first", 12)
    best = study_of(added, *completed(1, 0.5)).require_best()[0]
    assert (best.number, best.ran_as) == (0, "first, trial 12")
    own = study_of(added, *completed(1, 0.95)).require_best()[0]
    assert (own.number, own.ran_as) == (1, "")


@pytest.mark.parametrize(
    ("parameter", "value", "place"),
    [
        (Float(0, 2), 1.0, 0.5),
        (Float(0, 2), 3, 1.5),
        (Float(1e-4, 1e-2, log=True), 1e-1, 1.5),
        (Float(1e-4, 1e-2, log=True), 0.0, math.nan),
        (Float(0, 0.9, reverse_log=True), 0.99, 2.0),
        (Float(0, 0.9, reverse_log=True), 1.0, math.nan),
        (Float(0, 1, step=0.5), 0.5, 0.5),
        (Int(1, 4), 6.0, 1.375),
        (Int(1, 4), True, math.nan),
        (Int(1, 4), "3", math.nan),
        (Categorical(["a", "b"]), "b", 0.75),
        (Categorical(["a", "b"]), "c", math.nan),
    ],
)
def test_a_value_has_its_place_on_the_scale_of_another_range(
    parameter: Parameter, value: Scalar, place: float
) -> None:
    assert place_on(parameter, value) == pytest.approx(place, nan_ok=True)


def test_inside_its_range_a_value_has_the_place_that_trials_have() -> None:
    parameters: list[Parameter] = [
        Float(1e-3, 10, log=True),
        Float(0, 0.99, reverse_log=True),
        Int(1, 300, log=True),
        Int(2, 9, step=2),
        Float(-1, 1, step=0.1),
    ]
    for parameter in parameters:
        for unit in (0.05, 0.3, 0.77, 0.99):
            value = parameter.from_unit(unit)
            assert place_on(parameter, value) == pytest.approx(parameter.to_unit(value))


def test_a_result_counts_if_all_that_it_shares_has_a_place() -> None:
    space = Space(x=Float(0, 1), act=Categorical(["relu", "tanh"]), fixed=3)
    assert has_place(space, {"x": 1.9, "elsewhere": 1e9, "fixed": 7})
    assert not has_place(space, {"x": 2.1})
    assert not has_place(space, {"x": 0.5, "act": "gelu"})


def test_of_many_results_half_are_the_best_and_half_a_sample_of_the_rest() -> None:
    kept = most_telling([(float(n % 100), n) for n in range(100)], most=10)
    assert [loss for loss, _ in kept] == [0, 1, 2, 3, 4, 5, 29, 52, 75, 99]
    assert most_telling([(2.0, "b"), (1.0, "a")]) == [(1.0, "a"), (2.0, "b")]
