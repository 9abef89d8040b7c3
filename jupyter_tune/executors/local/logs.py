"""A trial's output, kept in one file that never grows beyond HEAD + TAIL bytes.

The first HEAD bytes stay. What follows grows up to TAIL bytes; then its older half is cut out
and a line says how much is missing. So the file reads from top to bottom at any moment, and
always ends in the latest output. A full disk loses output, never the trial.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

HEAD = 5_000_000
TAIL = 5_000_000


class CappedLog:
    """The log in `path`: its first `head` bytes, and up to `tail` of its last."""

    def __init__(self, path: Path, head: int = HEAD, tail: int = TAIL):
        self._head = head
        self._tail = tail
        self._size = 0
        self._seen = 0
        self._file: BinaryIO | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w+b", buffering=0)
        except OSError:
            return

    def write(self, data: bytes) -> None:
        self._seen += len(data)
        if self._file is None:
            return
        try:
            for start in range(0, len(data), self._tail // 4):
                self._append(self._file, data[start : start + self._tail // 4])
        except OSError:
            # no room: the write may have been half done
            self._size = self._file.seek(0, 2)

    def _append(self, file: BinaryIO, data: bytes) -> None:
        if self._size + len(data) > self._head + self._tail:
            self._cut_out_the_middle(file)
        self._size += file.write(data)

    def _cut_out_the_middle(self, file: BinaryIO) -> None:
        file.seek(self._size - self._tail // 2)
        kept = file.read(self._tail // 2)
        left_out = self._seen - self._head - len(kept)
        file.seek(self._head)
        file.truncate()
        marker = f"\n[... about {left_out:,} bytes left out ...]\n".encode()
        self._size = self._head + file.write(marker)
        self._size += file.write(kept)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
