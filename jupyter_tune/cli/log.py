"""`jupyter-tune log`: a study in an experiment tracker, after its end."""

from __future__ import annotations

import sys

import click

from jupyter_tune import journal
from jupyter_tune.cli.arguments import of_a_study, takes_json
from jupyter_tune.cli.output import print_json
from jupyter_tune.launch.option import RUN
from jupyter_tune.launch.options import options_of
from jupyter_tune.launch.trackers import log_study

_TO = options_of(RUN)["log_to"]


@click.command()
@of_a_study
@click.option("--to", metavar=_TO.metavar, multiple=True, help=_TO.help)
@takes_json
def log(name: str, dir: str | None, to: tuple[str, ...], is_json: bool) -> None:
    """Log the trials of a study to an experiment tracker that it was not logged to, or not to its end.

    A study that runs is followed until its end.
    """
    trackers = _TO.read(to, "--to")
    path = journal.study_path(name, journal.study_folder(dir))

    def notice(text: str, level: str) -> None:
        if is_json:
            print_json({"notice": text, "level": level}, indent=None)
        else:
            click.echo(text, err=level == "error")

    logged = [log_study(path, tracker, notice) for tracker in trackers]
    sys.exit(0 if all(logged) else 1)
