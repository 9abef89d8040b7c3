"""Searches that other tasks guide."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.events import PriorAdded
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.parameters import Float, Params
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.gp.sampler import GpSampler
from tests.samplers.studies import begin, finish, narrow, new_study, tell

SPACE = Space(
    lr=Float(1e-5, 1.0, log=True), dropout=Float(0, 0.8), momentum=Float(0, 0.99), decay=Float(0, 1)
)
Loss = Callable[[Params], float]


def loss(params: Params) -> float:
    lr, dropout, momentum, decay = (params[name] for name in SPACE)
    assert isinstance(lr, float)
    assert isinstance(dropout, float)
    assert isinstance(momentum, float)
    assert isinstance(decay, float)
    away = (math.log10(lr) + 3.2) ** 2 + 4 * (dropout - 0.2) ** 2 + (momentum - 0.8) ** 2
    return away + 0.5 * (decay - 0.1) ** 2


def shifted(params: Params) -> float:
    """The same training on other data: another scale, the best a little elsewhere."""
    lr = params["lr"]
    assert isinstance(lr, float)
    return 100 + 30 * loss({**params, "lr": min(1.0, 2 * lr)})


def opposite(params: Params) -> float:
    return -loss(params)


def guided(task: Loss | None, *, seed: int = 0, results: int = 40, space: Space = SPACE) -> Study:
    """A new study with the results of `task` at random points."""
    study = new_study(space, seed=seed)
    chance = random.Random(seed)
    for _ in range(results if task else 0):
        params = SPACE.from_unit({name: chance.random() for name in SPACE})
        assert task is not None
        tell(study, PriorAdded(params, task(params), "other"))
    return study


def suggest(study: Study, given: Params | None = None) -> tuple[Params, str]:
    number = study.highest + 1
    return GpSampler().suggest(study, Suggest(number, given), trial_seed(study.settings.seed, number))


def run(study: Study, trials: int) -> float:
    """The lowest loss after so many trials, of which the first has the defaults."""
    finish(study, study.space.defaults(), loss(study.space.defaults()))
    for _ in range(trials - 1):
        params, _ = suggest(study)
        finish(study, params, loss(params))
    return study.require_best()[1]


def test_the_first_suggestions_are_the_tasks_best_and_sobol_points_in_turn() -> None:
    study = guided(shifted)
    begin(study, study.space.defaults())
    sources = []
    for _ in range(4):
        params, source = suggest(study)
        sources.append(source)
        begin(study, params)
    assert sources == ["gp", "sobol", "gp", "sobol"]
    first = study.trials[1].params
    best = min(study.priors["other"], key=lambda result: result[1])[0]
    assert first == pytest.approx(best)
    assert study.trials[3].params != pytest.approx(best)


def test_no_sobol_point_is_passed_over_for_a_tasks() -> None:
    cold, warm = guided(None), guided(shifted)
    points = {}
    for study in (cold, warm):
        begin(study, study.space.defaults(), "default")
        for _ in range(4):
            params, source = suggest(study)
            begin(study, params, source)
        points[study is warm] = [trial.params for trial in study.trials.values() if trial.source == "sobol"]
    assert len(points[True]) == 2
    assert points[True] == points[False][:2]


def test_a_related_task_saves_the_beginning() -> None:
    warm = [run(guided(shifted, seed=seed), 5) for seed in range(3)]
    cold = [run(guided(None, seed=seed), 5) for seed in range(3)]
    assert sum(warm) < 0.3 * sum(cold)


def test_an_opposite_task_does_not_keep_the_search_from_the_optimum() -> None:
    assert max(run(guided(opposite, seed=seed), 25) for seed in range(2)) < 0.05


def test_it_obeys_narrowed_ranges_and_given_values() -> None:
    study = guided(shifted)
    narrow(study, lr=[1e-2, 1e-1])
    begin(study, study.space.defaults())
    for _ in range(5):
        params, _ = suggest(study, {"dropout": 0.7})
        assert study.ranges.contains(params)
        assert params["dropout"] == 0.7
        finish(study, params, loss(params))


def test_two_tasks_take_turns() -> None:
    study = guided(shifted)
    for n in range(5):
        tell(study, PriorAdded({"lr": 10.0**-n, "decay": n / 4}, float(n), "second"))
    begin(study, study.space.defaults())
    firsts = []
    for _ in range(4):
        params, source = suggest(study)
        begin(study, params)
        if source == "gp":
            firsts.append(params)
    best = {name: min(results, key=lambda result: result[1])[0] for name, results in study.priors.items()}
    assert firsts[0] == pytest.approx(best["other"])
    assert firsts[1]["lr"] == pytest.approx(best["second"]["lr"])


def test_the_same_study_and_seed_give_the_same_suggestion() -> None:
    studies = [guided(shifted) for _ in range(2)]
    for study in studies:
        run(study, 9)
    assert suggest(studies[0]) == suggest(studies[1])


def test_a_task_of_which_nothing_holds_leaves_the_search_as_it_was() -> None:
    strange, cold = guided(None), guided(None)
    for n in range(9):
        tell(strange, PriorAdded({"lr": f"{n}"}, float(n), "strange"))
    run(strange, 8)
    run(cold, 8)
    assert suggest(strange) == suggest(cold)
