from __future__ import annotations

from jupyter_tune.core.trial import PRUNED
from tests.pruners.race import Race


def test_no_pruning_keeps_everybody():
    race = Race("none")
    assert all(race.report(number, step, float(number)) for step in (1, 3, 9) for number in range(9))


def test_no_pruning_resumes_nobody():
    race = Race("none")
    race.report(0, 3, 0.1)
    race.end(0, PRUNED, checkpoint=True)
    assert race.resumes() == []
