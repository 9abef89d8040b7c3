"""What travels to the trials: packed once by the kernel, loaded by every trial.

    file    pickle streams, one a part, written by one pickler: shared objects stay shared
            footer: JSON {"python", "parts", "buffers"}, then its length in 8 bytes
    parts   the work without what the user made; then, one by one, the user's objects by name
    buffer  BUFFER bytes or more of an array or tensor: a file of its own, named by its content, so
            written once; each trial maps it private and writable, and copies only pages it changes

Only trial processes load, and only what their own kernel packed. A function of the notebook
travels by value and lives in the trial's `__main__`, with the globals that it uses, each under
its own name: so sizes and culprits have the names that the user gave them. pickling.py knows how each kind
of object is pickled, and names the culprit where that fails.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import pickle
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from jupyter_tune.errors import PayloadError
from jupyter_tune.executors.pickling import Pickler, complaint
from jupyter_tune.executors.travellers import name_of, travellers

BUFFER = 1_000_000
"""Bytes from which a buffer travels by memory map instead of in the pickle."""

_MANY_MAPS = 200
_FOOTER_BYTES = 8
_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Packed:
    """Where the payload is, and what it weighs.

    `sizes`: bytes by name, a thing shared by two names counted with the first of them;
    `total`: bytes of everything; `notices`: what the user should know, a sentence each.
    """

    path: Path
    sizes: dict[str, int]
    total: int
    notices: list[str] = field(default_factory=list)


def pack(work: Mapping[str, Any], folder: Path) -> Packed:
    """Write `work` (see program.py: a cell or a function) into `folder`, for trials to load.

    Raises: PayloadError naming every variable that cannot travel, why, and the way out.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = travellers(work)
    rest = {name: value for name, value in work.items() if name not in ("names", "function")}
    if "function" in work:
        rest["entry"] = name_of(work["function"])
    handle, path = tempfile.mkstemp(prefix="payload-", suffix=".pickle", dir=folder)
    try:
        with open(handle, "wb") as file:
            buffers = _Buffers(folder)
            pickler = Pickler(file, buffers.keep)
            sizes: dict[str, int] = {}
            pickler.dump(rest)
            head = file.tell()
            for name, value in wanted.items():
                before = file.tell() + buffers.total
                pickler.name = name
                try:
                    pickler.dump((name, value))
                except OSError:
                    raise
                except Exception as error:
                    raise PayloadError(complaint(wanted, name, error)) from None
                sizes[name] = file.tell() + buffers.total - before
            footer = {"python": _PYTHON, "parts": len(wanted), "buffers": buffers.names}
            line = json.dumps(footer).encode()
            file.write(line + len(line).to_bytes(_FOOTER_BYTES, "big"))
    except BaseException as error:
        os.unlink(path)
        if isinstance(error, OSError):
            raise PayloadError(
                f"{folder}: {error.strerror}; make room there or choose another folder"
            ) from error
        raise
    return Packed(Path(path), sizes, head + sum(sizes.values()), pickler.notices)


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The work that `pack` wrote. Runs what it holds: for trial processes only.

    Raises: PayloadError if it was packed by another Python or is not whole.
    """
    path = Path(path)
    with path.open("rb") as file:
        footer = _footer(path, file)
        if footer["python"] != _PYTHON:
            raise PayloadError(
                f"{path}: packed by Python {footer['python']}, this is {_PYTHON}; use one of them"
            )
        buffers = (_map(path.parent / name) for name in footer["buffers"])
        _allow_files(len(footer["buffers"]))
        file.seek(0)
        unpickler = pickle.Unpickler(file, buffers=buffers)
        work: dict[str, Any] = unpickler.load()
        names = dict(unpickler.load() for _ in range(footer["parts"]))
    if "entry" in work:
        work["function"] = names[work.pop("entry")]
    work["names"] = names
    return work


def _footer(path: Path, file: BinaryIO) -> dict[str, Any]:
    try:
        file.seek(-_FOOTER_BYTES, os.SEEK_END)
        length = int.from_bytes(file.read(_FOOTER_BYTES), "big")
        file.seek(-_FOOTER_BYTES - length, os.SEEK_END)
        footer: dict[str, Any] = json.loads(file.read(length))
    except (OSError, ValueError, OverflowError):
        raise PayloadError(f"{path}: not a whole payload; run the cell again") from None
    return footer


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


class _Buffers:
    """The files of large buffers, in the order in which the pickle refers to them."""

    def __init__(self, folder: Path):
        self._folder = folder
        self.names: list[str] = []
        self.total = 0

    def keep(self, buffer: pickle.PickleBuffer) -> bool:
        """Whether `buffer` is to stay in the pickle; if not, it has its file now."""
        with buffer.raw() as raw:
            if raw.nbytes < BUFFER:
                return True
            name = f"{hashlib.sha256(raw).hexdigest()}.buffer"
            self._publish(name, raw)
            self.names.append(name)
            self.total += raw.nbytes
        return False

    def _publish(self, name: str, raw: memoryview) -> None:
        target = self._folder / name
        if target.exists() and target.stat().st_size == raw.nbytes:
            return
        handle, partial = tempfile.mkstemp(dir=self._folder)
        try:
            with open(handle, "wb") as file:
                file.write(raw)
            os.replace(partial, target)
        except BaseException:
            os.unlink(partial)
            raise
