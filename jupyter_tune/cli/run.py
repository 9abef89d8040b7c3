"""`jupyter-tune run`, `resume` and `retry`: a script as a study, in the foreground or detached."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import click

from jupyter_tune.cli.following import printer, run_to_the_end, summary
from jupyter_tune.cli.output import print_json, status_as_json
from jupyter_tune.cli.space_file import read_space
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import INTERRUPTED
from jupyter_tune.errors import DriverError, OptionError
from jupyter_tune.launch import launcher
from jupyter_tune.launch.capacity import capacity_of
from jupyter_tune.launch.command import Command, command_with
from jupyter_tune.launch.option import RUN, Option
from jupyter_tune.launch.options import make_settings, options_of, read_options
from jupyter_tune.launch.plan import Plan, make_plan
from jupyter_tune.payload.command_words import COMMAND, placeholders

STOPPED = 130
"""Exit code after Ctrl-C, as a shell has it."""


def takes_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of RUN, from the one table, to a click command."""
    for option in reversed(options_of(RUN).values()):
        function = _declared(option)(function)
    return function


def _declared(option: Option) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    flags = [option.flag, *([option.short] if option.short else []), option.name]
    if not option.metavar:
        return click.option(*flags, is_flag=True, default=None, help=option.help)
    return click.option(
        *flags,
        metavar=option.metavar,
        nargs=2 if option.pairs else 1,
        multiple=option.several or option.pairs or option.repeats,
        help=option.help,
    )


def command_words(script: str, arguments: Sequence[str], space: Space, *, flags: bool) -> list[str]:
    """The words of the command that runs `script`: with Python if its name ends in .py.

    `--NAME {NAME}` is appended for every parameter, unless a placeholder says where the values go.
    """
    if script.endswith(".ipynb"):
        raise OptionError(f"{script}: is a notebook; tune a cell in it by %%tune, or export it as a script")
    words = ["{python}", script] if script.endswith(".py") else [script]
    words += arguments
    if flags and not placeholders(arguments):
        for name in space:
            braced = name.replace("{", "{{").replace("}", "}}")
            words += [f"--{braced}", f"{{{name}}}"]
    return words


def start(
    script: str, arguments: Sequence[str], *, flags: bool, as_json: bool, given: Mapping[str, Any]
) -> None:
    """Run the script as a study. Exits the process."""
    options = read_options({name: value for name, value in given.items() if value not in (None, ())}, RUN)
    capacity = capacity_of(options, RUN)
    settings = make_settings({"workers": capacity.workers, **options}, RUN)
    if "space" not in options:
        raise OptionError("--space: needs the TOML file with the ranges; write --space FILE")
    space = read_space(Path(options["space"]))
    command = command_with(command_words(script, arguments, space, flags=flags), options)
    plan = launcher.plan_of_command(command, space, options, settings).within(capacity)
    if options.get("dry_run"):
        plan.check()
        notices = launcher.dry_run(plan).notices
        line = command.line(space.encoded.defaults())
        if as_json:
            print_json({"name": plan.name, "trials": settings.trials, "command": line, "notices": notices})
            return
        for notice in notices:
            click.echo(notice, err=True)
        click.echo(f"Study {plan.name!r} would run {settings.trials or 'any number of'} trials.")
        click.echo(f"Trial 0 would run: {line}")
        click.echo("Nothing was started.")
        return
    handle, packed = launcher.start(plan)
    for notice in packed.notices:
        click.echo(notice, err=True)
    _until_the_end(handle, detach=plan.detach, as_json=as_json)


def go_on(handle: StudyHandle, ask: Callable[[], None], done: str, *, detach: bool, as_json: bool) -> None:
    """Ask a study to go on: a running one says `done`; one that has ended runs its command again, until its
    end, where this exits the process."""
    if not handle.is_over:
        ask()
        click.echo(done, err=True)
        if as_json:
            print_json(status_as_json(handle))
        return
    launcher.register_restart(_plan_again(handle, detach=detach))
    ask()
    _until_the_end(handle, detach=detach, as_json=as_json)


def _plan_again(handle: StudyHandle, *, detach: bool) -> Plan:
    study = handle.snapshot()
    if COMMAND not in study.origin:
        raise DriverError(
            f"study {handle.name!r} does not run a command: its code is in a notebook or script; resume it "
            f"there, by %tune resume {handle.name} or resume=True"
        )
    folder = Path(study.origin["cwd"])
    try:
        os.chdir(folder)
    except OSError as error:
        raise DriverError(
            f"{folder}: {error.strerror}; study {handle.name!r} ran its command there; make it again"
        ) from None
    places = {name: value for name, value in study.origin["places"].items() if value is not None}
    if places.keys() != study.origin["places"].keys():
        raise DriverError(f"study {handle.name!r} ran on a cluster of a notebook; resume it there")
    command = Command.from_work(study.origin[COMMAND])
    notices = command.check(study.space, study.needed_metrics, study.settings.workers)
    given = {"name": handle.name, "dir": handle.path.parent, "resume": True, "detach": detach, **places}
    capacity = capacity_of({"workers": study.settings.workers, **places}, RUN)
    plan = make_plan(given, study.space, study.settings, command.work, dict(study.origin))
    return replace(plan, notices=[*notices, *plan.notices]).within(capacity)


def _until_the_end(handle: StudyHandle, *, detach: bool, as_json: bool) -> NoReturn:
    """Wait for the study's end and exit, or exit at once if it is detached."""
    if detach:
        click.echo(
            f"Study {handle.name} runs in the background. jupyter-tune show {handle.name} follows it, "
            f"jupyter-tune stop {handle.name} ends it.",
            err=as_json,
        )
        if as_json:
            print_json(status_as_json(handle))
        sys.exit(0)
    click.echo(f"Study {handle.name} runs; Ctrl-C stops it.", err=True)
    show = printer(handle, handle.snapshot().driven_since)
    was_stopped = run_to_the_end(handle, (lambda: None) if as_json else show)
    if as_json:
        print_json(status_as_json(handle))
    else:
        click.echo(summary(handle))
    study = handle.snapshot()
    failed = handle.state == INTERRUPTED or (not study.best_trials and not was_stopped)
    handle.close()
    sys.exit(STOPPED if was_stopped else int(failed))
