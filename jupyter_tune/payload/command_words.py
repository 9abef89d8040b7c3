"""The words of a command, with placeholders for the values of a trial.

    {lr}         the value of the parameter lr
    {{ and }}    a brace
    --lr {lr}    left out, both words, in a trial in which lr does not exist (a conditional parameter)
    lr={lr}      left out too

Words are split when the study starts and filled in each trial, so a value with spaces or quotes stays one
argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from jupyter_tune.errors import OptionError

COMMAND = "command"
"""The kind of the work (see trials/program.py) of a command."""

CONFIGS = {"config": "json", "config.json": "json", "config.yaml": "yaml", "config.toml": "toml"}
"""Placeholders for the path of a file with all parameters, and its format."""

PROVIDED = (
    "python",
    *CONFIGS,
    "trial.number",
    "trial.seed",
    "trial.repeat",
    "trial.folder",
    "trial.checkpoint_dir",
    "trial.artifacts",
)
"""Placeholders that every trial fills; a parameter of the same name comes first."""

ENVIRONMENT = "JUPYTER_TUNE_PARAM_"

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def placeholders(words: Iterable[str]) -> list[str]:
    """The names in the placeholders, each once, in order. Raises OptionError for a single brace."""
    found: dict[str, None] = {}
    for word in words:
        for piece in _PIECE.finditer(word):
            if piece[1] is not None:
                found[piece[1]] = None
            elif len(piece[0]) == 1:
                raise OptionError(f"{word}: a single {piece[0]}; write {piece[0] * 2} for a brace")
    return list(found)


def filled(words: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """The words with `values` in place of the placeholders; words with a value that is not there are left
    out."""
    found: list[str] = []
    for place, word in enumerate(words):
        if all(name in values for name in placeholders([word])):
            found.append(_PIECE.sub(lambda piece: _value(piece, values), word))
        elif place > 1 and found and found[-1] == words[place - 1] and found[-1].startswith("-"):
            found.pop()  # the option that the value belongs to
    return found


def _value(piece: re.Match[str], values: Mapping[str, str]) -> str:
    return piece[0][0] if piece[1] is None else values[piece[1]]


def variable_of(parameter: str) -> str:
    """The environment variable with the value of `parameter`: JUPYTER_TUNE_PARAM_LR."""
    return ENVIRONMENT + re.sub(r"[^A-Z0-9_]", "_", parameter.upper())
