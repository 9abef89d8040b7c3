"""One fold for the handle and the dashboard."""

from __future__ import annotations

from jupyter_tune.client.fold import Fold
from jupyter_tune.core.events import Record, TrialReported
from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.tables import Tables
from tests.views import studies

RECORDS = studies.records(*studies.story(8))


def test_records_that_are_known_are_passed_over() -> None:
    fold = Fold(Study.fold(RECORDS[:10]))
    noted: list[int] = []
    fold.observe(lambda record: noted.append(record.seq))
    fold.apply(RECORDS[5:20])
    fold.apply(RECORDS[:20])
    assert noted == [record.seq for record in RECORDS[10:20]]
    assert fold.study.seq == RECORDS[19].seq


def test_an_observer_sees_the_study_as_each_record_has_left_it() -> None:
    fold = Fold(Study.fold(RECORDS[:1]))
    seen: list[int] = []
    fold.observe(lambda record: seen.append(fold.study.seq - record.seq))
    fold.apply(RECORDS[1:])
    assert set(seen) == {0}


def test_a_late_report_counts_alike_for_the_handle_and_the_tables() -> None:
    fold = Fold(Study.fold(RECORDS))
    tables = Tables(fold.study)
    fold.observe(tables.note)
    ended = next(trial for trial in fold.study.trials.values() if trial.state == "complete")
    late = TrialReported(ended.number, ended.attempt, ended.last_step + 4, {"accuracy": 0.5})
    before = tables.status(0.0)["steps_done"]
    fold.apply([Record(fold.study.seq + 1, 9000.0, late)])
    assert fold.study.trials[ended.number].last_step == late.step
    assert tables.status(0.0)["steps_done"] == before + 4
    assert Tables(fold.study).status(0.0)["steps_done"] == before + 4


def test_a_snapshot_does_not_change_with_a_late_report() -> None:
    fold = Fold(Study.fold(RECORDS))
    ended = next(trial for trial in fold.study.trials.values() if trial.state == "complete")
    snapshot = fold.study.snapshot()
    steps = snapshot.trials[ended.number].last_step
    late = TrialReported(ended.number, ended.attempt, steps + 4, {"accuracy": 0.5})
    fold.apply([Record(fold.study.seq + 1, 9000.0, late)])
    assert snapshot.trials[ended.number].last_step == steps
