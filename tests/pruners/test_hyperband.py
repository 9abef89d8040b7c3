from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.settings import Settings
from jupyter_tune.pruners.hyperband import bracket_of, first_rung, shares
from tests.pruners.race import Race


def hyperband(**settings: Any) -> Race:
    return Race("hyperband", **settings)


def members(bracket: int, rungs: int, count: int) -> list[int]:
    """The first `count` trials of a bracket, at factor 3."""
    found = [number for number in range(1000) if bracket_of(number, rungs, 3) == bracket]
    assert len(found) >= count
    return found[:count]


# R = 81 and eta = 3, the example of the paper. Its algorithm 1 gives the brackets
#     first rung   1   3   9  27  81 (none: the end)
#     trials      81  34  15   8   5


def test_the_first_rungs_of_the_brackets_are_those_of_the_paper():
    race = hyperband(max_steps=81, min_steps=None)
    levels = list(race.rungs)
    assert levels == [1, 3, 9, 27]
    for bracket, first in enumerate([*levels, 81]):
        steps_with_rivals = []
        *rivals, last = members(bracket, 4, 4)
        for step in (1, 3, 9, 27, 81):
            for number in rivals:
                race.report(number, step, 0.1)
            if not race.report(last, step, 0.9):
                steps_with_rivals.append(step)
        assert steps_with_rivals == [level for level in levels if level >= first]


def test_the_shares_of_the_brackets_are_those_of_the_paper():
    assert shares(4, 3) == [81, 34, 15, 8, 5]


def test_trials_are_dealt_out_in_these_shares_from_early_on():
    total = sum(shares(4, 3))
    for dealt in (20, 50, total, 1000):
        counts = Counter(bracket_of(number, 4, 3) for number in range(dealt))
        for bracket, share in enumerate(shares(4, 3)):
            assert counts[bracket] == pytest.approx(dealt * share / total, abs=2)


@given(st.integers(1, 6), st.integers(2, 5))
def test_all_brackets_cost_about_the_same(rungs, factor):
    # the budget of the paper: at each of k rungs, and at the end, stand 1/factor of those before
    costs = [
        share * (k + 1) / factor**k
        for share, k in zip(shares(rungs, factor), range(rungs, -1, -1), strict=True)
    ]
    assert all(
        rungs + 1 <= cost < rungs + 1 + (k + 1) for cost, k in zip(costs, range(rungs, -1, -1), strict=True)
    )


def test_a_trial_is_compared_within_its_bracket_only():
    race = hyperband()
    # far better ones, but in bracket 0
    for number in members(0, 3, 9):
        race.report(number, 3, 0.1)
    ours = members(1, 3, 4)
    assert [
        race.report(number, 3, loss) for number, loss in zip(ours, [0.9, 0.8, 1.0, 0.7], strict=True)
    ] == [
        True,
        True,
        False,
        True,
    ]


def test_the_trials_of_the_last_bracket_run_to_their_end():
    race = hyperband()
    assert all(race.report(n, step, float(n)) for step in (1, 3, 9) for n in members(3, 3, 9))


def test_with_few_steps_there_is_one_rung_at_most():
    assert shares(0, 3) == [1]
    race = hyperband(max_steps=1)
    assert all(race.report(number, 1, float(number)) for number in range(20))


def test_within_bracket_0_it_is_asha():
    ours = members(0, 3, 12)
    losses = [(7 * n % 12) / 10 for n in range(12)]
    asha = Race("asha")
    race = hyperband()
    for step in (1, 3, 9):
        assert [race.report(n, step, loss) for n, loss in zip(ours, losses, strict=True)] == [
            asha.report(n, step, loss) for n, loss in enumerate(losses)
        ]


@given(st.lists(st.floats(-10, 10), min_size=30, max_size=60))
def test_maximising_is_minimising_upside_down(losses):
    down, up = hyperband(), hyperband(direction="maximize")
    for step in (1, 3, 9):
        for number, loss in enumerate(losses):
            assert down.report(number, step, loss) == up.report(number, step, -loss)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_what_is_no_number_is_worst(bad, direction):
    race = hyperband(direction=direction)
    first, second, third, fourth = members(0, 3, 4)
    assert race.report(first, 1, 0.5)
    assert race.report(second, 1, 0.5)
    assert not race.report(third, 1, bad)
    assert race.report(fourth, 1, 0.5)


def test_the_same_records_give_the_same_decisions():
    race = hyperband()
    kept = [race.report(n, s, ((7 * n + s) % 29) / 10) for s in (1, 2, 3, 9) for n in range(29)]
    assert {True, False} == set(kept)
    assert race.replayed() == kept


def test_without_max_steps_no_trial_is_stopped():
    race = hyperband(max_steps=None)
    assert all(race.report(number, 1, float(number)) for number in range(20))


def test_a_trial_is_resumed_by_its_rank_in_its_own_bracket():
    race = hyperband()
    ours, others = members(1, 3, 9), members(0, 3, 30)
    far_apart = zip(ours[3:], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], strict=True)
    for number, loss in zip(ours[:3], [0.1, 0.2, 0.3], strict=True):
        race.arrive(number, 3, loss)
    assert race.study.resumable == {ours[2]}
    for number in others:
        race.arrive(number, 1, 9.0)
        race.report(number, 3, 9.0)
    assert race.resumes() == []
    # worse ones, until three of nine are a third
    for number, loss in far_apart:
        assert race.resumes() == []
        race.arrive(number, 3, loss)
    assert race.resumes() == [ours[2]]


def test_the_reason_names_rivals_of_the_same_bracket_only():
    race = Race("hyperband")
    numbers = [n for n in range(40) if bracket_of(n, 3, 3) == 1]
    for number in range(numbers[3] + 1):
        race.report(number, 3, float(number))
    rivals = ", ".join(f"trial {n}: {n}" for n in numbers[:3])
    assert race.reason(numbers[3]) == (
        f"hyperband: loss {numbers[3]} at step 3 ranks 4 of 4, the best 2 go on ({rivals})"
    )


@pytest.mark.parametrize(
    ("max_steps", "factor", "first"),
    [(None, 3, 1), (27, 3, 1), (81, 3, 1), (82, 3, 2), (1000, 3, 13), (64, 2, 4)],
)
def test_hyperband_looks_as_early_as_five_brackets_allow(max_steps, factor, first):
    settings = Settings("a", max_steps=max_steps, reduction_factor=factor)
    assert first_rung(settings) == first
    assert first_rung(Settings("a", max_steps=100, min_steps=10)) == 10
