from __future__ import annotations

import math
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.events import TrialAdded, TrialEnded, TrialReported, TrialStarted, TrialSuggested
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, LOST, PRUNED, RUNNING, Trial
from jupyter_tune.pruners.median import LEAST
from tests.pruners.race import Race


def a_race(**settings: Any) -> Race:
    return Race("median", **settings)


# Losses of five complete trials, and the mean of what each reported up to a step:
#             step 1   2    3      until 1   until 2   until 3
#   trial 0      .9   .7   .2        .9        .8        .6
#   trial 1      .8   .4   .3        .8        .6        .5
#   trial 2      .7   .5   .3        .7        .6        .5
#   trial 3      .6   .2   .1        .6        .4        .3
#   trial 4      .5   .5   .5        .5        .5        .5
#   median                           .7        .6        .5
CURVES = [[0.9, 0.7, 0.2], [0.8, 0.4, 0.3], [0.7, 0.5, 0.3], [0.6, 0.2, 0.1], [0.5, 0.5, 0.5]]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("losses", "kept"),
    [
        ([0.7], [True]),  # as good as the median is not worse
        ([0.71], [False]),
        ([0.65, 0.9], [True, False]),  # its best, .65, is worse than .6
        ([0.59, 0.9, 0.9], [True, True, False]),  # its best counts, not its last
        ([0.7, 0.6, 0.5], [True, True, True]),
    ],
)
def test_a_table_worked_by_hand(losses, kept, sign):
    race = a_race(direction="minimize" if sign > 0 else "maximize")
    for number, curve in enumerate(CURVES):
        race.run(number, [sign * loss for loss in curve])
    assert [race.report(5, step, sign * loss) for step, loss in enumerate(losses, 1)] == kept


def test_until_enough_trials_are_complete_no_trial_is_stopped():
    race = a_race()
    for number in range(LEAST - 1):
        race.run(number, [0.1])
    assert race.report(LEAST, 1, 9.0)
    race.run(LEAST - 1, [0.1])
    assert not race.report(LEAST, 2, 9.0)


def test_before_the_grace_no_trial_is_stopped():
    race = a_race(min_steps=3)
    for number in range(LEAST):
        race.run(number, [0.1, 0.1, 0.1])
    assert [race.report(LEAST, step, 9.0) for step in (1, 2, 3)] == [True, True, False]


def test_without_max_steps_it_prunes_too():
    race = a_race(max_steps=None, min_steps=None)
    for number in range(LEAST):
        race.run(number, [0.1])
    assert not race.report(LEAST, 1, 0.2)


@pytest.mark.parametrize("state", [PRUNED, FAILED])
def test_only_complete_trials_are_what_is_usual(state):
    race = a_race()
    for number in range(LEAST):
        race.run(number, [0.5])
    for number in range(LEAST, 4 * LEAST):
        race.report(number, 1, 0.1)
        race.end(number, state)
    assert race.report(100, 1, 0.5)


def test_results_from_elsewhere_have_no_curve_to_compare_with():
    race = a_race()
    for number in range(LEAST):
        race.apply(TrialAdded(number, {"x": 0.5}, 0.1))
    assert race.report(100, 1, 0.5)


def test_a_trial_that_began_to_report_later_does_not_count_before():
    race = a_race()
    for number in range(LEAST):
        race.report(number, 5, 0.1)
        race.end(number)
    assert race.report(100, 4, 9.0)
    assert not race.report(100, 5, 9.0)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_what_is_no_number_is_worst(bad, direction):
    race = a_race(direction=direction)
    for number in range(LEAST):
        race.run(number, [0.5])
    assert not race.report(100, 1, bad)
    # its best so far is a number again
    assert race.report(100, 2, 0.5)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_where_most_are_no_number_every_trial_goes_on(bad, direction):
    race = a_race(direction=direction)
    for number in range(LEAST):
        race.run(number, [bad if number else 0.5, 0.5])
    assert race.report(100, 1, 9.0)
    assert race.report(101, 1, bad)


def test_a_later_report_of_the_same_study_is_not_overlooked():
    race = a_race()
    for number in range(LEAST):
        race.run(number, [0.5])
    assert not race.report(100, 1, 0.9)
    # three of five get worse: the median of the means is then (.5 + 1.5) / 2
    for number in range(3):
        race.report(number, 2, 1.5)
    assert race.report(100, 2, 0.9)


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=LEAST, max_size=20))
def test_the_best_of_all_is_never_stopped(curves):
    race = a_race()
    for number, curve in enumerate(curves):
        race.run(number, curve)
    best = min(value for curve in curves for value in curve)
    assert all(race.report(100, step, best) for step in (1, 2, 3))


def five_complete() -> Race:
    race = a_race()
    for number in range(LEAST):
        race.run(number, [0.5, 0.5])
    return race


