"""A %%tune cell as a plan: from the notebook, or from a study's file.

A study's file holds the text of the cell that started it. So a kernel that has not run that cell (it was
restarted) can go on with the study, once it has what the cell uses.
"""

from __future__ import annotations
import __future__

import ast
import functools
import operator
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from jupyter_tune.client.connection import Connection
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.restarts import RESTARTS, Beginning
from jupyter_tune.core.codes import STATEMENTS
from jupyter_tune.core.resuming import other_search
from jupyter_tune.core.settings import Settings, needed_metrics
from jupyter_tune.errors import PayloadError, SpaceError, TuneError
from jupyter_tune.launch import launcher
from jupyter_tune.launch.capacity import capacity_of
from jupyter_tune.launch.command import command_of
from jupyter_tune.launch.option import MAGIC
from jupyter_tune.launch.option_line import read_line
from jupyter_tune.launch.options import make_settings, options_of, read_options
from jupyter_tune.launch.origins import needed_again, origin_of
from jupyter_tune.launch.plan import Plan, make_plan
from jupyter_tune.notebook.cell import Cell, parse
from jupyter_tune.payload.fingerprints import of_statements

OPTIONS = options_of(MAGIC)

CELL = "cell"
"""The kind of a study that a cell started, in its origin."""

_MAGIC = "%%tune"

FUTURES = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)

_OF_THE_START = ("warm_start", "narrow", "transfer", "overwrite", "wait", "dry_run")
"""Options that concern the start alone."""


def plan_of_cell(
    shell: InteractiveShell, options: Mapping[str, Any], line: str, cell: str
) -> tuple[Plan, Cell]:
    """The study that a cell describes. `options`: those of `line`, checked. Raises TuneError."""
    namespace: dict[str, Any] = shell.user_ns
    capacity = capacity_of(options, MAGIC)
    settings = make_settings({"workers": capacity.workers, **options}, MAGIC)
    # an empty line for the magic's own: lines are then numbered as the reader of the cell sees them
    parsed = parse("\n" + cell, namespace)
    origin = origin_of(CELL, f"{_MAGIC} {line}\n{cell}")
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | (shell.compile.flags & FUTURES)
    origin[STATEMENTS] = of_statements(compile(parsed.code, "<cell>", "exec", flags=flags, dont_inherit=True))
    command = command_of(options)
    needed = needed_metrics(settings, parsed.space)
    if command is None:
        for metric in needed:
            parsed.check_metric(metric)
        work, notices = _work_of_cell(shell, parsed, origin["text"]), parsed.unsure
        plan = make_plan(options, parsed.space, settings, work, origin, namespace)
    else:
        parsed.check_declarations_only()
        notices = (*command.check(parsed.space, needed, settings.workers), *parsed.unsure)
        origin |= needed_again(command, options)
        plan = make_plan(options, parsed.space, settings, command.work, origin, namespace)
    if options.get("dry_run"):
        plan.check()
    return replace(plan, notices=[*plan.notices, *notices]).within(capacity), parsed


def _work_of_cell(shell: InteractiveShell, parsed: Cell, shown: str) -> dict[str, Any]:
    namespace: dict[str, Any] = shell.user_ns
    return {
        "kind": CELL,
        "source": parsed.code,
        "shown": shown,
        # the notebook's `from __future__` statements hold in all its later cells
        "flags": shell.compile.flags & FUTURES,
        "names": {used: namespace[used] for used in sorted(parsed.uses) if used in namespace},
    }


def recall(shell: InteractiveShell, handle: StudyHandle) -> None:
    """Let the study go on with the cell in its file, if this kernel does not have its code.

    The cell is read when the study goes on, not before: what it uses may be defined meanwhile.
    """
    if handle.restart is not None or handle.snapshot().origin.get("kind") != CELL:
        return

    def restart(settings: Settings, beginning: Beginning) -> tuple[Connection, list[str]]:
        plan = _plan_again(shell, handle)
        launcher.register_restart(plan)
        handle.declared_as(plan.space)
        return RESTARTS[handle.path](settings, beginning)

    RESTARTS[handle.path] = restart


def _plan_again(shell: InteractiveShell, handle: StudyHandle) -> Plan:
    study = handle.snapshot()
    first, _, cell = str(study.origin["text"]).partition("\n")
    line = first.removeprefix(_MAGIC).strip()
    options = {
        name: value
        for name, value in read_options(read_line(line, OPTIONS), MAGIC).items()
        if name not in _OF_THE_START
    }
    options |= {"name": handle.name, "dir": handle.path.parent, "resume": True}
    above = f"run the cells above that of study {handle.name!r} first, then resume"
    try:
        plan, parsed = plan_of_cell(shell, options, line, cell)
    except TuneError as error:
        raise PayloadError(f"{error}; {above}") from error
    missing = parsed.missing(shell.user_ns)
    if missing:
        have = "it" if len(missing) == 1 else "them"
        raise PayloadError(
            f"{', '.join(missing)}: the trials use {have}, and this kernel does not have {have}; {above}"
        )
    other = other_search(study, plan.space.encoded, plan.settings)
    if other:
        raise SpaceError(
            f"the cell of study {handle.name!r} is another search here: {'; '.join(other)}; {above}"
        )
    return plan
