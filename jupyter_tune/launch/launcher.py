"""Starts a study from its code, ranges and options. Shared by %%tune and tune()."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_tune import journal
from jupyter_tune.client.connection import ANSWER_S, Connection
from jupyter_tune.client.driver_process import DriverProcess
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.restarts import RESTARTS, Beginning
from jupyter_tune.core.conditions import When
from jupyter_tune.core.settings import Settings, needed_metrics, settings_to_json
from jupyter_tune.core.space import Space, space_with
from jupyter_tune.errors import JournalError, PayloadError, SpaceError
from jupyter_tune.executors.dask.cluster import CONNECT_S
from jupyter_tune.executors.local.supervisor_process import CHECK_S
from jupyter_tune.launch import warm
from jupyter_tune.launch.capacity import capacity_of
from jupyter_tune.launch.command import Command
from jupyter_tune.launch.here import run_here
from jupyter_tune.launch.option import TUNE
from jupyter_tune.launch.options import describe, make_settings, read_options
from jupyter_tune.launch.origins import origin_of_command, origin_of_function
from jupyter_tune.launch.plan import Plan, fresh_name, make_plan
from jupyter_tune.launch.recipes import recipe_of
from jupyter_tune.launch.signatures import refuse_local_ranges, space_of
from jupyter_tune.launch.trackers import logging_of
from jupyter_tune.launch.transfer import of_other_code
from jupyter_tune.payload.command_words import COMMAND
from jupyter_tune.payload.packing import Contents, Packed, pack_for_trials
from jupyter_tune.payload.preloads import imported_by
from jupyter_tune.wire.requests import Check, Open, Warm


def start(plan: Plan) -> tuple[StudyHandle, Contents]:
    """Run `plan` in the background. Returns the study and the contents of its payload.

    Raises: PayloadError, JournalError, and errors from the driver. Then nothing has been started and no file
        has been created.
    """
    while True:
        try:
            return _start(plan)
        except JournalError:
            if not plan.unnamed or not plan.path.exists():
                raise
            # another process has taken this name, which is made from the time in seconds
            plan = replace(plan, name=fresh_name(plan.folder))


def _start(plan: Plan) -> tuple[StudyHandle, Contents]:
    plan.check()
    connection, packed = _open_here(plan) if plan.here else _open(plan, Beginning())
    register_restart(plan)
    return StudyHandle.follow(plan.path, connection).declared_as(plan.space), packed


def register_restart(plan: Plan) -> None:
    """Make it possible to resume the study of `plan` with its code from this process."""
    recipe = recipe_of(replace(plan.resumed(), tags=None))

    def restart(settings: Settings, beginning: Beginning) -> tuple[Connection, list[str]]:
        # edited code has the budget of its cell or call
        plan = recipe.plan(edited=True) if beginning.edited else recipe.plan(settings=settings)
        if beginning.apart is not None:
            name = journal.stem(beginning.apart)
            plan = replace(plan, name=name, folder=beginning.apart.parent, resume=False)
        connection, packed = _open(plan, beginning)
        return connection, packed.notices

    RESTARTS[plan.path] = restart


def _open(plan: Plan, beginning: Beginning) -> tuple[Connection, Contents]:
    """Start a driver with `plan`. Returns connection and contents."""
    driver, packed, options = _pack_and_check(plan)
    try:
        said = _request(driver, plan, beginning, packed.hashes, str(packed.path), options)
    except BaseException:
        packed.hold.drop()
        raise
    # the driver holds it now and drops it when the study ends
    packed.hold.release()
    return driver.connection, replace(packed, notices=[*packed.notices, *said])


def _open_here(plan: Plan) -> tuple[Connection, Contents]:
    """Start a driver with `plan`, whose trials this process runs: nothing is sent."""
    driver = warm.take_driver()
    said = _request(driver, plan, Beginning(), {}, "", {})
    return driver.connection, Contents(
        {}, 0, [*plan.notices, *of_other_code(plan.added_by, plan.origin), *said]
    )


def _request(
    driver: DriverProcess,
    plan: Plan,
    beginning: Beginning,
    hashes: Mapping[str, Mapping[str, str]],
    payload: str,
    options: dict[str, Any],
) -> list[str]:
    """Have `driver` open the study. Returns what there is to say about it; ends the driver if it cannot."""
    request = Open(
        path=str(plan.path),
        name=plan.name,
        space=plan.space.to_json(),
        settings=settings_to_json(plan.settings) | ({"workers": None} if plan.fills_workers else {}),
        origin={**plan.origin, **hashes},
        resume=plan.resume,
        overwrite=plan.overwrite,
        enqueue=beginning.enqueue,
        retry=list(beginning.retry),
        detach=plan.detach,
        added=[list(one) for one in plan.added],
        priors=[list(one) for one in plan.priors],
        narrowed=dict(plan.narrowed),
        payload=payload,
        options=options,
        on=plan.on,
        here=plan.here,
        edited=plan.edited,
        tags=dict(plan.tags or {}),
        log_to=logging_of(plan.log_to, driver.changes_of_environment()),
    )
    try:
        opened = driver.connection.request(request, timeout=ANSWER_S + (CONNECT_S if plan.on else 0))
    except BaseException:
        driver.end()
        raise
    if opened["kept"]:
        StudyHandle.moved(plan.path, Path(opened["kept"]))
    said: list[str] = opened["said"]
    return said


def dry_run(plan: Plan) -> Contents:
    """Pack the payload of `plan` and load it once, as a trial does. Nothing is kept.

    Raises: PayloadError naming what cannot be sent.
    """
    driver, packed, _ = _pack_and_check(plan)
    packed.hold.drop()
    warm.return_driver(driver)
    return packed


def _pack_and_check(plan: Plan) -> tuple[DriverProcess, Packed, dict[str, Any]]:
    """Pack the payload of `plan` and have a driver check it. Returns driver, payload and trial options."""
    was_warm = warm.has_driver()
    driver = warm.take_driver()
    # while this process packs
    driver.connection.send(Warm(_preload(plan)))
    try:
        packed = pack_for_trials(plan.packed_work)
        try:
            options = _options_of_trials(driver, plan)
            check = Check(str(packed.path), options)
            said = driver.connection.request(check, timeout=CHECK_S + ANSWER_S)
        except BaseException:
            packed.hold.drop()
            raise
    except BaseException as error:
        # the driver is intact and can take the next study
        if was_warm and isinstance(error, PayloadError):
            warm.return_driver(driver)
        else:
            driver.end()
        raise
    of_others = of_other_code(plan.added_by, {**plan.origin, **packed.hashes})
    return driver, replace(packed, notices=[*plan.notices, *of_others, *packed.notices, *said]), options


def _options_of_trials(driver: DriverProcess, plan: Plan) -> dict[str, Any]:
    """The options of the trial program (see trials/program.py)."""
    options: dict[str, Any] = {"cwd": os.getcwd(), "env": driver.changes_of_environment()}
    if plan.resources:
        options["resources"] = dict(plan.resources)
    if plan.gpus is not None:
        options["gpus"] = plan.gpus
    _, *also = needed_metrics(plan.settings, plan.space)
    if also:
        options["also"] = also
    if plan.settings.repeats > 1:
        options["repeats"] = plan.settings.repeats
    options["preload"] = _preload(plan)
    return options if plan.work["kind"] == COMMAND else {**options, "sys_path": _import_path()}


def _preload(plan: Plan) -> list[str]:
    """The libraries that the supervisor imports before the first trial."""
    if plan.work["kind"] == COMMAND:
        return []
    return list(dict.fromkeys([*warm.loaded_libraries(), *imported_by(plan.work)]))


def _import_path() -> list[str]:
    """`sys.path` as strings. Entries of other types, such as Path, are ignored by imports too."""
    places: list[object] = list(sys.path)
    return [place or os.getcwd() for place in places if isinstance(place, str)]


def load_study(name: str | Path, *, dir: str | Path | None = None) -> StudyHandle:
    """Open a study by its name or file, whether it is running or not.

    Args: dir: the folder of the studies; default: JUPYTER_TUNE_DIR, or ./studies.
    Raises: JournalError if there is no such study.
    """
    path = journal.study_path(name, journal.study_folder(dir))
    if not path.exists():
        for study in journal.running():
            if study.path.name == path.name:
                raise JournalError(
                    f"{path} does not exist; a study of that name runs in {study.path.parent}: "
                    f"give its file, {str(study.path)!r}"
                )
    return StudyHandle.read(path)


def tune(
    function: Callable[..., Any] | Command,
    space: Space | Mapping[str, Any] | None = None,
    when: When | None = None,
    **options: Any,
) -> StudyHandle:
    """Tune `function` in the background.

    Each trial calls the function in a process of its own, with the parameters as keyword arguments. The
    function calls `jupyter_tune.report(metric=..., step=...)`, or returns the metric (a number or a dict).
    In place of a function, a Command is a program that each trial runs.

    Args:
        space:   the ranges; default: those in the annotations of the function's arguments.
        when:    conditions of parameters (see Space); not allowed if `space` is a Space.
        options: listed below.

    Returns: the study, which is running.
    Raises:  OptionError, SpaceError, PayloadError or JournalError, before anything has started.
    """
    checked = read_options(options, TUNE)
    capacity = capacity_of(checked, TUNE)
    settings = make_settings({"workers": capacity.workers, **checked}, TUNE)
    if isinstance(function, Command):
        plan = plan_of_command(function, space_with(space or {}, when), checked, settings)
    else:
        refuse_local_ranges(function)
        declared = space_of(function, when) if space is None else space_with(space, when)
        work = {"kind": "function", "function": function}
        plan = make_plan(checked, declared, settings, work, origin_of_function(function))
    handle, packed = start(plan.within(capacity))
    for notice in packed.notices:
        print(notice)
    if plan.here:
        run_here(handle, plan)
    return handle


def plan_of_command(command: Command, space: Space, options: Mapping[str, Any], settings: Settings) -> Plan:
    """The plan of a command's study. Raises SpaceError, OptionError or JournalError."""
    if not space:
        raise SpaceError('a command has no ranges of its own; give them: jt.tune(command, {"lr": ...}, ...)')
    notices = command.check(space, needed_metrics(settings, space), settings.workers)
    plan = make_plan(options, space, settings, command.work, origin_of_command(command, options))
    return replace(plan, notices=[*notices, *plan.notices])


describe(tune, TUNE)
