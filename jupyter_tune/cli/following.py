"""Follows a study in the terminal: a line for each trial that ends, until the study is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import click

from jupyter_tune.cli.screen import front_lines
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.study import INTERRUPTED, Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.errors import DriverError
from jupyter_tune.views.saved.text import text
from jupyter_tune.views.tables.messages import Status
from jupyter_tune.views.tables.tables import Tables
from jupyter_tune.views.words import params_on_ranges, results_in_words, time_left_in_words

_LOOK_S = 0.5
_PAUSE_S = 0.1


def status_of(handle: StudyHandle) -> Status:
    """The study as a whole, at this moment."""
    tables = Tables(handle.snapshot())
    if handle.state == INTERRUPTED:
        tables.lose("the process that ran it has ended")
    return tables.status(time.time())


def summary(handle: StudyHandle) -> str:
    """The study in three lines, the trials on its front, and while it runs a line with the time left."""
    status = status_of(handle)
    left = time_left_in_words(status["eta_s"], status["eta_low_s"], status["eta_high_s"])
    return "\n".join(filter(None, [text(status), *front_lines(handle.snapshot()), left]))


class Progress:
    """The trials that have ended since a time, and the notices; each once."""

    def __init__(self, handle: StudyHandle, since: float):
        self._handle = handle
        self._since = since
        self._shown: set[tuple[int, int]] = set()
        self._notices = 0

    def notices(self) -> list[str]:
        found = self._handle.notices[self._notices :]
        self._notices += len(found)
        return [text for _, text in found]

    def ended(self) -> Iterator[tuple[Study, Trial, int]]:
        """The study, a trial that has ended, and how many had ended with it."""
        study = self._handle.snapshot()
        ended = [trial for trial in study.trials.values() if not trial.is_live and trial.source != "added"]
        news = [trial for trial in ended if _ended_at(trial) >= self._since]
        news = [trial for trial in news if _key(trial) not in self._shown]
        done = len(ended) - len(news)
        for trial in sorted(news, key=_ended_at):
            self._shown.add(_key(trial))
            done += 1
            yield study, trial, done


def _ended_at(trial: Trial) -> float:
    return trial.ended_at or 0.0


def _key(trial: Trial) -> tuple[int, int]:
    # a pruned trial may be resumed, and ends again
    return trial.number, trial.attempt


def _line(study: Study, trial: Trial, done: int) -> str:
    of = f"{done}/{study.settings.trials}" if study.settings.trials else str(done)
    value = ", ".join(results_in_words(trial, study.objectives))
    value = f": {value}" if value else ""
    if not trial.feasible:
        value += f" (infeasible: violates {' and '.join(study.violated_by(trial))})"
    reason = f": {trial.reason}" if trial.state == "failed" else ""
    is_best = trial.number in {best.number for best in study.best_trials}
    star = ("  (best)" if len(study.objectives) == 1 else "  (on the front)") if is_best else ""
    params = params_on_ranges(trial.params, study.space)
    return f"[{of}] trial {trial.number} {trial.state}{value}{reason}{star}  {params}"


def follow(handle: StudyHandle, show: Callable[[], None]) -> None:
    """Call `show` at every change, at most every _PAUSE_S, until the study and its loggers are done."""
    changed = threading.Event()
    unwatch = handle.watch(changed.set)
    try:
        while True:
            over = handle.is_settled
            show()
            if over:
                return
            changed.wait(_LOOK_S)
            changed.clear()
            time.sleep(_PAUSE_S)
    finally:
        unwatch()


def printer(handle: StudyHandle, since: float) -> Callable[[], None]:
    """Prints what is new: trials that ended after `since` to stdout, notices to stderr."""
    progress = Progress(handle, since)

    def show() -> None:
        for study, trial, done in progress.ended():
            click.echo(_line(study, trial, done))
        for notice in progress.notices():
            click.echo(notice, err=True)

    return show


def run_to_the_end(handle: StudyHandle, show: Callable[[], None]) -> bool:
    """Follow the study. Ctrl-C stops it, a second one leaves at once. Returns whether it was stopped here."""
    was_stopped = False
    while True:
        try:
            follow(handle, show)
            return was_stopped
        except KeyboardInterrupt:
            if was_stopped:
                raise
            was_stopped = True
            click.echo("Stopping the study; Ctrl-C again leaves at once.", err=True)
            with suppress(DriverError):  # it has just ended by itself
                handle.stop()
