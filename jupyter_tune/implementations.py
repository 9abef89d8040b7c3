"""Which sampler and which pruner a name stands for. Only the driver and Tuner ask.

Each is loaded when it is chosen: gp brings torch with it, random nothing at all.
"""

from __future__ import annotations

from jupyter_tune.core.ports import Pruner, Sampler
from jupyter_tune.errors import OptionError


def make_sampler(name: str) -> Sampler:
    match name:
        case "gp":
            from jupyter_tune.samplers.gp.sampler import GpSampler

            return GpSampler()
        case "random":
            from jupyter_tune.samplers.random import RandomSampler

            return RandomSampler()
        case "sobol":
            from jupyter_tune.samplers.sobol import SobolSampler

            return SobolSampler()
        case "grid":
            from jupyter_tune.samplers.grid import GridSampler

            return GridSampler()
    raise OptionError(f"sampler: {name!r} is not known; use gp, random, sobol or grid")


def make_pruner(name: str) -> Pruner:
    if name == "asha":
        from jupyter_tune.pruners.asha import AshaPruner

        return AshaPruner()
    if name == "none":
        from jupyter_tune.pruners.none import NoPruner

        return NoPruner()
    raise OptionError(f"pruner: {name!r} is not known; use asha or none")
