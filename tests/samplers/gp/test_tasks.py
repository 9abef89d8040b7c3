"""What other tasks say: by what they share with the study, in whatever units and ranges."""

from __future__ import annotations

import numpy as np
import pytest

from jupyter_tune.core.events import PriorAdded
from jupyter_tune.core.parameters import Categorical, Float, Int, Params
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.gp.encoding import Encoding
from jupyter_tune.samplers.gp.tasks import Task, tasks_of, trend_of
from tests.samplers.gp.processes import differences
from tests.samplers.studies import new_study, tell

SPACE = Space(lr=Float(1e-4, 1e-1, log=True), act=Categorical(["relu", "tanh"]), depth=Int(1, 8))


def bowl(lr: float, act: str, depth: int) -> float:
    """Best at lr=1e-2, relu, depth 3."""
    return float((np.log10(lr) + 2) ** 2 + (act == "tanh") + 0.1 * (depth - 3) ** 2)


def results(n: int = 40, seed: int = 0, low: float = -4.0, high: float = -1.0) -> list[tuple[Params, float]]:
    rng = np.random.default_rng(seed)
    found: list[tuple[Params, float]] = []
    for _ in range(n):
        lr, act, depth = (
            float(10 ** rng.uniform(low, high)),
            str(rng.choice(["relu", "tanh"])),
            int(rng.integers(1, 9)),
        )
        found.append(({"lr": lr, "act": act, "depth": depth}, bowl(lr, act, depth)))
    return found


def a_study(*tasks: list[tuple[Params, float]], space: Space = SPACE, maximize: bool = False) -> Study:
    study = new_study(space, maximize=maximize)
    for number, task in enumerate(tasks):
        for params, value in task:
            tell(study, PriorAdded(params, value, f"task {number}"))
    return study


def known(study: Study) -> tuple[list[Task], Encoding]:
    encoding = Encoding(study.space, study.space)
    return tasks_of(study, encoding), encoding


def said(task: Task, encoding: Encoding, *params: Params) -> list[float]:
    units = np.array([encoding.to_unit(each) for each in params])
    says: list[float] = task.says(encoding.to_inputs(units)).tolist()
    return says


def first_start(task: Task, encoding: Encoding) -> Params:
    return encoding.to_params(encoding.snap(task.best)[0])


GOOD: Params = {"lr": 1e-2, "act": "relu", "depth": 3}
BAD: Params = {"lr": 1e-4, "act": "tanh", "depth": 8}


def test_a_task_says_where_it_was_good_and_where_bad() -> None:
    (task,), encoding = known(a_study(results()))
    good, bad = said(task, encoding, GOOD, BAD)
    assert good < -1
    assert bad > 1


def test_unit_and_direction_of_its_metric_do_not_matter() -> None:
    (task,), encoding = known(a_study(results()))
    scaled = [(params, 5 - 1000 * value) for params, value in results()]
    (other,), _ = known(a_study(scaled, maximize=True))
    assert np.allclose(said(task, encoding, GOOD, BAD), said(other, encoding, GOOD, BAD), atol=1e-6)


def test_results_outside_the_range_say_where_it_gets_better() -> None:
    narrow = Space(lr=Float(1e-4, 3e-3, log=True), act=SPACE["act"], depth=SPACE["depth"])
    (task,), encoding = known(a_study(results(low=-4.0, high=-1.0), space=narrow))
    # the best lies beyond the end: the end is better than the middle
    end, middle = said(task, encoding, {**GOOD, "lr": 3e-3}, {**GOOD, "lr": 5e-4})
    assert end < middle
    assert (encoding.snap(task.best) <= 1).all()
    assert first_start(task, encoding)["lr"] == pytest.approx(3e-3)


def test_a_scale_may_have_been_linear() -> None:
    rng = np.random.default_rng(1)
    linear: list[tuple[Params, float]] = [
        ({"lr": lr, "act": "relu", "depth": 3}, bowl(lr, "relu", 3))
        for lr in rng.uniform(0, 0.1, 40).tolist()
    ]
    (task,), encoding = known(a_study([*linear, ({"lr": 0.0, "act": "relu", "depth": 3}, 99.0)]))
    assert first_start(task, encoding)["lr"] == pytest.approx(1e-2, rel=0.5)


def test_a_parameter_that_it_lacks_is_no_input_and_one_more_is_noise() -> None:
    partial: list[tuple[Params, float]] = [
        ({"lr": params["lr"], "elsewhere": params["depth"]}, value) for params, value in results()
    ]
    (task,), encoding = known(a_study(partial))
    one, two = said(task, encoding, {**GOOD, "depth": 1}, {**GOOD, "depth": 8, "act": "tanh"})
    assert one == pytest.approx(two, rel=1e-9)
    assert said(task, encoding, GOOD)[0] < said(task, encoding, {**GOOD, "lr": 1e-4})[0]
    assert first_start(task, encoding)["depth"] == SPACE["depth"].default


def test_results_with_another_choice_are_left_out_and_a_task_without_others_says_nothing() -> None:
    gelu: list[tuple[Params, float]] = [({**params, "act": "gelu"}, -9.0) for params, _ in results(10)]
    (task,), encoding = known(a_study([*results(), *gelu]))
    (without,), _ = known(a_study(results()))
    assert said(task, encoding, GOOD) == said(without, encoding, GOOD)
    assert known(a_study(gelu))[0] == []
    assert known(a_study(results(2)))[0] == []
    assert known(a_study([(params, 1.0) for params, _ in results()]))[0] == []
    assert known(a_study([({"other": 1.0}, value) for _, value in results()]))[0] == []


def test_its_best_results_are_apart() -> None:
    (task,), _ = known(a_study(results(100)))
    assert len(task.best) == 8
    for at, one in enumerate(task.best):
        assert all(np.abs(one - other).max() >= 0.1 for other in task.best[:at])


def test_a_model_is_made_once_for_the_same_results() -> None:
    (one,), _ = known(a_study(results()))
    (two,), _ = known(a_study(results()))
    assert one is two
    (three,), _ = known(a_study([*results(), (GOOD, 0.0)]))
    assert three is not one


def test_what_a_task_lacks_stands_at_the_default_of_this_study_not_of_one_before() -> None:
    task = [({"lr": params["lr"], "act": params["act"]}, value) for params, value in results()]
    for default in (2, 7):
        space = Space({**SPACE, "depth": Int(1, 8, default=default)})
        (found,), encoding = known(a_study(task, space=space))
        assert first_start(found, encoding)["depth"] == default


def test_what_they_say_changes_with_the_inputs_as_by_finite_differences() -> None:
    without_depth = [({"lr": params["lr"], "act": params["act"]}, value) for params, value in results(seed=1)]
    tasks, encoding = known(a_study(results(), without_depth))
    trend = trend_of(tasks)
    trend.raw_weights.data *= 3
    inputs = encoding.to_inputs(encoding.spread(np.random.default_rng(0).random((6, 3))))
    mean, by_inputs = trend.known().at(inputs)
    assert mean == pytest.approx(trend.said(inputs) @ [0.75, 0.75])
    expected = differences(lambda x: trend.known().at(x)[0], inputs)
    assert by_inputs(np.ones(6)) == pytest.approx(expected, abs=1e-5)
