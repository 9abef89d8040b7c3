"""Reads places: files, folders, studies, clusters and what a trial takes there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_tune.core.readers.numbers import real
from jupyter_tune.errors import OptionError


def file(value: Any, name: str) -> str:
    """The path of a file, which need not exist."""
    read = _a_path(value)
    if read is None:
        raise OptionError(f"{name}: must be a file's path, got {value!r}; give one like train.log")
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
        if not text or not is_a_path(text):
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


def is_a_path(text: str) -> bool:
    """Whether a file could have this name: bytes that are no UTF-8 are halves of surrogate pairs here."""
    try:
        return b"\0" not in text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False


def _a_path(value: Any) -> str | None:
    """The text of a path that a file or folder could have; None for anything else."""
    read = _path_text(value)
    return read if read is not None and read.strip() and is_a_path(read) else None


def _path_text(value: Any) -> str | None:
    place = getattr(value, "path", value)
    text = place.__fspath__() if hasattr(place, "__fspath__") else place
    return text if isinstance(text, str) else None
