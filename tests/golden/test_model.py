"""The golden journal of the Gaussian process: its suggestions, as far as machines agree about them.

Params that the model chose are not compared: they maximise a function whose last bits depend on the BLAS and
the processor, and a maximum may jump. Compared is what does not depend on them: how the search begins, by
which rule each of those suggestions was made, and that every choice lies in the ranges.
"""

from __future__ import annotations

from tests.golden.replay import read_golden
from tests.golden.suggestions import close_to, suggested_again


def test_the_model_replays_its_beginning_and_suggests_within_the_ranges():
    again = list(suggested_again(read_golden("gp")))
    first = next(place for place, one in enumerate(again) if one.recorded.source == "gp")
    assert first >= 3
    for one in again[:first]:
        assert one.source == one.recorded.source
        assert one.params == close_to(one.recorded.params)
    assert again[first].source == "gp", "the model begins as soon as it knows enough"
    for one in again[first:]:
        assert one.source in ("gp", "sobol")
        assert one.ranges.contains(one.params)
