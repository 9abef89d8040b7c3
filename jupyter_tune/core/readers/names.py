"""Reads names: of what there is to choose from, of metrics, studies and variables."""

from __future__ import annotations

import builtins
import difflib
import keyword
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from jupyter_tune.core.readers import Reader
from jupyter_tune.errors import OptionError

NAME_BYTES = 200
"""A study's name in UTF-8: file names end at 255, and its files append suffixes and dates."""
# control characters, halves of surrogate pairs, line and paragraph separators
_NOT_IN_NAMES = ("Cc", "Cs", "Zl", "Zp")
_CELLS_OWN = frozenset(
    {"report", "trial", "Float", "Int", "Categorical", "In", "Out", "_", "__", "___", "get_ipython"}
)


def one_of(kind: str, allowed: Sequence[str]) -> Reader:
    """Reads one of the names of a kind: a sampler, say."""

    def read(value: Any, name: str) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        raise OptionError(
            f"{name}: there is no {kind} {value!r}; {meant_or(value, allowed, choice(allowed))}"
        )

    return read


def some_of(kind: str, allowed: Sequence[str]) -> Reader:
    """Reads one or more of the names of a kind, each once."""
    one = one_of(kind, allowed)

    def read(value: Any, name: str) -> tuple[str, ...]:
        given = value if isinstance(value, (list, tuple)) else [value]
        if not given:
            raise OptionError(f"{name}: is empty; {choice(allowed)}")
        return tuple(dict.fromkeys(one(each, name) for each in given))

    return read


def choice(among: Sequence[str]) -> str:
    """What to choose from, in words."""
    return f"choose {', '.join(among[:-1])} or {among[-1]}"


def meant_or(word: object, among: Iterable[str], otherwise: str) -> str:
    """The one of `among` that `word` probably meant, as a question; else `otherwise`."""
    close = difflib.get_close_matches(str(word).lower(), list(among), n=1)
    return f"did you mean {close[0]}?" if close else otherwise


def metric(value: Any, name: str) -> str:
    """The name of a metric, as report() is given it."""
    if not isinstance(value, str) or not value.strip():
        raise OptionError(f"{name}: a metric is a name, got {value!r}; use one that report() is given")
    if any(unicodedata.category(c) in _NOT_IN_NAMES for c in value):
        raise OptionError(
            f"{name}: {value!r} has characters that no name has; use one that report() is given"
        )
    if value == "step":
        raise OptionError(f"{name}: step counts the reports and is not a metric; use another name")
    if value == "fold":
        raise OptionError(f"{name}: fold says which part was measured and is not a metric; use another name")
    return value


def metrics(value: Any, name: str) -> tuple[str, ...]:
    """The names of one metric or several: text, or a list of texts."""
    given = [value] if isinstance(value, str) or not isinstance(value, (list, tuple)) else value
    if not given:
        raise OptionError(f"{name}: is empty; name a metric that report() is given")
    return tuple(metric(each, name) for each in given)


def study_name(value: Any, name: str) -> str:
    """A name that a file can have, in the one spelling (NFC) of what is written alike."""
    way_out = "use letters, digits, - and _"
    if not isinstance(value, str):
        raise OptionError(f"{name}: a study's name is text, got {value!r}; {way_out}")
    read = unicodedata.normalize("NFC", value)
    problem = ""
    if not read or read != read.strip():
        problem = "is empty" if not read.strip() else "begins or ends with a space"
    elif read.startswith("."):
        problem = "begins with a dot, which hides its file"
    elif all(unicodedata.category(c) == "Cf" for c in read):
        problem = "cannot be seen"
    elif any(c in "/\\" or unicodedata.category(c) in _NOT_IN_NAMES for c in read):
        problem = "cannot be a file's name"
    elif (size := len(read.encode())) > NAME_BYTES:
        raise OptionError(
            f"{name}: {read[:20]!r}... takes {size} bytes as a file's name, at most {NAME_BYTES} can be; "
            "shorten it"
        )
    if problem:
        raise OptionError(f"{name}: {value!r} {problem}; {way_out}")
    return read


def variable(value: Any, name: str) -> str:
    """A name that a notebook's variable can have without hiding what cells need."""
    if not isinstance(value, str) or not value.isidentifier() or keyword.iskeyword(value):
        raise OptionError(f"{name}: {value!r} cannot be a variable's name; try study")
    read = unicodedata.normalize("NFKC", value)
    if read in _CELLS_OWN or hasattr(builtins, read):
        raise OptionError(f"{name}: {read} has a meaning in every cell, which a study would hide; try study")
    return read
