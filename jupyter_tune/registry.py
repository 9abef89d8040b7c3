"""Samplers, pruners and trackers: the one table of their names, and what must be known of each beforehand.

An implementation is loaded when it is made, which only the driver and Tuner do: the model of gp brings torch
with it, random nothing at all. Its traits stand here so that help, errors and decisions need not load it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, TypeVar

from jupyter_tune.core.engine import Engine
from jupyter_tune.core.ports import Pruner, Sampler
from jupyter_tune.core.readers.names import choice
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError


@dataclass(frozen=True, slots=True)
class SamplerKind:
    """What is known of a sampler without loading it.

    made:           its class, as a path inside this package.
    defaults_first: whether trial 0 has the defaults of the ranges.
    model:          the module of its model of the metric, as a path inside this package; "" for none.
                    It is loaded when it is first used.
    bound:          for one that runs out of points: a function of space and settings that gives how many
                    there are, and a phrase that describes them. "" for one that never does.
    """

    made: str
    defaults_first: bool = True
    model: str = ""
    bound: str = ""


@dataclass(frozen=True, slots=True)
class PrunerKind:
    """What is known of a pruner without loading it.

    made:        its class, as a path inside this package.
    needs_steps: whether it prunes nothing without `max_steps`.
    first_rung:  a function of the settings that gives its first rung; "" for the `grace` of the settings.
    """

    made: str
    needs_steps: bool = True
    first_rung: str = ""


@dataclass(frozen=True, slots=True)
class TrackerKind:
    """What is known of an experiment tracker without loading it.

    made:    its class, as a path inside this package.
    library: the module that it needs.
    install: the package that has it.
    """

    made: str
    library: str
    install: str


Kind = TypeVar("Kind", SamplerKind, PrunerKind)

SAMPLERS = {
    "gp": SamplerKind("samplers.gp.sampler.GpSampler", model="samplers.gp.belief"),
    "random": SamplerKind("samplers.random.RandomSampler"),
    "sobol": SamplerKind("samplers.sobol.SobolSampler"),
    # complete only without a point that is not its own
    "grid": SamplerKind("samplers.grid.GridSampler", defaults_first=False, bound="samplers.grid.bound"),
}
PRUNERS = {
    "asha": PrunerKind("pruners.asha.AshaPruner"),
    "hyperband": PrunerKind("pruners.hyperband.HyperbandPruner", first_rung="pruners.hyperband.first_rung"),
    "median": PrunerKind("pruners.median.MedianPruner", needs_steps=False),
    "paired": PrunerKind("pruners.paired.PairedPruner", needs_steps=False),
    "none": PrunerKind("pruners.none.NoPruner"),
}

TRACKERS = {
    "mlflow": TrackerKind("integrations.loggers.mlflow.MlflowTracker", "mlflow", "mlflow"),
    "wandb": TrackerKind("integrations.loggers.wandb.WandbTracker", "wandb", "wandb"),
    "tensorboard": TrackerKind(
        "integrations.loggers.tensorboard.TensorBoardTracker", "tensorboard", "tensorboard"
    ),
    "trackio": TrackerKind("integrations.loggers.trackio.TrackioTracker", "trackio", "trackio"),
}
LOGGER = "jupyter_tune.integrations.loggers.process"
"""The module of the process that logs a study."""

NO_PRUNER = "none"
PAIRED = "paired"
"""Beside every other pruner where trials report folds."""
WITH_FOLDS = "pruners.paired.WithFolds"
DEFAULT_SAMPLER, DEFAULT_PRUNER = next(iter(SAMPLERS)), next(iter(PRUNERS))
FALLBACK_SAMPLER = "random"
"""Draws the parameters of a trial on which the study's sampler fails."""


def make_sampler(name: str) -> Sampler:
    """The sampler of that name. Raises OptionError for one that this version does not know."""
    sampler: Sampler = _load(_known(SAMPLERS, "sampler", name).made)()
    return sampler


def load_sampler(name: str) -> None:
    """Import the sampler of that name and, which takes seconds, its model if it has one."""
    make_sampler(name)
    if model := SAMPLERS[name].model:
        import_module(f"jupyter_tune.{model}")


def make_pruner(name: str) -> Pruner:
    """The pruner of that name. Raises OptionError for one that this version does not know."""
    pruner: Pruner = _load(_known(PRUNERS, "pruner", name).made)()
    return pruner


def load_tracker(name: str) -> Any:
    """The class of a tracker. Imports its library."""
    return _load(TRACKERS[name].made)


def make_engine(study: Study) -> Engine:
    """The engine of `study`, by its settings. Raises OptionError as make_pruner."""
    name = study.settings.pruner
    defaults_first = _known(SAMPLERS, "sampler", study.settings.sampler).defaults_first
    _known(PRUNERS, "pruner", name)
    if len(study.objectives) > 1:
        # a curve of one metric does not say which trial is behind
        name = NO_PRUNER
    pruner = make_pruner(name)
    if name not in (NO_PRUNER, PAIRED):
        pruner = _load(WITH_FOLDS)(pruner)
    return Engine(study, pruner, defaults_first=defaults_first)


def first_rung(settings: Settings) -> int:
    """The first step at which trials are compared."""
    kind = PRUNERS.get(settings.pruner)
    return _load(kind.first_rung)(settings) if kind and kind.first_rung else settings.grace


def has_model(sampler: str) -> bool:
    """Whether the sampler of that name has a model to be drawn."""
    return sampler in SAMPLERS and bool(SAMPLERS[sampler].model)


def within_bound(space: Space, settings: Settings) -> tuple[Settings, str]:
    """The settings with no more trials than the sampler has points, and a phrase that describes those.

    Most samplers never run out: the settings come back as they are, with "".
    """
    bound = _known(SAMPLERS, "sampler", settings.sampler).bound
    if not bound:
        return settings, ""
    most, described = _load(bound)(space, settings)
    trials = most if settings.trials is None else min(settings.trials, most)
    return replace(settings, trials=trials), f"{settings.sampler} of {described}"


def _known(table: Mapping[str, Kind], kind: str, name: str) -> Kind:
    if name not in table:
        raise OptionError(f"{kind}: {name!r} is not known; {choice(tuple(table))}")
    return table[name]


def _load(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(f"jupyter_tune.{module}"), name)


@functools.cache
def library_versions() -> dict[str, str]:
    """The versions of what suggestions are computed with."""
    # a notebook, a driver and a terminal would wait some 20 ms for it before they need it
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("torch", "gpytorch", "numpy", "scipy"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
