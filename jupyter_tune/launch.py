"""From "this code, these ranges" to a running study: what %%tune and tune() share.

A driver may be warmed before it is needed (`warm_up`, when the extension is loaded): then a
study starts without waiting for a single import. There is at most one warm driver; the next
study takes it.
"""

from __future__ import annotations

import inspect
import math
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_tune import journal
from jupyter_tune.client import DriverProcess
from jupyter_tune.core.events import Settings, settings_to_json
from jupyter_tune.core.parameters import Categorical, Float, Int, Params, with_default
from jupyter_tune.core.settings import make_settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.errors import JournalError, OptionError, SpaceError
from jupyter_tune.executors.payload import Packed, pack
from jupyter_tune.study_handle import StudyHandle

# big, common, and known to start no thread when imported: safe to hold in a process that forks
PRELOADED = ("numpy", "scipy", "pandas", "sklearn", "torch", "torchvision", "PIL", "matplotlib")

_warm_driver: DriverProcess | None = None


@dataclass(frozen=True)
class Plan:
    """A study that could start: checked, but with no process and no file yet.

    `work` is what a trial runs (see executors/program.py), with everything it uses in it.
    """

    name: str
    folder: Path
    space: Space
    settings: Settings
    work: dict[str, Any]
    origin: dict[str, Any]
    resume: bool = False
    detach: bool = False
    added: Sequence[tuple[Params, float]] = ()

    @property
    def path(self) -> Path:
        return self.folder / f"{self.name}{journal.SUFFIX}"

    def check(self) -> None:
        """Raises JournalError if a study of this name is in the way, or is missing."""
        if self.resume and not self.path.exists():
            raise JournalError(f"--resume: there is no study {self.name!r} in {self.folder}; drop --resume")
        if not self.resume and self.path.exists():
            raise JournalError(
                f"--name: study {self.name!r} exists already in {self.folder}; "
                "give another --name, or --resume to go on with it"
            )


def study_name(name: str | None) -> str:
    """`name` checked, or a fresh one from the time. Raises OptionError."""
    if name is None:
        return time.strftime("study-%Y%m%d-%H%M%S")
    if not name or name.startswith(".") or any(c in name for c in "/\\\0\n") or len(name) > 100:
        raise OptionError(f"name: {name!r} cannot be a file's name; use letters, digits, - and _")
    return name


def loaded_libraries() -> list[str]:
    """The libraries worth holding ready for the trials: those that this process has imported."""
    return [name for name in PRELOADED if name in sys.modules]


def warm_up() -> None:
    """Have a driver ready, with the big libraries that this process has imported.

    Returns at once. Called again, it loads into the waiting driver what was imported since.
    """
    global _warm_driver
    if _warm_driver is None or not _warm_driver.is_alive:
        _warm_driver = DriverProcess()
    _warm_driver.connection.send("warm", preload=loaded_libraries(), sampler="gp")


def has_warm_driver() -> bool:
    """Whether one waits for a study."""
    return _warm_driver is not None and _warm_driver.is_alive


def cool_down() -> None:
    """End the warm driver, if there is one."""
    global _warm_driver
    if _warm_driver is not None:
        _warm_driver.end()
        _warm_driver = None


def _take_driver() -> DriverProcess:
    global _warm_driver
    driver, _warm_driver = _warm_driver, None
    return driver if driver is not None and driver.is_alive else DriverProcess()


def start(plan: Plan) -> tuple[StudyHandle, Packed]:
    """Run `plan` in the background.

    Raises: PayloadError naming what cannot travel; JournalError; whatever the driver finds
    wrong. Then nothing has started and no file was made.
    """
    plan.check()
    driver = _take_driver()
    try:
        packed = pack(plan.work, driver.folder / "payload")
        driver.connection.request(
            "open",
            path=str(plan.path),
            name=plan.name,
            space=plan.space.to_json(),
            settings=settings_to_json(plan.settings),
            origin=plan.origin,
            resume=plan.resume,
            detach=plan.detach,
            added=[list(pair) for pair in plan.added],
            payload=str(packed.path),
            options={
                "cwd": os.getcwd(),
                "sys_path": _import_path(),
                "preload": loaded_libraries(),
            },
        )
    except BaseException:
        driver.end()
        raise
    return StudyHandle.follow(plan.path, driver.connection), packed


