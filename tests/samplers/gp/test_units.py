"""Where trials lie: as the encoding says, for whichever study asks."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tune.core.parameters import Categorical, Float, Params
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.gp.encoding import Encoding
from jupyter_tune.samplers.gp.units import tried_in, units_of
from tests.samplers.studies import begin, finish, new_study


def space(default: float = 0.5) -> Space:
    ranges: dict[str, Any] = {"kind": Categorical(["a", "b"]), "x": Float(0, 1, default=default)}
    return Space(ranges, when={"x": {"kind": ["a"]}})


def study(declared: Space, *tried: Params) -> Study:
    of = new_study(declared)
    for params in tried:
        finish(of, params, 1.0)
    return of


def tried(of: Study) -> list[list[float]]:
    found: list[list[float]] = tried_in(of, Encoding(of.space, of.space)).tolist()
    return found


def test_studies_of_the_same_space_have_each_their_own_trials() -> None:
    one, other = study(space(), {"kind": "a", "x": 0.25}), study(space(), {"kind": "a", "x": 0.75})
    for _ in range(2):
        assert tried(one) == [[0.25, 0.25]]
        assert tried(other) == [[0.25, 0.75]]


@pytest.mark.parametrize("default", [0.2, 0.7])
def test_a_parameter_that_does_not_exist_stands_at_the_default_of_its_own_space(default: float) -> None:
    assert tried(study(space(default), {"kind": "b"})) == [[0.75, default]]


def test_trials_that_run_are_tried_too() -> None:
    of = study(space())
    assert tried(of) == []
    begin(of, {"kind": "b"})
    encoding = Encoding(of.space, of.space)
    assert tried(of) == [encoding.to_unit({"kind": "b"})] == units_of(of.live, encoding).tolist()
