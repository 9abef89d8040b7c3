from __future__ import annotations

from jupyter_tune.core.events import Event, TrialEnded
from jupyter_tune.core.study import Study
from jupyter_tune.views.tables import Tables
from tests.views import studies


def failed(number: int, error: str, reason: str = "") -> list[Event]:
    return studies.whole(number, "failed", error=error, reason=reason)


def test_errors_are_counted_by_what_was_raised_the_most_frequent_first() -> None:
    errors = (
        ["Traceback\n a\nMemoryError"] * 7 + ["ValueError: nan"] * 8 + [f"KeyError: {n}" for n in range(5)]
    )
    study = studies.study(*(event for n, error in enumerate(errors) for event in failed(n, error)))
    told = Tables(study).snapshot(0)["status"]["errors"]
    assert told[:2] == [
        {"text": "ValueError: nan", "count": 8, "trials": [7, 8, 9, 10, 11]},
        {"text": "MemoryError", "count": 7, "trials": [0, 1, 2, 3, 4]},
    ]
    assert [error["text"] for error in told[2:]] == ["KeyError: 0", "KeyError: 1", "KeyError: 2"]


def test_without_an_error_the_reason_is_told() -> None:
    study = studies.study(*failed(0, "", "its worker died 3 times"), *failed(1, ""))
    texts = [error["text"] for error in Tables(study).snapshot(0)["status"]["errors"]]
    assert texts == ["its worker died 3 times", "failed without an error"]


def test_a_failure_counts_once_whatever_is_heard_of_the_trial_later() -> None:
    *first, last = studies.records(*failed(0, "boom"), TrialEnded(0, 1, "complete", 0.5))
    study = Study.fold(first)
    tables = Tables(study)
    study.apply(last)
    tables.note(last)
    assert tables.snapshot(0)["status"]["errors"] == [{"text": "boom", "count": 1, "trials": [0]}]
