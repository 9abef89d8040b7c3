"""Files of trials, copied through the cluster where driver and worker share no file system.

A `Shipment` sends the files of a folder that are new or changed, and an `Arrivals` at the other end writes
them. A log grows while the trial runs, so it is sent as it grows. Checkpoints are several files of one state:
they are collected aside and replace the earlier ones together. Artifacts are added one by one.

    {"type": "file", "path", "at", "last"} + bytes    a part of a file; `last` ends it and puts it in place
    {"type": "part", "path", "at", "last"} + bytes    the same, of a file that waits for its set
    {"type": "set", "place", "paths"}                 all files that the folder `place` has now
    {"type": "grown", "path", "at"} + bytes           the file from `at` on

Paths are relative, and nothing is written outside of the folder, whatever the other side sends.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from jupyter_tune.errors import TuneError
from jupyter_tune.executors.dask.mail import CHUNK
from jupyter_tune.executors.local.logs import HEAD
from jupyter_tune.wire.frames import Message

Deliver: TypeAlias = Callable[[Message, bytes], Awaitable[None]]

_ARRIVING = ".arriving"


class Shipment:
    """Sends files of `folder` by `deliver`, each version of them once."""

    def __init__(self, folder: Path, deliver: Deliver):
        self._folder = folder
        self._deliver = deliver
        self._sent: dict[str, tuple[int, int, int]] = {}
        self._grown = 0

    async def send_file(self, path: str, kind: str = "file") -> bool:
        """Send one file; False if it changed meanwhile, or is gone. `kind`: file, or part of a set."""
        try:
            with (self._folder / path).open("rb") as file:
                before = _version(os.fstat(file.fileno()))
                at = 0
                while True:
                    data = file.read(CHUNK)
                    last = at + len(data) >= before[0]
                    await self._deliver({"type": kind, "path": path, "at": at, "last": last}, data)
                    at += len(data)
                    if last or not data:
                        break
                if _version(os.fstat(file.fileno())) != before:
                    return False
        except OSError:
            return False
        self._sent[path] = before
        return True

    def knows(self, place: str) -> None:
        """The other end has the present files below `place`."""
        for path in _files(self._folder, place):
            self._sent[path] = _version((self._folder / path).stat())

    async def send_folder(self, place: str) -> None:
        """Send the files below `place` that are new or changed."""
        for path in _files(self._folder, place):
            if self._has_changed(path):
                await self.send_file(path)

    async def send_set(self, place: str, *, always: bool = False) -> None:
        """Make the folder `place` of the other end like this one, at once when everything has arrived; not
        if a file changed meanwhile.

        Args: always: also if nothing has changed since the last time.
        """
        paths = list(_files(self._folder, place))
        changed = [path for path in paths if self._has_changed(path)]
        gone = {path for path in self._sent if path.startswith(f"{place}/")} - set(paths)
        if not (changed or gone or always):
            return
        for path in changed:
            if not await self.send_file(path, "part"):
                return
        for path in gone:
            del self._sent[path]
        await self._deliver({"type": "set", "place": place, "paths": paths}, b"")

    async def send_growth(self, path: str, *, at_the_end: bool = False) -> None:
        """Send what a log has got since the last call (see executors/local/logs.py: its middle may be
        cut out, after which the part behind HEAD is another one)."""
        try:
            with (self._folder / path).open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size < self._grown or (at_the_end and size > HEAD):
                    self._grown = min(self._grown, HEAD)
                if at_the_end and size == 0:
                    # a trial that printed nothing has a log too
                    await self._deliver({"type": "grown", "path": path, "at": 0}, b"")
                file.seek(self._grown)
                while data := file.read(CHUNK):
                    await self._deliver({"type": "grown", "path": path, "at": self._grown}, data)
                    self._grown += len(data)
        except OSError:
            return  # there is no log yet, or it cannot be read: the trial goes on

    def _has_changed(self, path: str) -> bool:
        with suppress(OSError):
            return self._sent.get(path) != _version((self._folder / path).stat())
        return False


class Arrivals:
    """Writes the files that arrive below `folder`. Raises TuneError for a path outside of it."""

    def __init__(self, folder: Path):
        self._folder = folder

    def take(self, message: Message, body: bytes) -> None:
        """Take a message of a Shipment."""
        match message["type"]:
            case "grown":
                path = self._folder / _safe(message["path"])
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("r+b" if path.exists() else "w+b") as file:
                    file.seek(message["at"])
                    file.write(body)
                    file.truncate()
            case "file" | "part" as kind:
                path = self._folder / _ARRIVING / _safe(message["path"])
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb" if message["at"] == 0 else "ab") as file:
                    file.write(body)
                if message["last"] and kind == "file":
                    self._place(message["path"])
            case "set":
                for each in message["paths"]:
                    _safe(each)
                self._replace(message["place"], message["paths"])

    def close(self) -> None:
        """Remove what has arrived in part."""
        shutil.rmtree(self._folder / _ARRIVING, ignore_errors=True)

    def _place(self, relative: str) -> None:
        target = self._folder / _safe(relative)
        target.parent.mkdir(parents=True, exist_ok=True)
        (self._folder / _ARRIVING / relative).replace(target)

    def _replace(self, place: str, paths: list[str]) -> None:
        """Make the folder `place` have these files: those that have arrived, else its own."""
        folder, aside = self._folder / _safe(place), self._folder / _ARRIVING / _safe(place)
        for extra in set(_files(self._folder / _ARRIVING, place)) - set(paths):
            (self._folder / _ARRIVING / extra).unlink()  # of a set that never became whole
        for path in paths:
            arrived, own = self._folder / _ARRIVING / path, self._folder / path
            if not arrived.exists() and own.exists():
                arrived.parent.mkdir(parents=True, exist_ok=True)
                own.rename(arrived)
        aside.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside.rename(folder)


def _files(folder: Path, place: str) -> Iterator[str]:
    for path in sorted((folder / place).rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix()


def _version(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _safe(relative: str) -> PurePosixPath:
    path = PurePosixPath(relative)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\0" in relative:
        raise TuneError(f"{relative!r}: a worker may write below its trial's folder only")
    return path
