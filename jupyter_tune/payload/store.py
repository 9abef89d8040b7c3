"""A folder of payloads, and of the buffers that they share.

    NAME.partial   a payload that is being written
    NAME.pickle    a payload: complete, since it gets this name last. Its footer lists its buffers
    NAME.buffer    the bytes of an array: complete, written once, never changed

Laws:
- Who needs a payload holds it: a shared lock on its file, which the system takes back when the holder's
  process ends, however it ends. A payload that no process holds is swept.
- A buffer stays as long as a payload that lists it, or any that is being written, which may come to.
- Payloads are made and swept under a lock on the folder; writing and comparing bytes needs none.
- A buffer with the same bytes is used again. They are compared, not hashed: that costs a third, and
  nothing where no buffer has the same size.

One folder is for the studies of one process. Its name cannot be guessed, and no other user may enter it,
since trials unpickle what they find here.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
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
_CHUNK = 1 << 18

_folders: dict[Path, Path] = {}


class Hold:
    """A payload that this process needs: it stays until `release` or `drop`, or the process's end."""

    def __init__(self, path: Path):
        """Raises PayloadError if it is gone."""
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
        """Let go of it; the next sweep removes it if no other process holds it."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def drop(self) -> None:
        """Remove it, and with it the buffers that no other payload lists."""
        self.release()
        with suppress(FileNotFoundError), _locked(self.path.parent):
            self.path.unlink(missing_ok=True)
            _sweep(self.path.parent)

    __del__ = release


def folder_in(place: Path) -> Path:
    """This process's folder in `place`. Raises OSError if there can be none."""
    folder = _folders.get(place)
    if folder is None or not folder.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        folder = _folders[place] = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    return folder


@contextmanager
def new_payload(folder: Path) -> Iterator[tuple[BinaryIO, Hold]]:
    """A file to write a payload into; complete, held and under its final name when the block ends."""
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


def keep_buffer(folder: Path, pieces: Sequence[memoryview], room: int | None = None) -> tuple[str, int]:
    """A buffer with the bytes of `pieces`, one that is there or a new one: its name, and how many bytes
    had to be written for it. Raises OSError if these are more than `room`, or cannot be written."""
    size = sum(piece.nbytes for piece in pieces)
    for known in sorted(folder.glob(f"*{BUFFER}")):
        if known.stat().st_size == size and _holds(known, pieces):
            return known.name, 0
    if room is not None and size > room:
        raise no_room()
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


def no_room() -> OSError:
    """What the system would say if it were asked to write more than there is room for."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write_footer(file: BinaryIO, footer: dict[str, Any]) -> None:
    """End a payload with `footer`; its `buffers` are [name, offset, length], in the order of their use."""
    line = json.dumps(footer).encode()
    file.write(line + len(line).to_bytes(_FOOTER_BYTES, "big"))


def read_footer(path: Path) -> dict[str, Any]:
    """What `write_footer` wrote. Raises PayloadError if the payload is not whole."""
    try:
        with path.open("rb") as file:
            file.seek(-_FOOTER_BYTES, os.SEEK_END)
            length = int.from_bytes(file.read(_FOOTER_BYTES), "big")
            file.seek(-_FOOTER_BYTES - length, os.SEEK_END)
            footer: dict[str, Any] = json.loads(file.read(length))
    except (OSError, ValueError, OverflowError):
        raise PayloadError(f"{path}: not a whole payload; run the cell again") from None
    return footer


def sweep_stores() -> None:
    """Remove what no process holds any more, of all processes that put their data where this one may."""
    for place in {*places(), *_folders}:
        for folder in place.glob(f"{_PREFIX}*"):
            with suppress(OSError, PayloadError), _locked(folder):
                _sweep(folder)


def _sweep(folder: Path) -> None:
    """What no process holds goes, and the folder too if nothing is left. The folder is locked."""
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
        return True  # also where the file system knows no locks: then only `drop` removes
    finally:
        os.close(fd)
    return False


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone with `folder`. Raises FileNotFoundError if it was swept meanwhile."""
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
