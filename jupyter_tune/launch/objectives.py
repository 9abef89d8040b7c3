"""What a study is after, from its options: one metric, or several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_tune.errors import OptionError

_OF_ONE = ("target", "price", "stop_when_converged")
"""Options that are about the value of one metric."""


def objectives_of(options: Mapping[str, Any], shown: Mapping[str, str]) -> list[tuple[str, str]]:
    """(direction, metric) of all that the study is after, in the order of the options.

    Args: shown: the options as they are written in their place.
    Raises: OptionError if there is none, one is named twice, or an option cannot be had with several.
    """
    found = [(way, name) for way in options if way in ("maximize", "minimize") for name in options[way]]
    if not found:
        example = "--maximize accuracy" if shown["maximize"].startswith("--") else "maximize='accuracy'"
        raise OptionError(f"no metric: name one and its direction, like {example}")
    names = [name for _, name in found]
    for name in names:
        if names.count(name) > 1:
            raise OptionError(f"{name}: is named twice as a metric to maximize or minimize; keep one")
    _, share = options.get("patience", (None, None))
    for option in (*_OF_ONE, *(["patience"] if share else [])):
        if len(names) > 1 and options.get(option):
            percent = " with a percentage" if option == "patience" else ""
            raise OptionError(
                f"{shown[option]}{percent}: is about the value of one metric, and there are several "
                f"({', '.join(names)}); use patience, a timeout or a number of trials"
            )
    return found
