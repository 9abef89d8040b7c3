"""Views that overlap in memory share a region; the region has every byte once."""

from __future__ import annotations

from typing import Any

import numpy as np

from jupyter_tune.payload.regions import Regions

BYTES: Any = np.random.default_rng(0).integers(0, 256, 4096, np.uint8)


def test_views_that_overlap_are_one_region_and_others_are_apart() -> None:
    regions = Regions()
    for start, end in ((0, 600), (300, 900), (2000, 2100)):
        regions.add(memoryview(BYTES[start:end]))
    first, second, other = regions.views()
    assert first[0] is second[0] is not other[0]
    assert second[1] - first[1] == 300
    assert [length for _, _, length in (first, second, other)] == [600, 600, 100]
    assert regions.total == 900 + 100


def test_a_view_that_joins_two_regions_makes_them_one() -> None:
    regions = Regions()
    for start, end in ((100, 200), (300, 400), (150, 350)):
        regions.add(memoryview(BYTES[start:end]))
    assert len({id(region) for region, _, _ in regions.views()}) == 1
    assert regions.total == 300


def test_every_view_is_found_in_the_pieces_of_its_region() -> None:
    regions = Regions()
    spans = [(64, 600), (300, 900), (64, 128), (880, 1000), (2000, 2100)]
    for start, end in spans:
        regions.add(memoryview(BYTES[start:end]))
    for (start, end), (region, offset, length) in zip(spans, regions.views(), strict=True):
        file = b"".join(region.pieces())
        assert file[offset : offset + length] == BYTES[start:end].tobytes()


def test_views_keep_their_alignment_in_the_file() -> None:
    regions = Regions()
    for start in (5, 69):
        regions.add(memoryview(BYTES[start : start + 100]))
    for start, (_, offset, _) in zip((5, 69), regions.views(), strict=True):
        assert offset % 64 == (BYTES.ctypes.data + start) % 64
