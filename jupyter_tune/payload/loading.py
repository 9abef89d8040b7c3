"""Loads a payload in a trial's process; see packing.py for its format."""

from __future__ import annotations

import io
import mmap
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jupyter_tune.errors import PayloadError
from jupyter_tune.payload.cell_sources import register_source
from jupyter_tune.payload.patches import Patches
from jupyter_tune.payload.splices import Spliced
from jupyter_tune.payload.store import PYTHON, read_footer
from jupyter_tune.payload.user_modules import install_finder

_MANY_MAPS = 200
_CHUNK = 1 << 16


def load(
    path: str | os.PathLike[str],
    space: dict[str, Any] | None = None,
    enter: Callable[[dict[str, Any]], None] = lambda work: None,
    loading: Callable[[str], None] = lambda name: None,
) -> dict[str, Any]:
    """The work that `pack` wrote. Unpickling runs code, so only trial processes may call this.

    Args:
        space:   receives every object under its name as soon as it is loaded; default: a new dict.
        enter:   called with the work before the user's objects are loaded.
        loading: called with the name and type of each object before it is loaded.

    Raises: PayloadError if the payload is incomplete or from another version of Python, or naming the
        object that cannot be loaded.
    """
    path = Path(path)
    names: dict[str, Any] = {} if space is None else space
    footer = read_footer(path)
    if footer["python"] != PYTHON:
        raise PayloadError(f"{path}: packed by Python {footer['python']}, this is {PYTHON}; use one of them")
    for name, text in footer["texts"].items():
        register_source(name, text)
    with path.open("rb", buffering=0) as file:
        buffers = footer["buffers"]
        pieces = [(at, _piece(path.parent, *buffers[view])) for at, view in footer["holes"]]
        taken_out = {view for _, view in footer["holes"]}
        mapped = [buffer for view, buffer in enumerate(buffers) if view not in taken_out]
        stream = io.BufferedReader(Spliced(file, pieces), _CHUNK)
        unpickler = pickle.Unpickler(stream, buffers=_mapped(path.parent, mapped))
        work: dict[str, Any] = unpickler.load()
        enter(work)
        patches = Patches()
        install_finder(work["modules"] | work["unloaded"], patches)
        for name in footer["parts"]:
            kind, place = unpickler.load()
            shown = f"{name} ({kind})"
            loading(shown)
            try:
                value = unpickler.load()
            except MemoryError:
                raise
            except Exception as error:
                raise PayloadError(
                    f"{shown}: cannot be loaded in a trial ({type(error).__name__}: {error}); "
                    f"{_way_out(error)}"
                ) from error
            if place is None:
                names[name] = value
            else:
                patches.add(place, value)
    patches.apply()
    if "entry" in work:
        work["function"] = names[work.pop("entry")]
    work["names"] = names
    work["patches"] = patches
    return work


def _way_out(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "put its module into a file that imports find (sys.path), or create it inside the cell"
    return "create it inside the cell"


def _piece(folder: Path, name: str, offset: int, length: int) -> tuple[Path, int, int]:
    return folder / name, offset, length


def _mapped(folder: Path, buffers: list[tuple[str, int, int]]) -> Iterator[memoryview]:
    """The buffers. Each file is mapped once, so that views of the same memory share it here too."""
    files = {name for name, _, _ in buffers}
    _allow_files(len(files))
    maps = {name: memoryview(_map(folder / name)) for name in files}
    for name, offset, length in buffers:
        yield maps[name][offset : offset + length]


def _map(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        # private: other trials do not see what this one writes to its arrays
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def _allow_files(maps: int) -> None:
    """Raise the soft limit of open files if needed: every map holds a descriptor."""
    if maps < _MANY_MAPS:
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = soft + maps
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard < 0 else min(wanted, hard), hard))
