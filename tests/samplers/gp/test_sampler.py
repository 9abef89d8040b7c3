from __future__ import annotations

import math
import random
import subprocess
import sys

import numpy as np
import pytest

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.space import Space
from jupyter_tune.samplers.gp.sampler import GpSampler
from jupyter_tune.samplers.random import RandomSampler
from tests.samplers.studies import begin, finish, narrow, new_study, optimise, suggest

TRAINING = Space(
    lr=Float(1e-5, 1.0, log=True),
    width=Int(8, 1024, log=True),
    dropout=Float(0.0, 0.8),
    optimizer=Categorical(["rms", "adam", "sgd"]),
)


def training_loss(params):
    """The learning rate that suits depends on the optimizer."""
    suits = {"sgd": -1.0, "adam": -3.0, "rms": -2.5}[params["optimizer"]]
    costs = {"sgd": 0.0, "adam": 0.3, "rms": 0.6}[params["optimizer"]]
    lr, width = math.log10(params["lr"]), math.log2(params["width"])
    return costs + (lr - suits) ** 2 + 0.5 * abs(width - 6.5) + 2 * (params["dropout"] - 0.25) ** 2


def taught(space=TRAINING, objective=training_loss, *, scale=1.0, shift=0.0, maximize=False, trials=15):
    study = new_study(space, maximize=maximize)
    chance = random.Random(3)
    for _ in range(trials):
        params = space.from_unit({name: chance.random() for name in space})
        finish(study, params, scale * objective(params) + shift)
    return study


def close(one, other):
    assert one["optimizer"] == other["optimizer"]
    # rounding of the targets moves the end of two L-BFGS runs a little
    assert math.log(one["lr"]) == pytest.approx(math.log(other["lr"]), abs=0.02)
    assert one["dropout"] == pytest.approx(other["dropout"], abs=0.01)
    assert one["width"] == pytest.approx(other["width"], rel=0.03)


def test_it_starts_with_the_defaults_and_sobol_and_then_models():
    study = new_study(TRAINING)
    sources = []
    for number in range(9):
        given = TRAINING.defaults() if number == 0 else None
        params, source = GpSampler().suggest(
            study, Suggest(number, given, "default" if given else ""), number
        )
        sources.append(source)
        finish(study, params, training_loss(params))
    assert sources == ["default"] + 5 * ["sobol"] + 3 * ["gp"]


def test_the_first_suggestions_do_not_load_torch():
    first = """
import sys
from jupyter_tune.core.commands import Suggest
from jupyter_tune.samplers.gp.sampler import GpSampler
from tests.samplers.gp.test_sampler import TRAINING, finish, new_study
study = new_study(TRAINING)
for number in range(7):
    params, source = GpSampler().suggest(study, Suggest(number), number)
    print(source, "torch" in sys.modules)
    finish(study, params, float(number))
"""
    ran = subprocess.run([sys.executable, "-c", first], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == 6 * ["sobol False"] + ["gp True"]


def test_failures_prolong_the_start_and_pending_trials_do_not():
    study = new_study(TRAINING)
    for number in range(6):
        params = suggest(GpSampler(), study)
        finish(study, params, None if number % 2 else 1.0, state="failed" if number % 2 else "complete")
    assert GpSampler().suggest(study, Suggest(6), 0)[1] == "sobol"
    for _ in range(3):
        begin(study, suggest(GpSampler(), study))
    assert GpSampler().suggest(study, Suggest(9), 0)[1] == "gp"


def test_the_metric_s_units_do_not_matter():
    close(suggest(GpSampler(), taught()), suggest(GpSampler(), taught(scale=1000.0, shift=-55.0)))


def test_maximising_is_minimising_the_negative():
    close(suggest(GpSampler(), taught()), suggest(GpSampler(), taught(scale=-1.0, maximize=True)))


def test_names_do_not_matter():
    renamed = {name: f"z_{9 - at}" for at, name in enumerate(TRAINING)}
    space = Space({renamed[name]: parameter for name, parameter in TRAINING.items()})

    def objective(params):
        return training_loss({name: params[new] for name, new in renamed.items()})

    here, there = suggest(GpSampler(), taught()), suggest(GpSampler(), taught(space, objective))
    assert list(here.values()) == list(there.values())


def test_trials_outside_narrowed_ranges_go_on_teaching():
    space = Space(x=Float(0, 1), y=Float(0, 1))
    study = new_study(space)
    # a slope that is seen outside only
    for x in np.linspace(0, 0.5, 6).tolist():
        for y in (0.0, 0.4, 0.7, 1.0):
            finish(study, {"x": x, "y": y}, (y - 0.7) ** 2 - x)
    narrow(study, x=(0.6, 0.9))
    params = suggest(GpSampler(), study)
    assert params["x"] == pytest.approx(0.9, abs=0.1)
    assert params["y"] == pytest.approx(0.7, abs=0.2)


def test_pending_trials_push_the_next_one_away():
    study = taught()
    first = suggest(GpSampler(), study)
    begin(study, first)
    second = suggest(GpSampler(), study)
    here, there = TRAINING.to_unit(first), TRAINING.to_unit(second)
    assert max(abs(here[name] - there[name]) for name in TRAINING) > 0.02


def test_a_model_that_foretells_nothing_is_not_followed():
    chance = random.Random(0)

    def half_pruned(objective):
        study = new_study(TRAINING, max_steps=9)
        for number in range(40):
            params = TRAINING.from_unit({name: chance.random() for name in TRAINING})
            pruned = number % 2
            loss = objective(params)
            finish(
                study, params, None, state="pruned" if pruned else "complete", curve=[loss] * (9 - 8 * pruned)
            )
        return study

    def share_of_gp(study):
        sources = [GpSampler().suggest(study, Suggest(40), seed)[1] for seed in range(40)]
        assert set(sources) <= {"gp", "sobol"}
        return sources.count("gp") / 40

    assert 0.5 < share_of_gp(half_pruned(training_loss)) < 0.85
    assert share_of_gp(half_pruned(lambda params: chance.random())) < 0.5


def test_given_values_steer_the_rest():
    study = taught(trials=40)
    params = suggest(GpSampler(), study, given={"optimizer": "sgd"}, source="user")
    assert params["optimizer"] == "sgd"
    assert math.log10(float(params["lr"] or 0)) == pytest.approx(-1.0, abs=1.0)


def best(study):
    return min(trial.value for trial in study.trials.values())


def test_it_beats_random_search_seed_by_seed():
    wins = 0
    for seed in range(5):
        ours = optimise(GpSampler(), new_study(TRAINING, seed=seed), training_loss, 30)
        blind = optimise(RandomSampler(), new_study(TRAINING, seed=seed), training_loss, 30)
        wins += best(ours) < best(blind)
    assert wins >= 4


STEEP = Space(lr=Float(1e-6, 1e2, log=True), momentum=Float(0.0, 0.99))


def diverging_loss(params):
    """A bowl, but for the third that diverges, the more the farther it is beyond the edge."""
    rate = math.log10(params["lr"])
    bowl = 0.1 * (rate + 1.5) ** 2 + (params["momentum"] - 0.6) ** 2
    beyond = rate + params["momentum"]
    return bowl if beyond < 0 else 10 ** (30 * beyond)


def test_trainings_that_diverge_do_not_blind_the_model():
    bests = []
    for seed in range(3):
        # to 1e90, not to NaN
        study = optimise(GpSampler(), new_study(STEEP, seed=seed), diverging_loss, 22)
        bests.append(best(study))
    # random search finds 1e-2
    assert sorted(bests)[1] < 1e-3
