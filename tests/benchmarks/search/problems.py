"""The one-fidelity problems: a space, a loss to minimise, and what is known of its optimum.

Four kinds, as the field uses them: `models` (models.py), `landscapes` (landscapes.py), `synthetic`
(synthetic.py), `surrogates` (final error of LCBench trainings, curves.py). They were chosen by kind and
before any tuner was run on them; none was dropped or changed for what a tuner did on it.

The same params give the same loss. Noise is drawn by (problem, seed, trial), so that the n-th trials of all
tuners are shifted alike; what is judged is the loss without the noise.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TypeAlias

import numpy as np

from tests.benchmarks.search import curves, landscapes, models, synthetic
from tests.benchmarks.search.spaces import Parameter, Params, cube

Loss: TypeAlias = Callable[[Params], float | None]


@dataclass(frozen=True)
class Problem:
    """`optimum`: the lowest loss there is; None where nobody knows. `costly`: worth keeping on disk.

    `version` goes up with every change that gives other losses, and makes all cached results stale.
    """

    name: str
    kind: str
    space: tuple[Parameter, ...]
    loss: Loss
    optimum: float | None = None
    noise: float = 0.0  # deviation, in the loss's units
    costly: bool = False
    version: int = 1

    def observed(self, loss: float | None, seed: int, trial: int) -> float | None:
        """What the tuner is told of this loss: with the noise of that trial in the run of that seed."""
        if loss is None or self.noise == 0:
            return loss
        rng = np.random.default_rng(zlib.crc32(f"{self.name} {seed} {trial}".encode()))
        return loss + self.noise * float(rng.normal())


# as wide as tuning problems are; each dimension that the suite has, 2 to 20, is near one of these
_LANDSCAPES = {
    "sphere": 20,
    "ellipsoid": 10,
    "rastrigin": 5,
    "rosenbrock": 8,
    "griewank_rosenbrock": 3,
    "attractive_sector": 10,
    "step_ellipsoid": 6,
    "sharp_ridge": 15,
    "schaffers_f7": 12,
    "schwefel": 4,
    "gallagher": 2,
}
_OPTIMA = {
    "hartmann": synthetic.HARTMANN_OPTIMUM,
    "branin": synthetic.BRANIN_OPTIMUM,
    "ackley_mixed": 0.0,
    "methods": 0.0,
    "levy_sparse": 0.0,
    "training": synthetic.TRAINING_OPTIMUM,
    "diverging": synthetic.TRAINING_OPTIMUM,
}
# a tenth of what separates good from middling configurations there
_NOISY = {"hartmann": 0.1, "training": 0.02}
LCBENCH = ("3945", "126026", "146212", "167168")


def _landscape(name: str, dimensions: int) -> Problem:
    value = getattr(landscapes, name)(landscapes.Instance(name, dimensions))
    loss = partial(_of_vector, value)
    return Problem(f"{name}_{dimensions}", "landscapes", cube(dimensions, -5, 5), loss, 0.0)


def _of_vector(value: landscapes.Landscape, params: Params) -> float:
    return value(synthetic.vector(params))


def _synthetic(name: str, noise: float = 0.0) -> Problem:
    optimum = _OPTIMA.get(name)
    space, loss = synthetic.SPACES[name], getattr(synthetic, name)
    return Problem(f"{name}_noisy" if noise else name, "synthetic", space, loss, optimum, noise)


def _surrogate(task: str) -> Problem:
    return Problem(f"lcbench_{task}", "surrogates", curves.LCBENCH_SPACE, partial(_final_error, task))


def _final_error(task: str, params: Params) -> float:
    return float(curves.lcbench(task).curve(params).losses[-1])


@cache
def problems() -> dict[str, Problem]:
    """All of them, by name."""
    found = [
        *(
            Problem(name, "models", model.space, model.loss, costly=True)
            for name, model in models.MODELS.items()
        ),
        *(_landscape(name, dimensions) for name, dimensions in _LANDSCAPES.items()),
        *(_synthetic(name) for name in synthetic.SPACES),
        *(_synthetic(name, noise) for name, noise in _NOISY.items()),
        *(_surrogate(task) for task in LCBENCH),
    ]
    return {problem.name: problem for problem in found}


def named(name: str) -> Problem:
    """The problem of that name, conditional or not."""
    # here, not above: they are Problems
    from tests.benchmarks.search.conditional.problems import conditional

    return problems().get(name) or conditional()[name]
