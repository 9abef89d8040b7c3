"""What travels to the trials: packed once by the kernel, loaded by every trial.

    file    pickle streams, one a part, written by one pickler: shared objects stay shared
            footer: JSON {"python", "parts" (their names), "buffers", "holes", "texts" (of the cells that
            functions come from, for tracebacks and inspect.getsource)}, then its length in 8 bytes
    parts   the work without what the user made; then, one by one, the user's objects by name, each after
            the name of its type
    buffer  BUFFER bytes or more of an array or tensor: in a file beside it (store.py), written once for
            all views of the same memory; each trial maps it private and writable, and copies only pages
            it changes
    hole    where such bytes or text were taken out of the stream (splices.py), and the buffer that has them

Only trial processes load, and only what their own kernel packed. A function of the notebook
travels by value and lives in the trial's `__main__`, with the globals that it uses, each under
its own name: so sizes and culprits have the names that the user gave them. pickling.py knows how each kind
of object is pickled, and names the culprit where that fails.
"""

from __future__ import annotations

import errno
import io
import mmap
import os
import pickle
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jupyter_tune.errors import PayloadError
from jupyter_tune.payload.fingerprints import Fingerprints, of_modules
from jupyter_tune.payload.imports import imports_of
from jupyter_tune.payload.layout import BUFFER
from jupyter_tune.payload.notebook_calls import refuse_notebook_calls
from jupyter_tune.payload.patches import LIMIT as PATCH_LIMIT
from jupyter_tune.payload.patches import Patches, is_certain, stays
from jupyter_tune.payload.pickling import Pickler, complaint, dumps, size_of
from jupyter_tune.payload.places import SETTING, places, room_in
from jupyter_tune.payload.regions import Region, Regions
from jupyter_tune.payload.settings.inherited import snapshot
from jupyter_tune.payload.splices import Sieve, Spliced
from jupyter_tune.payload.store import (
    Hold,
    folder_in,
    keep_buffer,
    new_payload,
    read_footer,
    write_footer,
)
from jupyter_tune.payload.texts import show_text
from jupyter_tune.payload.travellers import name_of, travellers
from jupyter_tune.payload.user_modules import serve, sources

_MANY_MAPS = 200
_CHUNK = 1 << 16
_SWEPT_AT_MOST = 3
_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Weight:
    """What a payload weighs.

    `sizes`: bytes by name, a thing shared by two names counted with the first of them;
    `total`: bytes of everything; `notices`: what the user should know, a sentence each; `code`: see
    fingerprints.py.
    """

    sizes: dict[str, int]
    total: int
    notices: list[str] = field(default_factory=list)
    code: Fingerprints = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Packed(Weight):
    """A payload in the file `path`, which stays as long as `hold` or another holds it."""

    path: Path = field(kw_only=True)
    hold: Hold = field(kw_only=True)


def pack_for_trials(work: Mapping[str, Any]) -> Packed:
    """Write `work`, a cell or a function (see trials/program.py), where this machine has room for it.

    Raises: PayloadError naming every variable that cannot travel, why, and the way out; what its code asks
        of the notebook; or the places that have no room, and how much is needed.
    """
    refuse_notebook_calls(work)
    tried: dict[Path, str] = {}
    for place in places():
        for _ in range(_SWEPT_AT_MOST):
            try:
                packed = pack(work, folder_in(place), room_in(place))
                return replace(packed, notices=[*packed.notices, *_elsewhere(packed, place, tried)])
            except FileNotFoundError:
                continue  # another process swept the folder, which was still empty
            except OSError as error:
                tried[place] = _shortage(place, error)
                break
    found = "; ".join(f"{place}: {problem}" for place, problem in tried.items())
    raise PayloadError(
        f"the trials need {weigh(work).total / 1e6:,.0f} MB of data in files, and there is no place for them "
        f"({found}); make room, or set {SETTING} to a folder on a larger disk"
    )


def _elsewhere(packed: Packed, place: Path, tried: Mapping[Path, str]) -> list[str]:
    """What there is to say where the first place had no room."""
    if not tried:
        return []
    first, problem = next(iter(tried.items()))
    return [
        f"The data of the trials ({packed.total / 1e6:,.0f} MB) are in {place}, for there is no room in "
        f"{first} ({problem}); {SETTING} chooses another folder."
    ]


def _shortage(place: Path, error: OSError) -> str:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return str(error.strerror or error)
    try:
        return f"{room_in(place) / 1e6:,.0f} MB may be used"
    except OSError as unreadable:
        return str(unreadable.strerror)


def weigh(work: Mapping[str, Any]) -> Weight:
    """What `work` would weigh; nothing is written. Raises PayloadError naming what cannot travel."""
    regions = Regions()
    return _write(work, Sieve(regions), regions)[0]


