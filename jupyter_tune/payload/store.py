"""A folder of payloads and the buffers that they share.

    NAME.partial   a payload that is being written
    NAME.pickle    a complete payload; it gets this name last. Its footer lists its buffers
    NAME.buffer    the bytes of an array; complete, written once, never changed

Laws:
- A process that needs a payload holds a shared lock on its file, which the system releases when the process
  ends for any reason. A payload that no process holds is swept.
- A buffer stays as long as a payload that lists it. Nothing is swept while a payload is being written,
  because it may list any buffer.
- Payloads are created and swept under a lock on the folder. Writing and comparing bytes needs no lock.
- A buffer with the same bytes is reused. Bytes are compared rather than hashed: that takes a third of the
  time, and none if no buffer has the same size.

Each process has one folder for its studies. Its name cannot be guessed and other users have no access,
because trials unpickle the files in it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from jupyter_tune.errors import PayloadError
from jupyter_tune.payload.places import places

PARTIAL, PAYLOAD, BUFFER = ".partial", ".pickle", ".buffer"
_UNFINISHED_BUFFER = ".unfinished"
_OURS = {PARTIAL, PAYLOAD, BUFFER, _UNFINISHED_BUFFER}

_PREFIX = f"jupyter-tune-{os.getuid()}-data-"
_FOOTER_BYTES = 8

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The version of Python that payloads are written for."""
_CHUNK = 1 << 18

_folders: dict[Path, Path] = {}


class Hold:
    """A lock that keeps a payload until `release`, `drop` or the end of this process."""

    def __init__(self, path: Path):
        """Raises PayloadError if the payload is gone."""
        self.path = path
        self._fd = -1
        try:
            self._fd = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise PayloadError(
                f"{path}: the data of the study's code is gone ({error.strerror}); run the cell again"
            ) from None
        _lock(self._fd, fcntl.LOCK_SH)

    def release(self) -> None:
        """Release the lock; the next sweep removes the payload if no other process holds it."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def drop(self) -> None:
        """Remove the payload, and the buffers that no other payload lists."""
        self.release()
        with suppress(FileNotFoundError), _locked(self.path.parent):
            self.path.unlink(missing_ok=True)
            _sweep(self.path.parent)

    __del__ = release


def folder_in(place: Path) -> Path:
    """This process's folder in `place`. Raises OSError if it cannot be created."""
    folder = _folders.get(place)
    if folder is None or not folder.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        folder = _folders[place] = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    return folder


@contextmanager
def new_payload(folder: Path) -> Iterator[tuple[BinaryIO, Hold]]:
    """A file to write a payload to, and its hold. At the end of the block it gets its final name."""
    with _locked(folder):
        handle, name = tempfile.mkstemp(prefix="payload-", suffix=PARTIAL, dir=folder)
        partial = Path(name)
        hold = Hold(partial)
    try:
        with open(handle, "w+b") as file:
            yield file, hold
        hold.path = partial.with_suffix(PAYLOAD)
        partial.rename(hold.path)
    except BaseException:
        hold.path = partial
        hold.drop()
        raise


def keep_buffer(folder: Path, pieces: Sequence[memoryview], limit: int | None = None) -> tuple[str, int]:
    """Store the bytes of `pieces` as a buffer, or reuse an existing one.

    Returns: its name, and the number of bytes written.
    Raises:  OSError if more than `limit` bytes are needed, or they cannot be written.
    """
    size = sum(piece.nbytes for piece in pieces)
    for known in sorted(folder.glob(f"*{BUFFER}")):
        if known.stat().st_size == size and _holds(known, pieces):
            return known.name, 0
    if limit is not None and size > limit:
        raise disk_full()
    handle, partial = tempfile.mkstemp(suffix=_UNFINISHED_BUFFER, dir=folder)
    target = Path(partial).with_suffix(BUFFER)
    try:
        with open(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
        os.rename(partial, target)
    except BaseException:
        os.unlink(partial)
        raise
    return target.name, size


def _holds(path: Path, pieces: Sequence[memoryview]) -> bool:
    with path.open("rb", buffering=0) as file:
        return all(
            file.read(len(piece[start : start + _CHUNK])) == piece[start : start + _CHUNK].tobytes()
            for piece in pieces
            for start in range(0, piece.nbytes, _CHUNK)
        )


def disk_full() -> OSError:
    """The error that the system raises when a disk is full."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write_footer(file: BinaryIO, footer: dict[str, Any]) -> None:
    """Append `footer` to a payload. Its `buffers` are [name, offset, length], in the order of use."""
    line = json.dumps(footer).encode()
    file.write(line + len(line).to_bytes(_FOOTER_BYTES, "big"))


def read_footer(path: Path) -> dict[str, Any]:
    """The footer of a payload. Raises PayloadError if the payload is incomplete."""
    try:
        with path.open("rb") as file:
            file.seek(-_FOOTER_BYTES, os.SEEK_END)
            length = int.from_bytes(file.read(_FOOTER_BYTES), "big")
            file.seek(-_FOOTER_BYTES - length, os.SEEK_END)
            footer: dict[str, Any] = json.loads(file.read(length))
    except (OSError, ValueError, OverflowError):
        raise PayloadError(f"{path}: incomplete payload; run the cell again") from None
    return footer


def sweep_stores() -> None:
    """Remove the payloads and buffers, in every place that this process may use, that no process holds."""
    for place in {*places(), *_folders}:
        for folder in place.glob(f"{_PREFIX}*"):
            with suppress(OSError, PayloadError), _locked(folder):
                _sweep(folder)


def _sweep(folder: Path) -> None:
    """Remove what no process holds, and the folder if it is empty then. The caller holds its lock."""
    if any(_is_held(partial) for partial in folder.glob(f"*{PARTIAL}")):
        return
    used = set()
    for payload in folder.glob(f"*{PAYLOAD}"):
        if _is_held(payload):
            used |= {payload.name, *(name for name, _, _ in read_footer(payload)["buffers"])}
    for path in folder.iterdir():
        if path.suffix in _OURS and path.name not in used:
            path.unlink()
    if not used and folder.name.startswith(_PREFIX):
        folder.rmdir()


def _is_held(path: Path) -> bool:
    fd = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True  # also on file systems without locks; there only `drop` removes
    finally:
        os.close(fd)
    return False


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder`. Raises FileNotFoundError if it was swept before."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        _lock(fd, fcntl.LOCK_EX)
        os.stat(folder)
        yield
    finally:
        os.close(fd)


def _lock(fd: int, how: int) -> None:
    try:
        fcntl.flock(fd, how)
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.EBADF):
            raise
