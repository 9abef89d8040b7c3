"""What every notebook finds among its built-ins and Python has not, as trials have it.

display(x)         prints what the notebook would show as text
get_ipython()      None, as everywhere outside IPython
exit(), quit()     Python's own: they end the trial, as sys.exit does
open(), input()    Python's own; there is nothing to read from stdin
"""

from __future__ import annotations

import builtins
import types
from collections.abc import Mapping
from typing import Any

GIVEN = frozenset({"display", "get_ipython", "exit", "quit", "open", "input"})
"""Names that a notebook has from its front end, and a trial without it."""

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


def is_of_the_front_end(value: object) -> bool:
    """Whether `value`, its type or its owner was made by IPython or the kernel."""
    if isinstance(value, types.MethodType):
        value = value.__self__
    kind = type(value)
    # by type only: a lazy proxy may do anything when asked for an attribute
    home = value if issubclass(kind, (type, types.FunctionType)) else kind
    module = getattr(home, "__module__", None)
    return isinstance(module, str) and module.partition(".")[0] in _FRONT_END


def given_by(*spaces: Mapping[str, Any]) -> dict[int, str]:
    """What the front end has put into these namespaces under a given name, by its id."""
    return {
        id(space[name]): name
        for space in spaces
        for name in GIVEN & space.keys()
        if is_of_the_front_end(space[name])
    }


def give() -> None:
    """Put into this process's built-ins what a notebook has there."""
    vars(builtins).update(display=display, get_ipython=get_ipython)


def get_ipython() -> None:
    """None: a trial has no notebook."""


class Displayed:
    """Stands for the handle of something displayed: an update is displayed below it."""

    def display(self, thing: object) -> None:
        """Print it."""
        display(thing)

    def update(self, thing: object) -> None:
        """Print it."""
        display(thing)


def display(*things: Any, display_id: Any = None, **options: Any) -> Displayed | None:
    """Print each of `things` as the notebook would show it as text."""
    for thing in things:
        print(repr(thing))
    return None if display_id is None else Displayed()
