"""From "this code, these ranges" to a running study: what %%tune and tune() share.

A driver may be warmed before it is needed (`warm_up`, when the extension is loaded): then a
study starts without waiting for a single import. There is at most one warm driver; the next
study takes it.
"""

from __future__ import annotations

import itertools
import math
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jupyter_tune import journal
from jupyter_tune.client import Connection, DriverProcess
from jupyter_tune.core.events import Settings, settings_to_json
from jupyter_tune.core.parameters import Params, Scalar
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.errors import JournalError, OptionError
from jupyter_tune.executors.payload import Weight, pack_for_trials
from jupyter_tune.executors.preloads import PRELOADED, imported_by
from jupyter_tune.options import TUNE, describe, make_settings, read_options
from jupyter_tune.restart import ingredients_of
from jupyter_tune.signatures import space_of
from jupyter_tune.study_handle import StudyHandle
from jupyter_tune.study_restart import RESTARTS

_warm_driver: DriverProcess | None = None


@dataclass(frozen=True)
class Plan:
    """A study that could start: checked, but with no process and no file yet.

    `work` is what a trial runs (see executors/program.py), with everything it uses in it. If the study
    goes on later, what a cell uses is looked up again in `namespace`.
    """

    name: str
    folder: Path
    space: Space
    settings: Settings
    work: dict[str, Any]
    origin: dict[str, Any]
    resume: bool = False
    overwrite: bool = False
    detach: bool = False
    added: Sequence[tuple[Params, float]] = ()
    unnamed: bool = False
    """Whether `name` was made from the time, and any other would do."""
    namespace: Mapping[str, Any] | None = None

    @property
    def path(self) -> Path:
        return self.folder / f"{self.name}{journal.SUFFIX}"

    @property
    def packed_work(self) -> dict[str, Any]:
        """`work` as it travels: with the objects among the choices, and a cell called after the study."""
        names = dict(self.work.get("names", {}))
        choices: dict[str, list[tuple[Scalar, str]]] = {}
        for parameter, objects in self.space.objects.items():
            # no variable has such a name; a complaint about what cannot travel shows it
            choices[parameter] = [(label, f"{parameter}={label}") for label in objects]
            names |= {f"{parameter}={label}": choice for label, choice in objects.items()}
        packed = {**self.work, "names": names, "choices": choices}
        return {**packed, "filename": f"<%%tune {self.name}>"} if "source" in packed else packed

    def check(self) -> None:
        """Raises JournalError if a study of this name is in the way, or is missing."""
        if self.resume and self.overwrite:
            raise OptionError("--resume goes on with a study, --overwrite replaces it; keep one of them")
        if self.overwrite:
            owner = journal.holder(self.path)
            if owner is not None:
                raise JournalError(
                    f"--overwrite: study {self.name!r} is running (process {owner.get('pid')}); "
                    f"stop it first, by %tune stop {self.name}, or give another --name"
                )
            return
        if self.resume and not self.path.exists():
            raise JournalError(f"--resume: there is no study {self.name!r} in {self.folder}; drop --resume")
        if not self.resume and journal.is_taken(self.path):
            raise JournalError(
                f"--name: study {self.name!r} exists already in {self.folder}; give another --name, "
                "--resume to go on with it, or --overwrite to replace it (its file is kept by a dated name)"
            )


def make_plan(
    options: Mapping[str, Any],
    space: Space,
    settings: Settings,
    work: dict[str, Any],
    origin: dict[str, Any],
    namespace: Mapping[str, Any] | None = None,
) -> Plan:
    """The study that checked `options` (see options.py) ask for. `namespace`: see Plan.

    Raises: JournalError, OptionError for a study to start warm from that is missing or does not fit.
    """
    folder = journal.study_folder(options.get("dir"))
    name = options.get("name")
    return Plan(
        name=fresh_name(folder) if name is None else name,
        folder=folder,
        space=space,
        settings=settings,
        work=work,
        origin=origin,
        resume=options.get("resume", False),
        overwrite=options.get("overwrite", False),
        detach=options.get("detach", False),
        added=results_of(options.get("warm_start", ()), folder, space, settings),
        unnamed=name is None,
        namespace=namespace,
    )


def fresh_name(folder: Path) -> str:
    """A name from the time that no study in `folder` has."""
    now = time.strftime("study-%Y%m%d-%H%M%S")
    names = (now if count == 1 else f"{now}-{count}" for count in itertools.count(1))
    return next(name for name in names if not (folder / f"{name}{journal.SUFFIX}").exists())


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


