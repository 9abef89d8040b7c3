from __future__ import annotations

from jupyter_tune.core.events import (
    StudyOpened,
)
from jupyter_tune.core.rungs import rung_levels
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from tests.core.studies import SPACE


def test_rungs_grow_by_the_factor_from_the_first():
    assert rung_levels(Settings("a", max_steps=27), 2) == (2, 6, 18)
    assert rung_levels(Settings("a", max_steps=27), 1) == (1, 3, 9)
    assert rung_levels(Settings("a", max_steps=16, reduction_factor=2), 2) == (2, 4, 8)
    assert rung_levels(Settings("a", max_steps=1), 1) == ()
    assert rung_levels(Settings("a"), 1) == ()


def test_the_first_rung_stands_at_the_grace_or_where_the_pruner_has_it():
    opened = StudyOpened("test", SPACE, Settings("score", max_steps=27))
    assert list(Study(opened).rungs) == [2, 6, 18]
    assert list(Study(opened, first_rung=lambda settings: 1).rungs) == [1, 3, 9]