def pack(work: Mapping[str, Any], folder: Path, room: int | None = None) -> Packed:
    """Write `work` into `folder`, as at most `room` bytes.

    Raises: PayloadError naming every variable that cannot travel, why, and the way out; OSError, without
        leaving anything, if it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with new_payload(folder) as (file, hold):
        regions = Regions()
        sieve = Sieve(regions, file, room)
        weight, parts, texts = _write(work, sieve, regions)
        buffers = _keep(folder, regions, None if room is None else room - file.tell())
        footer = {"python": _PYTHON, "parts": parts, "texts": texts}
        write_footer(file, {**footer, "buffers": buffers, "holes": sieve.holes})
    return Packed(weight.sizes, weight.total, weight.notices, weight.code, path=hold.path, hold=hold)


def _write(
    work: Mapping[str, Any], file: Sieve, regions: Regions
) -> tuple[Weight, list[str], dict[str, str]]:
    """Pickle `work` into `file`, without its large buffers, which are collected in `regions`.

    Returns: its weight; the names of its parts, in their order; the texts of cells, by their names in code.
    """
    wanted = travellers(work)
    rest = {name: value for name, value in work.items() if name not in ("names", "function")}
    if "function" in work:
        rest["entry"] = name_of(work["function"])
    rest["inherited"], notices = snapshot(dumps)
    own = sources(imports_of(work))
    rest["modules"], rest["unloaded"] = own.loaded, own.unloaded
    notices += own.notices
    places = {".".join(place): place for place in own.changed}
    wanted |= {".".join(place): _patch(value) for place, value in own.changed.items()}

    def stays_in_the_pickle(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < BUFFER:
            return True
        regions.add(raw)
        return False

    pickler = Pickler(file, stays_in_the_pickle)
    sizes: dict[str, int] = {}
    pickler.dump(rest)
    head = file.written
    while left := [name for name in wanted if name not in sizes]:
        name = left[0]
        before = file.written + regions.total
        pickler.name = name
        try:
            pickler.dump((type(wanted[name]).__qualname__, places.get(name)))
            pickler.dump(wanted[name])
        except OSError:
            raise
        except Exception as error:
            raise PayloadError(complaint(wanted, name, error)) from None
        sizes[name] = file.written + regions.total - before
        # what only pickling met: it goes next
        wanted = {**pickler.reached, **wanted}
    shown = {name: size for name, size in sizes.items() if name not in places}
    homes = {module_of(value) for value in wanted.values()}
    code = pickler.seen.fingerprints() | of_modules({*imports_of(work), *homes}, own.loaded | own.unloaded)
    weight = Weight(shown, head + sum(sizes.values()), [*notices, *pickler.notices], code)
    return weight, list(sizes), pickler.texts


def module_of(value: object) -> str:
    """The module that `value` is, or comes from; "" for none."""
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    return name if isinstance(name, str) else ""


def _patch(value: object) -> object:
    """`value`, or what travels in its place."""
    if is_certain(value):
        return value  # it is the user's will, and refused by name if it cannot travel
    try:
        size = size_of(value, PATCH_LIMIT)
    except Exception as error:
        return stays(value, str(error) or type(error).__name__)
    return value if size <= PATCH_LIMIT else stays(value, "it is large")


def load(
    path: str | os.PathLike[str],
    space: dict[str, Any] | None = None,
    enter: Callable[[dict[str, Any]], None] = lambda work: None,
    loading: Callable[[str], None] = lambda name: None,
) -> dict[str, Any]:
    """The work that `pack` wrote. Runs what it holds: for trial processes only.

    Args:
        space: gets every name as soon as it is loaded; by default a dict of its own.
        enter: called with the work, before anything that the user made is loaded.
        loading: called with each name and the name of its type, before it is loaded.

    Raises: PayloadError if it was packed by another Python or is not whole, or naming the object
        that cannot be made again.
    """
    path = Path(path)
    names: dict[str, Any] = {} if space is None else space
    footer = read_footer(path)
    if footer["python"] != _PYTHON:
        raise PayloadError(f"{path}: packed by Python {footer['python']}, this is {_PYTHON}; use one of them")
    for name, text in footer["texts"].items():
        show_text(name, text)
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
        serve(work["modules"] | work["unloaded"], patches)
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
                    f"{shown}: cannot be made again in a trial ({type(error).__name__}: {error}); "
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
    """The buffers, each file mapped once: views of the same memory are that here too."""
    files = {name for name, _, _ in buffers}
    _allow_files(len(files))
    maps = {name: memoryview(_map(folder / name)) for name in files}
    for name, offset, length in buffers:
        yield maps[name][offset : offset + length]


def _map(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        # private: a trial may write to its arrays, and nobody else sees it
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def _allow_files(maps: int) -> None:
    """Every map holds a descriptor: raise the soft limit if there are many."""
    if maps < _MANY_MAPS:
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = soft + maps
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard < 0 else min(wanted, hard), hard))


def _keep(folder: Path, regions: Regions, room: int | None) -> list[tuple[str, int, int]]:
    """Have every region in a file; name, offset and length of the views. At most `room` bytes are new."""
    names: dict[Region, str] = {}
    views = []
    for region, offset, length in regions.views():
        if region not in names:
            names[region], written = keep_buffer(folder, region.pieces(), room)
            room = None if room is None else room - written
        views.append((names[region], offset, length))
    return views
