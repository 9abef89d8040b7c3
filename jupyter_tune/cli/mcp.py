"""`jupyter-tune mcp`: studies for an AI agent or another program, by the Model Context Protocol.

It speaks on stdin and stdout with the program that starts it, and on no network: it may do what the user who
starts that program may, and no one else reaches it. Each start has a budget of its own.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import click

from jupyter_tune import __version__, journal
from jupyter_tune.cli.agent import Agent
from jupyter_tune.cli.arguments import in_folder
from jupyter_tune.core.readers.numbers import whole
from jupyter_tune.errors import TuneError

_INSTRUCTIONS = """\
Hyperparameter studies of jupyter_tune. Look at study_status first: it has the ranges and how many changes you
may make. A trial takes as long as a training; the best so far is no proof of an optimum.
"""


@click.command()
@in_folder
@click.option("--budget", metavar="N", default="0", help="changes it may make (default: 0, reading only)")
def mcp(dir: str | None, budget: str) -> None:
    """Serve the studies of a folder to an AI agent (Model Context Protocol), on stdin and stdout.

    The agent lists studies and reads their state, trials, charts, advice and logs. With --budget N it may
    also enqueue trials and narrow ranges of studies that run, N times in all.
    """
    changes = whole(0)(budget, "--budget")
    if find_spec("mcp") is None:
        raise TuneError("mcp: needs the package mcp; pip install 'jupyter-tune[mcp]'")
    _serve(Agent(journal.study_folder(dir), changes))


def _serve(agent: Agent) -> None:
    from mcp.server import MCPServer
    from mcp.types import ToolAnnotations

    server = MCPServer("jupyter_tune", version=__version__, instructions=_INSTRUCTIONS, log_level="WARNING")
    reads = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    changes = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
    for tools, hints in ((agent.reading, reads), (agent.changing, changes)):
        for tool in tools:
            server.add_tool(_with_errors(tool), description=inspect.getdoc(tool), annotations=hints)
    server.run("stdio")


def _with_errors(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, whose errors the agent may read: others are kept from it, and go to stderr."""
    from mcp.server.mcpserver.exceptions import ToolError

    @functools.wraps(tool)
    def called(*args: Any, **given: Any) -> Any:
        try:
            return tool(*args, **given)
        except TuneError as error:
            raise ToolError(str(error)) from error

    return called
