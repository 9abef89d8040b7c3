import random
import subprocess
import sys

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.space import Space
from jupyter_tune.samplers.random import RandomSampler
from tests.samplers.studies import MIXED, new_study, suggest


def test_draws_are_uniform_in_scale():
    study = new_study(Space(x=Float(1e-4, 1.0, log=True)))
    draws = [RandomSampler().suggest(study, Suggest(n), n)[0]["x"] for n in range(2000)]
    share = sum(isinstance(x, float) and x < 1e-2 for x in draws) / len(draws)
    assert abs(share - 0.5) < 0.05  # about four standard errors


def test_every_seed_draws_anew_and_repeats_itself():
    study = new_study(MIXED)
    drawn = [RandomSampler().suggest(study, Suggest(0), seed)[0] for seed in range(20)]
    assert drawn == [RandomSampler().suggest(study, Suggest(9), seed)[0] for seed in range(20)]
    assert len({repr(params) for params in drawn}) == 20


def test_the_global_generator_is_left_alone():
    random.seed(1)
    before = random.getstate()
    suggest(RandomSampler(), new_study(MIXED))
    assert random.getstate() == before


def test_a_random_study_imports_neither_torch_nor_numpy():
    code = (
        "import sys, jupyter_tune.samplers.random as m\n"
        "assert not {'torch', 'gpytorch', 'numpy', 'scipy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
