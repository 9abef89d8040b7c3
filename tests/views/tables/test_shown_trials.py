from __future__ import annotations

import math
import random
from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.events import (
    Event,
    NoteWritten,
    Record,
    StudyTagged,
    TrialAdded,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.shown_trials import BestSoFar, ShownTrials
from jupyter_tune.views.tables.tables import Tables
from tests.views import studies


def ended(values: list[float | None]) -> Study:
    """Trials that ended in the order of numbers: complete with a value, or pruned without."""
    trials = (studies.whole(n, "pruned" if v is None else "complete", v) for n, v in enumerate(values))
    return studies.study(*chain.from_iterable(trials))


def shown(study: Study) -> list[int]:
    trials = ShownTrials(study)
    trials.refresh()
    return trials.numbers


def test_up_to_five_hundred_all_trials_are_shown() -> None:
    assert shown(ended([0.5] * 500)) == list(range(500))


def test_beyond_rows_are_bounded() -> None:
    chance = random.Random(1)
    values = [chance.random() if chance.random() < 0.4 else None for _ in range(5000)]
    study = ended(values)
    numbers = shown(study)
    assert len(numbers) < 450
    assert set(range(4850, 5000)) <= set(numbers)
    best = sorted((n for n in range(5000) if values[n] is not None), key=lambda n: -(values[n] or 0))[:100]
    assert set(best) <= set(numbers)
    assert set(range(0, 4850, 64)) <= set(numbers)


def test_what_the_user_has_written_on_is_shown_of_any_study() -> None:
    whole = (studies.whole(number, "pruned", None) for number in range(3000))
    notes: list[Event] = [
        StudyTagged({"good": True}, 1001),
        NoteWritten("look", 1003),
        StudyTagged({"good": None}, 1005),
    ]
    taken_away: list[Event] = [StudyTagged({"good": True}, 1007), StudyTagged({"good": None}, 1007)]
    study = studies.study(*chain.from_iterable(whole), *notes, *taken_away)
    assert {1001, 1003} <= set(shown(study))
    assert not {1005, 1007} & set(shown(study))
    many = (StudyTagged({"good": True}, number) for number in range(1000, 2000))
    numbers = shown(studies.study(*chain.from_iterable(studies.whole(n) for n in range(3000)), *many))
    assert set(range(1800, 2000)) <= set(numbers)
    assert len(numbers) < 800


def test_the_history_of_the_best_has_no_gap() -> None:
    chance = random.Random(2)
    # rising slowly, so that of many records the first are far from the best 100 at the end
    values: list[float | None] = [0.001 * number + chance.random() for number in range(3000)]
    setters = [n for n in range(3000) if all((values[m] or 0) < (values[n] or 0) for m in range(n))]
    assert len(setters) > 20
    assert set(setters) <= set(shown(ended(values)))


def test_live_trials_are_always_shown() -> None:
    events = [event for number in range(900) for event in studies.whole(number, "pruned")]
    events.remove(TrialEnded(301, 1, "pruned"))
    assert 301 in shown(studies.study(*events))


def test_what_is_told_of_a_long_study_does_not_grow_with_it() -> None:
    def rows_per_report(count: int) -> float:
        study, recorded = studies.began(*studies.story(count, steps=3))
        trials, told = ShownTrials(study), []
        for record in recorded:
            study.apply(record)
            trials.note(record.event.number)
            trials.refresh()
            drops, changes = trials.take()
            told.append(len(drops) + len(changes))
        late = told[len(told) // 2 :]
        return sum(late) / len(late)

    assert rows_per_report(1500) < 1.5 * rows_per_report(200)


def test_a_row_that_others_displace_goes_and_the_new_one_comes() -> None:
    study = ended([0.5] * 501)
    trials = ShownTrials(study)
    trials.refresh()
    before = set(trials.numbers)
    trials.take()
    # ahead of the best of all; of the best 100 the last must go
    study.apply(Record(study.seq + 1, 9999.0, TrialAdded(501, studies.SPACE.defaults(), 0.9)))
    trials.note(501)
    trials.refresh()
    drops, changes = trials.take()
    assert 501 in changes
    assert set(drops) == before - set(trials.numbers) != set()
    assert trials.take() == ([], [])


def test_times_are_seconds_since_the_study_was_opened() -> None:
    study = studies.study(
        *studies.started(0),
        TrialSuggested(1, studies.SPACE.defaults(), "random"),
        TrialEnded(0, 1, "complete", 0.5),
        TrialStarted(1, 1),
        TrialAdded(2, studies.SPACE.defaults(), 0.75),
    )
    rows = unpacked(Tables(study).snapshot(0))["trials"]
    assert (rows["start_s"], rows["end_s"]) == ([2.0, 5.0, None], [4.0, None, None])


def test_nothing_that_is_no_number_is_the_best_so_far() -> None:
    study = studies.study(
        *(TrialAdded(n, studies.SPACE.defaults(), v) for n, v in enumerate([math.inf, math.nan, 0.5])),
        TrialSuggested(3, studies.SPACE.defaults(), "random"),
        TrialReported(3, 0, 1, {"accuracy": 0.9}),
        settings=Settings("accuracy"),
    )
    assert unpacked(Tables(study).snapshot(0))["trials"]["best"] == [None, None, 0.5, 0.5]


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from([0.1, 0.2, 0.3, 0.4])), max_size=30))
def test_best_so_far_is_what_a_walk_over_all_would_find(entries: list[tuple[int, float]]) -> None:
    best = BestSoFar(lambda value, than: than is None or value < than)
    known: dict[tuple[int], float] = {}
    for key, value in entries:
        if (key,) not in known:
            known[key,] = value
            best.add((key,), value)
    for key in range(-1, 22):
        assert best.at((key,)) == min((v for (k,), v in known.items() if k <= key), default=None)
    assert all(a < b for a, b in pairwise(best.keys))


@pytest.mark.parametrize(
    ("added", "told"), [((3, 0.5), ((3,), (5,))), ((4, 0.9), None), ((7, 0.05), ((7,), None))]
)
def test_best_so_far_tells_where_it_changed(
    added: tuple[int, float], told: tuple[tuple[int], tuple[int] | None] | None
) -> None:
    best = BestSoFar(lambda value, than: than is None or value < than)
    best.add((1,), 0.8)
    best.add((5,), 0.2)
    assert best.add((added[0],), added[1]) == told
