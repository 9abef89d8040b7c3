"""Reads the value of one option, as people give it.

A reader takes a value and the name it was given under, and returns the value checked: whatever
passes is in range and of its type, and whatever does not is an OptionError that names the option,
the value and the way out. Numbers may come as text, as from a magic's line. Which option has which
reader is the table in launch/options.py.
"""

from __future__ import annotations

import builtins
import difflib
import keyword
import math
import numbers
import re
import shlex
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from jupyter_tune.core.settings import Settings
from jupyter_tune.errors import OptionError

Reader: TypeAlias = Callable[[Any, str], Any]

NAME_BYTES = 200
"""A study's name in UTF-8: file names end at 255, and its files append suffixes and dates."""

MOST = 2**53 - 1
"""Whole numbers beyond it change in JSON readers that know floats only, such as a browser."""

_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile("".join(rf"(?:(\d+(?:\.\d+)?)\s*{unit}\s*)?" for unit in _SECONDS))
# control characters, halves of surrogate pairs, line and paragraph separators
_NOT_IN_NAMES = ("Cc", "Cs", "Zl", "Zp")
_OF_A_SHELL = frozenset({"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1", "&>"})
_CELLS_OWN = frozenset(
    {"report", "trial", "Float", "Int", "Categorical", "In", "Out", "_", "__", "___", "get_ipython"}
)


def number(value: Any, name: str) -> Any:
    """A real number, from a number or its text."""
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                continue
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise OptionError(f"{name}: must be a number, got {value!r}")
    return value


def real(value: Any, name: str) -> float:
    """A finite number."""
    read = number(value, name)
    try:
        finite = float(read)
    except OverflowError:
        finite = math.inf
    if not math.isfinite(finite):
        raise OptionError(f"{name}: must be finite, got {value!r}; leave it out for none")
    return finite


def whole(at_least: int, at_most: int = MOST) -> Reader:
    """Reads a whole number of these limits."""

    def read(value: Any, name: str) -> int:
        given = number(value, name)
        if given != given or (isinstance(given, float) and math.isinf(given)) or given != int(given):
            raise OptionError(f"{name}: must be a whole number, got {value!r}")
        if given < at_least:
            raise OptionError(f"{name}: must be {at_least} or more, got {int(given)}")
        if given > at_most:
            raise OptionError(f"{name}: must be {at_most} or less, got {value!r}")
        return int(given)

    return read


LEAST_SHARE = 0.01
"""Of a GPU."""


def gpus(value: Any, name: str) -> float:
    """A number of GPUs: 0, a share of one, or a whole number."""
    given = real(value, name)
    if given != 0 and given < LEAST_SHARE:
        raise OptionError(f"{name}: must be 0, or {LEAST_SHARE} or more, got {value!r}")
    if given > 1 and given != int(given):
        raise OptionError(
            f"{name}: must be a share of one GPU, such as 0.5, or a whole number, got {value!r}; "
            f"use {int(given)} or {int(given) + 1}"
        )
    return given


def seconds(value: Any, name: str) -> float:
    """A duration: seconds, a timedelta, or text such as 90, 90s, 10m, 1h30m."""
    if hasattr(value, "total_seconds"):
        value = value.total_seconds()
    given = value
    if isinstance(value, str):
        text = value.strip().lower()
        match = _DURATION.fullmatch(text)
        if match is not None and text:
            given = sum(
                float(n) * _SECONDS[unit] for n, unit in zip(match.groups(), _SECONDS, strict=True) if n
            )
        elif not re.fullmatch(r"[-+]?\d+(\.\d*)?(e[-+]?\d+)?", text):
            raise OptionError(f"{name}: {value!r} is not a duration; use seconds, or 90s, 10m, 1h30m")
    try:
        duration = float(number(given, name))
    except OverflowError:
        duration = math.inf
    if not math.isfinite(duration) or duration <= 0:
        raise OptionError(f"{name}: must be more than 0 seconds, got {value!r}; leave it out for none")
    return duration


