"""Merges large buffers that overlap in memory, so that the views of one array are sent once and stay views.

    memory     ....[  data                    ]....[  other  ]....
    views          [ train        ]
                            [ test            ]
    regions        [  one file                ]    [  one    ]

A view becomes (region, offset, length). Views that do not overlap have regions of their own.
"""

from __future__ import annotations

import bisect
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

_ALIGNMENT = 64
"""Bytes. Addresses keep their remainder modulo this, so that aligned views stay aligned in a map."""

_NOWHERE = 1 << 62
"""Addresses from here on are made up, for memory whose address is unknown."""


@dataclass(eq=False, slots=True)
class Region:
    """The memory from address `start` to `end`, fully covered by its views (address, bytes)."""

    start: int
    end: int
    views: list[tuple[int, memoryview]] = field(default_factory=list)

    @property
    def lead(self) -> int:
        """Padding bytes before it in its file, which keep its views aligned."""
        return self.start % _ALIGNMENT if len(self.views) > 1 else 0

    def pieces(self) -> list[memoryview]:
        """The content of its file: padding, then each byte once, in order."""
        found = [memoryview(bytes(self.lead))] if self.lead else []
        reached = self.start
        for address, raw in sorted(self.views, key=lambda view: view[0]):
            if address + raw.nbytes > reached:
                found.append(raw[reached - address :])
                reached = address + raw.nbytes
        return found


class Regions:
    """The regions of the added views. It keeps references to the views, so their memory is not reused."""

    def __init__(self) -> None:
        self._regions: list[Region] = []
        self._order: list[tuple[int, int]] = []
        self.total = 0
        """Bytes of all regions."""

    def add(self, raw: memoryview) -> int:
        """Add the contiguous bytes `raw`. Returns the index of this view."""
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
        """(region, offset in the region's file, length) of each view, in the order of `add`."""
        regions = sorted(self._regions, key=lambda region: region.start)
        starts = [region.start for region in regions]
        for address, length in self._order:
            region = regions[bisect.bisect_right(starts, address) - 1]
            yield region, region.lead + address - region.start, length


def _address_of(raw: memoryview) -> int | None:
    """The address of `raw` in memory; None without numpy, which nearly all large buffers come from."""
    numpy = sys.modules.get("numpy")
    return None if numpy is None else int(numpy.frombuffer(raw, numpy.uint8).ctypes.data)
