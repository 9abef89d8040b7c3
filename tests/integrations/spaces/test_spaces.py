"""Search spaces of other libraries, read without importing them."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import ConfigSpace as cs  # noqa: N813
import numpy as np
import pytest
import scipy.stats  # type: ignore[import-untyped]
from hyperopt import hp

import jupyter_tune as jt
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError


def when(space: Space) -> dict[str, dict[str, tuple[Any, ...]]]:
    found = {name: {c.parent: c.values for c in space.conditions(name)} for name in space}
    return {name: conditions for name, conditions in found.items() if conditions}


def test_scipys_distributions_lists_and_fixed_values() -> None:
    declared = {
        "a": scipy.stats.uniform(1, 4),
        "b": scipy.stats.loguniform(1e-4, 1e-1),
        "c": scipy.stats.randint(2, 9),
        "d": ["x", "y"],
        "e": np.array([1, 2]),
        "f": 7,
        "g": jt.Int(1, 3),
    }
    assert jt.read_space(declared) == jt.Space(
        a=jt.Float(1, 5), b=jt.Float(1e-4, 1e-1, log=True), c=jt.Int(2, 8),
        d=jt.Categorical(["x", "y"]), e=jt.Categorical([1, 2]), f=7, g=jt.Int(1, 3),
    )  # fmt: skip
    for name, distribution in {"n": scipy.stats.norm(0, 1), "l": scipy.stats.loguniform(1, 2, loc=3)}.items():
        with pytest.raises(SpaceError, match=f"^{name}: scipy's distribution .* has no counterpart here"):
            jt.read_space({name: distribution})


def test_hyperopts_expressions_with_choices_inside_choices() -> None:
    svm = {"type": "svm", "C": hp.uniform("C", 0, 10), "kernel": hp.choice("kernel", ["rbf", "linear"])}
    forest = {"type": "forest", "trees": hp.quniform("trees", 10, 100, 10), "n": hp.randint("n", 5)}
    declared = {
        "lr": hp.loguniform("lr", math.log(1e-4), math.log(1e-1)),
        "model": hp.choice("model", [svm, forest]),
        "depth": hp.uniformint("depth", 1, 9),
        "fixed": 3,
    }
    space = jt.read_space(declared)
    assert space["lr"].range == pytest.approx((1e-4, 1e-1))
    assert space["model"] == jt.Categorical(["svm", "forest"])
    assert (space["trees"], space["n"]) == (jt.Float(10, 100, step=10), jt.Int(0, 4))
    assert space["depth"] == jt.Int(1, 9)
    assert when(space) == {
        "C": {"model": ("svm",)}, "kernel": {"model": ("svm",)},
        "trees": {"model": ("forest",)}, "n": {"model": ("forest",)},
    }  # fmt: skip
    places = jt.read_space(hp.choice("which", [hp.uniform("x", 0, 1), hp.uniform("y", 0, 1)]))
    assert when(places) == {"x": {"which": (0,)}, "y": {"which": (1,)}}
    refused = {
        "z": (hp.normal("z", 0, 1), "hp.normal has no counterpart"),
        "p": (hp.pchoice("p", [(0.2, 1), (0.8, 2)]), "hp.pchoice"),
        "q": (hp.qloguniform("q", 0, 1, 1), "hp.qloguniform"),
    }
    for name, (expression, said) in refused.items():
        with pytest.raises(SpaceError, match=f"^{name}: {said}"):
            jt.read_space({name: expression})


def test_config_space_with_its_conditions() -> None:
    space = cs.ConfigurationSpace()
    kind = cs.Categorical("kind", ["svm", "forest"], default="forest")
    kernel = cs.Categorical("a kernel", ["rbf", "linear"])
    c = cs.Float("c", (1e-3, 1e3), log=True, default=2.0)
    gamma = cs.Float("b gamma", (0.0, 1.0))
    size = cs.OrdinalHyperparameter("size", ["s", "m", "l"])
    space.add(kind, kernel, c, gamma, size, cs.Integer("n", (1, 9)), cs.Constant("k", 4))
    space.add(cs.EqualsCondition(kernel, kind, "svm"), cs.InCondition(c, kind, ["svm"]))
    both = cs.EqualsCondition(gamma, kind, "svm"), cs.EqualsCondition(gamma, kernel, "rbf")
    space.add(cs.AndConjunction(*both))
    read = jt.read_space(space)
    assert read["c"] == jt.Float(1e-3, 1e3, log=True, default=2.0)
    assert read["kind"].default == "forest"
    assert read["size"] == jt.Categorical(["s", "m", "l"], ordered=True)
    assert read["k"].is_constant
    assert when(read) == {
        "a kernel": {"kind": ("svm",)}, "c": {"kind": ("svm",)},
        "b gamma": {"kind": ("svm",), "a kernel": ("rbf",)},
    }  # fmt: skip
    normal = cs.ConfigurationSpace()
    normal.add(cs.Float("w", (0, 1), distribution=cs.Normal(0.5, 0.1)))
    with pytest.raises(SpaceError, match=r"^w: NormalFloatHyperparameter has no counterpart here"):
        jt.read_space(normal)
    space.add(cs.ForbiddenEqualsClause(space["n"], 3))
    with pytest.raises(SpaceError, match="a forbidden clause is a constraint here"):
        jt.read_space(space)


SWEEP = """
program: train.py
method: bayes
metric: {name: val_loss, goal: minimize, target: 0.1}
run_cap: 30
early_terminate: {type: hyperband, min_iter: 3, max_iter: 27, eta: 3}
parameters:
  lr: {distribution: log_uniform_values, min: 0.0001, max: 0.1}
  width: {min: 16, max: 64}
  drop: {min: 0.0, max: 0.5}
  act: {values: [relu, tanh]}
  q: {distribution: q_uniform, min: 0, max: 1, q: 0.25}
  epochs: {value: 27}
