"""A trial's log file, at most HEAD + TAIL bytes long.

The first HEAD bytes stay. The rest grows to TAIL bytes; then its older half is replaced by a line that
gives the number of bytes left out. The file is readable at any moment and ends with the latest output.
If the disk is full, output is lost and the trial goes on.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

HEAD = 5_000_000
TAIL = 5_000_000


class CappedLog:
    """Writes a log to `path`: the first `head` bytes and at most `tail` of the last."""

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
            # disk full: part of the data may have been written
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
