"""How the supervisor starts a child process: a trial, or the load of the payload before the first one.

    fork    a copy of the supervisor, which finds its libraries loaded; the default on Linux
    spawn   a new interpreter; the default elsewhere, as a fork is not safe with macOS's own libraries

The variable START_VARIABLE chooses the other one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from jupyter_tune.errors import TuneError
from jupyter_tune.executors.local.dry_load import load_only
from jupyter_tune.executors.local.forks import fork
from jupyter_tune.executors.local.processes import ON_LINUX
from jupyter_tune.executors.local.spawns import spawn
from jupyter_tune.trials import program
from jupyter_tune.wire.frames import Link, Message

START_VARIABLE = "JUPYTER_TUNE_START"
FORK, SPAWN = "fork", "spawn"

TRIAL, LOAD = "trial", "load"
TASKS: dict[str, Callable[[int, Message], int]] = {TRIAL: program.run, LOAD: load_only}
"""What a child runs, with its channel and its job; the result is its exit code."""


def start_method(environ: Mapping[str, str] = os.environ) -> str:
    """FORK or SPAWN. Raises TuneError if START_VARIABLE says something else."""
    chosen = environ.get(START_VARIABLE) or (FORK if ON_LINUX else SPAWN)
    if chosen not in (FORK, SPAWN):
        raise TuneError(f"{START_VARIABLE}: no way to start a trial is called {chosen!r}; use fork or spawn")
    return chosen


@dataclass(frozen=True)
class Process:
    """A trial's process: its id, our end of its channel, and the read end of its output."""

    pid: int
    link: Link
    log_fd: int


def start_trial(method: str, job: Message, close_in_child: Iterable[int]) -> Process:
    """Start a trial's process by `method`. Raises OSError if it cannot be created."""
    log_end, output = os.pipe()
    os.set_blocking(log_end, False)
    try:
        pid, link = start(method, TRIAL, job, output, [log_end, *close_in_child])
    except OSError:
        os.close(log_end)
        raise
    finally:
        os.close(output)
    return Process(pid, link, log_end)


def start(
    method: str, task: str, job: Message, output: int, close_in_child: Iterable[int]
) -> tuple[int, Link]:
    """Start a child process by `method`. For the rest see forks.py."""
    if method == SPAWN:
        return spawn(task, job, output)
    return fork(lambda fd: TASKS[task](fd, job), output, close_in_child)
