"""The commands of `jupyter-tune`."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from jupyter_tune import __version__, journal
from jupyter_tune.cli import run as runs
from jupyter_tune.cli.comparing import compare
from jupyter_tune.cli.following import follow, printer, status_of, summary
from jupyter_tune.cli.run import STOPPED, status_as_json, takes_options
from jupyter_tune.cli.screen import screen
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.listing import CHANGED, SORTS, listing, stop_all
from jupyter_tune.core.readers.numbers import whole
from jupyter_tune.core.readers.tags import tags
from jupyter_tune.errors import DriverError, OptionError, TuneError
from jupyter_tune.launch.launcher import load_study
from jupyter_tune.views.tables.export import as_csv, as_json

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


cli.add_command(compare)


def _of_a_study(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments that name a study."""
    function = click.option("--dir", metavar="DIR", help="folder of the studies")(function)
    return click.argument("name")(function)


_json = click.option("--json", "is_json", is_flag=True, help="print JSON")
_detach = click.option("--detach", is_flag=True, help="do not wait, and keep the study running")


@cli.command(context_settings={"max_content_width": 110})
@click.argument("script")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@takes_options
@click.option(
    "--flags/--no-flags",
    default=True,
    help="append --NAME VALUE for every parameter, unless the arguments have placeholders (default: append)",
)
@_json
def run(script: str, arguments: tuple[str, ...], flags: bool, is_json: bool, **given: Any) -> None:
    """Run SCRIPT as the trials of a study, and wait for its end. Ctrl-C stops the study.

    A SCRIPT that ends in .py runs with the Python of jupyter-tune. Its own arguments follow after --, as in

        jupyter-tune run train.py --space space.toml --maximize acc --metric acc 'acc=(.*)' -- --epochs 20

    and may say where the values go: -- --lr {lr} --config {config.json}
    """
    runs.start(script, arguments, flags=flags, as_json=is_json, given=given)


@cli.command("list")
@click.option("--dir", metavar="DIR", help="folder of the studies")
@click.option(
    "--sort", type=click.Choice(list(SORTS)), default=CHANGED, help="order of the rows (default: changed)"
)
@click.option("--tag", metavar="KEY=VALUE", multiple=True, help="only studies with this tag; or KEY alone")
@_json
def list_studies(dir: str | None, sort: str, tag: tuple[str, ...], is_json: bool) -> None:
    """List the studies of a folder, and those that run in other folders of this machine."""
    studies = listing(journal.study_folder(dir), sort=sort, tags=tags(tag, "--tag"))
    click.echo(json.dumps(studies.to_json(), indent=1) if is_json else str(studies))


@cli.command()
@_of_a_study
@_json
def status(name: str, dir: str | None, is_json: bool) -> None:
    """Print how a study stands."""
    handle = load_study(name, dir=dir)
    if is_json:
        click.echo(json.dumps(status_as_json(handle), indent=1))
        return
    click.echo(summary(handle))
    click.echo(handle.disk())
    for _, text in handle.notices:
        click.echo(text)


@cli.command()
@_of_a_study
def advice(name: str, dir: str | None) -> None:
    """Print what a study's results say about its ranges, its noise and its pruning."""
    handle = load_study(name, dir=dir)
    click.echo(handle.advice())
    handle.close()


@cli.command()
@_of_a_study
def show(name: str, dir: str | None) -> None:
    """Follow a study until its end; Ctrl-C ends the view, not the study.

    A terminal shows a screen that is kept up to date; elsewhere a line is printed for each trial that ends.
    """
    handle = load_study(name, dir=dir)
    try:
        if handle.is_over or sys.stdout.isatty():
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
@click.option("--dir", metavar="DIR", help="folder of the studies")
@click.option("--all", "is_all", is_flag=True, help="all your studies that run on this machine")
def stop(name: str | None, dir: str | None, is_all: bool) -> None:
    """End a study; its running trials are cancelled, its results stay."""
    if is_all == (name is not None):
        raise OptionError("stop: give the name of a study, or --all")
    if name is not None:
        _running(name, dir).stop()
        return
    click.echo("\n".join(stop_all()))


@cli.command()
@_of_a_study
def pause(name: str, dir: str | None) -> None:
    """Start no further trials; running ones go on."""
    _running(name, dir).pause()


