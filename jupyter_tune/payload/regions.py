"""The memory behind large buffers: what views of one array share is written once, and shared again.

    memory     ....[  data                    ]....[  other  ]....
    views          [ train        ]
                            [ test            ]
    regions        [  one file                ]    [  one    ]

A view is then (region, offset, length). Views whose bytes touch nowhere have regions of their own.
"""

from __future__ import annotations

import bisect
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

_ALIGNMENT = 64
"""Bytes; an address is kept modulo this, so that what was aligned is aligned in a map too."""

_NOWHERE = 1 << 62
"""Addresses from here on stand for memory whose address cannot be found."""


@dataclass(eq=False, slots=True)
class Region:
    """Bytes from address `start` to `end`, all of them in one or more of its views (address, bytes)."""

    start: int
    end: int
    views: list[tuple[int, memoryview]] = field(default_factory=list)

    @property
    def lead(self) -> int:
        """Bytes before it in its file, which keep views that begin inside it aligned."""
        return self.start % _ALIGNMENT if len(self.views) > 1 else 0

    def pieces(self) -> list[memoryview]:
        """Its bytes, each once and in order, after its `lead`."""
        found = [memoryview(bytes(self.lead))] if self.lead else []
        reached = self.start
        for address, raw in sorted(self.views, key=lambda view: view[0]):
            if address + raw.nbytes > reached:
                found.append(raw[reached - address :])
                reached = address + raw.nbytes
        return found


class Regions:
    """The regions of the views that were added. The views are kept, so that no address is used again."""

    def __init__(self) -> None:
        self._regions: list[Region] = []
        self._order: list[tuple[int, int]] = []
        self.total = 0
        """Bytes of all regions."""

    def add(self, raw: memoryview) -> int:
        """Take the contiguous bytes `raw` in; which of the views they are."""
        address = _address_of(raw) or _NOWHERE + self.total
        new = Region(address, address + raw.nbytes, [(address, raw)])
        self._order.append((address, raw.nbytes))
        apart = []
        for region in self._regions:
            if region.end <= new.start or new.end <= region.start:
                apart.append(region)
            else:
                new.start, new.end = min(region.start, new.start), max(region.end, new.end)
                new.views += region.views
        self._regions = [*apart, new]
        self.total = sum(region.end - region.start for region in self._regions)
        return len(self._order) - 1

    def views(self) -> Iterator[tuple[Region, int, int]]:
        """Where each view lies, in the order of `add`: region, offset in the region's file, length."""
        regions = sorted(self._regions, key=lambda region: region.start)
        starts = [region.start for region in regions]
        for address, length in self._order:
            region = regions[bisect.bisect_right(starts, address) - 1]
            yield region, region.lead + address - region.start, length


def _address_of(raw: memoryview) -> int | None:
    """Where `raw` lies in memory; None without numpy, to which nearly all large buffers belong."""
    numpy = sys.modules.get("numpy")
    return None if numpy is None else int(numpy.frombuffer(raw, numpy.uint8).ctypes.data)
