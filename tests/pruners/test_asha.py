from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.events import (
    Event,
    Record,
    Settings,
    StudyOpened,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.pruners.asha import AshaPruner
from jupyter_tune.pruners.none import NoPruner

# four trials or more, minimised: step 1, 3 and 9 are rungs


class Race:
    """Trials that report one after the other, and what ASHA says to each report."""

    def __init__(self, **settings: Any):
        options: dict[str, Any] = {"max_steps": 27, "min_steps": 1, "direction": "minimize", **settings}
        self._study = Study.fold(
            [Record(1, 0.0, StudyOpened("race", Space(x=Float(0, 1)), Settings("loss", **options)))]
        )

    @property
    def rungs(self) -> dict[int, dict[int, float]]:
        return self._study.rungs

    def _apply(self, event: Event) -> None:
        seq = self._study.seq + 1
        self._study.apply(Record(seq, float(seq), event))

    def report(self, number: int, step: int, loss: float) -> bool:
        if number not in self._study.trials:
            self._apply(TrialSuggested(number, {"x": 0.5}, "random"))
            self._apply(TrialStarted(number, 1))
        self._apply(TrialReported(number, 1, step, {"loss": loss}))
        return AshaPruner().keeps(self._study, number)


def test_the_rungs_are_those_of_the_paper():
    # eta 3, r 1, R 27: rungs at 1, 3, 9; the last one is the end
    assert list(Race().rungs) == [1, 3, 9]


def test_a_table_worked_by_hand():
    # Losses at rung 1 in order of arrival, eta = 3. With n values, sorted best first, the cut is
    # at place (n - 1) / 3 between neighbours: whoever is above it is stopped.
    #   n  sorted                     place  cut                         arrival
    #   1  .5                          -     too few                     keep .5
    #   2  .4 .5                       -     too few                     keep .4
    #   3  .4 .5 .6                   2/3    .4 + 2/3 * .1 = .4667       stop .6
    #   4  .3 .4 .5 .6                 1     .4                          keep .3
    #   5  .3 .39 .4 .5 .6            4/3    .39 + 1/3 * .01 = .3933     keep .39
    #   6  .3 .39 .395 .4 .5 .6       5/3    .39 + 2/3 * .005 = .3933    stop .395
    #   7  .3 .39 .395 .4 .5 .6 .7     2     .395                        stop .7
    race = Race()
    losses = [0.5, 0.4, 0.6, 0.3, 0.39, 0.395, 0.7]
    assert [race.report(number, 1, loss) for number, loss in enumerate(losses)] == [
        True,
        True,
        False,
        True,
        True,
        False,
        False,
    ]


def test_maximising_is_minimising_upside_down():
    race = Race(direction="maximize")
    losses = [0.5, 0.4, 0.6, 0.3, 0.39, 0.395, 0.7]
    assert [race.report(number, 1, -loss) for number, loss in enumerate(losses)] == [
        True,
        True,
        False,
        True,
        True,
        False,
        False,
    ]


def test_between_rungs_nobody_is_stopped():
    race = Race()
    for number, loss in enumerate([0.1, 0.2, 0.3, 0.15]):
        race.report(number, 1, loss)
    assert race.report(0, 2, 99.0)
    for number in (1, 3):
        race.report(number, 3, 0.1)
    assert not race.report(0, 3, 99.0)


def test_a_rung_jumped_over_counts_as_reached():
    race = Race()
    assert race.report(0, 9, 0.5)
    assert race.rungs == {1: {0: 0.5}, 3: {0: 0.5}, 9: {0: 0.5}}
    race.report(1, 9, 0.4)
    assert not race.report(2, 9, 0.6)


def test_a_trial_is_judged_where_it_arrives_not_later():
    race = Race()
    race.report(0, 1, 0.9)
    for number in range(1, 6):
        race.report(number, 1, 0.1)
    assert race.report(0, 2, 0.9)


def test_before_the_grace_nobody_is_stopped():
    race = Race(min_steps=4, max_steps=100)
    assert all(race.report(number, step, float(number)) for number in range(9) for step in (1, 2, 3))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_what_is_no_number_is_worst(bad, direction):
    race = Race(direction=direction)
    assert race.report(0, 1, 0.5)
    assert race.report(1, 1, 0.5)
    assert not race.report(2, 1, bad)
    assert race.report(3, 1, 0.5)


def test_among_failures_a_number_survives():
    race = Race()
    for number in range(6):
        race.report(number, 1, math.nan)
    assert race.report(6, 1, 123.0)


def test_equals_go_on_together():
    race = Race()
    assert all(race.report(number, 1, 0.5) for number in range(9))


@pytest.mark.parametrize("settings", [{"max_steps": None}, {"max_steps": 1}])
def test_without_steps_to_compare_nobody_is_stopped(settings):
    race = Race(**settings)
    assert all(race.report(number, 1, float(number)) for number in range(9))


def test_no_pruning_keeps_everybody():
    study = Study.fold(
        [Record(1, 0.0, StudyOpened("race", Space(x=Float(0, 1)), Settings("loss", max_steps=9)))]
    )
    study.apply(Record(2, 1.0, TrialSuggested(0, {"x": 0.5}, "random")))
    assert NoPruner().keeps(study, 0)


losses = st.lists(st.floats(), min_size=1, max_size=40)


@given(losses, st.integers(2, 5))
def test_the_best_so_far_always_goes_on(values, factor):
    race = Race(reduction_factor=factor)
    best = math.inf
    for number, value in enumerate(values):
        kept = race.report(number, 1, value)
        if math.isfinite(value) and value <= best:
            best = value
            assert kept


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40, unique=True), st.integers(2, 5))
def test_whoever_goes_on_is_among_the_best_part_of_its_rivals(values, factor):
    race = Race(reduction_factor=factor)
    for number, value in enumerate(values):
        arrived = number + 1
        ahead = sum(other < value for other in values[:number])
        if race.report(number, 1, value) and arrived >= factor:
            assert ahead <= (arrived - 1) / factor
