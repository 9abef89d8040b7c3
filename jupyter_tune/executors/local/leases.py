"""The leases of a machine: two studies never take the same GPU, or more cores than there are.

Every driver writes what its study holds and waits for into a file of its own, which it keeps locked while it
lives. The others read it. When a process dies, however it dies, the operating system releases the lock, and
the next one that looks removes the file. What is free follows from all files together (shares.py).

    FOLDER/mutex        locked while a driver reads all files and writes its own, for a part of a millisecond
    FOLDER/ID.lease     {"study", "pid", "cpus", "cores", "holds", "waits"}

The folder is the user's own, in shared memory, which a restart of the machine clears. XDG_RUNTIME_DIR would
not do: a service has another one than a login, and a logout removes it. Studies of different users do not see
each other, unless FOLDER_VARIABLE names a folder that all of them may write to (mode 1777, on a local disk).
Nor do studies in different containers.

Where the folder cannot be used, studies run as if they were alone on the machine, and a notice says so.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_tune.executors.local.shares import Holder, Holding, Need, Served, Ticket, serve

FOLDER_VARIABLE = "JUPYTER_TUNE_LEASES"

MUTEX_S = 0.02
"""Seconds to wait for the mutex. One that is held for longer belongs to a process that was stopped."""

_SUFFIX = ".lease"


def leases_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this user's studies keep their leases."""
    if environ.get(FOLDER_VARIABLE):
        return Path(environ[FOLDER_VARIABLE])
    shared = Path("/dev/shm")
    top = shared if os.access(shared, os.W_OK) else Path(tempfile.gettempdir())
    return top / f"jupyter_tune-leases-{os.getuid()}"


class Leases:
    """What one study holds and waits for.

    Args:
        folder: where all studies of the machine keep their leases; None if this one is not to share.
        mine:   this study, which holds nothing yet; it is changed by `ask`, `give_back` and `sync` only.

    `ask`, `give_back` and `shrink` take effect for others with the next `sync`.
    """

    def __init__(self, folder: Path | None, mine: Holder):
        self._folder = folder
        self._mine = mine
        self._file: int | None = None
        self._name = f"{mine.pid}-{uuid.uuid4().hex[:8]}{_SUFFIX}"
        self._seen: dict[str, str] = {}
        self.others: list[Holder] = []
        self.served = Served({}, (), ())
        self.is_published = True
        """Whether others can know what this study holds and waits for."""
        self.problem = ""
        """Why the folder cannot be used; "" if it can."""

    def ask(self, key: str, need: Need) -> None:
        """Wait for `need`, under `key`."""
        self._mine.waits[key] = Ticket(0, need)
        self.is_published = False

    def give_back(self, key: str) -> None:
        """Hold nothing and wait for nothing under `key`."""
        self._mine.holds.pop(key, None)
        self._mine.waits.pop(key, None)
        self.is_published = False

    def shrink(self, cores: float) -> None:
        """Hold no more than `cores` under each key."""
        for key, held in self._mine.holds.items():
            self._mine.holds[key] = Holding(min(held.cores, cores), held.gpus, held.share)
        for key, ticket in self._mine.waits.items():
            need = Need(min(ticket.need.cores, cores), ticket.need.gpu, ticket.need.among)
            self._mine.waits[key] = Ticket(ticket.turn, need)
        self.is_published = False

    def sync(self) -> dict[str, Holding]:
        """Publish what is held and waited for, and return what tickets got: by their keys, each once."""
        if self._folder is None:
            self.is_published = True
            return self._serve()
        try:
            with _alone(self._folder):
                seen = self._read_others(self._folder)
                if seen == self._seen and self.is_published:
                    return {}
                self._seen, self.others = seen, [_holder(text) for text in seen.values()]
                gets = self._serve()
                self._write(self._folder / self._name)
            self.problem = ""
        except _BusyError:
            return {}
        except OSError as error:
            self.problem = f"{self._folder}: {error.strerror or error}"
            self.others, self._seen = [], {}
            gets = self._serve()
            self.is_published = True
        return gets

    def close(self) -> None:
        """Hold nothing any more."""
        self._mine.holds.clear()
        self._mine.waits.clear()
        if self._file is not None and self._folder is not None:
            with suppress(OSError):
                (self._folder / self._name).unlink()
            os.close(self._file)
            self._file = None

    def _serve(self) -> dict[str, Holding]:
        turns = [ticket.turn for holder in (self._mine, *self.others) for ticket in holder.waits.values()]
        turn = max(turns, default=0)
        for key, ticket in self._mine.waits.items():
            if not ticket.turn:
                turn += 1
                self._mine.waits[key] = Ticket(turn, ticket.need)
        self.served = serve([self._mine, *self.others], self._mine)
        for key, holding in self.served.gets.items():
            del self._mine.waits[key]
            self._mine.holds[key] = holding
        return self.served.gets

    # files

    def _read_others(self, folder: Path) -> dict[str, str]:
        """File name -> text, of the studies that live. The files of others are removed."""
        texts: dict[str, str] = {}
        for name in sorted(os.listdir(folder)):
            path = folder / name
            if not name.endswith(_SUFFIX) or name == self._name:
                continue
            with suppress(FileNotFoundError):
                file = _open(path)
                try:
                    if _lock(file, fcntl.LOCK_SH):
                        with suppress(PermissionError):  # another user's, who will remove it
                            path.unlink()
                    else:
                        texts[name] = os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")
                finally:
                    os.close(file)
        return texts

    def _write(self, path: Path) -> None:
        if self._file is not None and os.fstat(self._file).st_nlink == 0:
            # something has cleaned up
            os.close(self._file)
            self._file = None
        if self._file is None:
            self._file = _create(path)
            _lock(self._file, fcntl.LOCK_EX)
        text = json.dumps({**asdict(self._mine), "cpus": sorted(self._mine.cpus)})
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text.encode(), 0)
        self.is_published = True