def one_of(kind: str, allowed: Sequence[str]) -> Reader:
    """Reads one of the names of a kind: a sampler, say."""

    def read(value: Any, name: str) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        raise OptionError(
            f"{name}: there is no {kind} {value!r}; {meant_or(value, allowed, choice(allowed))}"
        )

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
    return value


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
        if not _is_a_path(word):
            raise OptionError(f"{name}: {word!r} has characters that no argument can have; remove them")
    return tuple(read)


def file(value: Any, name: str) -> str:
    """The path of a file, which need not exist."""
    read = _a_path(value)
    if read is None:
        raise OptionError(f"{name}: must be a file's path, got {value!r}; give one like train.log")
    return read


def switch(value: Any, name: str) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise OptionError(f"{name}: is True or False, got {value!r}")
    return value


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


def folder(value: Any, name: str) -> str:
    """A folder, from text or a path."""
    read = _a_path(value)
    if read is None:
        raise OptionError(f"{name}: must be a folder, got {value!r}; leave it out for ./studies")
    return read


def studies(value: Any, name: str) -> list[str]:
    """Studies, each by name, by its file or as what tune() returned; a single one needs no list."""
    single = isinstance(value, bytes) or _path_text(value) is not None or not isinstance(value, Iterable)
    read: dict[str, None] = {}
    for study in [value] if single else value:
        text = _path_text(study)
        if not text or not _is_a_path(text):
            raise OptionError(f"{name}: {study!r} is not a study; give its name, or a list of names")
        read[text] = None
    return list(read)


def cluster(value: Any, name: str) -> Any:
    """A cluster: an object, an address, a file or a variable's name; launch/clusters.py finds out which."""
    if isinstance(value, (bool, int, float, bytes)) or (isinstance(value, str) and not value.strip()):
        raise OptionError(
            f"{name}: {value!r} is no cluster; give a Dask Client or cluster, an address or a scheduler file"
        )
    return value if not hasattr(value, "__fspath__") else value.__fspath__()


def resources(value: Any, name: str) -> dict[str, float]:
    """What a trial takes of a worker: a dict, or NAME=NUMBER, one or more."""
    pairs = value.items() if isinstance(value, Mapping) else _pairs(value, name)
    read = {str(resource).strip(): real(amount, f"{name} {resource}") for resource, amount in pairs}
    for resource, amount in read.items():
        if not resource or amount <= 0:
            raise OptionError(f"{name}: {resource}={amount:g} must be more than 0; leave it out for none")
    return read


def _pairs(value: Any, name: str) -> Iterable[tuple[str, str]]:
    for text in [value] if isinstance(value, str) or not isinstance(value, Iterable) else value:
        resource, equals, amount = str(text).partition("=")
        if not equals:
            raise OptionError(f"{name}: {text!r} is no resource; write NAME=NUMBER, as in GPU=1")
        yield resource, amount


def _is_a_path(text: str) -> bool:
    """Whether a file could have this name: bytes that are no UTF-8 are halves of surrogate pairs here."""
    try:
        return b"\0" not in text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False


def _a_path(value: Any) -> str | None:
    """The text of a path that a file or folder could have; None for anything else."""
    read = _path_text(value)
    return read if read is not None and read.strip() and _is_a_path(read) else None


def _path_text(value: Any) -> str | None:
    place = getattr(value, "path", value)
    text = place.__fspath__() if hasattr(place, "__fspath__") else place
    return text if isinstance(text, str) else None


def variable(value: Any, name: str) -> str:
    """A name that a notebook's variable can have without hiding what cells need."""
    if not isinstance(value, str) or not value.isidentifier() or keyword.iskeyword(value):
        raise OptionError(f"{name}: {value!r} cannot be a variable's name; try study")
    read = unicodedata.normalize("NFKC", value)
    if read in _CELLS_OWN or hasattr(builtins, read):
        raise OptionError(f"{name}: {read} has a meaning in every cell, which a study would hide; try study")
    return read


def with_budget(settings: Settings, budget: Mapping[str, Any]) -> Settings:
    """`settings` with another budget: `trials` (None for no limit) and `workers`, each if it is there.

    Raises: OptionError.
    """
    count = whole(1)
    trials, workers = budget.get("trials", settings.trials), budget.get("workers")
    return replace(
        settings,
        trials=None if trials is None else count(trials, "trials"),
        workers=settings.workers if workers is None else count(workers, "workers"),
    )
