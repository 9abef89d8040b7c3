from __future__ import annotations

import math

from jupyter_tune.core.events import Event, TrialEnded, TrialReopened, TrialResumed, TrialStarted
from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.failures import line_of_the_cell
from jupyter_tune.views.tables.tables import Tables
from tests.views import studies


def failed(number: int, error: str, reason: str = "") -> list[Event]:
    return studies.whole(number, "failed", error=error, reason=reason)


def test_errors_are_counted_by_kind_the_most_frequent_first() -> None:
    errors = (
        ["Traceback\n a\nMemoryError"] * 7
        + ["ValueError: nan"] * 8
        + [f"KeyError: {n}" for n in range(5)]
        + ["OSError: no room"]
    )
    study = studies.study(*(event for n, error in enumerate(errors) for event in failed(n, error)))
    told = Tables(study).snapshot(0)["status"]["errors"]
    assert told[:2] == [
        {"text": "ValueError: nan", "count": 8, "trials": [7, 8, 9, 10, 11], "where": ""},
        {"text": "MemoryError", "count": 7, "trials": [0, 1, 2, 3, 4], "where": ""},
    ]
    # told by the first of them
    assert [(error["text"], error["count"]) for error in told[2:]] == [
        ("KeyError: 0", 5),
        ("OSError: no room", 1),
    ]


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
    assert tables.snapshot(0)["status"]["errors"] == [
        {"text": "boom", "count": 1, "trials": [0], "where": ""}
    ]


TRACEBACK = """Traceback (most recent call last):
  File "<%%tune a name, of two words>", line 3, in <module>
    for batch in data:
  File "<%%tune a name, of two words>", line 9, in step
    loss = model(batch)
  File "/site-packages/torch/nn.py", line 1553, in _call_impl
    return forward(*args)
RuntimeError: mat1 and mat2 shapes cannot be multiplied"""


def test_an_error_names_the_innermost_line_of_the_cell() -> None:
    study = studies.study(*failed(0, TRACEBACK))
    (told,) = Tables(study).snapshot(0)["status"]["errors"]
    assert told["where"] == "line 9: loss = model(batch)"
    # a line whose text is not known, and what was raised elsewhere
    assert line_of_the_cell('  File "<%%tune x>", line 4, in <module>\nValueError: no') == "line 4"
    assert line_of_the_cell('  File "train.py", line 4, in <module>\n    train()\nValueError: no') == ""


def test_trials_whose_value_is_no_number_are_counted_until_they_go_on() -> None:
    events: list[Event] = [
        *studies.whole(0, "complete", math.nan),
        *studies.whole(1, "pruned", -math.inf),
        *studies.whole(2, "complete", 0.5),
        *studies.started(3),
    ]
    study, later = studies.began(*events, TrialResumed(1, 1))
    tables = Tables(study)
    counts = []
    for record in later:
        study.apply(record)
        tables.note(record)
        counts.append(tables.snapshot(0)["status"]["nonfinite"])
    assert counts[2] == 1
    assert counts[-2:] == [2, 1]
    assert Tables(study).snapshot(0)["status"]["nonfinite"] == 1


def test_a_failed_trial_that_runs_again_counts_no_more_until_it_fails_again() -> None:
    *first, again, start, end = studies.records(
        *failed(0, "boom"),
        *failed(1, "boom"),
        TrialReopened(0, 1),
        TrialStarted(0, 2),
        TrialEnded(0, 2, "failed", error="other"),
    )
    study = Study.fold(first)
    tables = Tables(study)

    def told() -> list[tuple[str, int, list[int]]]:
        return [(e["text"], e["count"], e["trials"]) for e in tables.snapshot(0)["status"]["errors"]]

    assert told() == [("boom", 2, [0, 1])]
    for record in (again, start):
        study.apply(record)
        tables.note(record)
    assert told() == [("boom", 1, [1])]
    study.apply(end)
    tables.note(end)
    assert told() == [("other", 1, [0]), ("boom", 1, [1])]
