"""Rankings that are kept in order, against sorting all of a rung anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.rungs import Rungs, grace
from jupyter_tune.core.settings import Settings

LEVELS = (1, 3, 9)
BRACKETS = 2

steps = st.lists(
    st.tuples(
        st.sampled_from(["reach", "reach", "reach", "forget", "stop", "go on"]),
        st.integers(0, 6),
        st.integers(1, 12),
        st.one_of(st.floats(), st.sampled_from([0.0, 0.5, 1.0])),
    ),
    max_size=60,
)


def bracket_of(number: int) -> int:
    return number % BRACKETS


@given(steps, st.sampled_from(["minimize", "maximize"]), st.integers(0, 60), st.integers(0, 7))
def test_they_are_what_sorting_gives(steps, direction, asked_at, best) -> None:
    settings = Settings("loss", direction, min_steps=1, max_steps=27)
    rungs = Rungs(settings, grace)
    assert tuple(rungs) == LEVELS
    for at, (what, number, step, value) in enumerate(steps):
        if at == asked_at:
            rungs.standings("asha", bracket_of)
        if what == "reach":
            rungs.reach(number, step, value)
        elif what == "forget" and number not in rungs.resumable:
            rungs.forget(number)
        elif what == "stop":
            rungs.go_on(number)
            rungs.stop(number)
        elif what == "go on":
            rungs.go_on(number)
    standings = rungs.standings("asha", bracket_of)
    for bracket in range(BRACKETS):
        for level, beyond in zip(LEVELS, (3, 9, None), strict=True):
            rung = rungs[level]
            losses = {n: settings.objective.loss_or_worst(value) for n, value in rung.items()}
            ordered = sorted((loss, n) for n, loss in losses.items() if bracket_of(n) == bracket)
            ranking = standings.at(bracket, level)
            assert ranking.first(99) == ordered
            assert [ranking.ahead_of(standing) for standing in ordered] == list(range(len(ordered)))
            for loss, _ in ordered:
                assert ranking.better_than(loss) == sum(other < loss for other, _ in ordered)
            stopped_here = rungs.resumable - (rungs[beyond].keys() if beyond else set())
            expected = [standing for standing in ordered[:best] if standing[1] in stopped_here]
            assert standings.stopped_among(best, bracket, level) == expected


def test_a_copy_ranks_by_what_it_knows() -> None:
    rungs = Rungs(Settings("loss", "minimize", min_steps=1, max_steps=27), grace)
    rungs.reach(0, 1, 0.5)
    rungs.standings("asha", bracket_of)
    copy = rungs.copy()
    rungs.reach(2, 1, 0.4)
    rungs.stop(0)
    assert copy.standings("asha", bracket_of).at(0, 1).first(9) == [(0.5, 0)]
    assert not copy.resumable
    assert rungs.standings("asha", bracket_of).at(0, 1).first(9) == [(0.4, 2), (0.5, 0)]
