"""What a tracker is given of a study: by golden journals, with trackers that fail, page by page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_tune.core.events import (
    DriverStarted,
    NoteWritten,
    Record,
    StudyEnded,
    StudyTagged,
    TrialEnded,
    TrialReported,
    TrialStarted,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.errors import TuneError
from jupyter_tune.integrations.loggers import follower
from jupyter_tune.integrations.loggers.position import Position
from jupyter_tune.integrations.loggers.tracker import RefusedError
from jupyter_tune.journal import files_folder
from jupyter_tune.trials.artifacts import save
from jupyter_tune.trials.files import trial_folder
from tests.golden.replay import FOLDER, read_golden
from tests.integrations.loggers.books import Book, log_to, sometimes, study_of
from tests.views import studies

GOLDEN = sorted(path.stem for path in FOLDER.glob("*.records"))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "RETRY_S", 0.0)
    monkeypatch.setattr(follower, "POLL_S", 0.0)


@pytest.mark.parametrize("name", GOLDEN)
def test_a_trackers_runs_are_the_trials_of_the_study(name: str, tmp_path: Path) -> None:
    records = read_golden(name)
    study, book = Study.fold(records), Book()
    log_to(book, study_of(tmp_path, records))
    assert book.study is not None
    assert book.study.best.keys() == book.best
    last = {run.number: run for run in book.runs.values()}
    started = [trial for trial in study.trials.values() if trial.since]
    assert last.keys() == {trial.number for trial in started}
    for trial in started:
        run = last[trial.number]
        assert (run.attempt, run.params) == (trial.since, trial.params)
        if not trial.is_live:
            assert (run.state, run.reason) == (trial.state, trial.reason)
            assert repr(tuple(run.results.values())) == repr(trial.values or ())
        points = book.points.get(run.id, {})
        if not trial.folds:
            curve = {p.step: p.metrics[study.objective.metric] for p in points.values()}
            assert repr({**curve, **trial.curve}) == repr(curve)
    assert not [run for run in book.runs.values() if run.state == "running"]


@pytest.mark.parametrize(("seed", "name"), [*enumerate(GOLDEN)])
def test_a_tracker_that_fails_now_and_then_has_everything_once(
    seed: int, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "PAGE", 40)
    path = study_of(tmp_path, read_golden(name))
    book, failing = Book(), Book()
    log_to(book, path)
    (files_folder(path) / "loggers" / "book.json").unlink()
    log_to(failing, path, sometimes(seed, ConnectionError("no answer")), tries=None)
    assert repr(failing.content) == repr(book.content)
    assert failing.calls > book.calls


def at(seq: int, *events: Any) -> list[Record]:
    return [Record(seq + place, 2000.0 + place, event) for place, event in enumerate(events)]


def test_a_study_that_goes_on_is_logged_from_there(tmp_path: Path) -> None:
    first = studies.records(*studies.whole(0, value=0.5), *studies.started(1))
    path, book = study_of(tmp_path, first, "before"), Book()
    log_to(book, path)
    interrupted = [run for run in book.runs.values() if run.number == 1]
    assert [run.state for run in interrupted] == ["interrupted"]
    assert book.study.state == "interrupted"
    again = at(
        first[-1].seq + 1,
        DriverStarted("another"),
        TrialStarted(1, 2),
        TrialReported(1, 2, 1, {"accuracy": 0.7}),
        TrialEnded(1, 2, "complete", 0.7),
        StudyEnded("done"),
    )
    calls = book.calls
    (files_folder(path) / "loggers").rename(tmp_path / "kept")
    other = study_of(tmp_path, [*first, *again], "after")
    files_folder(other).mkdir(exist_ok=True)
    (tmp_path / "kept").rename(files_folder(other) / "loggers")
    log_to(book, other)
    states = [(run.name, run.state) for run in book.runs.values()]
    assert states == [
        ("mnist, trial 0", "complete"),
        ("mnist, trial 1", "lost"),
        ("mnist, trial 1, attempt 2", "complete"),
    ]
    # opened, the former run ended, a run begun, its point, its end, updated, flushed, marked, closed
    assert book.calls - calls == 9
    assert {book.runs[one].number for one in book.best} == {1}
    assert (book.study.state, book.study.reason) == ("ended", "done")


def test_the_best_one_is_marked_alone(tmp_path: Path) -> None:
    position = Position(tmp_path, "book")
    assert position.take()
    position.read("a book")
    position.best = frozenset({"one", "other"})
    position.write(7)
    again = Position(tmp_path, "book")
    again.read("a book")
    assert (again.seq, again.best) == (7, position.best)
    again.read("elsewhere")
    assert (again.seq, again.best) == (0, frozenset())
    # what a crash of the machine has torn
    (tmp_path / "loggers" / "book.json").write_text('{"place": "a bo')
    again.read("a book")
    assert again.seq == 0
    position.release()


def test_two_loggers_do_not_log_one_study_at_once(tmp_path: Path) -> None:
    path = study_of(tmp_path, studies.records())
    owner = Position(files_folder(path), "book")
    assert owner.take()
    with pytest.raises(TuneError, match="another process logs the study to book"):
        log_to(Book(), path, tries=1)
    owner.release()


def test_what_a_tracker_refuses_is_left_out_with_a_notice(tmp_path: Path) -> None:
    path, book = study_of(tmp_path, studies.records(*studies.whole(0, value=0.5), *studies.whole(1))), Book()

    def refuse(call: int) -> None:
        if call == 3:
            raise RefusedError("a name too long\nand more")

    notices = log_to(book, path, refuse)
    assert notices[0] == ("error", "book: mnist, trial 0 was not logged: a name too long and more")
    assert notices[1] == ("info", "book: 2 trials of mnist logged to a book")
    assert len(notices) == 2


def test_an_error_is_noticed_once_and_so_is_its_end(tmp_path: Path) -> None:
    path, book = study_of(tmp_path, studies.records(*studies.whole(0, value=0.5))), Book()

    def down(call: int) -> None:
        if call <= 4:
            raise ConnectionError("no answer")

    notices = log_to(book, path, down, tries=None)
    assert notices[0] == ("error", "book: ConnectionError: no answer; trials go on, and it is tried again")
    assert [level for level, _ in notices] == ["error", "info", "info"]
    assert notices[1] == ("info", "book: logs again")


def test_one_that_a_user_waits_for_gives_up(tmp_path: Path) -> None:
    path, book = study_of(tmp_path, studies.records(*studies.whole(0, value=0.5))), Book()

    def down(call: int) -> None:
        raise ConnectionError("no answer")

    with pytest.raises(ConnectionError):
        log_to(book, path, down, tries=3)
    assert book.calls == 3


def test_the_end_of_its_own_driver_ends_a_logger(tmp_path: Path) -> None:
    """Not an earlier one, nor what another driver adds."""
    records = studies.records(*studies.whole(0, value=0.5), StudyEnded("first"), DriverStarted("another"))
    since = records[-1].seq
    records += at(since + 1, *studies.whole(1, value=0.6), StudyEnded("second"), DriverStarted("a third"))
    path, book = study_of(tmp_path, records), Book()

    def never(wait_s: float) -> bool:
        raise AssertionError("has all it waits for")

    log_to(book, path, since=since, is_over=never)
    assert len(book.runs) == 2
    assert (book.study.state, book.study.reason) == ("ended", "second")
    told = json.loads((files_folder(path) / "loggers" / "book.json").read_text())
    assert told["seq"] == since + 4


def test_a_retried_trial_has_a_run_for_each_curve(tmp_path: Path) -> None:
    settings = Settings("accuracy", retries=1)
    records = studies.records(
        *studies.started(),
        TrialReported(0, 1, 1, {"accuracy": 0.1, "loss": 3.0}),
        TrialEnded(0, 1, "failed", reason="ValueError: no", error="Traceback"),
        TrialStarted(0, 2),
        TrialReported(0, 1, 2, {"accuracy": 0.9}),  # late, of the attempt before
        TrialReported(0, 2, 1, {"accuracy": 0.2}),
        TrialEnded(0, 2, "complete", None, {"accuracy": 0.2, "size": 7.0}),
        settings=settings,
    )
    book = Book()
    log_to(book, study_of(tmp_path, records))
    first, second = book.runs.values()
    assert (first.state, first.reason, first.error) == ("failed", "ValueError: no", "Traceback")
    assert [dict(p.metrics) for p in book.points[first.id].values()] == [{"accuracy": 0.1, "loss": 3.0}]
    # what was returned and never reported is a point, too
    assert [dict(p.metrics) for p in book.points[second.id].values()] == [{"accuracy": 0.2}, {"size": 7.0}]
    assert (second.state, second.results) == ("complete", {"accuracy": 0.2})


def test_tags_and_notes_are_those_of_the_runs(tmp_path: Path) -> None:
    records = studies.records(
        *studies.whole(0, value=0.5),
        StudyTagged({"data": "cifar10"}),
        StudyTagged({"odd": True}, 0),
        NoteWritten("look again", 0),
        NoteWritten("a study"),
    )
    book = Book()
    log_to(book, study_of(tmp_path, records))
    [run] = book.runs.values()
    assert (run.attrs, run.note, run.state) == ({"odd": True}, "look again", "complete")
    assert (book.study.tags, book.study.note) == ({"data": "cifar10"}, "a study")


def test_folds_are_curves_of_their_own(tmp_path: Path) -> None:
    reports = [TrialReported(0, 1, step, {"accuracy": step / 10}, fold=f) for f in (0, 1) for step in (1, 2)]
    book = Book()
    log_to(book, study_of(tmp_path, studies.records(*studies.started(), *reports)))
    [points] = book.points.values()
    assert [(p.index, p.step, *p.metrics) for p in points.values()] == [
        (0, 1, "accuracy/fold 0"),
        (1, 2, "accuracy/fold 0"),
        (2, 1, "accuracy/fold 1"),
        (3, 2, "accuracy/fold 1"),
    ]


@pytest.mark.parametrize("keep", [None, 1])
def test_artifacts_are_those_that_stay(keep: int | None, tmp_path: Path) -> None:
    records = studies.records(
        *studies.whole(0, value=0.5), *studies.whole(1, value=0.6), settings=Settings("accuracy", keep=keep)
    )
    path, book = study_of(tmp_path, records), Book()
    (tmp_path / "model.pt").write_text("weights")
    # of the other trial they are removed by now
    folder = trial_folder(str(files_folder(path)), 1)
    saved = save(folder, 1, tmp_path / "model.pt")
    log_to(book, path)
    assert list(book.kept.values()) == [{"model.pt": saved}]
