"""Arguments and options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.errors import DriverError
from jupyter_tune.launch.launcher import load_study

in_folder = click.option("--dir", metavar="DIR", help="folder of the studies")
takes_json = click.option("--json", "is_json", is_flag=True, help="print JSON")
takes_detach = click.option("--detach", is_flag=True, help="do not wait, and keep the study running")


def of_a_study(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments that name a study."""
    return click.argument("name")(in_folder(function))


def running_study(name: str, dir: str | None) -> StudyHandle:
    """The study. Raises: DriverError unless it is running."""
    handle = load_study(name, dir=dir)
    if handle.is_over:
        raise DriverError(
            f"study {handle.name!r} is not running, it is {handle.state}; "
            f"jupyter-tune resume {handle.name} goes on with it"
        )
    return handle
