"""A mapping whose copies share what neither has changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.numbered import PAGE, Numbered

# few numbers, on three pages
numbers = st.sampled_from([0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE])
writes = st.lists(st.tuples(st.integers(0, 2), numbers, st.one_of(st.none(), st.integers())), max_size=40)


@given(writes)
def test_copies_are_as_independent_as_those_of_a_dict(writes: list[tuple[int, int, int | None]]) -> None:
    pairs: list[tuple[Numbered[int], dict[int, int]]] = [(Numbered(), {})]
    for which, number, value in writes:
        ours, plain = pairs[which % len(pairs)]
        if value is None:
            assert ours.pop(number, None) == plain.pop(number, None)
        else:
            ours[number] = plain[number] = value
        # a copy of each kind of write's result, so that later writes find shared pages
        if len(pairs) < 3:
            pairs.append((ours.copy(), dict(plain)))
        for mine, theirs in pairs:
            assert mine == theirs
            assert (len(mine), sorted(mine), sorted(mine.values())) == (
                len(theirs),
                sorted(theirs),
                sorted(theirs.values()),
            )


def test_numbers_come_in_their_order_if_they_were_written_so() -> None:
    ours: Numbered[str] = Numbered()
    for number in range(3 * PAGE):
        ours[number] = str(number)
    assert list(ours) == list(range(3 * PAGE))
    assert list(ours.values()) == [str(number) for number in range(3 * PAGE)]
    assert repr(ours) == repr({number: str(number) for number in range(3 * PAGE)})


@pytest.mark.parametrize("no_number", [-1, 7, 1.5, "a", None, [1]])
def test_what_is_not_there_is_not_found(no_number: Any) -> None:
    ours: Numbered[str] = Numbered()
    ours[0] = "there"
    assert no_number not in ours
    assert 0 in ours
    with pytest.raises((KeyError, TypeError)):
        ours[no_number]
    with pytest.raises((KeyError, TypeError)):
        del ours[no_number]
