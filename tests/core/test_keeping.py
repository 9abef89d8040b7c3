"""Which trials keep their files."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_tune.core.events import (
    CodeChanged,
    DriverStarted,
    Event,
    FilesRemoved,
    HaltRequested,
    Record,
    RulesChanged,
    StudyOpened,
    TrialAdded,
    TrialEnded,
    TrialReopened,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.resuming import first_facts
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, CONFIRM, FAILED, PRUNED, Trial
from tests.core.studies import SPACE, completed, reported, study_of, suggested

VALUES = [0.0, 0.25, 0.5, 0.75, 1.0, math.nan, math.inf, -math.inf]


def ended(number: int, state: str, value: float | None = None, **rest: Any) -> list[Event]:
    """A whole trial that left a checkpoint."""
    end = TrialEnded(number, 1, state, value, checkpoint=True, **rest)
    return [suggested(number), TrialStarted(number, 1), end]


def several(*trials: list[Event]) -> list[Event]:
    return [event for trial in trials for event in trial]


def excess(study: Study) -> list[int]:
    return sorted(study.keeping.excess)


def test_without_a_number_nothing_is_removed() -> None:
    study = study_of(*several(*(ended(number, state) for number, state in enumerate([COMPLETE, FAILED]))))
    assert excess(study) == []


def test_the_best_complete_trials_keep_their_files_the_first_that_ended_of_equals() -> None:
    study = study_of(
        suggested(0),
        TrialStarted(0, 1),
        *several(*(completed(number, value) for number, value in enumerate([0.9, 0.2, math.nan, 0.5], 1))),
        TrialEnded(0, 1, COMPLETE, 0.9),
        keep=1,
    )
    assert study.best_trial is study.trials[1]
    assert excess(study) == [0, 2, 3, 4]


def test_of_failed_trials_the_newest_keep_theirs_and_what_the_user_ended_does_not() -> None:
    study = study_of(
        *several(*(ended(number, FAILED) for number in range(3))),
        suggested(3),
        TrialStarted(3, 1),
        HaltRequested(3, CANCELLED),
        TrialEnded(3, 1, CANCELLED, reason="cancelled by the user"),
        suggested(4),
        TrialStarted(4, 1),
        # it runs again when the study is resumed
        TrialEnded(4, 1, CANCELLED, reason="target reached"),
        keep=2,
    )
    assert excess(study) == [0, 3]


def test_a_pruned_trial_that_the_user_ended_takes_no_place() -> None:
    halted = [*pruned(0, 0.9)[:-1], HaltRequested(0, PRUNED), TrialEnded(0, 1, PRUNED, checkpoint=True)]
    study = study_of(*halted, *pruned(1, 0.1), keep=1, **PRUNING)
    assert (excess(study), study.resumable) == ([0], {1})
    again = first_facts(study, Settings("score", keep=2, **PRUNING), DriverStarted("x"), all_again=True)
    study = study_of(*halted, *pruned(1, 0.1), *again, keep=1, **PRUNING)
    assert (excess(study), study.resumable) == ([0], {1})


def test_what_is_measured_again_keeps_its_files_and_the_measurement_does_not() -> None:
    def measures(number: int, x: float, score: float, source: str = "random") -> list[Event]:
        suggests = TrialSuggested(number, {"x": x, "y": 0.0}, source)
        return [suggests, TrialStarted(number, 1), TrialEnded(number, 1, COMPLETE, score)]

    first = several(measures(0, 0.1, 0.5), measures(1, 0.2, 0.8), measures(2, 0.3, 0.9))
    settings = {"trials": 5, "confirm": 2, "keep": 1}
    assert excess(study_of(*first, **settings)) == [0]
    study = study_of(*first, *measures(3, 0.3, 0.1, CONFIRM), *measures(4, 0.2, 0.8, CONFIRM), **settings)
    assert study.best_trial is study.trials[1]
    assert excess(study) == [0, 3, 4]


def test_of_several_metrics_the_front_keeps_its_files() -> None:
    def ends(number: int, score: float, loss: float) -> list[Event]:
        report = TrialReported(number, 1, 1, {"score": score, "loss": loss})
        return [suggested(number), TrialStarted(number, 1), report, TrialEnded(number, 1, COMPLETE)]

    study = study_of(
        *several(ends(0, 0.5, 0.5), ends(1, 0.9, 0.9), ends(2, 0.4, 0.6), ends(3, 0.5, 0.4)),
        also=(("loss", "minimize"),),
        keep=1,
    )
    assert [trial.number for trial in study.best_trials] == [1, 3]
    assert excess(study) == [0, 2]


def test_what_violates_a_constraint_or_came_from_elsewhere_takes_no_place() -> None:
    def measured(number: int, score: float, size: float) -> list[Event]:
        end = TrialEnded(number, 1, COMPLETE, score, {"size": size})
        return [suggested(number), TrialStarted(number, 1), end]

    added: list[Event] = [TrialAdded(0, {"x": 0.5, "y": 0.5}, 1.0, {"size": 1.0})]
    study = study_of(
        *several(
            added,
            measured(1, 0.9, 100.0),
            measured(2, 0.5, 1.0),
        ),
        subject_to=("size < 10",),
        keep=1,
    )
    assert excess(study) == [1]


def pruned(number: int, score: float) -> list[Event]:
    start: list[Event] = [suggested(number), TrialStarted(number, 1), reported(number, 1, score)]
    return [*start, TrialEnded(number, 1, PRUNED, checkpoint=True)]


PRUNING: dict[str, Any] = {"pruner": "asha", "min_steps": 1, "max_steps": 9}


def test_pruned_trials_that_lose_their_place_are_not_resumed_any_more() -> None:
    three = several(pruned(0, 0.3), pruned(1, 0.9), pruned(2, 0.5))
    assert study_of(*three, **PRUNING).resumable == {0, 1, 2}
    study = study_of(*three, keep=2, **PRUNING)
    assert (excess(study), study.resumable) == ([0], {1, 2})
    # who is resumed leaves a place, to those that come
    study = study_of(*three, TrialResumed(1, 1), *pruned(3, 0.1), *pruned(4, 0.6), keep=2, **PRUNING)
    assert (excess(study), study.resumable) == ([0, 3], {2, 4})


def test_a_trial_that_has_gone_on_before_the_record_keeps_its_files() -> None:
    study = study_of(
        *several(*(ended(number, FAILED) for number in range(3))),
        TrialReopened(0, 1),
        FilesRemoved([0, 1], 100),
        keep=1,
    )
    assert [study.trials[number].files_removed for number in range(3)] == [False, True, False]
    assert (excess(study), study.keeping.removed, study.keeping.size) == ([], 1, 100)
    assert not study.trials[1].checkpoint
    assert study.trials[0].checkpoint


def test_another_number_ranks_all_again_that_have_their_files() -> None:
    events = several(pruned(0, 0.3), pruned(1, 0.9), pruned(2, 0.5), completed(3, 0.1), completed(4, 0.1))
    two = Settings("score", keep=2, **PRUNING)
    study = study_of(*events, keep=1, **PRUNING)
    assert (excess(study), study.resumable) == ([0, 2, 4], {1})

    def goes_on(removed: list[int], settings: Settings) -> Study:
        before = study_of(*events, FilesRemoved(removed, 1), keep=1, **PRUNING)
        facts = list(first_facts(before, settings, DriverStarted("another"), all_again=True))
        return study_of(*events, FilesRemoved(removed, 1), *facts, keep=1, **PRUNING)

    study = goes_on([0], two)
    assert (excess(study), study.resumable) == ([], {1, 2})
    study = goes_on([2], Settings("score", **PRUNING))
    assert (excess(study), study.resumable) == ([], {0, 1})
    assert any(isinstance(act.event, RulesChanged) for act in study.acts)


def test_trials_of_code_that_was_edited_keep_what_they_have() -> None:
    edit = CodeChanged(1, {"source": "other"}, ["the cell"], edited=True)
    study = study_of(*completed(0, 0.9), *completed(1, 0.5), edit, *completed(2, 0.1), keep=1)
    assert excess(study) == [1]


def test_a_snapshot_does_not_change() -> None:
    study = study_of(*completed(0, 0.9), keep=1)
    before = study.snapshot()
    for event in completed(1, 0.95):
        study.apply(Record(study.seq + 1, 9.0, event))
    assert (excess(before), excess(study)) == ([], [0])


class Course:
    """A study of random events, each of which may happen in its state."""

    def __init__(self, data: st.DataObject, keep: int) -> None:
        self._data = data
        opened = StudyOpened("test", SPACE, Settings("score", keep=keep, retries=0, **PRUNING))
        self.study = Study.fold([Record(1, 0.0, opened)])
        self.is_edited = False

    def goes_on(self) -> None:
        live = self.study.live
        choice = self._data.draw(st.sampled_from(["start", "end", "end", "again", "remove", "halt", "edit"]))
        match choice:
            case "start":
                number = self.study.highest + 1
                self._tell(suggested(number), TrialStarted(number, 1))
            case "end" if live:
                self._end(self._data.draw(st.sampled_from(live)))
            case "again":
                self._again()
            case "remove" if gone := excess(self.study):
                self._tell(FilesRemoved(self._data.draw(st.lists(st.sampled_from(gone), unique=True)), 10))
            case "halt" if live:
                self._tell(HaltRequested(live[0].number, CANCELLED))
            case "edit" if self._data.draw(st.integers(0, 9)) == 0:
                self.is_edited = True
                self._tell(CodeChanged(self.study.code + 1, {}, ["the cell"], edited=True))

    def _end(self, trial: Trial) -> None:
        number, attempt = trial.number, trial.attempt
        state = self._data.draw(st.sampled_from([COMPLETE, COMPLETE, PRUNED, PRUNED, FAILED, CANCELLED]))
        value = self._data.draw(st.sampled_from(VALUES))
        self._tell(reported(number, trial.last_step + 1, value, attempt))
        self._tell(
            TrialEnded(number, attempt, state, reason=state, checkpoint=self._data.draw(st.booleans()))
        )

    def _again(self) -> None:
        if self.study.resumable:
            trial = self.study.trials[self._data.draw(st.sampled_from(sorted(self.study.resumable)))]
            self._tell(TrialResumed(trial.number, trial.attempt))
        elif failed := self.study.in_state(FAILED, CANCELLED):
            trial = self._data.draw(st.sampled_from(failed))
            self._tell(TrialReopened(trial.number, trial.attempt))
        else:
            return
        self._tell(TrialStarted(trial.number, trial.attempt + 1))

    def _tell(self, *events: Event) -> None:
        for event in events:
            self.study.apply(Record(self.study.seq + 1, float(self.study.seq), event))


@given(st.data(), st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_the_best_and_what_goes_on_have_their_files_at_every_moment(data: st.DataObject, keep: int) -> None:
    course = Course(data, keep)
    for _ in range(40):
        course.goes_on()
        study = course.study
        gone = {number for number, trial in study.trials.items() if trial.files_removed} | {*excess(study)}
        assert gone.isdisjoint(trial.number for trial in study.live)
        assert gone.isdisjoint(study.resumable)
        assert len(study.resumable) <= keep
        losses = sorted(
            -trial.value
            for trial in study.in_state(COMPLETE)
            if not study.is_earlier(trial) and trial.value is not None and trial.value < math.inf
        )[:keep]
        have = [
            trial
            for trial in study.trials.values()
            if not (trial.is_live or trial.number in gone or study.is_earlier(trial))
        ]
        kept = [trial for trial in have if trial.state == COMPLETE]
        assert study.best_trial is None or study.best_trial in kept
        had = sorted(-trial.value for trial in kept if trial.value is not None)
        assert had[:keep] == losses
        # beside them the best by all measurements of its params
        best = study.best_trial.value if study.best_trial else None
        assert had[keep:] in ([], [-(best or 0.0)])
        # so that the disk is bounded
        assert sum(trial.state in (COMPLETE, PRUNED, FAILED) for trial in have) <= 3 * keep + 1