def start(plan: Plan) -> tuple[StudyHandle, Weight]:
    """Run `plan` in the background: the study, and what travels to its trials.

    Raises: PayloadError naming what cannot travel; JournalError; whatever the driver finds
    wrong. Then nothing has started and no file was made.
    """
    while True:
        try:
            return _start(plan)
        except JournalError:
            if not plan.unnamed or not plan.path.exists():
                raise
            # another process took this second's name between our look and our driver's
            plan = replace(plan, name=fresh_name(plan.folder))


def _start(plan: Plan) -> tuple[StudyHandle, Weight]:
    plan.check()
    connection, packed = _open(plan)
    remember(plan)
    return StudyHandle.follow(plan.path, connection).declared_as(plan.space), packed


def remember(plan: Plan) -> None:
    """From now on a study with the file of `plan` can go on with its code."""
    ingredients = ingredients_of(plan.work, plan.namespace)
    lean = replace(plan, work={}, resume=True, overwrite=False, added=())

    def restart(settings: Settings, enqueue: Params | None) -> tuple[Connection, list[str]]:
        again = replace(lean, work=ingredients.gathered(), settings=settings)
        connection, packed = _open(again, enqueue)
        return connection, packed.notices

    RESTARTS[plan.path] = restart


def _open(plan: Plan, enqueue: Params | None = None) -> tuple[Connection, Weight]:
    """A driver that runs `plan`, `enqueue` first if it is given, and what travels, with all notices."""
    driver = _take_driver()
    try:
        packed = pack_for_trials(plan.packed_work)
    except BaseException:
        driver.end()
        raise
    try:
        opened = driver.connection.request(
            "open",
            path=str(plan.path),
            name=plan.name,
            space=plan.space.to_json(),
            settings=settings_to_json(plan.settings),
            origin=plan.origin,
            resume=plan.resume,
            overwrite=plan.overwrite,
            enqueue=enqueue,
            detach=plan.detach,
            added=[list(pair) for pair in plan.added],
            payload=str(packed.path),
            options={
                "cwd": os.getcwd(),
                "env": driver.changes_of_environment(),
                "sys_path": _import_path(),
                "preload": list(dict.fromkeys([*loaded_libraries(), *imported_by(plan.work)])),
            },
        )
    except BaseException:
        driver.end()
        packed.hold.drop()
        raise
    # the driver holds it now, and drops it when the study has ended
    packed.hold.release()
    if opened["kept"]:
        StudyHandle.moved(plan.path, Path(opened["kept"]))
    return driver.connection, replace(packed, notices=[*packed.notices, *opened["said"]])


def _import_path() -> list[str]:
    """Where imports look. People put a Path there too, and import passes over it."""
    places: list[object] = list(sys.path)
    return [place or os.getcwd() for place in places if isinstance(place, str)]


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


def load_study(name: str | Path, *, dir: str | Path | None = None) -> StudyHandle:
    """A study by its name or file, running or not. Raises JournalError if there is none."""
    return StudyHandle.read(journal.study_path(name, journal.study_folder(dir)))


def results_of(
    names: Sequence[str], folder: Path, space: Space, settings: Settings
) -> list[tuple[Params, float]]:
    """The complete trials of earlier studies that lie in `space` and have a finite value, to start warm from.

    Raises: JournalError if a study is missing, OptionError if none of its trials fits.
    """
    added: list[tuple[Params, float]] = []
    for name in names:
        earlier = Study.fold(journal.read_records(journal.study_path(name, folder)))
        if earlier.settings.metric != settings.metric:
            raise OptionError(
                f"--warm-start: {name} measured {earlier.settings.metric!r}, not {settings.metric!r}"
            )
        fitting = [
            (trial.params, trial.value)
            for trial in earlier.in_state(COMPLETE)
            if trial.value is not None and math.isfinite(trial.value) and space.encoded.contains(trial.params)
        ]
        if not fitting:
            raise OptionError(f"--warm-start: no complete trial of {name} lies in these ranges; widen them")
        added += fitting
    return added


def tune(
    function: Callable[..., Any],
    space: Space | Mapping[str, Any] | None = None,
    **options: Any,
) -> StudyHandle:
    """Tune `function` in the background.

    The function is called in its own process with the params as keywords; it calls
    `jupyter_tune.report(metric=..., step=...)`, or returns the metric (a number or a dict).

    Args:
        space:   the ranges; without it they come from the function's own annotations.
        options: those below.

    Raises: OptionError, SpaceError, PayloadError, JournalError, before anything has started.
    """
    checked = read_options(options, TUNE)
    settings = make_settings(checked, TUNE)
    if space is None:
        space = space_of(function)
    declared = space if isinstance(space, Space) else Space(space)
    origin = origin_of("function", getattr(function, "__qualname__", repr(function)))
    work = {"kind": "function", "function": function}
    handle, _ = start(make_plan(checked, declared, settings, work, origin))
    return handle


describe(tune, TUNE)
