"""Several metrics and constraints of trials with folds: what is learnt does not depend on which there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.events import (
    CodeChanged,
    Event,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, PRUNED
from jupyter_tune.samplers.gp.encoding import Encoding
from jupyter_tune.samplers.gp.posterior import Posterior
from jupyter_tune.samplers.gp.sampler import GpSampler
from jupyter_tune.samplers.gp.several.models import Evidence, model_of
from tests.core.studies import study_of

EFFECTS = {"score": (0.3, 0.0, -0.3), "latency": (-4.0, -1.0, 5.0)}
"""How far each fold is from the mean one: the first is easy in both."""


def run(number: int, score: float, latency: float, folds: int, state: str | None) -> Iterator[Event]:
    """A trial that is measured in `folds` of three; None: it still runs."""
    yield TrialSuggested(number, {"x": 0.1 * number, "y": 0.5}, "random")
    yield TrialStarted(number, 1)
    for fold in range(folds):
        level = {"score": score, "latency": latency}
        metrics = {name: value + EFFECTS[name][fold] for name, value in level.items()}
        yield TrialReported(number, 1, fold + 1, metrics, fold=fold)
    if state is not None:
        yield TrialEnded(number, 1, state)


def study(*further: Event, **settings: Any) -> Study:
    """A study of two complete trials, and of `further`."""
    several = {"also": (("latency", "minimize"),)}
    return study_of(
        *run(0, 0.9, 20.0, 3, COMPLETE), *run(1, 0.8, 30.0, 3, COMPLETE), *further, **(settings or several)
    )


def evidence(of: Study) -> Evidence:
    return Evidence.of(of, Encoding(of.space, of.space))


@pytest.mark.parametrize("state", [PRUNED, None])
def test_a_trial_in_an_easy_fold_is_not_taken_for_better_in_any_metric(state: str | None) -> None:
    of = study(*run(2, 0.7, 50.0, 1, state))
    known = evidence(of)
    losses = [known.losses(trial, of.objectives) for trial in known.trials]
    assert losses == [pytest.approx(each) for each in ([-0.9, 20.0], [-0.8, 30.0], [-0.7, 50.0])]
    assert known.shares is not None
    assert known.shares.tolist() == [1.0, 1.0, 3.0]


def test_a_trial_without_a_whole_fold_teaches_nothing_yet() -> None:
    of = study(TrialSuggested(2, {"x": 0.2, "y": 0.5}, "random"), TrialStarted(2, 1))
    assert [trial.number for trial in evidence(of).trials] == [0, 1]


def test_a_failed_trial_is_the_worst_whatever_its_folds_gave() -> None:
    of = study(*run(2, 0.99, 1.0, 2, FAILED))
    known = evidence(of)
    assert known.losses(known.trials[-1], of.objectives) == [float("inf")] * 2


def test_one_fold_is_trusted_less_than_all() -> None:
    chance, x = np.random.default_rng(0), np.linspace(0, 1, 12)
    levels = np.sin(5 * x) + 0.2 * chance.standard_normal(12)
    events: list[Event] = []
    for number, level in enumerate(levels):
        events += run(
            number, float(level), 10.0, 3 if number != 6 else 1, COMPLETE if number != 6 else PRUNED
        )
    of = study_of(*events, also=(("latency", "minimize"),))
    known = evidence(of)
    assert known.shares is not None
    losses = np.array([known.losses(trial, of.objectives)[0] for trial in known.trials])
    groups = Encoding(of.space, of.space).groups
    model = model_of(losses, known, groups)
    at = known.inputs[[6]]
    unsure = model.posterior.at(at).deviation
    model.surrogate.shares = np.ones(12)
    assert unsure > Posterior(model.surrogate).at(at).deviation


def test_a_constraint_is_learnt_from_folds_less_their_effects() -> None:
    of = study(*run(2, 0.7, 50.0, 1, PRUNED), subject_to=("latency <= 40",))
    known = evidence(of)
    (constraint,) = of.constraints.on_metrics
    excesses = [constraint.excess(known.known_of(of, trial) or {}) for trial in known.trials]
    assert excesses == pytest.approx([-20.0, -10.0, 10.0])
    # of the study's one metric a fold's value counts, as the best of its readings
    assert known.losses(known.trials[-1], of.objectives) == pytest.approx([-0.7])


def test_a_study_without_folds_has_one_noise() -> None:
    of = study_of(
        TrialSuggested(0, {"x": 0.1, "y": 0.5}, "random"),
        TrialStarted(0, 1),
        TrialEnded(0, 1, COMPLETE, 0.5, {"score": 0.5, "latency": 3.0}),
        also=(("latency", "minimize"),),
    )
    assert evidence(of).shares is None


def test_trials_of_code_that_was_edited_teach_nothing() -> None:
    of = study(CodeChanged(1, {}, ["the cell itself"], edited=True), *run(2, 0.7, 50.0, 3, COMPLETE))
    assert [trial.number for trial in evidence(of).trials] == [2]
    command = Suggest(3)
    params, source = GpSampler().suggest(of, command, 1)
    assert source == "sobol"
    assert of.space.contains(params)


def test_a_study_with_partly_measured_trials_is_searched_by_the_model() -> None:
    events: list[Event] = []
    for number in range(2, 9):
        events += run(
            number,
            0.5 + 0.03 * number,
            40.0 - number,
            3 if number % 2 else 1,
            COMPLETE if number % 2 else PRUNED,
        )
    of = study(*events)
    params, source = GpSampler().suggest(of, Suggest(9), 1)
    assert source == "gp"
    assert of.space.contains(params)
