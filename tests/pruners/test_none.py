from __future__ import annotations

from jupyter_tune.core.trial import PRUNED
from tests.pruners.race import Race


def test_without_pruning_every_trial_goes_on():
    race = Race("none")
    assert all(race.report(number, step, float(number)) for step in (1, 3, 9) for number in range(9))


def test_without_pruning_no_trial_is_resumed():
    race = Race("none")
    race.report(0, 3, 0.1)
    race.end(0, PRUNED, checkpoint=True)
    assert race.resumes() == []
