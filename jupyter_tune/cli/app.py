"""`jupyter-tune`: its group of commands, and those of studies that run."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import Any

import click

from jupyter_tune import __version__, journal
from jupyter_tune.cli import run as runs
from jupyter_tune.cli.arguments import in_folder, of_a_study, running_study, takes_detach, takes_json
from jupyter_tune.cli.following import follow, printer, status_of, summary
from jupyter_tune.cli.log import log
from jupyter_tune.cli.mcp import mcp
from jupyter_tune.cli.output import json_printer, print_json, status_as_json
from jupyter_tune.cli.results import advice, compare, delete, export, note, replay, report, tag
from jupyter_tune.cli.run import STOPPED, takes_options
from jupyter_tune.cli.screen import screen
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.listing import CHANGED, SORTS, listing, stop_all, stopped_in_words
from jupyter_tune.core.readers.numbers import whole
from jupyter_tune.core.readers.tags import tags
from jupyter_tune.errors import OptionError, TuneError
from jupyter_tune.launch.launcher import load_study

_UP = "\x1b[{}F\x1b[J"
"""Moves a terminal's cursor up by lines, and clears what is below."""


def main() -> None:
    """Run the command line; errors of this package are one line on stderr and exit code 1."""
    try:
        cli(prog_name="jupyter-tune")
    except TuneError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Tune the hyperparameters of scripts, and manage studies.

    NAME is the name of a study in the folder --dir (default: JUPYTER_TUNE_DIR, or ./studies), or its file.
    """


for command in (advice, compare, delete, export, log, mcp, note, replay, report, tag):
    cli.add_command(command)


@cli.command(context_settings={"max_content_width": 110})
@click.argument("script")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@takes_options
@click.option(
    "--flags/--no-flags",
    default=True,
    help="append --NAME VALUE for every parameter, unless the arguments have placeholders (default: append)",
)
@takes_json
def run(script: str, arguments: tuple[str, ...], flags: bool, is_json: bool, **given: Any) -> None:
    """Run SCRIPT as the trials of a study, and wait for its end. Ctrl-C stops the study.

    A SCRIPT that ends in .py runs with the Python of jupyter-tune. Its own arguments follow after --, as in

        jupyter-tune run train.py --space space.toml --maximize acc --metric acc 'acc=(.*)' -- --epochs 20

    and may say where the values go: -- --lr {lr} --config {config.json}
    """
    runs.start(script, arguments, flags=flags, as_json=is_json, given=given)


@cli.command("list")
@in_folder
@click.option(
    "--sort", type=click.Choice(list(SORTS)), default=CHANGED, help="order of the rows (default: changed)"
)
@click.option("--tag", metavar="KEY=VALUE", multiple=True, help="only studies with this tag; or KEY alone")
@takes_json
def list_studies(dir: str | None, sort: str, tag: tuple[str, ...], is_json: bool) -> None:
    """List the studies of a folder, and those that run in other folders of this machine."""
    studies = listing(journal.study_folder(dir), sort=sort, tags=tags(tag, "--tag"))
    if is_json:
        print_json(studies.to_json())
    else:
        click.echo(studies)


@cli.command()
@of_a_study
@takes_json
def status(name: str, dir: str | None, is_json: bool) -> None:
    """Print how a study stands."""
    handle = load_study(name, dir=dir)
    if is_json:
        print_json(status_as_json(handle))
        return
    click.echo(summary(handle))
    click.echo(handle.disk())
    for _, text in handle.notices:
        click.echo(text)


@cli.command()
@of_a_study
@takes_json
def show(name: str, dir: str | None, is_json: bool) -> None:
    """Follow a study until its end; Ctrl-C ends the view, not the study.

    A terminal shows a screen that is kept up to date; elsewhere a line is printed for each trial that ends.
    With --json each line is an object: {"trial": …}, {"notice": …}, and at the end {"status": …}.
    """
    handle = load_study(name, dir=dir)
    try:
        if is_json:
            follow(handle, json_printer(handle, time.time()))
            print_json({"status": status_as_json(handle)}, indent=None)
        elif handle.is_over or sys.stdout.isatty():
            follow(handle, _screen(handle))
        else:
            click.echo(summary(handle))
            follow(handle, printer(handle, time.time()))
            click.echo(summary(handle))
    except KeyboardInterrupt:
        sys.exit(STOPPED)


def _screen(handle: StudyHandle) -> Callable[[], None]:
    lines: list[str] = []

    def draw() -> None:
        nonlocal lines
        size = shutil.get_terminal_size()
        back = _UP.format(len(lines)) if lines else ""
        # the cursor stands below the last line
        lines = screen(handle.snapshot(), status_of(handle), size.columns, size.lines - 1)
        click.echo(back + "\n".join(lines))

    return draw


@cli.command()
@click.argument("name", required=False)
@in_folder
@click.option("--all", "is_all", is_flag=True, help="all your studies that run on this machine")
@takes_json
def stop(name: str | None, dir: str | None, is_all: bool, is_json: bool) -> None:
    """End a study; its running trials are cancelled, its results stay."""
    if is_all == (name is not None):
        raise OptionError("stop: give the name of a study, or --all")
    if name is not None:
        handle = running_study(name, dir)
        handle.stop()
        if is_json:
            print_json(status_as_json(handle))
        return
    stopped = stop_all()
    if is_json:
        print_json([{"path": str(path), "error": why} for path, why in stopped.items()])
    else:
        click.echo(stopped_in_words(stopped))


@cli.command()
@of_a_study
@takes_json
def pause(name: str, dir: str | None, is_json: bool) -> None:
    """Start no further trials; running ones go on."""
    handle = running_study(name, dir)
    handle.pause()
    if is_json:
        print_json(status_as_json(handle))


@cli.command()
@of_a_study
@click.option("--trials", "-n", metavar="N", help="run N more trials (default: what is left)")
@takes_detach
@takes_json
def resume(name: str, dir: str | None, trials: str | None, detach: bool, is_json: bool) -> None:
    """Take a pause back, or go on with a study of a command that has ended or was interrupted."""
    count = None if trials is None else whole(1)(trials, "--trials")
    handle = load_study(name, dir=dir)
    done = f"Study {handle.name} goes on."
    runs.go_on(handle, lambda: handle.resume(count), done, detach=detach, as_json=is_json)


@cli.command()
@of_a_study
@click.argument("trial", required=False)
@takes_detach
@takes_json
def retry(name: str, trial: str | None, dir: str | None, detach: bool, is_json: bool) -> None:
    """Run a failed trial again with the same values, or (without TRIAL, its number) all that have failed."""
    which = "failed" if trial is None else whole(0)(trial, "TRIAL")
    handle = load_study(name, dir=dir)
    done = "The failed trials run again." if trial is None else f"Trial {which} runs again."
    runs.go_on(handle, lambda: handle.retry(which), done, detach=detach, as_json=is_json)
