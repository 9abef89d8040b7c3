"""Packs what the trials need: the kernel writes a payload once, every trial loads it (loading.py).

    file    pickle streams, one per part, written by one pickler, so that shared objects stay shared;
            footer: JSON {"python", "parts" (names), "buffers", "holes", "texts" (sources of the cells that
            define functions, for tracebacks and inspect.getsource)}, then its length in 8 bytes
    parts   the work without the user's objects; then these objects one by one, each after the name of its
            type
    buffer  BUFFER bytes or more of an array or tensor, in a separate file (store.py), written once for all
            views of the same memory; a trial maps it private and writable, and copies only pages it changes
    hole    a place where large bytes or text were cut out of the stream (splices.py), and their buffer

Only trial processes load payloads, and only those that their own kernel packed. Functions of the notebook
are pickled by value and live in the trial's `__main__`, where the globals that they use have the same names
as in the notebook. So sizes and errors use the user's names. pickling.py knows how each kind of object is
pickled.
"""

from __future__ import annotations

import errno
import pickle
import types
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from jupyter_tune.errors import PayloadError
from jupyter_tune.payload.command_words import COMMAND
from jupyter_tune.payload.data_hashes import data_hashes
from jupyter_tune.payload.dependencies import dependencies, name_of, notebook_package
from jupyter_tune.payload.fingerprints import Fingerprints, module_fingerprints, script_fingerprints
from jupyter_tune.payload.imports import imports_of
from jupyter_tune.payload.layout import BUFFER
from jupyter_tune.payload.notebook_calls import refuse_notebook_calls
from jupyter_tune.payload.patches import LIMIT as PATCH_LIMIT
from jupyter_tune.payload.patches import is_from_notebook
from jupyter_tune.payload.pickling import Pickler, describe_failure, dumps, size_of
from jupyter_tune.payload.places import SETTING, places, usable_bytes
from jupyter_tune.payload.regions import Region, Regions
from jupyter_tune.payload.sameness import not_sent
from jupyter_tune.payload.settings.inherited import snapshot
from jupyter_tune.payload.splices import Sieve
from jupyter_tune.payload.store import (
    PYTHON,
    Hold,
    folder_in,
    keep_buffer,
    new_payload,
    write_footer,
)
from jupyter_tune.payload.user_modules import UserModules, sources

_SWEPT_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Contents:
    """What a payload contains.

    sizes:   bytes by name; an object shared by two names counts for the first of them.
    total:   bytes of everything.
    notices: sentences for the user.
    code:    see fingerprints.py.
    data:    see data_hashes.py.
    """

    sizes: dict[str, int]
    total: int
    notices: list[str] = field(default_factory=list)
    code: Fingerprints = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)

    @property
    def hashes(self) -> dict[str, dict[str, str]]:
        """What a study's origin has of it."""
        return {"code": self.code, "data": self.data}


@dataclass(frozen=True, slots=True)
class Packed(Contents):
    """A payload in the file `path`, which exists as long as it is held by `hold` or in another process."""

    path: Path = field(kw_only=True)
    hold: Hold = field(kw_only=True)


def pack_for_trials(work: Mapping[str, Any]) -> Packed:
    """Write `work` (see trials/program.py) to the first place on this machine with enough space.

    Raises: PayloadError naming every variable that cannot be pickled, with the reason; a call that needs the
        notebook; or the places without enough space, and how much is needed.
    """
    refuse_notebook_calls(work)
    tried: dict[Path, str] = {}
    for place in places():
        for _ in range(_SWEPT_AT_MOST):
            try:
                packed = pack(work, folder_in(place), usable_bytes(place))
                return replace(packed, notices=[*packed.notices, *_elsewhere(packed, place, tried)])
            except FileNotFoundError:
                continue  # another process swept the folder while it was empty
            except OSError as error:
                tried[place] = _shortage(place, error)
                break
    found = "; ".join(f"{place}: {problem}" for place, problem in tried.items())
    total = measure(work).total
    raise PayloadError(
        f"the trials need {total / 1e6:,.0f} MB of space for their data, and no folder has it "
        f"({found}); free some space, or set {SETTING} to a folder on a larger disk"
    )


