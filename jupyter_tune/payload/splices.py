"""Moves large `bytes` and `str` objects out of the pickle stream into buffer files, as arrays are.

    stream   ....opcodes, length|              |opcodes....
    beside                      | the 200 MB   |

The pickler writes such an object in one piece, and the unpickler reads it in one piece. So the piece is cut
out of the stream while writing and put back while reading, wherever the object is. Studies that use the same
data share one file. Each trial still has its own copy, because bytes and str cannot be memory maps.
"""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from jupyter_tune.payload.layout import BUFFER
from jupyter_tune.payload.regions import Regions
from jupyter_tune.payload.store import disk_full


class Sieve:
    """A file for the pickler: large pieces go to `regions`, the rest to `file` if given.

    written: size of the rest in bytes; more than `limit` raises OSError.
    holes:   (offset in the rest, index of the view in `regions`) of each piece that was cut out.
    """

    def __init__(self, regions: Regions, file: BinaryIO | None = None, limit: int | None = None):
        self._regions = regions
        self._file = file
        self._limit = limit
        self.written = 0
        self.holes: list[tuple[int, int]] = []

    def write(self, data: Any) -> int:
        view = memoryview(data)
        size = view.nbytes
        if size >= BUFFER:
            self.holes.append((self.written, self._regions.add(view.cast("B"))))
            return size
        self.written += size
        if self._limit is not None and self.written > self._limit:
            raise disk_full()
        return size if self._file is None else self._file.write(data)


class Spliced(io.RawIOBase):
    """The complete pickle stream: `file` with the pieces put back.

    Args: holes: (offset in `file`, (path, offset, length) of the piece), in order.
    """

    def __init__(self, file: BinaryIO, holes: Iterable[tuple[int, tuple[Path, int, int]]]):
        self._file = file
        self._at = 0
        self._holes = deque(holes)
        self._piece: BinaryIO | None = None
        self._left = 0
        """Bytes of the current piece that are still to be read."""

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        view = memoryview(target)
        if self._piece is None and self._holes and self._holes[0][0] == self._at:
            _, (path, offset, self._left) = self._holes.popleft()
            self._piece = path.open("rb", buffering=0)
            self._piece.seek(offset)
        if self._piece is not None:
            return self._read_piece(view)
        if self._holes:
            view = view[: self._holes[0][0] - self._at]
        count = os.readv(self._file.fileno(), [view])
        self._at += count
        return count

    def _read_piece(self, view: memoryview) -> int:
        assert self._piece is not None
        count = os.readv(self._piece.fileno(), [view[: self._left]])
        self._left -= count
        if not self._left or not count:
            self._piece.close()
            self._piece = None
        return count
