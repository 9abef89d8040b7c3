"""The means that the median rule compares with: as many as the curves of a study justify."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from jupyter_tune.core.objective import Objective
from jupyter_tune.core.trial import COMPLETE, RUNNING, Trial
from jupyter_tune.core.usual import KEPT, Usual


def complete_trials(usual: Usual, count: int, steps_of: Callable[[int], list[int]]) -> dict[int, Trial]:
    random = Random(0)
    trials: dict[int, Trial] = {}
    for number in range(count):
        trial = trials[number] = Trial(number, {}, "random", state=RUNNING)
        for step in steps_of(number):
            trial.measured(step, random.random())
            usual.reports(trial, step, None)
            usual.means(step, trials.values)
        trial.state = COMPLETE
        usual.ends(trial)
    return trials


def kept(usual: Usual) -> int:
    return sum(map(len, usual._means.values()))


def test_where_all_trials_report_the_same_steps_the_means_of_all_of_these_are_kept() -> None:
    usual = Usual(Objective("loss", maximize=False))
    complete_trials(usual, 50, lambda number: list(range(1, 31)))
    assert set(usual._means) == set(range(1, 31))


def test_where_each_trial_reports_other_steps_no_more_means_are_kept_than_curves_have_readings() -> None:
    usual = Usual(Objective("loss", maximize=False))
    trials = complete_trials(usual, 100, lambda number: [number + 100 * step for step in range(10)])
    readings = sum(len(trial.curve) for trial in trials.values())
    usual.means(2000, trials.values)
    assert readings < kept(usual) <= KEPT * readings
    # what was dropped is the same when it is asked about again
    assert list(usual.means(5, trials.values)) == list(
        Usual(Objective("loss", maximize=False)).means(5, trials.values)
    )
