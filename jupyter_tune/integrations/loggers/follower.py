"""Follows a study's records and has a tracker log them; the laws are in __init__.py."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from jupyter_tune import journal
from jupyter_tune.core.encoding import record_from_json
from jupyter_tune.core.events import Record, StudyEnded
from jupyter_tune.core.study import INTERRUPTED
from jupyter_tune.errors import JournalError, TuneError
from jupyter_tune.integrations.loggers.position import Position
from jupyter_tune.integrations.loggers.runs import Began, Change, Described, Ended, Measured, Runs
from jupyter_tune.integrations.loggers.tracker import RefusedError, Tracker, TrialRun
from jupyter_tune.trials.artifacts import artifacts_of
from jupyter_tune.trials.files import trial_folder

PAGE = 500
"""Records that are logged at once; after each page the position is written."""

POLL_S = 1.0

RETRY_S = 1.0
"""Seconds before the first try after an error; each later one waits twice as long, up to RETRY_MOST_S."""
RETRY_MOST_S = 10.0
"""Less than the time that is left after a study's end."""

Notice = Callable[[str, str], None]
"""Tells users: text, and info or error."""


class Follower:
    """Logs the study in `path` by trackers that `make` makes, one after an error of the one before.

    Args:
        name:    the tracker's.
        since:   the last record before those of the driver that started the logger, which ends with the first
                 end of the study after it; None for one that a user started, which ends with the last record.
        notice:  tells users.
        is_over: whether no driver runs the study any more. It waits for that, up to the given seconds.
        alive:   is called when the tracker has everything so far.
        tries:   errors in a row after which it raises the last one; None: it goes on trying.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        make: Callable[[Path], Tracker],
        *,
        since: int | None,
        notice: Notice,
        is_over: Callable[[float], bool],
        alive: Callable[[], None] = lambda: None,
        tries: int | None = None,
    ):
        self._path = path
        self._name = name
        self._make = make
        self._since = since
        self._notice = notice
        self._is_over = is_over
        self._alive = alive
        self._tries = tries
        self._files = journal.files_folder(path)
        self._position = Position(self._files, name)
        self._last_error = ""

    def run(self) -> None:
        """Log the study to its end. Errors are noticed, and tried again."""
        try:
            self._until_logged()
        finally:
            self._position.release()

    def _until_logged(self) -> None:
        failures = 0
        while True:
            logged = self._position.seq
            try:
                self._log()
                return
            except Exception as error:
                failures = 1 if self._position.seq > logged else failures + 1
                if failures == self._tries:
                    raise
                self._tell(f"{type(error).__name__}: {error}")
                time.sleep(min(RETRY_S * 2.0 ** (failures - 1), RETRY_MOST_S))

    def _tell(self, error: str) -> None:
        if error != self._last_error:
            self._last_error = error
            text = f"{self._name}: {first_lines(error)}; trials go on, and it is tried again"
            self._notice(text, "error")

    def _log(self) -> None:
        while not self._position.take():
            if self._tries is not None:
                raise TuneError(f"another process logs the study to {self._name}; wait for its end")
            # that of a driver before this one, which has little time left
            time.sleep(POLL_S)
        tracker = self._make(self._files)
        self._position.read(tracker.place)
        records = _records(self._path, 0)
        runs = Runs(records[0])
        logging = _Logging(tracker, runs, self._files, self._refused)
        tracker.open(runs.study_run())
        is_over = False
        while True:
            news = [record for record in records if record.seq > runs.study.seq]
            page, is_last = self._until_the_end(news)
            logging.log(page, since=self._position.seq)
            if page and runs.study.seq > self._position.seq:
                tracker.update(runs.study_run())
                tracker.flush()
                self._position.write(runs.study.seq)
            if self._last_error and runs.study.seq == self._position.seq:
                self._last_error = ""
                self._notice(f"{self._name}: logs again", "info")
            self._alive()
            if is_last or (is_over and not page):
                break
            # once more after the driver's end: what it has recorded since the last look
            if not page and not is_over:
                is_over = self._is_over(POLL_S)
            records = _records(self._path, runs.study.seq)
        self._finish(tracker, runs, logging)

    def _until_the_end(self, page: Sequence[Record]) -> tuple[Sequence[Record], bool]:
        """The records up to the end of the study that this driver runs, and whether that is among them."""
        if self._since is None:
            return page, False
        for place, record in enumerate(page, 1):
            if isinstance(record.event, StudyEnded) and record.seq > self._since:
                return page[:place], True
        return page, False

    def _finish(self, tracker: Tracker, runs: Runs, logging: _Logging) -> None:
        study = runs.study_run(is_over=True)
        for run in runs.live.values():
            tracker.end(replace(run, state=INTERRUPTED, ended_at=runs.at))
        logging.keep_the_best()
        others = {
            run.id: run for run in logging.all_runs if run.id in self._position.best - study.best.keys()
        }
        tracker.mark(study.best, others)
        tracker.close(study)
        self._position.best = frozenset(study.best)
        self._position.write(runs.study.seq)
        self._notice(f"{self._name}: {_logged(runs)} logged to {tracker.place}", "info")

    def _refused(self, what: str, error: RefusedError) -> None:
        self._notice(f"{self._name}: {what} was not logged: {first_lines(str(error))}", "error")


class _Logging:
    """Has `tracker` log pages of records."""

    def __init__(
        self, tracker: Tracker, runs: Runs, files: Path, refused: Callable[[str, RefusedError], None]
    ):
        self._tracker = tracker
        self._runs = runs
        self._files = files
        self._refused = refused

    def log(self, page: Sequence[Record], since: int) -> None:
        """Fold `page`, and log what comes after record `since`."""
        changes = [(record, change) for record in page for change in self._runs.apply(record)]
        news = [change for record, change in changes if record.seq > since]
        # points of a run together, as far as its end: a server is asked once and not for each
        for group in _together(news):
            self._do(group)

    def _do(self, group: Sequence[Change]) -> None:
        run = group[0].run
        try:
            match group[0]:
                case Began():
                    self._tracker.begin(run)
                case Measured():
                    points = [change.point for change in group if isinstance(change, Measured)]
                    self._tracker.log(run, points)
                case Described():
                    self._tracker.describe(run)
                case Ended():
                    self._tracker.end(run)
                    # where the best alone keep their files, those are known at the end
                    if self._runs.study.settings.keep is None:
                        self._keep(run)
        except RefusedError as error:
            self._refused(run.name, error)

    def _keep(self, run: TrialRun) -> None:
        artifacts = self._artifacts(run)
        if artifacts:
            self._tracker.keep(run, artifacts)

    def _artifacts(self, run: TrialRun) -> dict[str, Path]:
        trial = self._runs.study.trials[run.number]
        last = max(run.attempt, trial.attempt if trial.since == run.attempt else run.attempt)
        return artifacts_of(trial_folder(str(self._files), run.number), range(run.attempt, last + 1))

    def keep_the_best(self) -> None:
        """The files of the trials that keep theirs, in a study where not all do."""
        if self._runs.study.settings.keep is None:
            return
        for run in self.all_runs:
            try:
                self._keep(run)
            except RefusedError as error:
                self._refused(run.name, error)

    @property
    def all_runs(self) -> list[TrialRun]:
        """The run of each trial; of those that were started again, the latest."""
        return [self._runs.run_of(trial) for trial in self._runs.study.trials.values() if trial.since]


def _together(changes: Sequence[Change]) -> list[list[Change]]:
    """`changes` in groups, all of a group of one kind; the points of a run are one, up to its next change."""
    groups: list[list[Change]] = []
    points: dict[str, list[Change]] = {}
    for change in changes:
        if not isinstance(change, Measured):
            points.pop(change.run.id, None)
            groups.append([change])
        elif change.run.id in points:
            points[change.run.id].append(change)
        else:
            groups.append([change])
            points[change.run.id] = groups[-1]
    return groups


def _records(path: Path, since: int) -> list[Record]:
    texts = journal.read_texts(path, since, PAGE)
    if not texts and not since:
        raise JournalError(f"{path}: no record of it can be read")
    return [record_from_json(json.loads(text)) for text in texts]


def _logged(runs: Runs) -> str:
    count = sum(1 for trial in runs.study.trials.values() if trial.since)
    return f"{count} trial{'s' if count != 1 else ''} of {runs.study.name}"


def first_lines(text: str) -> str:
    """An error in a notice: libraries write pages."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[:3])[:400].rstrip(".;")