def _import_path() -> list[str]:
    """Where imports look. People put a Path there too, and import passes over it."""
    places: list[object] = list(sys.path)
    return [place or os.getcwd() for place in places if isinstance(place, str)]


def weigh(plan: Plan) -> Packed:
    """What would travel to each trial, and how big it is. Raises PayloadError."""
    with tempfile.TemporaryDirectory() as folder:
        return pack(plan.work, Path(folder))


def origin_of(kind: str, text: str) -> dict[str, Any]:
    """Where a study came from, for people who open its file later."""
    from jupyter_tune import __version__

    return {
        "kind": kind,
        "text": text,
        "jupyter_tune": __version__,
        "python": platform.python_version(),
        "argv": sys.argv[:1],
    }


def load_study(name: str | Path, *, dir: str | None = None) -> StudyHandle:
    """A study by its name or file, running or not. Raises JournalError if there is none."""
    path = Path(name)
    if path.suffixes[-2:] != [".tune", ".db"]:
        path = journal.study_folder(dir) / f"{name}{journal.SUFFIX}"
    return StudyHandle.read(path)


def results_of(
    names: Sequence[str], folder: Path, space: Space, settings: Settings
) -> list[tuple[Params, float]]:
    """The complete trials of earlier studies that lie in `space` and have a finite value, to start warm from.

    Raises: JournalError if a study is missing, OptionError if none of its trials fits.
    """
    added: list[tuple[Params, float]] = []
    for name in names:
        earlier = Study.fold(journal.read_records(folder / f"{name}{journal.SUFFIX}"))
        if earlier.settings.metric != settings.metric:
            raise OptionError(
                f"--warm-start: {name} measured {earlier.settings.metric!r}, not {settings.metric!r}"
            )
        fitting = [
            (trial.params, trial.value)
            for trial in earlier.in_state(COMPLETE)
            if trial.value is not None and math.isfinite(trial.value) and space.contains(trial.params)
        ]
        if not fitting:
            raise OptionError(f"--warm-start: no complete trial of {name} lies in these ranges; widen them")
        added += fitting
    return added


def tune(
    function: Callable[..., Any],
    space: Space | Mapping[str, Any] | None = None,
    *,
    name: str | None = None,
    dir: str | None = None,
    resume: bool = False,
    warm_start: Sequence[str] = (),
    detach: bool = False,
    **options: Any,
) -> StudyHandle:
    """Tune `function` in the background.

    The function is called in its own process with the params as keywords; it calls
    `jupyter_tune.report(metric=..., step=...)`, or returns the metric (a number or a dict).

    Args:
        space:      the ranges; without it they come from the function's own annotations.
        name, dir:  the study's file is `dir/name.tune.db` (dir: JUPYTER_TUNE_DIR, or ./studies).
        resume:     go on with the study of that name.
        warm_start: names of earlier studies to learn from.
        detach:     outlive this process.
        options:    as of %%tune: maximize or minimize, trials, workers, timeout, target, patience,
                    sampler, pruner, min_steps, max_steps, reduction_factor, seed.

    Raises: OptionError, SpaceError, PayloadError, JournalError, before anything has started.
    """
    if space is None:
        space = space_of(function)
    declared = space if isinstance(space, Space) else Space(space)
    settings = make_settings(**options)
    folder = journal.study_folder(dir)
    plan = Plan(
        name=study_name(name),
        folder=folder,
        space=declared,
        settings=settings,
        work={"kind": "function", "function": function},
        origin=origin_of("function", getattr(function, "__qualname__", repr(function))),
        resume=resume,
        detach=detach,
        added=results_of(warm_start, folder, declared, settings),
    )
    handle, _ = start(plan)
    return handle


def space_of(function: Callable[..., Any]) -> Space:
    """The ranges that stand in the annotations of `function`. Raises SpaceError if none does."""
    ranges: dict[str, Any] = {}
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        candidates = (parameter.annotation, *getattr(parameter.annotation, "__metadata__", ()))
        for declared in candidates:
            if isinstance(declared, (Float, Int, Categorical)):
                given = parameter.default is not parameter.empty
                ranges[name] = with_default(declared, parameter.default, name) if given else declared
    if not ranges:
        shown = getattr(function, "__name__", repr(function))
        raise SpaceError(
            f"{shown}: no argument is annotated with a range; write lr: Float(1e-4, 1e-1, log=True), "
            "or give a space"
        )
    return Space(ranges)
