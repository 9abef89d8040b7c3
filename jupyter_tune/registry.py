"""Which sampler and which pruner a name stands for: the only place that lists their names.

Each is loaded when it is made, which only the driver and Tuner do: gp brings torch with it, random
nothing at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

from jupyter_tune.core.option_values import choice
from jupyter_tune.core.ports import Pruner, Sampler
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.errors import OptionError

SAMPLERS = {
    "gp": "samplers.gp.sampler.GpSampler",
    "random": "samplers.random.RandomSampler",
    "sobol": "samplers.sobol.SobolSampler",
    "grid": "samplers.grid.GridSampler",
}
"""Where the class of each lives; the first is the default."""

PRUNERS = {
    "asha": "pruners.asha.AshaPruner",
    "hyperband": "pruners.hyperband.HyperbandPruner",
    "median": "pruners.median.MedianPruner",
    "none": "pruners.none.NoPruner",
}


def make_sampler(name: str) -> Sampler:
    """The sampler of that name. Raises OptionError for one that this version does not know."""
    sampler: Sampler = _make(SAMPLERS, "sampler", name)
    return sampler


def make_pruner(name: str) -> Pruner:
    """The pruner of that name. Raises OptionError for one that this version does not know."""
    pruner: Pruner = _make(PRUNERS, "pruner", name)
    return pruner


def _make(among: Mapping[str, str], kind: str, name: str) -> Any:
    if name not in among:
        raise OptionError(f"{kind}: {name!r} is not known; {choice(tuple(among))}")
    module, _, made = among[name].rpartition(".")
    return getattr(import_module(f"jupyter_tune.{module}"), made)()


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