def _elsewhere(packed: Packed, place: Path, tried: Mapping[Path, str]) -> list[str]:
    """A notice if the first place did not have enough space."""
    if not tried:
        return []
    first, problem = next(iter(tried.items()))
    return [
        f"The data of the trials ({packed.total / 1e6:,.0f} MB) are in {place}, because {first} has not "
        f"enough space ({problem}); set {SETTING} to use another folder."
    ]


def _shortage(place: Path, error: OSError) -> str:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return str(error.strerror or error)
    try:
        return f"{usable_bytes(place) / 1e6:,.0f} MB may be used"
    except OSError as unreadable:
        return str(unreadable.strerror)


def measure(work: Mapping[str, Any]) -> Contents:
    """The contents of a payload for `work`, without writing it. Raises PayloadError as `pack`."""
    regions = Regions()
    return _write(work, Sieve(regions), regions)[0]


def pack(work: Mapping[str, Any], folder: Path, limit: int | None = None) -> Packed:
    """Write `work` to `folder`, in at most `limit` bytes.

    Raises: PayloadError naming every variable that cannot be pickled, with the reason; OSError if it cannot
        be written, in which case no file is left.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with new_payload(folder) as (file, hold):
        regions = Regions()
        sieve = Sieve(regions, file, limit)
        contents, parts, texts = _write(work, sieve, regions)
        buffers = _keep(folder, regions, None if limit is None else limit - file.tell())
        footer = {"python": PYTHON, "parts": parts, "texts": texts}
        write_footer(file, {**footer, "buffers": buffers, "holes": sieve.holes})
    made = {each.name: getattr(contents, each.name) for each in fields(Contents)}
    return Packed(**made, path=hold.path, hold=hold)


def _write(
    work: Mapping[str, Any], file: Sieve, regions: Regions
) -> tuple[Contents, list[str], dict[str, str]]:
    """Pickle `work` into `file`, and collect its large buffers in `regions`.

    Returns: the contents; the names of the parts, in order; the sources of cells by file name.
    """
    wanted = dependencies(work)
    rest = {name: value for name, value in work.items() if name not in ("names", "function")}
    rest["package"] = notebook_package()
    if "function" in work:
        rest["entry"] = name_of(work["function"])
    for_command = work.get("kind") == COMMAND
    rest["inherited"], notices = snapshot(dumps, for_command=for_command)
    # a command has nothing of the notebook's Python
    own = UserModules({}, {}, {}, []) if for_command else sources(imports_of(work))
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
            # pickle asks every loaded module for a class without a place, and some warn when they are asked
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                pickler.dump((type(wanted[name]).__qualname__, places.get(name)))
                pickler.dump(wanted[name])
        except OSError:
            raise
        except Exception as error:
            raise PayloadError(describe_failure(wanted, name, error)) from None
        sizes[name] = file.written + regions.total - before
        # names found while pickling come next
        wanted = {**pickler.reached, **wanted}
    shown = {name: size for name, size in sizes.items() if name not in places}
    homes = {module_of(value) for value in wanted.values()}
    code = pickler.seen.fingerprints() | module_fingerprints(
        {*imports_of(work), *homes}, own.loaded | own.unloaded
    )
    if for_command:
        code = script_fingerprints(work["words"])
    data = data_hashes({name: value for name, value in wanted.items() if name not in places})
    contents = Contents(shown, head + sum(sizes.values()), [*notices, *pickler.notices], code, data)
    return contents, list(sizes), pickler.texts


def module_of(value: object) -> str:
    """The name of the module that `value` is, or is defined in; "" for none."""
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    return name if isinstance(name, str) else ""


def _patch(value: object) -> object:
    """`value`, or NotSent in its place."""
    if is_from_notebook(value):
        return value  # set by the user on purpose; if it cannot be pickled, that is an error
    try:
        size = size_of(value, PATCH_LIMIT)
    except Exception as error:
        return not_sent(value, str(error) or type(error).__name__)
    return value if size <= PATCH_LIMIT else not_sent(value, "it is large")


def _keep(folder: Path, regions: Regions, limit: int | None) -> list[tuple[str, int, int]]:
    """Store every region; returns (name, offset, length) of the views. Writes at most `limit` bytes."""
    names: dict[Region, str] = {}
    views = []
    for region, offset, length in regions.views():
        if region not in names:
            names[region], written = keep_buffer(folder, region.pieces(), limit)
            limit = None if limit is None else limit - written
        views.append((names[region], offset, length))
    return views
