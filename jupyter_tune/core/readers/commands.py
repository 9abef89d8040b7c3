"""Reads what a command is made of: its words, and expressions that find metrics in its output."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_tune.core.readers.names import metric
from jupyter_tune.core.readers.places import is_a_path
from jupyter_tune.errors import OptionError

_OF_A_SHELL = frozenset({"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1", "&>"})


def expression(value: Any, name: str) -> str:
    """A regular expression with one group."""
    way_out = "write one with a group for the number, like 'loss=([0-9.]+)'"
    if not isinstance(value, str):
        raise OptionError(f"{name}: must be a regular expression, got {value!r}; {way_out}")
    try:
        groups = re.compile(value).groups
    except re.error as error:
        raise OptionError(f"{name}: {value!r} is not a regular expression ({error}); {way_out}") from None
    if groups == 0:
        raise OptionError(f"{name}: {value!r} has no group; {way_out}")
    if groups > 1:
        raise OptionError(f"{name}: {value!r} has {groups} groups; keep one, write (?:...) for the others")
    return value


def expressions(value: Any, name: str) -> dict[str, str]:
    """Metrics and their regular expressions, from a mapping or pairs."""
    try:
        pairs = [(key, text) for key, text in (value.items() if isinstance(value, Mapping) else value)]
    except (TypeError, ValueError):
        raise OptionError(
            f"{name}: must be names with regular expressions, got {value!r}; "
            "give {'loss': 'loss=([0-9.]+)'}"
        ) from None
    read: dict[str, str] = {}
    for key, text in pairs:
        known = metric(key, name)
        if known in read:
            raise OptionError(f"{name} {known}: given twice, {read[known]!r} and {text!r}; join them by |")
        read[known] = expression(text, f"{name} {known}")
    return read


def words(value: Any, name: str) -> tuple[str, ...]:
    """The words of a command, from a line as typed in a shell, or from a list."""
    way_out = "write the program and its arguments, like 'python train.py --lr {lr}'"
    if isinstance(value, str):
        try:
            read = shlex.split(value)
        except ValueError as error:
            reason = str(error).lower()
            raise OptionError(f"{name}: {value}: {reason}; quote like 'my file' or \"user's\"") from None
        for word in read:
            if word in _OF_A_SHELL:
                raise OptionError(
                    f"{name}: {word} is for a shell, and none runs the command; write sh -c '...' around it"
                )
    elif isinstance(value, Sequence) and all(isinstance(word, str) for word in value):
        read = list(value)
    else:
        raise OptionError(f"{name}: must be text or a list of words, got {value!r}; {way_out}")
    if not read or not read[0].strip():
        raise OptionError(f"{name}: is empty; {way_out}")
    for word in read:
        if not is_a_path(word):
            raise OptionError(f"{name}: {word!r} has characters that no argument can have; remove them")
    return tuple(read)