@cli.command()
@_of_a_study
@click.option("--trials", "-n", metavar="N", help="run N more trials (default: what is left)")
@_detach
@_json
def resume(name: str, dir: str | None, trials: str | None, detach: bool, is_json: bool) -> None:
    """Take a pause back, or go on with a study of a command that has ended or was interrupted."""
    count = None if trials is None else whole(1)(trials, "--trials")
    handle = load_study(name, dir=dir)
    done = f"Study {handle.name} goes on."
    runs.go_on(handle, lambda: handle.resume(count), done, detach=detach, as_json=is_json)


@cli.command()
@_of_a_study
@click.argument("trial", required=False)
@_detach
@_json
def retry(name: str, trial: str | None, dir: str | None, detach: bool, is_json: bool) -> None:
    """Run a failed trial again with the same values, or (without TRIAL, its number) all that have failed."""
    which = "failed" if trial is None else whole(0)(trial, "TRIAL")
    handle = load_study(name, dir=dir)
    done = "The failed trials run again." if trial is None else f"Trial {which} runs again."
    runs.go_on(handle, lambda: handle.retry(which), done, detach=detach, as_json=is_json)


@cli.command()
@_of_a_study
@click.option("--output", "-o", metavar="FILE", help="an .html or .md file (default: NAME.html)")
@click.option("--model/--no-model", default=True, help="with the charts of the sampler's model (default)")
def report(name: str, dir: str | None, output: str | None, model: bool) -> None:
    """Write a study on one page: what was asked, what was found, charts, and how to do it again."""
    handle = load_study(name, dir=dir)
    path = output or f"{handle.name}.html"
    handle.report(path, model=model)
    handle.close()
    click.echo(f"The report is in {path}.")


@cli.command()
@_of_a_study
@click.argument("written", metavar="KEY=VALUE...", nargs=-1, required=True)
@click.option("--trial", metavar="N", help="tag this trial")
@click.option("--remove", is_flag=True, help="take these tags away")
def tag(name: str, written: tuple[str, ...], trial: str | None, remove: bool, dir: str | None) -> None:
    """Tag a study, as data=cifar10, or a word alone; also after its end."""
    given = tags(written, "KEY=VALUE")
    number = None if trial is None else whole(0)(trial, "--trial")
    load_study(name, dir=dir).tag(dict.fromkeys(given) if remove else given, trial=number)


@cli.command()
@_of_a_study
@click.argument("text")
@click.option("--trial", metavar="N", help="a note on this trial")
def note(name: str, text: str, trial: str | None, dir: str | None) -> None:
    """Write a note on a study, in place of the one it has; an empty TEXT removes it."""
    load_study(name, dir=dir).note(text, None if trial is None else whole(0)(trial, "--trial"))


@cli.command()
@_of_a_study
@click.option(
    "--format", "form", type=click.Choice(["csv", "json"]), help="default: by the file's suffix, or csv"
)
@click.option("--output", "-o", metavar="FILE", help="default: print it")
def export(name: str, dir: str | None, form: str | None, output: str | None) -> None:
    """Write the trials of a study as CSV or JSON."""
    study = load_study(name, dir=dir).snapshot()
    form = form or ("json" if output and output.endswith(".json") else "csv")
    text = as_json(study) if form == "json" else as_csv(study)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise TuneError(f"--output: {output}: {error.strerror}; give another file") from None


@cli.command()
@_of_a_study
@click.option("--yes", "-y", is_flag=True, help="do not ask")
def delete(name: str, dir: str | None, yes: bool) -> None:
    """Delete a study that does not run, with its logs, checkpoints and artifacts."""
    path = journal.study_path(name, journal.study_folder(dir))
    journal.require_study(path)
    if yes or click.confirm(f"Delete {path} and {journal.files_folder(path).name}?"):
        journal.delete(path)
        click.echo(f"Deleted: {path}")


@cli.command()
@_of_a_study
@_json
def replay(name: str, dir: str | None, is_json: bool) -> None:
    """Make every decision of a study again from its journal; exit code 1 if one differs."""
    replayed = load_study(name, dir=dir).replay()
    click.echo(json.dumps(asdict(replayed), indent=1) if is_json else repr(replayed))
    sys.exit(0 if replayed.is_same else 1)


def _running(name: str, dir: str | None) -> StudyHandle:
    """The study, which must be running."""
    handle = load_study(name, dir=dir)
    if handle.is_over:
        raise DriverError(
            f"study {handle.name!r} is not running, it is {handle.state}; "
            f"jupyter-tune resume {handle.name} goes on with it"
        )
    return handle
