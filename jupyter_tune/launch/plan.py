"""The plan of a study: its checked code, ranges and options, before any process or file exists.

`%%tune` and tune() make one with `make_plan`; launcher.py starts it.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jupyter_tune import journal
from jupyter_tune.core.amounts import CORE, GPU, Budget
from jupyter_tune.core.around_best import AroundBest, around_best
from jupyter_tune.core.parameters import Scalar
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.errors import JournalError, OptionError
from jupyter_tune.executors.local.machine import cores
from jupyter_tune.launch.capacity import Capacity
from jupyter_tune.launch.clusters import cluster_of
from jupyter_tune.launch.trackers import require_libraries
from jupyter_tune.launch.transfer import TRANSFER, Added, Prior, WarmStart, priors_of, results_of
from jupyter_tune.payload.command_words import COMMAND
from jupyter_tune.registry import has_model


@dataclass(frozen=True)
class Plan:
    """A study that can be started.

    work:      what a trial runs (see trials/program.py), with the objects that it uses.
    added:     trials of earlier studies that count as trials of this one.
    added_by:  the origins of the code that ran them, by study.
    priors:    results of other tasks.
    narrowed:  ranges to begin with, where they are not the declared ones.
    notices:   sentences for the user, shown at the start.
    unnamed:   whether `name` was made from the time, so that another one would do.
    on:        the cluster to run on (see clusters.py); None for this machine.
    resources: what a trial takes of a cluster's worker, as {"GPU": 1}.
    here:      whether this process runs the trials itself (see here.py).
    edited:    whether trials of the code so far are no results of the study that it resumes.
    fills_workers: whether as many trials run at once as the cluster has threads.
    namespace: the notebook's variables, where a resumed study looks up the names that its cell uses.
    gpus:      what its trials get of GPUs, see capacity.py.
    tags:      of the study.
    log_to:    the trackers that its trials are logged to.
    """

    name: str
    folder: Path
    space: Space
    settings: Settings
    work: dict[str, Any]
    origin: dict[str, Any]
    resume: bool = False
    overwrite: bool = False
    edited: bool = False
    detach: bool = False
    added: Sequence[Added] = ()
    added_by: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    priors: Sequence[Prior] = ()
    narrowed: Mapping[str, list[Scalar]] = field(default_factory=dict)
    notices: Sequence[str] = ()
    unnamed: bool = False
    on: dict[str, Any] | None = None
    resources: Mapping[str, float] | None = None
    here: bool = False
    fills_workers: bool = False
    namespace: Mapping[str, Any] | None = None
    gpus: Mapping[str, Any] | None = None
    tags: Mapping[str, Any] | None = None
    log_to: Sequence[str] = ()

    @property
    def path(self) -> Path:
        return self.folder / f"{self.name}{journal.SUFFIX}"

    @property
    def packed_work(self) -> dict[str, Any]:
        """`work` as it is packed: with the objects among the choices, and the cell named after the study."""
        if self.work["kind"] == COMMAND:
            return {**self.work, "names": {}}  # a program gets texts, which the labels are
        names = dict(self.work.get("names", {}))
        choices: dict[str, list[tuple[Scalar, str]]] = {}
        for parameter, objects in self.space.objects.items():
            # no variable has such a name; a complaint about what cannot travel shows it
            choices[parameter] = [(label, f"{parameter}={label}") for label in objects]
            names |= {f"{parameter}={label}": choice for label, choice in objects.items()}
        packed = {**self.work, "names": names, "choices": choices}
        return {**packed, "filename": f"<%%tune {self.name}>"} if "source" in packed else packed

    def within(self, capacity: Capacity) -> Plan:
        """This plan on what the machine gives it."""
        settings = replace(self.settings, devices_per_trial=self._devices_per_trial(capacity))
        notices = [*capacity.notices, *self.notices]
        return replace(self, settings=settings, gpus=capacity.gpus, notices=notices)

    def _devices_per_trial(self, capacity: Capacity) -> float:
        """The GPUs or cores of a trial, where the study's budget is in their hours; else 1.

        Raises: OptionError for hours of GPUs that trials do not have.
        """
        unit = None if self.settings.budget is None else Budget.of(self.settings.budget).unit
        if unit == GPU:
            per_trial = (self.resources or {}).get("GPU", 0.0)
            if self.on is None:
                per_trial = 0.0 if capacity.gpus is None else capacity.gpus["per_trial"]
            if not per_trial:
                what = "say what a trial takes, by resources GPU=1" if self.on else "trials have no GPU here"
                raise OptionError(f"budget: {self.settings.budget}: {what}; or use core-hours or trial-hours")
            return float(per_trial)
        # a worker of a cluster gives a trial one of its threads
        if unit == CORE and self.on is None:
            return max(1, cores()) / max(1, self.settings.workers)
        return 1.0

    def resumed(self) -> Plan:
        """How its study goes on later."""
        return replace(
            self,
            resume=True,
            edited=False,
            overwrite=False,
            added=(),
            added_by={},
            priors=(),
            narrowed={},
            notices=(),
            here=False,
            fills_workers=False,
        )

    def check(self) -> None:
        """Raises JournalError if a study of this name exists, or is missing, contrary to the options."""
        if self.resume and self.overwrite:
            raise OptionError("--resume goes on with a study, --overwrite replaces it; keep one of them")
        if self.edited and not self.resume:
            raise OptionError("--edited: is about going on with a study; add --resume, or leave --edited out")
        if not (self.resume or self.overwrite):
            journal.require_free(self.path)
            return
        journal.require_a_file(self.path)
        if self.overwrite:
            owner = journal.holder(self.path)
            if owner is not None:
                raise JournalError(
                    f"--overwrite: study {self.name!r} is running (process {owner.get('pid')}); "
                    f"stop it first, by %tune stop {self.name}, or give another --name"
                )
            return
        if not self.path.exists():
            raise JournalError(f"--resume: there is no study {self.name!r} in {self.folder}; drop --resume")
        journal.require_study(self.path)


def make_plan(
    options: Mapping[str, Any],
    space: Space,
    settings: Settings,
    work: dict[str, Any],
    origin: dict[str, Any],
    namespace: Mapping[str, Any] | None = None,
) -> Plan:
    """The plan for checked `options` (see options.py). `namespace`: see Plan.

    Raises: JournalError or OptionError for a study of `warm_start` or `transfer` that is missing or does not
    fit.
    """
    folder = journal.study_folder(options.get("dir"))
    name = options.get("name")
    on, shown = options.get("on"), "on" if namespace is None else "--on"
    if on is not None:
        on = cluster_of(on, shown, insecure=options.get("insecure", False), namespace=namespace)
    elif alone := [name for name in ("insecure", "resources") if name in options]:
        raise OptionError(f"{alone[0]}: is about a cluster; name it by {shown}, or leave {alone[0]} out")
    here = options.get("workers") == 0
    if here:
        _require_nothing_else(options, work, "" if namespace is None else "--")
    require_libraries(options.get("log_to", ()), "log_to" if namespace is None else "--log-to")
    warm = results_of(options.get("warm_start", ()), folder, space, settings)
    around = _around_best(warm, space, settings) if options.get("narrow") else AroundBest()
    if "transfer" in options and not has_model(settings.sampler):
        raise OptionError(
            f"{TRANSFER}: only the sampler gp learns from other tasks, and {settings.sampler} does not; "
            "leave one of them out"
        )
    if "transfer" in options and settings.also:
        raise OptionError(f"{TRANSFER}: guides a study of one metric; leave it out, or the further metrics")
    others = priors_of(options.get("transfer", ()), folder, space, settings)
    return Plan(
        name=fresh_name(folder) if name is None else name,
        folder=folder,
        space=space,
        settings=settings,
        work=work,
        origin=origin,
        resume=options.get("resume", False),
        overwrite=options.get("overwrite", False),
        edited=options.get("edited", False),
        detach=options.get("detach", False),
        added=warm.results,
        added_by=warm.origins,
        priors=others.results,
        narrowed=around.ranges,
        notices=[*warm.notices, *around.notices, *others.notices, *_not_pruned(options, settings)],
        unnamed=name is None,
        on=on,
        resources=options.get("resources"),
        here=here,
        fills_workers=on is not None and "workers" not in options,
        namespace=namespace,
        tags=options.get("tag"),
        log_to=options.get("log_to", ()),
    )


def _not_pruned(options: Mapping[str, Any], settings: Settings) -> list[str]:
    pruner = options.get("pruner", "none")
    if not settings.also or pruner == "none":
        return []
    return [f"Trials are not pruned: {pruner} compares them by one metric, and there are several."]


def _around_best(warm: WarmStart, space: Space, settings: Settings) -> AroundBest:
    if not warm.results:
        raise OptionError("--narrow: needs trials to narrow the ranges around; name a study by --warm-start")
    results = [(one.params, one.value) for one in warm.results]
    return around_best(space.encoded, settings.objective, results)


def _require_nothing_else(options: Mapping[str, Any], work: Mapping[str, Any], dashes: str) -> None:
    """Raises OptionError for what a study whose trials this process runs cannot have."""
    for name in ("detach", "on", "trial_timeout", "gpus_per_trial"):
        if name in options:
            raise OptionError(
                f"{dashes}workers 0: runs the trials in this process, which excludes "
                f"{dashes}{name.replace('_', '-') if dashes else name}; leave one of them out"
            )
    if work["kind"] == COMMAND:
        raise OptionError(f"{dashes}workers 0: a command is a program of its own; use 1 or more")


def fresh_name(folder: Path) -> str:
    """A new name, made from the time, that no study in `folder` has."""
    now = time.strftime("study-%Y%m%d-%H%M%S")
    names = (now if count == 1 else f"{now}-{count}" for count in itertools.count(1))
    return next(name for name in names if not os.path.exists(folder / f"{name}{journal.SUFFIX}"))
