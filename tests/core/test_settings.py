from __future__ import annotations

from jupyter_tune.core.settings import Settings


def test_grace_is_a_small_part_of_max_steps():
    assert Settings("a", max_steps=100).grace == 6
    assert Settings("a", max_steps=3).grace == 1
    assert Settings("a", max_steps=100, min_steps=10).grace == 10
