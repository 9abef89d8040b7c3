from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from jupyter_tune.core.events import Event, TrialEnded, TrialReported, TrialStarted, TrialSuggested
from jupyter_tune.core.trial import COMPLETE, PRUNED
from jupyter_tune.samplers.gp.fit import fit
from jupyter_tune.samplers.gp.observations import observe
from jupyter_tune.samplers.gp.posterior import Posterior
from tests.core.studies import completed, study_of

EFFECTS = (0.3, 0.0, -0.3)
"""The first fold is easy, the last one hard."""


def run(number: int, level: float, folds: int, state: str) -> Iterator[Event]:
    yield TrialSuggested(number, {"x": 0.1 * number, "y": 0.5}, "random")
    yield TrialStarted(number, 1)
    for fold in range(folds):
        yield TrialReported(number, 1, fold + 1, {"score": level + EFFECTS[fold]}, fold=fold)
    yield TrialEnded(number, 1, state)


def test_a_trial_stopped_after_an_easy_fold_is_not_taken_for_better():
    events: list[Event] = [*run(0, 0.9, 3, COMPLETE), *run(1, 0.8, 3, COMPLETE), *run(2, 0.7, 1, PRUNED)]
    observations = observe(study_of(*events))
    assert observations.losses == pytest.approx([-0.9, -0.8, -0.7])
    assert not observations.guessed
    assert observations.noise is not None
    assert list(observations.noise) == [1.0, 1.0, 3.0]


def test_a_study_without_folds_has_one_noise():
    assert observe(study_of(*completed(0, 1.0))).noise is None


def test_equal_shares_are_no_shares_and_a_noisier_observation_says_less():
    chance = np.random.default_rng(0)
    x = chance.random((20, 1))
    y = np.sin(6 * x[:, 0]) + 0.3 * chance.standard_normal(20)
    plain, equal = (fit(x, y, [0], shares=shares) for shares in (None, np.ones(20)))
    assert Posterior(plain).mean(x) == pytest.approx(Posterior(equal).mean(x), abs=1e-6)
    before = Posterior(equal).at(x[:1]).deviation
    equal.shares = np.array([25.0] + [1.0] * 19)
    assert Posterior(equal).at(x[:1]).deviation > before
