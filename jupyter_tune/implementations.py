"""Which sampler and which pruner a name stands for. Only the driver and Tuner ask.

Each is loaded when it is chosen: gp brings torch with it, random nothing at all.
"""

from __future__ import annotations

from dataclasses import replace

from jupyter_tune.core.events import Settings
from jupyter_tune.core.ports import Pruner, Sampler
from jupyter_tune.core.space import Space
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
    match name:
        case "asha":
            from jupyter_tune.pruners.asha import AshaPruner

            return AshaPruner()
        case "hyperband":
            from jupyter_tune.pruners.hyperband import HyperbandPruner

            return HyperbandPruner()
        case "median":
            from jupyter_tune.pruners.median import MedianPruner

            return MedianPruner()
        case "none":
            from jupyter_tune.pruners.none import NoPruner

            return NoPruner()
    raise OptionError(f"pruner: {name!r} is not known; use asha, hyperband, median or none")


def within_grid(space: Space, settings: Settings) -> tuple[Settings, str]:
    """The settings with no more trials than a grid has points, and what to say of the grid.

    Other samplers never run out: their settings come back as they are, with nothing to say.
    """
    if settings.sampler != "grid":
        return settings, ""
    from jupyter_tune.samplers.grid import describe, grid_size

    size = grid_size(space, settings.trials)
    trials = size if settings.trials is None else min(settings.trials, size)
    return replace(settings, trials=trials), describe(space, settings.trials)
