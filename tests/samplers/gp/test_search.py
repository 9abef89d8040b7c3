import numpy as np
import pytest

from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.space import Space
from jupyter_tune.samplers.gp.encoding import Encoding
from jupyter_tune.samplers.gp.region import Region
from jupyter_tune.samplers.gp.score import Scored
from jupyter_tune.samplers.gp.search import maximise
from tests.samplers.studies import new_study

NOTHING = np.empty((0, 3))
SPACE = Space(x=Float(0, 1), n=Int(1, 40), c=Categorical(["a", "b", "c"]))
EVERYWHERE = Region(new_study(SPACE), Encoding(SPACE, SPACE), {}, 0)


def hill(u):
    """Highest at x = 0.321, n = 29, c = b."""
    right_choice = (np.abs(u[:, 2] - 0.5) < 0.1) * 0.2
    away = u - [0.321, 28.5 / 40, 0.0]
    away[:, 2] = 0.0
    return Scored(right_choice - (away**2).sum(axis=1), lambda: -2 * away)


def test_the_top_of_a_mixed_hill_is_found():
    encoding = Encoding(SPACE, SPACE)
    u, score = maximise(hill, encoding, NOTHING, NOTHING, 0, EVERYWHERE)
    params = encoding.to_params(u)
    assert params["x"] == pytest.approx(0.321, abs=1e-3)
    assert (params["n"], params["c"]) == (29, "b")
    assert score == pytest.approx(0.2, abs=1e-5)


def test_ranges_bound_the_search():
    now = SPACE.narrow({"x": (0.5, 0.6), "n": (1, 5), "c": ["a", "c"]})
    encoding = Encoding(SPACE, now)
    params = encoding.to_params(maximise(hill, encoding, NOTHING, NOTHING, 0, EVERYWHERE)[0])
    assert now.contains(params)
    assert (params["x"], params["n"]) == (0.5, 5)


def test_points_tried_are_refused_until_nothing_else_is_left():
    space = Space(n=Int(1, 3), c=Categorical(["a", "b"]))
    encoding = Encoding(space, space)

    def first(u):
        return Scored(-u.sum(axis=1), lambda: -np.ones_like(u))

    tried = np.empty((0, 2))
    for _ in range(6):
        u, _ = maximise(first, encoding, tried, tried, 0, EVERYWHERE)
        assert not (tried == u).all(axis=1).any()
        tried = np.vstack([tried, u])
    u, _ = maximise(first, encoding, tried, tried, 0, EVERYWHERE)
    assert encoding.to_params(u) == {"n": 1, "c": "a"}


def test_only_values_that_trials_can_have_are_scored():
    space = Space(n=Int(1, 5), x=Float(0, 1))
    encoding = Encoding(space, space)
    seen: list[np.ndarray] = []

    def score(u):
        seen.append(u[:, 0].copy())
        away = (u - 0.5) * [0.0, 1.0]
        return Scored(-(away[:, 1] ** 2), lambda: -2 * away)

    maximise(score, encoding, np.empty((0, 2)), np.empty((0, 2)), 0, EVERYWHERE)
    levels = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    assert np.abs(np.concatenate(seen)[:, None] - levels).min(axis=1).max() < 1e-9


def test_a_branch_that_is_owed_a_trial_comes_before_the_best_score_and_after_a_score_of_no_gain():
    space = Space({"c": Categorical(["a", "b"]), "x": Float(0, 1), "y": Float(0, 1)}, when={
        "x": {"c": "a"}, "y": {"c": "b"},
    })  # fmt: skip
    encoding = Encoding(space, space)
    everywhere = Region(new_study(space), encoding, {}, 0)

    def choice(of_a, of_b, height):
        def best_in_a(u):
            return Scored(height - 20.0 * u[:, 0], lambda: np.zeros_like(u) - [20.0, 0.0, 0.0])

        tried = encoding.snap(np.random.default_rng(0).random((of_a + of_b, 3)))
        tried[:, 0] = [0.25] * of_a + [0.75] * of_b
        u, _ = maximise(best_in_a, encoding, tried, encoding.snap(tried), 0, everywhere)
        return encoding.to_params(u)["c"]

    assert choice(8, 0, height=5.0) == "b"
    assert choice(7, 1, height=5.0) == "a"
    assert choice(6, 2, height=-5.0) == "b"
    assert choice(4, 4, height=-5.0) == "a"