"""


def test_a_sweep_is_read_with_its_options_and_runs(tmp_path) -> None:
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    sweep = jt.read_sweep(tmp_path / "sweep.yaml")
    expected = jt.Space(
        lr=jt.Float(1e-4, 1e-1, log=True), width=jt.Int(16, 64), drop=jt.Float(0.0, 0.5),
        act=jt.Categorical(["relu", "tanh"]), q=jt.Float(0, 1, step=0.25), epochs=27,
    )  # fmt: skip
    assert sweep.space == expected
    assert jt.read_space(tmp_path / "sweep.yaml") == expected
    assert sweep.options == {
        "minimize": "val_loss", "target": 0.1, "sampler": "gp", "trials": 30,
        "pruner": "hyperband", "min_steps": 3, "max_steps": 27, "reduction_factor": 3,
    }  # fmt: skip

    def train(lr: float, **_: Any) -> float:
        return 1 + lr

    options = {**sweep.options, "sampler": "random", "trials": 2, "workers": 0, "dir": tmp_path}
    assert len(jt.tune(train, sweep.space, **options).trials) == 2


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"distribution": "normal", "mu": 0, "sigma": 1}, "distribution 'normal' without min and max"),
        ({"distribution": "beta", "min": 0, "max": 1}, "the distribution 'beta' has no counterpart"),
        ({"parameters": {"y": {"value": 1}}}, "has parameters inside"),
        ({"values": [1, 2], "probabilities": [0.1, 0.9]}, "values with probabilities"),
        (3, "is 3; a sweep has value, values, or min and max"),
    ],
)
def test_what_a_sweep_has_and_a_space_does_not_is_named(declared: Any, said: str) -> None:
    with pytest.raises(SpaceError, match=f"^x: {said}"):
        jt.read_space({"parameters": {"x": declared}})


def test_other_things_are_refused_and_nothing_is_imported_for_it() -> None:
    with pytest.raises(SpaceError, match=r"3: is no search space that is known here; there are those of Ray"):
        jt.read_space(3)
    with pytest.raises(SpaceError, match="a: is a dict; parameters have no parts here"):
        jt.read_space({"a": {"b": [1, 2]}})
    statement = (
        "import sys, jupyter_tune as jt; jt.read_space({'a': [1, 2], 'b': {'grid_search': [1]}})\n"
        "assert not {'ray', 'hyperopt', 'ConfigSpace', 'scipy', 'numpy', 'yaml'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", statement], check=True, timeout=60)
