"""Ray Tune's search spaces. Ray is large: this file runs by its name, where Ray is installed."""

from __future__ import annotations

import pytest
from ray import tune

import jupyter_tune as jt
from jupyter_tune.errors import SpaceError


def test_ranges_steps_and_choices() -> None:
    declared = {
        "lr": tune.loguniform(1e-4, 1e-1),
        "drop": tune.uniform(0, 0.5),
        "step": tune.quniform(0.25, 0.75, 0.25),
        "n": tune.randint(1, 10),
        "width": tune.lograndint(16, 512),
        "even": tune.qrandint(2, 10, 2),
        "act": tune.choice(["relu", "tanh"]),
        "grid": tune.grid_search([1, 2]),
        "fixed": 3,
    }
    assert jt.read_space(declared) == jt.Space(
        lr=jt.Float(1e-4, 1e-1, log=True), drop=jt.Float(0, 0.5), step=jt.Float(0.25, 0.75, step=0.25),
        n=jt.Int(1, 9), width=jt.Int(16, 511, log=True), even=jt.Int(2, 10, step=2),
        act=jt.Categorical(["relu", "tanh"]), grid=jt.Categorical([1, 2]), fixed=3,
    )  # fmt: skip


@pytest.mark.parametrize(
    "domain",
    [tune.randn(0, 1), tune.qloguniform(1, 10, 1), tune.sample_from(lambda spec: 1)],
    ids=["normal", "quantised log", "sample_from"],
)
def test_what_has_no_counterpart_is_named(domain) -> None:
    with pytest.raises(SpaceError, match=r"^x: .* has no counterpart here; there are uniform"):
        jt.read_space({"x": domain})
