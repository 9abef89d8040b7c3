"""Follows a file as `tail -F` does: what is added to it, from the moment of the start on.

created later        read from its beginning
there at the start   read from its end, because an earlier trial may have written it
shorter, replaced    (log rotation, a program that writes it anew) read from its beginning
rewritten            found by the bytes before the place reached, which are other ones then
"""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_tune.wire.frames import CHUNK

_REMEMBERED = 64


class FollowedFile:
    """The bytes that are added to the file `path`."""

    def __init__(self, path: Path):
        self._path = path
        self._identity: tuple[int, int] | None = None
        self._at = 0
        self._before = b""
        try:
            with path.open("rb") as file:
                self._identity = _identity(file.fileno())
                self._at = file.seek(0, os.SEEK_END)
                self._remember(file.fileno())
        except OSError:
            return  # it is created later

    def read(self) -> bytes:
        """What was added since the last call, a chunk at most; b"" for nothing, and for no file."""
        try:
            with self._path.open("rb", buffering=0) as file:
                fd = file.fileno()
                if self._is_another(fd):
                    self._identity, self._at = _identity(fd), 0
                data = os.pread(fd, CHUNK, self._at)
                self._at += len(data)
                self._remember(fd)
                return data
        except OSError:
            return b""

    def _is_another(self, fd: int) -> bool:
        return (
            _identity(fd) != self._identity
            or os.fstat(fd).st_size < self._at
            or os.pread(fd, len(self._before), self._at - len(self._before)) != self._before
        )

    def _remember(self, fd: int) -> None:
        start = max(0, self._at - _REMEMBERED)
        self._before = os.pread(fd, self._at - start, start)


def _identity(fd: int) -> tuple[int, int]:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino
