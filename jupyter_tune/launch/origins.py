"""The origin of a study, which its file keeps: its code as text, and what ran it."""

from __future__ import annotations

import functools
import inspect
import os
import platform
import shlex
import sys
import textwrap
import types
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_tune.core.codes import STATEMENTS
from jupyter_tune.launch.command import Command
from jupyter_tune.payload.command_words import COMMAND
from jupyter_tune.payload.fingerprints import of_statements
from jupyter_tune.registry import library_versions

NOTEBOOK_VARIABLE = "JPY_SESSION_NAME"
"""Jupyter's name for the path of the notebook, in the environment of its kernel."""

_PLACES = ("on", "insecure", "resources", "gpus_per_trial", "log_to")
"""Options about where trials run, which no setting holds."""


def origin_of(kind: str, text: str) -> dict[str, Any]:
    """The origin of a study, stored in its file: kind and text of its code, versions."""
    from jupyter_tune import __version__

    return {
        "kind": kind,
        "text": text,
        "jupyter_tune": __version__,
        "python": platform.python_version(),
        "libraries": library_versions(),
        "argv": sys.argv[:1],
        **notebook_here(os.environ),
    }


def notebook_here(environ: Mapping[str, str]) -> dict[str, str]:
    """The notebook that runs this, by its full path, where the server has told its kernel; else nothing.

    It is the path that the notebook had when its kernel was started.
    """
    name = environ.get(NOTEBOOK_VARIABLE, "")
    return {"notebook": os.path.abspath(name)} if name.endswith(".ipynb") else {}


def origin_of_command(command: Command, options: Mapping[str, Any]) -> dict[str, Any]:
    """The origin of a command's study, which was started with these options."""
    return {**origin_of(COMMAND, shlex.join(command.words)), **needed_again(command, options)}


def needed_again(command: Command, options: Mapping[str, Any]) -> dict[str, Any]:
    """What an origin has of a command, so that its study can be resumed without its cell or script.

    A cluster that was given as an object has no entry but None: only the notebook knows it.
    """
    places = {name: options[name] for name in _PLACES if name in options}
    if "on" in places and not isinstance(places["on"], str):
        places["on"] = None
    return {COMMAND: command.work, "cwd": os.getcwd(), "places": places}


def origin_of_function(function: Callable[..., Any]) -> dict[str, Any]:
    """The origin of a function's study, with the function's source if it is available."""
    origin = origin_of("function", getattr(function, "__qualname__", repr(function)))
    plain: Any = function
    while isinstance(plain, functools.partial):
        plain = plain.func
    if not hasattr(plain, "__code__") and not inspect.isclass(plain):
        # a callable object, or a wrapper like that of functools.cache
        plain = getattr(plain, "__wrapped__", type(plain).__call__)
    if isinstance(code := getattr(plain, "__code__", None), types.CodeType):
        origin[STATEMENTS] = of_statements(code)
    try:
        return {**origin, "source": textwrap.dedent(inspect.getsource(plain))}
    except (OSError, TypeError):
        return origin
