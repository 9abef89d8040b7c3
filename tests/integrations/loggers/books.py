"""A tracker that writes what it is given into a book: for tests of what a tracker is given."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_tune.core.events import Record
from jupyter_tune.integrations.loggers.follower import Follower
from jupyter_tune.integrations.loggers.tracker import Point, StudyRun, TrialRun
from jupyter_tune.journal import Journal, study_path


class Book:
    """What a tracker has: `runs` by their ids, `points` of each run, the `study`, the `best` runs."""

    def __init__(self) -> None:
        self.runs: dict[str, TrialRun] = {}
        self.points: dict[str, dict[int, Point]] = {}
        self.kept: dict[str, dict[str, Path]] = {}
        self.study: StudyRun | None = None
        self.best: set[str] = set()
        self.calls = 0

    @property
    def content(self) -> Any:
        return self.runs, self.points, self.kept, self.study, self.best


class BookTracker:
    """Writes into `book`. `fails` is called with the number of each call, and may raise."""

    place = "a book"

    def __init__(self, book: Book, fails: Callable[[int], None] = lambda call: None):
        self._book = book
        self._fails = fails

    def _call(self) -> Book:
        self._book.calls += 1
        self._fails(self._book.calls)
        return self._book

    def open(self, study: StudyRun) -> None:
        self._call().study = study

    def begin(self, run: TrialRun) -> None:
        self._call().runs[run.id] = run

    def log(self, run: TrialRun, points: Sequence[Point]) -> None:
        assert points
        self._call().points.setdefault(run.id, {}).update({point.index: point for point in points})

    def describe(self, run: TrialRun) -> None:
        book = self._call()
        assert run.id in book.runs
        book.runs[run.id] = run

    def end(self, run: TrialRun) -> None:
        book = self._call()
        assert run.id in book.runs, "ends before it began"
        book.runs[run.id] = run

    def keep(self, run: TrialRun, artifacts: Mapping[str, Path]) -> None:
        self._call().kept[run.id] = dict(artifacts)

    def update(self, study: StudyRun) -> None:
        self._call().study = study

    def flush(self) -> None:
        self._call()

    def mark(self, best: Mapping[str, TrialRun], others: Mapping[str, TrialRun]) -> None:
        book = self._call()
        book.best = (book.best | best.keys()) - others.keys()

    def close(self, study: StudyRun) -> None:
        self._call().study = study


def study_of(folder: Path, records: Sequence[Record], name: str = "studied") -> Path:
    """A study's file with these records, at their times."""
    path = study_path(name, folder)
    first, *later = records
    journal = Journal.create(path, first.event, first.at)  # type: ignore[arg-type]
    for at, group in itertools.groupby(later, lambda record: record.at):
        journal.append([record.event for record in group], at, durable=False)
    journal.close()
    return path


def log_to(
    book: Book, path: Path, fails: Callable[[int], None] = lambda call: None, **options: Any
) -> list[tuple[str, str]]:
    """Log the study in `path` into `book`. Returns the notices."""
    notices: list[tuple[str, str]] = []
    given: dict[str, Any] = {"since": None, "is_over": lambda wait_s: True, **options}
    Follower(
        path,
        "book",
        lambda files: BookTracker(book, fails),
        notice=lambda text, level: notices.append((level, text)),
        **given,
    ).run()
    return notices


def sometimes(seed: int, error: Exception) -> Callable[[int], None]:
    """Fails in the third call, and in one of 50, drawn by chance."""
    chance = random.Random(seed)

    def fail(call: int) -> None:
        if call == 3 or chance.random() < 0.02:
            raise error

    return fail
