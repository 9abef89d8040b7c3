"""Starts a child of the supervisor as a new interpreter: slower than a fork, and safe on every system.

The child imports everything anew. It finds its job as JSON in a file without a name, whose descriptor it
inherits, as it does that of the channel.

`main` runs with the arguments TASK SUPERVISOR CHANNEL JOB.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile

from jupyter_tune.executors.local.forks import run_child
from jupyter_tune.executors.local.processes import interpreter
from jupyter_tune.wire.frames import Link, Message


def spawn(task: str, job: Message, output: int) -> tuple[int, Link]:
    """Run `task` of starts.py with `job` in a new interpreter.

    Args: output: the descriptor for everything that the process prints.

    Returns: the child's pid, and our end of the channel.
    Raises:  OSError if the process cannot be created.
    """
    ours, theirs = socket.socketpair()
    try:
        with theirs, tempfile.TemporaryFile() as file:
            file.write(json.dumps(job).encode())
            file.flush()
            inherited = [theirs.fileno(), file.fileno()]
            for fd in inherited:
                os.set_inheritable(fd, True)
            command = interpreter(__name__, task, str(os.getpid()), *map(str, inherited))
            pid = os.posix_spawn(
                sys.executable,
                command,
                os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)],
            )
    except OSError:
        ours.close()
        raise
    return pid, Link(ours)


def main() -> None:
    from jupyter_tune.executors.local.starts import TASKS

    task, supervisor, channel, file = sys.argv[1], *map(int, sys.argv[2:])
    sys.argv = [""]
    os.set_inheritable(channel, False)
    with open(file, "rb") as given:
        given.seek(0)
        job = json.load(given)
    run_child(lambda fd: TASKS[task](fd, job), supervisor, channel, os.dup(1), [])
