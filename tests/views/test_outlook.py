from __future__ import annotations

import pytest

from jupyter_tune.core.events import Event, StudyEnded, StudyPaused, TrialEnded, TrialStarted, TrialSuggested
from jupyter_tune.core.settings import Settings
from jupyter_tune.views.outlook import outlook
from tests.views.studies import SPACE, study

TWO: list[Event] = [
    *(TrialSuggested(n, SPACE.defaults(), "random") for n in range(2)),
    TrialStarted(0, 1),
    TrialStarted(1, 1),
    TrialEnded(0, 1, "complete", 0.5),
    TrialEnded(1, 1, "complete", 0.6),
]


def test_it_says_when_the_study_ends_what_workers_save_and_what_trials_gain() -> None:
    settings = Settings("accuracy", trials=10, workers=2)
    found = outlook(
        study(*TWO, settings=settings), 1006.0, [[1.0, 0.01, 0.0, 0.03], [20, 0.1, 0.05, 0.2]], "accuracy"
    )
    assert found.left is not None
    assert found.left.left_s == pytest.approx(8.0)
    assert found.ends_by == "trials"
    # 8 trials of 2 s: on 3 workers 6 s, on 4 workers 4 s
    assert found.saved_s == {1: pytest.approx(2.0), 2: pytest.approx(4.0), 4: pytest.approx(4.0)}
    assert [(gain.trials, gain.high) for gain in found.gains] == [(1, 0.03), (20, 0.2)]
    first, second, *gains = repr(found).splitlines()
    assert first.startswith("ends when its trials are done, in about 8 s (")
    assert first.endswith(", 80 % sure)")
    assert second.startswith("1 more worker would save 2 s, 2 more workers would save 4 s")
    assert gains == [
        "1 more trial: accuracy better by about 0.01 (0 to 0.03, 80 % sure)",
        "20 more trials: accuracy better by about 0.1 (0.05 to 0.2, 80 % sure)",
    ]


def test_a_timeout_is_sure_and_more_workers_do_not_save_it() -> None:
    settings = Settings("accuracy", trials=1000, workers=2, timeout_s=60.0)
    found = outlook(study(*TWO, settings=settings), 1006.0, [], "accuracy")
    assert found.saved_s == {}
    assert repr(found) == "ends by its timeout, in about 54 s"


def test_a_budget_ends_at_the_pace_of_the_study() -> None:
    settings = Settings("accuracy", workers=2, budget="0.1 trial-hours")
    running: list[Event] = [TrialSuggested(2, SPACE.defaults(), "random"), TrialStarted(2, 1)]
    found = outlook(study(*TWO, *running, settings=settings), 1008.0, [], "accuracy")
    assert found.left is not None
    assert found.ends_by == "budget"
    # 4 of 360 s are spent, and one trial runs
    assert found.left.left_s == pytest.approx(356.0)


def test_where_nothing_tells_it_says_so() -> None:
    endless = study(*TWO, settings=Settings("accuracy"))
    assert repr(outlook(endless, 1006.0, [], "accuracy")) == "nothing tells when it ends"
    ended = study(*TWO, StudyEnded("all trials done"), settings=Settings("accuracy", trials=10))
    assert repr(outlook(ended, 1006.0, [], "accuracy")) == "too little is known to say what is ahead"
    gains = [[1.0, 8e-6, 0.0, 0.0], [20.0, 0.1, 0.0, 0.3]]
    assert repr(outlook(ended, 1006.0, gains, "accuracy")).splitlines() == [
        "1 more trial: accuracy no better (80 % sure)",
        "20 more trials: accuracy better by about 0.1 (0 to 0.3, 80 % sure)",
    ]
    settings = Settings("accuracy", trials=10)
    assert outlook(study(*TWO, StudyPaused(), settings=settings), 1006.0, [], "accuracy").left is None
