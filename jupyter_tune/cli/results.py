"""The commands that read what was found, write on it, or remove it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from jupyter_tune import journal
from jupyter_tune.cli.arguments import in_folder, of_a_study, takes_json
from jupyter_tune.cli.output import print_json, status_as_json
from jupyter_tune.core.readers.numbers import whole
from jupyter_tune.core.readers.tags import tags
from jupyter_tune.errors import TuneError
from jupyter_tune.launch.comparing import compare as compared
from jupyter_tune.launch.launcher import load_study
from jupyter_tune.views.tables.export import as_csv, as_json
from jupyter_tune.views.tables.progress import BY, By


@click.command()
@of_a_study
@takes_json
def advice(name: str, dir: str | None, is_json: bool) -> None:
    """Print what a study's results say about its ranges, its noise and its pruning."""
    handle = load_study(name, dir=dir)
    found = handle.advice()
    if is_json:
        print_json({"findings": [finding.to_json() for finding in found], "note": found.note})
    else:
        click.echo(found)
    handle.close()


@click.command()
@of_a_study
@click.option("--output", "-o", metavar="FILE", help="an .html or .md file (default: NAME.html)")
@click.option("--model/--no-model", default=True, help="with the charts of the sampler's model (default)")
@takes_json
def report(name: str, dir: str | None, output: str | None, model: bool, is_json: bool) -> None:
    """Write a study on one page: what was asked, what was found, charts, and how to do it again."""
    handle = load_study(name, dir=dir)
    path = output or f"{handle.name}.html"
    handle.report(path, model=model)
    handle.close()
    if is_json:
        print_json({"report": path})
    else:
        click.echo(f"The report is in {path}.")


@click.command()
@of_a_study
@click.argument("written", metavar="KEY=VALUE...", nargs=-1, required=True)
@click.option("--trial", metavar="N", help="tag this trial")
@click.option("--remove", is_flag=True, help="take these tags away")
@takes_json
def tag(
    name: str, written: tuple[str, ...], trial: str | None, remove: bool, dir: str | None, is_json: bool
) -> None:
    """Tag a study, as data=cifar10, or a word alone; also after its end."""
    given = tags(written, "KEY=VALUE")
    number = None if trial is None else whole(0)(trial, "--trial")
    handle = load_study(name, dir=dir)
    handle.tag(dict.fromkeys(given) if remove else given, trial=number)
    if is_json:
        print_json(status_as_json(handle))


@click.command()
@of_a_study
@click.argument("text")
@click.option("--trial", metavar="N", help="a note on this trial")
@takes_json
def note(name: str, text: str, trial: str | None, dir: str | None, is_json: bool) -> None:
    """Write a note on a study, in place of the one it has; an empty TEXT removes it."""
    handle = load_study(name, dir=dir)
    handle.note(text, None if trial is None else whole(0)(trial, "--trial"))
    if is_json:
        print_json(status_as_json(handle))


@click.command()
@of_a_study
@click.option(
    "--format", "form", type=click.Choice(["csv", "json"]), help="default: by the file's suffix, or csv"
)
@click.option("--output", "-o", metavar="FILE", help="default: print it")
@click.option("--json", "is_json", is_flag=True, help="as --format json")
def export(name: str, dir: str | None, form: str | None, output: str | None, is_json: bool) -> None:
    """Write the trials of a study as CSV or JSON."""
    study = load_study(name, dir=dir).snapshot()
    if form is None:
        form = "json" if is_json or (output and output.endswith(".json")) else "csv"
    text = as_json(study) if form == "json" else as_csv(study)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise TuneError(f"--output: {output}: {error.strerror}; give another file") from None


@click.command()
@of_a_study
@click.option("--yes", "-y", is_flag=True, help="do not ask")
@takes_json
def delete(name: str, dir: str | None, yes: bool, is_json: bool) -> None:
    """Delete a study that does not run, with its logs, checkpoints and artifacts."""
    path = journal.study_path(name, journal.study_folder(dir))
    journal.require_study(path)
    if not (yes or click.confirm(f"Delete {path} and {journal.files_folder(path).name}?", err=is_json)):
        return
    journal.delete(path)
    if is_json:
        print_json({"deleted": str(path)})
    else:
        click.echo(f"Deleted: {path}")


@click.command()
@of_a_study
@takes_json
def replay(name: str, dir: str | None, is_json: bool) -> None:
    """Make every decision of a study again from its journal; exit code 1 if one differs."""
    replayed = load_study(name, dir=dir).replay()
    if is_json:
        print_json(asdict(replayed))
    else:
        click.echo(repr(replayed))
    sys.exit(0 if replayed.is_same else 1)


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@in_folder
@click.option("--by", type=click.Choice(BY), default=BY[0], help="what the chart is over (default: trials)")
@click.option("--label", metavar="TAG", help="studies with the same value of this tag are repeats")
@click.option("--target", metavar="METRIC", help="with several metrics, which of them (default: the first)")
@click.option("--html", metavar="FILE", help="write the chart and the table to this .html file too")
@takes_json
def compare(
    names: tuple[str, ...],
    dir: str | None,
    by: By,
    label: str | None,
    target: str | None,
    html: str | None,
    is_json: bool,
) -> None:
    """Compare studies of one metric: what each has found and spent, the best first."""
    found = compared(names, by, label=label, dir=dir, target=target)
    if html is not None:
        found.save(html)
    if is_json:
        print_json(found.to_json())
    else:
        click.echo(repr(found))
    if html is not None:
        click.echo(f"The chart is in {html}.", err=True)
