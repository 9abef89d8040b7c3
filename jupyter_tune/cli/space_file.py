"""Ranges in a TOML file.

    lr = { type = "float", low = 1e-4, high = 1e-1, log = true, default = 1e-2 }
    width = { type = "int", low = 16, high = 512, log = true }
    opt = { type = "categorical", choices = ["sgd", "adam"] }
    momentum = { type = "float", low = 0.0, high = 0.99, when = { opt = ["sgd"] } }
    epochs = 20                                  # a fixed value

The keys are the arguments of Float, Int and Categorical. `when` has the values of other parameters beside
which this one exists. A long range may be a table: [momentum], then a line for each key.
"""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter
from jupyter_tune.core.readers.names import meant_or
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError

_EXAMPLE = 'lr = { type = "float", low = 1e-4, high = 1e-1, log = true }'

_KINDS: Mapping[str, type[Parameter]] = {"float": Float, "int": Int, "categorical": Categorical}


def read_space(path: Path) -> Space:
    """The ranges in the file. Raises SpaceError naming file, parameter, key and value."""
    try:
        ranges = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpaceError(f"{path}: {error.strerror}; give the file with the ranges") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpaceError(f"{path}: is not TOML ({error}); write lines like {_EXAMPLE}") from None
    if not ranges:
        raise SpaceError(
            f'{path}: has no ranges; write lines like lr = {{ type = "float", low = 0, high = 1 }}'
        )
    try:
        parameters = {name: _parameter(name, declared) for name, declared in ranges.items()}
        when = {
            name: declared["when"]
            for name, declared in ranges.items()
            if isinstance(declared, dict) and "when" in declared
        }
        return Space(parameters, when=when)
    except SpaceError as error:
        raise SpaceError(f"{path}: {error}") from None


def _parameter(name: str, declared: Any) -> Any:
    if isinstance(declared, list):
        raise SpaceError(f'{name}: is a list; write {{ type = "categorical", choices = {declared!r} }}')
    if not isinstance(declared, dict):
        return declared
    kind = declared.get("type", "categorical" if "choices" in declared else None)
    if not isinstance(kind, str) or kind.lower() not in _KINDS:
        got = "is missing" if kind is None else f"is {kind!r}"
        raise SpaceError(f"{name}: type {got}; choose {', '.join(_KINDS)}")
    return _made(name, _KINDS[kind.lower()], {k: v for k, v in declared.items() if k not in ("type", "when")})


def _made(name: str, kind: type[Parameter], given: Mapping[str, Any]) -> Parameter:
    arguments = inspect.signature(kind).parameters
    for key in given:
        if key not in arguments:
            known = [*arguments, "type", "when"]
            listed = f"there are {', '.join(known)}"
            raise SpaceError(f"{name}.{key}: no such key; {meant_or(key, known, listed)}")
    missing = [key for key, each in arguments.items() if each.default is each.empty and key not in given]
    if missing:
        raise SpaceError(f"{name}: {missing[0]} is missing; {kind.__name__} needs it")
    for key in ("log", "reverse_log", "ordered"):
        if not isinstance(given.get(key, False), bool):
            raise SpaceError(f"{name}.{key}: must be true or false, got {given[key]!r}")
    try:
        return kind(**given)
    except SpaceError as error:
        raise SpaceError(f"{name}: {str(error).removeprefix(f'{kind.__name__}: ')}") from None
