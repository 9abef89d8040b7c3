"""Large bytes and texts stand beside a payload's stream, in files of their own, as the memory of arrays does.

    stream   ....opcodes, length|              |opcodes....
    beside                      | the 200 MB   |

The pickler writes them in one piece, and reads them in one: so they are taken out and put in again as parts
of the stream, wherever they are among the user's objects. Two studies that use the same ones have one copy.
Each trial still makes its own: bytes and str cannot lie in memory that processes share.
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
from jupyter_tune.payload.store import no_room


class Sieve:
    """A file to pickle into: large pieces go to `regions`, the rest to `file`, if there is one.

    `written`: bytes of the rest, of which there may be at most `room`. `holes`: where in the rest a piece is
    missing, and which of the views in `regions` it is.
    """

    def __init__(self, regions: Regions, file: BinaryIO | None = None, room: int | None = None):
        self._regions = regions
        self._file = file
        self._room = room
        self.written = 0
        self.holes: list[tuple[int, int]] = []

    def write(self, data: Any) -> int:
        view = memoryview(data)
        size = view.nbytes
        if size >= BUFFER:
            self.holes.append((self.written, self._regions.add(view.cast("B"))))
            return size
        self.written += size
        if self._room is not None and self.written > self._room:
            raise no_room()
        return size if self._file is None else self._file.write(data)


class Spliced(io.RawIOBase):
    """The stream as it was pickled: `file`, with what is missing at each of `holes`.

    Args: holes: (place in `file`, (path, offset, length) of the piece), in their order.
    """

    def __init__(self, file: BinaryIO, holes: Iterable[tuple[int, tuple[Path, int, int]]]):
        self._file = file
        self._at = 0
        self._holes = deque(holes)
        self._piece: BinaryIO | None = None
        self._left = 0
        """Bytes of the piece that are not read yet."""

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