class _BusyError(Exception):
    """Another process holds the mutex."""


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While no other process reads or writes leases. Raises _BusyError."""
    _prepare(folder)
    path = folder / "mutex"
    with suppress(FileExistsError):
        os.close(_create(path))
    mutex = _open(path)
    try:
        until = time.monotonic() + MUTEX_S
        while not _lock(mutex, fcntl.LOCK_EX):
            if time.monotonic() > until:
                raise _BusyError
            time.sleep(0.001)
        yield
    finally:
        os.close(mutex)


def _holder(text: str) -> Holder:
    """A study from its file; one that holds nothing where another version wrote the file."""
    try:
        read: dict[str, Any] = json.loads(text)
        return Holder(
            study=str(read["study"]),
            pid=int(read["pid"]),
            cpus=frozenset(read["cpus"]),
            cores=float(read["cores"]),
            holds={
                key: Holding(held["cores"], tuple(held["gpus"]), held["share"])
                for key, held in read["holds"].items()
            },
            waits={
                key: Ticket(
                    ticket["turn"], Need(**{**ticket["need"], "among": tuple(ticket["need"]["among"])})
                )
                for key, ticket in read["waits"].items()
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Holder("", 0, frozenset(), 0.0)


def _prepare(folder: Path) -> None:
    """Make the folder, unless it is there. Raises PermissionError if it is another user's, unasked for."""
    with suppress(FileExistsError):
        folder.mkdir(0o700, parents=True)
    if os.environ.get(FOLDER_VARIABLE) != str(folder):
        found = folder.lstat()
        if found.st_uid != os.getuid() or folder.is_symlink():
            raise PermissionError(0, "belongs to another user")


def _open(path: Path) -> int:
    # reading suffices for a lock
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)


def _create(path: Path) -> int:
    """A new file that other users can read, where they can read the folder. Raises FileExistsError."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    os.fchmod(file, 0o644)
    return file


def _lock(file: int, kind: int) -> bool:
    """Lock `file` if no other process has it locked. Whether it is."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
