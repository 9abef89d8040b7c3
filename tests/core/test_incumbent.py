"""The best by all measurements of its params, and how sure that is."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from statistics import fmean

import pytest

from jupyter_tune.core.events import (
    Event,
    TrialAdded,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, CONFIRM
from tests.benchmarks.incumbent import studies
from tests.core.studies import study_of


def measured(
    number: int, x: float, score: float, source: str = "random", folds: tuple[float, ...] = ()
) -> Iterator[Event]:
    yield TrialSuggested(number, {"x": x, "y": 0.5}, source)
    yield TrialStarted(number, 1)
    for fold, value in enumerate(folds):
        yield TrialReported(number, 1, fold + 1, {"score": value}, fold=fold)
    yield TrialEnded(number, 1, COMPLETE, fmean(folds) if folds else score)


def noisy_search(count: int = 10) -> list[Event]:
    """Trials from 0.50 to 0.50 + count / 100, and a lucky one, the last."""
    events = [e for number in range(count) for e in measured(number, number / 100, 0.5 + number / 100)]
    return [*events, *measured(count, 0.9, 0.75)]


def best_of(study: Study) -> tuple[int, float]:
    """The number of the best trial, and the best value."""
    trial, value = study.require_best()
    return trial.number, value


def test_a_lucky_value_does_not_stay_the_best_once_the_user_asked_for_it_again() -> None:
    again = [*measured(11, 0.9, 0.53, "user"), *measured(12, 0.9, 0.47, "user")]
    again += [*measured(13, 0.09, 0.62, "user"), *measured(14, 0.09, 0.58, "user")]
    study = study_of(*noisy_search(), *again)
    assert study.best_reading is not None
    assert study.best_reading.number == 10
    # of the trials with these params the one with the best value
    assert best_of(study) == pytest.approx((13, (0.59 + 0.62 + 0.58) / 3))
    assert [trial.number for trial in study.ranked[:2]] == [13, 10]


def test_one_lucky_value_does_not_beat_what_was_measured_several_times() -> None:
    known = [*measured(0, 0.1, 0.80), *measured(1, 0.1, 0.70, CONFIRM), *measured(2, 0.1, 0.81, CONFIRM)]
    others = [event for n in range(3, 9) for event in measured(n, n / 10, 0.60 + n / 100)]
    lucky = study_of(*known, *others, *measured(9, 0.95, 0.79))
    assert best_of(lucky) == pytest.approx((0, 0.77))
    # what is far better than noise explains is the best at once
    better = study_of(*known, *others, *measured(9, 0.95, 1.30))
    assert best_of(better) == (9, 1.30)
    assert better.confirmed is not None
    assert better.confirmed.expected < 1.30


def test_a_result_from_elsewhere_is_a_measurement_too() -> None:
    added = TrialAdded(2, {"x": 0.1, "y": 0.5}, 0.4, {"score": 0.4})
    study = study_of(*measured(0, 0.1, 0.9), *measured(1, 0.2, 0.8), added)
    assert best_of(study) == (1, 0.8)


def test_measurements_that_agree_are_believed_as_they_are() -> None:
    events = [*measured(0, 0.1, 0.9), *measured(1, 0.2, 0.8), *measured(2, 0.2, 0.8, "user")]
    sure = study_of(*events).confirmed
    assert sure is not None
    assert (sure.number, sure.low, sure.high, sure.chance) == (0, 0.9, 0.9, 1.0)


def test_what_diverges_at_times_is_not_the_best() -> None:
    events = [*measured(0, 0.1, 0.9), *measured(1, 0.1, math.nan, "user"), *measured(2, 0.2, 0.5)]
    study = study_of(*events, *measured(3, 0.2, 0.52, "user"))
    assert best_of(study) == pytest.approx((3, 0.51))
    assert study_of(*measured(0, 0.1, 0.9), *measured(1, 0.1, math.nan, "user")).best_value == 0.9


@pytest.mark.parametrize("penalty", [1e308, -1e308])
def test_a_number_too_large_to_reckon_with_is_no_measurement(penalty: float) -> None:
    events = [*measured(0, 0.1, 0.9), *measured(1, 0.1, 0.8, "user"), *measured(2, 0.2, penalty)]
    study = study_of(*events, *measured(3, 0.2, 0.95, "user"))
    assert study.best_value == pytest.approx(0.85)
    assert study.confirmed is not None
    folded = study_of(*measured(0, 0.1, 0.0, folds=(penalty, 0.5)), *measured(1, 0.2, 0.0, folds=(0.4, 0.5)))
    assert folded.confirmed is None


def test_folds_say_how_sure_the_best_is_less_what_is_harder_for_all() -> None:
    def of(luck: float) -> Study:
        harder = (0.0, -0.1, -0.2)
        return study_of(
            *(
                event
                for number in range(6)
                for event in measured(
                    number,
                    number / 10,
                    0.0,
                    folds=tuple(
                        0.5 + number / 50 + h + luck * (number * (i + 1) % 3 - 1)
                        for i, h in enumerate(harder)
                    ),
                )
            )
        )

    alike, noisy = of(1e-6).confirmed, of(0.05).confirmed
    assert alike is not None
    assert noisy is not None
    assert alike.chance > 0.99
    assert alike.error < 1e-5
    assert 0.01 < noisy.error < 0.1
    assert noisy.chance < 0.9
    assert noisy.low < noisy.expected < noisy.value < noisy.high


def test_nothing_is_said_where_nothing_was_measured_twice() -> None:
    study = study_of(*noisy_search())
    assert study.confirmed is None
    assert best_of(study) == (10, 0.75)


def test_a_snapshot_does_not_see_what_is_measured_later() -> None:
    study = study_of(*measured(0, 0.1, 0.9), *measured(1, 0.2, 0.8))
    before = study.snapshot()
    later = study_of(*measured(0, 0.1, 0.9), *measured(1, 0.2, 0.8), *measured(2, 0.1, 0.3, "user"))
    assert (before.best_value, later.best_value) == (0.9, 0.8)


@pytest.mark.parametrize("case", ["confirm 6", "3 of the best ten enqueued 3 times"])
def test_the_incumbent_is_truly_better_than_the_best_reading_and_as_sure_as_it_says(case: str) -> None:
    found = list(studies(case, 8))
    columns = [fmean(column) for column in zip(*found, strict=True)]
    by_reading, by_mean, by_posterior, inside, said, true, beyond_mean, beyond_expected = columns
    assert by_posterior < by_reading
    assert by_posterior < by_mean + 0.05
    assert inside > 0.85
    assert abs(said - true) < 0.15
    assert abs(beyond_expected) < 0.6 * beyond_mean


def test_the_best_reading_of_a_shuffled_search_is_the_same() -> None:
    chance = random.Random(3)
    values = [round(chance.gauss(0, 1), 3) for _ in range(20)]
    events = [list(measured(number, number / 20, value)) for number, value in enumerate(values)]
    again = [list(measured(20 + n, n / 20, values[n] + 0.1, "user")) for n in range(0, 20, 5)]
    one = study_of(*(event for trial in [*events, *again] for event in trial))
    chance.shuffle(again)
    other = study_of(*(event for trial in [*events, *again] for event in trial))
    assert best_of(one) == pytest.approx(best_of(other))
