"""The benchmark's statistics: ranks, duels and intervals on results whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.search.statistics import Estimate, common, duel, ranks_by_problem, sign_test


def losses(*values: float) -> dict[tuple[str, int], float]:
    """Two seeds of one problem after the other: a, a, b, b, ..."""
    return {("abcdefgh"[at // 2], at % 2): value for at, value in enumerate(values)}


def test_ranks_are_means_over_the_seeds_and_ties_share_their_places() -> None:
    scores = {"x": losses(1, 1, 5, 5), "y": losses(2, 0, 5, 5), "z": losses(3, 3, 1, 7)}
    ranks = ranks_by_problem(scores)
    assert ranks["x"].tolist() == [1.5, (2.5 + 1.5) / 2]
    assert ranks["y"].tolist() == [1.5, (2.5 + 1.5) / 2]
    assert ranks["z"].tolist() == [3, 2]


def test_ranks_of_all_sum_to_the_same_whatever_the_losses() -> None:
    rng = np.random.default_rng(0)
    scores = {name: losses(*rng.integers(0, 3, 16)) for name in "pqrst"}
    assert np.allclose(sum(ranks_by_problem(scores).values()), 15)


def test_only_what_all_have_met_is_compared() -> None:
    scores = {"x": losses(1, 1, 1, 1), "y": losses(2, 2, 2)}
    assert common(scores) == [("a", 0), ("a", 1), ("b", 0)]
    assert common({}) == []
    assert [len(of) for of in ranks_by_problem(scores).values()] == [2, 2]


def test_a_duel_counts_problems_by_their_mean_and_pairs_one_by_one() -> None:
    # a: won on the mean though one seed is lost; b: lost; c: a tie up to rounding
    fought = duel(losses(1, 1, 4, 4, 2, 2), losses(9, 0, 3, 3, 2 + 1e-12, 2))
    assert (fought.wins, fought.losses, fought.ties) == (1, 1, 1)
    assert fought.share.value == pytest.approx((0.5 + 0 + 0.5) / 3)
    assert (fought.pairs, fought.p) == (6, 1.0)


def test_a_duel_seen_from_the_other_side_is_its_mirror() -> None:
    rng = np.random.default_rng(1)
    mine, other = losses(*rng.normal(size=16)), losses(*rng.normal(size=16))
    here, there = duel(mine, other), duel(other, mine)
    assert (here.wins, here.losses, here.p) == (there.losses, there.wins, there.p)
    assert here.share.value == pytest.approx(1 - there.share.value)


@pytest.mark.parametrize(
    ("wins", "lost", "p"), [(0, 0, 1.0), (5, 5, 1.0), (10, 0, 2 / 1024), (8, 2, 2 * (1 + 10 + 45) / 1024)]
)
def test_the_sign_test_is_the_binomial_one(wins: int, lost: int, p: float) -> None:
    assert sign_test(wins, lost) == pytest.approx(p)
    assert sign_test(lost, wins) == pytest.approx(p)


def test_the_interval_holds_the_mean_and_narrows_with_more_problems() -> None:
    rng = np.random.default_rng(2)
    few, many = Estimate.of(rng.normal(1, 1, 20)), Estimate.of(rng.normal(1, 1, 2000))
    assert few.low < few.value < few.high
    # the deviation of a mean is 1/√n; its 95 % interval is 3.92 of those wide
    assert many.high - many.low == pytest.approx(3.92 / 2000**0.5, rel=0.1)
    assert many.is_clear
    assert not Estimate.of([-1.0, 1.0] * 10).is_clear
    with pytest.raises(ValueError, match="no problem"):
        Estimate.of([])


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    held = [(e := Estimate.of(rng.normal(0.3, 1, 30))).low <= 0.3 <= e.high for _ in range(100)]
    # a bootstrap of 30 is a little narrow: 93 % on average; 85 is three deviations below
    assert sum(held) >= 85
