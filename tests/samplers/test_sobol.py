import subprocess
import sys

import numpy as np
import pytest

from jupyter_tune.core.parameters import Categorical, Float
from jupyter_tune.core.space import Space
from jupyter_tune.errors import OptionError
from jupyter_tune.samplers.random import RandomSampler
from jupyter_tune.samplers.sobol import MAX_DIMENSIONS, SobolSampler, sobol_point
from tests.samplers.studies import MIXED, finish, new_study, suggest

SQUARE = Space(x=Float(0, 1), y=Float(0, 1))


def test_trial_n_is_point_n_in_whatever_order():
    study = new_study(MIXED)
    forwards = [suggest(SobolSampler(), study, n) for n in range(150)]
    backwards = [suggest(SobolSampler(), study, n) for n in reversed(range(150))]
    assert forwards == backwards[::-1]
    finish(study, forwards[0], 1.0)
    assert suggest(SobolSampler(), study, 7) == forwards[7]


def test_the_study_s_seed_scrambles():
    assert suggest(SobolSampler(), new_study(SQUARE, seed=1), 3) != suggest(
        SobolSampler(), new_study(SQUARE, seed=2), 3
    )


def test_a_point_that_a_trial_passes_over_to_is_no_other_trial_s():
    # a third of the points are the default, which is one point: each of those trials takes a later one
    space = Space({"c": Categorical(["plain", "x", "y"]), "x": Float(0, 1), "y": Float(0, 1)}, when={
        "x": {"c": "x"}, "y": {"c": "y"},
    })  # fmt: skip
    study = new_study(space)
    finish(study, space.defaults(), 1.0)
    seen = [space.defaults()]
    for _ in range(11):
        seen.append(suggest(SobolSampler(), study))
        finish(study, seen[-1], 1.0)
    assert len({tuple(params.items()) for params in seen}) == len(seen)


def test_every_binary_cell_holds_its_share():
    points = np.array([sobol_point(2, 11, n) for n in range(64)])
    for columns, rows in ((8, 8), (64, 1), (1, 64), (16, 4)):
        cells = np.floor(points * [columns, rows]) @ [rows, 1]
        assert len(set(cells.tolist())) == 64


def test_points_leave_smaller_holes_than_random_ones():
    def largest_hole(sampler, seed):
        study = new_study(SQUARE, seed=seed)
        points = np.array([list(suggest(sampler, study, n).values()) for n in range(64)])
        grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 33)] * 2), axis=-1).reshape(-1, 1, 2)
        return np.linalg.norm(grid - points, axis=-1).min(axis=1).max()

    pairs = [(largest_hole(SobolSampler(), s), largest_hole(RandomSampler(), s)) for s in range(8)]
    assert sum(sobol < plain for sobol, plain in pairs) >= 7


def test_too_many_dimensions_are_refused_with_a_way_out():
    with pytest.raises(OptionError, match=r"21201.*random"):
        sobol_point(MAX_DIMENSIONS + 1, 0, 0)


def test_a_sobol_study_does_not_import_torch():
    code = "import sys, jupyter_tune.samplers.sobol; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