def test_a_corrected_reading_counts_no_more():
    race = five_complete()
    assert race.report(100, 1, 0.1)
    assert race.report(100, 2, 0.9)
    assert not race.report(100, 1, 0.8)
    assert not race.report(100, 3, 0.9)


def test_readings_of_a_lost_attempt_count_no_more():
    race = five_complete()
    assert race.report(100, 1, 0.1)
    race.apply(TrialEnded(100, 1, LOST))
    race.apply(TrialStarted(100, 2))
    race.apply(TrialReported(100, 2, 1, {"loss": 0.9}))
    assert race.reason(100)


def plain_reason(study: Study, number: int) -> str:
    """The rule as its definition says it, from the curves alone."""
    objective, trial = study.objective, study.trials[number]
    step = max(trial.curve, default=0)
    if not trial.curve or step < study.settings.grace:
        return ""

    def mean(other: Trial) -> float | None:
        losses = [objective.loss_or_worst(other.curve[s]) for s in sorted(other.curve) if s <= step]
        return sum(losses) / len(losses) if losses else None

    means = [mean(other) for other in study.trials.values() if other.state == COMPLETE]
    usual = [each for each in means if each is not None]
    if len(usual) < LEAST:
        return ""
    best, bar = min(map(objective.loss_or_worst, trial.curve.values())), median(usual)
    if best <= bar:
        return ""
    reached = f"best loss {objective.value(best):.4g}" if math.isfinite(best) else "no finite value"
    return (
        f"median: {reached} by step {step} is behind {objective.value(bar):.4g}, "
        f"the median of {len(usual)} complete trials at that step"
    )


# few different values, so that there are equals; reports may correct others, or come after the end
REPORTS = st.tuples(
    st.integers(0, 14),
    st.integers(1, 6),
    st.sampled_from([0.125, 0.25, 0.5, 0.75, 1.0, -2.0, math.nan, math.inf, -math.inf]),
)
# some trials never end
ENDS = st.tuples(st.integers(0, 9), st.sampled_from([COMPLETE, COMPLETE, COMPLETE, PRUNED, FAILED]))
ACTS = st.one_of(REPORTS, REPORTS, REPORTS, ENDS, st.tuples(st.integers(0, 14), st.just(LOST)))


@given(
    st.lists(ACTS, min_size=60, max_size=200),
    st.sampled_from(["minimize", "maximize"]),
    st.sampled_from([1, 2]),
)
def test_whatever_happened_the_reason_is_that_of_the_plain_definition(acts, direction, min_steps):
    race = a_race(direction=direction, min_steps=min_steps, retries=100)
    for number in range(15):
        race.apply(TrialSuggested(number, {"x": 0.5}, "random"))
        race.apply(TrialStarted(number, 1))
    for number, *act in acts:
        trial = race.study.trials[number]
        match act:
            case [int(step), float(value)]:
                race.apply(TrialReported(number, trial.attempt, step, {"loss": value}))
            case [str(state)]:
                race.apply(TrialEnded(number, trial.attempt, state))
                if race.study.trials[number].is_live:
                    race.apply(TrialStarted(number, trial.attempt + 1))
        # what is asked is what is kept, so not all is asked each time
        if race.study.trials[number].state == RUNNING:
            assert race.reason(number) == plain_reason(race.study, number)
    for trial in race.study.in_state(RUNNING):
        assert race.reason(trial.number) == plain_reason(race.study, trial.number)


def test_the_same_records_give_the_same_decisions():
    race = a_race()
    kept = []
    for number in range(20):
        kept += [race.report(number, step, ((7 * number + step) % 11) / 10) for step in (1, 2, 3)]
        race.end(number)
    assert {True, False} == set(kept)
    assert race.replayed() == kept


def test_it_resumes_no_trial():
    race = a_race()
    for number in range(LEAST):
        race.run(number, [0.5])
    race.arrive(100, 1, 0.9)
    assert race.study.resumable == {100}
    for number in range(101, 120):
        race.run(number, [9.0])
    assert race.resumes() == []


@pytest.mark.parametrize("sign", [1, -1])
def test_the_reason_says_the_median_and_of_how_many(sign):
    race = a_race(direction="minimize" if sign > 0 else "maximize")
    for number, curve in enumerate(CURVES):
        race.run(number, [sign * loss for loss in curve])
    race.report(5, 1, sign * 0.65)
    race.report(5, 2, sign * 0.9)
    minus = "" if sign > 0 else "-"
    assert race.reason(5) == (
        f"median: best loss {minus}0.65 by step 2 is behind {minus}0.6, "
        "the median of 5 complete trials at that step"
    )
    race.report(6, 1, math.nan)
    assert race.reason(6).startswith("median: no finite value by step 1 is behind")
