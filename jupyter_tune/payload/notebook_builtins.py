"""Trial versions of the functions that IPython adds to the built-ins of a notebook.

display(x)         prints the text that the notebook would show
get_ipython()      returns None, as everywhere outside IPython
exit(), quit()     Python's own: they end the trial, as sys.exit does
open(), input()    Python's own; stdin is empty
"""

from __future__ import annotations

import builtins
import types
from collections.abc import Mapping
from typing import Any

IPYTHON_NAMES = frozenset({"display", "get_ipython", "exit", "quit", "open", "input"})
"""Names that IPython provides in a notebook, and that trials have without it."""

_FRONT_END = frozenset(
    {
        "IPython",
        "ipykernel",
        "ipywidgets",
        "traitlets",
        "debugpy",
        "_pydev_bundle",
        "jedi",
        "matplotlib_inline",
    }
)


def is_from_front_end(value: object) -> bool:
    """Whether `value`, its type or its owner is defined by IPython or the kernel."""
    if isinstance(value, types.MethodType):
        value = value.__self__
    kind = type(value)
    # use the type: reading an attribute of a lazy proxy may run any code
    home = value if issubclass(kind, (type, types.FunctionType)) else kind
    module = getattr(home, "__module__", None)
    return isinstance(module, str) and module.partition(".")[0] in _FRONT_END


def ipython_objects(*spaces: Mapping[str, Any]) -> dict[int, str]:
    """The objects that IPython has put into these namespaces: id -> name."""
    return {
        id(space[name]): name
        for space in spaces
        for name in IPYTHON_NAMES & space.keys()
        if is_from_front_end(space[name])
    }


def install_builtins() -> None:
    """Add `display` and `get_ipython` to this process's built-ins."""
    vars(builtins).update(display=display, get_ipython=get_ipython)


def get_ipython() -> None:
    """Returns None: a trial has no notebook."""


class Displayed:
    """Replaces IPython's DisplayHandle; updates are printed too."""

    def display(self, thing: object) -> None:
        """Print it."""
        display(thing)

    def update(self, thing: object) -> None:
        """Print it."""
        display(thing)


def display(*things: Any, display_id: Any = None, **options: Any) -> Displayed | None:
    """Print the repr of each of `things`."""
    for thing in things:
        print(repr(thing))
    return None if display_id is None else Displayed()
