"""From a request to open a study to its journal."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from jupyter_tune.core.events import (
    Event,
    StopRequested,
    StudyEnded,
    TrialEnded,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.resuming import settings_to_retry
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.driver.opening import opened
from jupyter_tune.errors import JournalError
from jupyter_tune.journal import Journal
from jupyter_tune.wire.requests import Open


def request_for(path: Path, *, resume: bool) -> Open:
    return Open(
        name="s",
        path=str(path),
        space=Space(x=Float(0.0, 1.0)).to_json(),
        settings=asdict(Settings("score", trials=3, sampler="random", pruner="none")),
        payload="",
        options={},
        origin={},
        resume=resume,
        overwrite=False,
        detach=False,
        added=[],
        enqueue=None,
        retry=[],
        on=None,
    )


def test_a_study_that_could_not_be_taken_over_can_be_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.tune.db"
    opened(request_for(path, resume=False), "").journal.close()

    def no_room(*_: object, **__: object) -> None:
        raise JournalError("database or disk is full")

    with monkeypatch.context() as full:
        full.setattr(Journal, "append", no_room)
        with pytest.raises(JournalError, match="full") as refusal:
            opened(request_for(path, resume=True), "")
    # the refusal lives until a client has read it, and its traceback has the journal
    again = opened(request_for(path, resume=True), "")
    again.journal.close()
    assert "full" in str(refusal.value)
    assert again.study.trials == {}


def test_failed_trials_that_run_again_after_a_stop_do_so_alone_whatever_the_budget(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    # three trials ran, and a fourth was withdrawn by the stop: it cost nothing
    study = opened(request_for(path, resume=False), "")
    reason = "stopped by the user"
    events: list[Event] = [TrialSuggested(number, {"x": 0.5}, "random") for number in range(4)]
    for number, state in enumerate(["complete", "failed", "complete"]):
        events += [TrialStarted(number, 1), TrialEnded(number, 1, state, value=0.5)]
    events += [StopRequested(reason), TrialEnded(3, 1, "cancelled", reason=reason), StudyEnded(reason)]
    for record in study.journal.append(events, 1.0):
        study.study.apply(record)
    study.journal.close()
    settings = settings_to_retry(study.study)
    assert settings == study.study.settings, "as it happens: the rule must not be told by the budget"
    request = replace(request_for(path, resume=True), settings=asdict(settings), retry=[1])
    again = opened(request, "")
    again.journal.close()
    assert [trial.number for trial in again.study.live] == [1]
    assert again.study.spent == again.study.settings.trials == 3


def test_what_earlier_studies_give_comes_first_and_costs_no_budget(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s.tune.db"
    added = [[{"x": 0.9}, 5.0, "first", 3, {}], [{"x": 0.8}, 4.0, "first", 4, {}]]
    request = replace(request_for(path, resume=False), added=added, priors=[[{"x": 7.0}, 1.0, "other"]])
    begun = opened(request, "")
    begun.journal.close()
    study = begun.study
    assert [trial.ran_as for trial in study.trials.values()] == ["first, trial 3", "first, trial 4"]
    assert study.priors == {"other": [({"x": 7.0}, 1.0)]}
    assert (study.spent, begun.first) == (0, [])
    # a study that goes on is given all of it again, and maybe more
    more = replace(request, resume=True, added=[*added, [{"x": 0.7}, 3.0, "second", 0, {}]])
    again = opened(more, "")
    again.journal.close()
    assert [trial.ran_as for trial in again.study.trials.values()][2:] == ["second, trial 0"]
    assert again.study.priors == study.priors


def test_a_study_begins_with_all_that_earlier_ones_give_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.tune.db"

    def no_room(path: Path, rows: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jupyter_tune.journal.records.new_file", no_room)
    request = replace(request_for(path, resume=False), added=[[{"x": 0.9}, 5.0, "first", 3, {}]])
    with pytest.raises(JournalError, match="No space left"):
        opened(request, "")
    assert not path.exists()
