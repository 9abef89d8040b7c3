"""From "this code, these ranges" to a running study: what %%tune and tune() share.

A driver may be warmed before it is needed (`warm_up`, when the extension is loaded): then a
study starts without waiting for a single import. There is at most one warm driver; the next
study takes it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_tune import journal
from jupyter_tune.client.connection import ANSWER_S, Connection, DriverProcess
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.restarts import RESTARTS
from jupyter_tune.core.conditions import When
from jupyter_tune.core.events import Settings, settings_to_json
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.space import Space, space_with
from jupyter_tune.errors import JournalError, PayloadError
from jupyter_tune.executors.local.executor import CHECK_S
from jupyter_tune.launch.options import TUNE, describe, make_settings, read_options
from jupyter_tune.launch.plan import Plan, fresh_name, make_plan, origin_of_function
from jupyter_tune.launch.recipes import recipe_of
from jupyter_tune.launch.signatures import refuse_local_ranges, space_of
from jupyter_tune.payload.packing import Contents, Packed, pack_for_trials
from jupyter_tune.payload.preloads import PRELOADED, imported_by

_warm_driver: DriverProcess | None = None


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


def _give_back(driver: DriverProcess) -> None:
    """Keep a driver that has got no study for the next one."""
    global _warm_driver
    if _warm_driver is None and driver.is_alive:
        _warm_driver = driver
    else:
        driver.end()


def start(plan: Plan) -> tuple[StudyHandle, Contents]:
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


def _start(plan: Plan) -> tuple[StudyHandle, Contents]:
    plan.check()
    connection, packed = _open(plan)
    remember(plan)
    return StudyHandle.follow(plan.path, connection).declared_as(plan.space), packed


def remember(plan: Plan) -> None:
    """From now on a study with the file of `plan` can go on with its code."""
    recipe = recipe_of(replace(plan, resume=True, overwrite=False, added=(), notices=()))

    def restart(settings: Settings, enqueue: Params | None) -> tuple[Connection, list[str]]:
        connection, packed = _open(recipe.plan(settings=settings), enqueue)
        return connection, packed.notices

    RESTARTS[plan.path] = restart


def _open(plan: Plan, enqueue: Params | None = None) -> tuple[Connection, Contents]:
    """A driver that runs `plan`, `enqueue` first if it is given, and what travels, with all notices."""
    driver, packed, options = _tried_out(plan)
    try:
        opened = driver.connection.request(
            "open",
            path=str(plan.path),
            name=plan.name,
            space=plan.space.to_json(),
            settings=settings_to_json(plan.settings),
            origin={**plan.origin, "code": packed.code},
            resume=plan.resume,
            overwrite=plan.overwrite,
            enqueue=enqueue,
            detach=plan.detach,
            added=[list(pair) for pair in plan.added],
            payload=str(packed.path),
            options=options,
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


def try_out(plan: Plan) -> Contents:
    """What travels to the trials of `plan`, packed and loaded once as they load it; nothing stays of it.

    Raises: PayloadError naming what cannot travel.
    """
    driver, packed, _ = _tried_out(plan)
    packed.hold.drop()
    _give_back(driver)
    return packed


def _tried_out(plan: Plan) -> tuple[DriverProcess, Packed, dict[str, Any]]:
    """A driver that can load what `plan` packs, and the options of the trials."""
    was_warm = has_warm_driver()
    driver = _take_driver()
    try:
        packed = pack_for_trials(plan.packed_work)
        try:
            options = _options_of_trials(driver, plan)
            said = driver.connection.request(
                "check", timeout=CHECK_S + ANSWER_S, payload=str(packed.path), options=options
            )
        except BaseException:
            packed.hold.drop()
            raise
    except BaseException as error:
        # it has no study yet, and can have the next one
        if was_warm and isinstance(error, PayloadError):
            _give_back(driver)
        else:
            driver.end()
        raise
    return driver, replace(packed, notices=[*plan.notices, *packed.notices, *said]), options


def _options_of_trials(driver: DriverProcess, plan: Plan) -> dict[str, Any]:
    """What the trial program needs beside the payload (see trials/program.py)."""
    return {
        "cwd": os.getcwd(),
        "env": driver.changes_of_environment(),
        "sys_path": _import_path(),
        "preload": list(dict.fromkeys([*loaded_libraries(), *imported_by(plan.work)])),
    }


def _import_path() -> list[str]:
    """Where imports look. People put a Path there too, and import passes over it."""
    places: list[object] = list(sys.path)
    return [place or os.getcwd() for place in places if isinstance(place, str)]


def load_study(name: str | Path, *, dir: str | Path | None = None) -> StudyHandle:
    """A study by its name or file, running or not. Raises JournalError if there is none."""
    return StudyHandle.read(journal.study_path(name, journal.study_folder(dir)))


def tune(
    function: Callable[..., Any],
    space: Space | Mapping[str, Any] | None = None,
    when: When | None = None,
    **options: Any,
) -> StudyHandle:
    """Tune `function` in the background.

    The function is called in its own process with the params as keywords; it calls
    `jupyter_tune.report(metric=..., step=...)`, or returns the metric (a number or a dict).

    Args:
        space:   the ranges; without it they come from the function's own annotations.
        when:    which parameters exist only beside which values of others (see Space), unless `space` is a
                 Space and says so itself.
        options: those below.

    Raises: OptionError, SpaceError, PayloadError, JournalError, before anything has started.
    """
    checked = read_options(options, TUNE)
    settings = make_settings(checked, TUNE)
    refuse_local_ranges(function)
    declared = space_with(dict(space_of(function)) if space is None else space, when)
    work = {"kind": "function", "function": function}
    handle, packed = start(make_plan(checked, declared, settings, work, origin_of_function(function)))
    for notice in packed.notices:
        print(notice)
    return handle


describe(tune, TUNE)
