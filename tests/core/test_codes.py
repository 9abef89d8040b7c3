"""Versions of a study's code: what is noticed, what each trial ran, and what counts after an edit."""

from __future__ import annotations

from jupyter_tune.core.codes import EDITED, change_in_words, change_of_code, changes, ended_by
from jupyter_tune.core.events import (
    CodeChanged,
    DriverStarted,
    Event,
    Record,
    StudyOpened,
    TrialEnded,
    TrialReopened,
    TrialStarted,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.stopping import stop_reason
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, FAILED, PRUNED
from tests.core.studies import SPACE, completed, reported, suggested

OLD, NEW = {"source": "old"}, {"source": "new"}
PLAIN, EDIT = CodeChanged(1, NEW, ["f"]), CodeChanged(1, NEW, ["f"], edited=True)


def study_of(*events: Event, **settings: object) -> Study:
    opened = StudyOpened("test", SPACE, Settings("score", **settings), origin=OLD)  # type: ignore[arg-type]
    return Study.fold(Record(seq, float(seq), event) for seq, event in enumerate([opened, *events], 1))


def test_each_trial_knows_the_version_that_it_ran_last() -> None:
    running: list[Event] = [suggested(1), TrialStarted(1, 1), suggested(2)]
    study = study_of(*completed(0, 0.5), *running, DriverStarted("d"), PLAIN, TrialStarted(1, 2))
    assert [study.trials[number].code for number in (0, 1, 2)] == [0, 1, 0]
    assert study.codes[study.trials[1].code].text == "new"
    assert study.origin == NEW, "a study that goes on again is compared with the code that ran last"
    assert not study.is_earlier(study.trials[0]), "without an edit all versions count"
    assert study.best_trial is study.trials[0]


def test_an_edit_leaves_the_results_of_earlier_code_behind() -> None:
    before = [*completed(0, 0.9), *completed(1, 0.5), suggested(2), TrialStarted(2, 1), reported(2, 1, 0.7)]
    study = study_of(*before, DriverStarted("d"), TrialEnded(2, 2, CANCELLED, reason=EDITED), EDIT, trials=4)
    assert study.best_trial is None
    assert study.spent == 0, "the budget is the new code's"
    assert all(not rung for rung in study.rungs.values())
    assert [study.is_earlier(trial) for trial in study.trials.values()] == [True, True, True]
    for number in (3, 4):
        for event in completed(number, 0.2 + number / 100):
            study.apply(Record(study.seq + 1, 20.0 + study.seq, event))
    assert study.spent == 2
    assert study.best_trial is study.trials[4], "best only among the new code's trials"


def test_a_late_report_of_earlier_code_is_compared_with_none() -> None:
    pruned: list[Event] = [
        suggested(0),
        TrialStarted(0, 1),
        reported(0, 1, 0.9),
        TrialEnded(0, 1, PRUNED, checkpoint=True),
    ]
    study = study_of(*pruned, DriverStarted("d"), EDIT, reported(0, 2, 0.95), max_steps=9, pruner="asha")
    assert all(not rung for rung in study.rungs.values())
    assert not study.resumable


def test_a_trial_that_has_not_started_runs_the_edited_code() -> None:
    study = study_of(suggested(0), suggested(1), TrialStarted(1, 1))
    assert [event.number for event in ended_by(study, EDIT)] == [1]
    assert list(ended_by(study, PLAIN)) == []
    study = study_of(suggested(0), DriverStarted("d"), EDIT)
    assert not study.is_earlier(study.trials[0])
    assert study.spent == 1


def test_a_failed_trial_of_earlier_code_that_runs_again_is_a_result_of_the_new() -> None:
    failed: list[Event] = [
        suggested(0),
        TrialStarted(0, 1),
        reported(0, 1, 0.9),
        TrialEnded(0, 1, FAILED, error="x"),
    ]
    study = study_of(*failed, DriverStarted("d"), EDIT, TrialReopened(0, 1))
    trial = study.trials[0]
    assert (trial.code, trial.curve, study.spent) == (1, {}, 1)


def test_code_that_breaks_after_the_edit_ends_the_study_as_in_a_new_one() -> None:
    def fails(number: int) -> list[Event]:
        return [
            suggested(number),
            TrialStarted(number, 1),
            TrialEnded(number, 1, FAILED, error="NameError: x"),
        ]

    broken = [event for number in range(1, 6) for event in fails(number)]
    assert stop_reason(study_of(*completed(0, 0.5), *broken)) is None
    reason = stop_reason(study_of(*completed(0, 0.5), DriverStarted("d"), EDIT, *broken))
    assert reason == "every trial failed: NameError: x"


def test_patience_counts_the_trials_of_the_new_code() -> None:
    events = [*completed(0, 0.9), *completed(1, 0.5), *completed(2, 0.4)]
    assert stop_reason(study_of(*events, patience=2)) == "no better trial in the last 2"
    assert stop_reason(study_of(*events, DriverStarted("d"), EDIT, *completed(3, 0.1), patience=2)) is None


def test_a_snapshot_keeps_its_version() -> None:
    study = study_of(*completed(0, 0.5))
    before = study.snapshot()
    study.apply(Record(study.seq + 1, 9.0, EDIT))
    assert (before.code, before.best_trial, before.spent) == (0, before.trials[0], 1)
    assert (study.code, study.best_trial, study.spent) == (1, None, 0)


def test_code_that_comes_back_is_the_version_that_it_was() -> None:
    study = study_of(*completed(0, 0.5))
    assert change_of_code(study, OLD, edited=False) is None
    changed = change_of_code(study, NEW, edited=False)
    assert changed == CodeChanged(1, NEW, ["the code itself"])
    study.apply(Record(study.seq + 1, 9.0, changed))
    back = change_of_code(study, OLD, edited=False)
    assert back is not None
    assert back.version == 0
    assert "version 0 of it again" in change_in_words(study, back)
    edited = change_of_code(study, OLD, edited=True)
    assert edited is not None
    assert (edited.version, edited.edited) == (2, True), "an edit begins a version of its own"
    assert "1 earlier trials are no results any more" in change_in_words(study, edited)


def test_changed_code_and_data_are_named_where_both_origins_tell_them() -> None:
    then = {"kind": "cell", "text": "%%tune\na", "python": "3.11.4", "code": {"f": "1", "g": "2"}}
    now = {**then, "code": {"f": "3", "g": "2", "new": "5"}, "data": {"x": "1"}}
    assert changes(then, now) == ["f"]
    assert changes(then, {**now, "text": "%%tune -n 3\nb"}) == ["the cell itself", "f"]
    assert changes(then, {**now, "python": "3.12.0"}) == [], "another Python makes other code of it"
    assert changes({"kind": "function", "source": "a"}, {"kind": "function", "source": "b"}) == [
        "the function itself"
    ]
    assert changes({}, now) == [], "a study from before there were fingerprints"
    assert changes(now, {**now, "data": {"x": "2", "y": "3"}}) == ["the data x"]


def test_statements_are_compared_in_place_of_texts_where_one_python_made_both_hashes() -> None:
    then = {"kind": "cell", "text": "%%tune\na  # 1", "python": "3.11.4", "statements": "1"}
    commented = {**then, "text": "%%tune\na  # 2"}
    assert changes(then, commented) == []
    assert changes(then, {**commented, "statements": "2"}) == ["the cell itself"]
    assert changes(then, {**commented, "python": "3.12.0", "statements": "2"}) == ["the cell itself"]
    assert changes(then, {**then, "python": "3.12.0", "statements": "2"}) == []
    without = {key: value for key, value in commented.items() if key != "statements"}
    assert changes(then, without) == ["the cell itself"]
    assert changes({**then, "command": {"words": ["a"]}}, {**commented, "command": {"words": ["b"]}}) == [
        "the cell itself"
    ]
