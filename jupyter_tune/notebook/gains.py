"""What the coming trials may gain, for the page: asking the driver for it, seldom.

It takes the driver about a second, in the thread that also suggests trials: it is asked for after trials have
ended, PAUSE_S after the answer before at the earliest, and for a SHARE-th of the time at most; and without a
pause when the study has ended. Before LEAST_KNOWN trials have ended nothing is said.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from jupyter_tune.client.connection import DriverGoneError
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.stopping.gain import AHEAD, LEAST_KNOWN
from jupyter_tune.core.study import Study
from jupyter_tune.errors import TuneError
from jupyter_tune.views.tables.messages import Gain
from jupyter_tune.wire import requests

PAUSE_S = 10.0
SHARE = 20


class Gains:
    """Asks for the gain of the next trials of a study, from the view's thread.

    Args: show: called with each that comes, on the client's thread; None while too little is known.
          complain: called with the reason, in words, the first time that it cannot be computed.
    """

    def __init__(
        self, handle: StudyHandle, show: Callable[[Gain | None], None], complain: Callable[[str], None]
    ):
        self._handle = handle
        self._show = show
        self._complain = complain
        self._varies = bool(handle.snapshot().space.varying)
        self._known = (-1, False)
        self._due = 0.0
        self._is_asking = self._has_complained = False

    def keep_up(self) -> None:
        """Ask if trials have ended since, and it is time."""
        if self._is_asking or not self._varies:
            return
        study = self._handle.snapshot()
        known = (study.ended_count, study.is_ended)
        if known == self._known or not is_known(study):
            return
        has_just_ended = study.is_ended and not self._known[1]
        if time.monotonic() < self._due and not has_just_ended:
            return
        self._known = known
        self._is_asking = True
        began = time.monotonic()
        try:
            answer = self._handle.send(requests.Gains([ahead(study)]))
        except TuneError as error:
            self._refused(error)
        else:
            answer.add_done_callback(lambda answer: self._answered(began, answer))

    def _answered(self, began: float, answer: Future[Any]) -> None:
        error = answer.exception()
        now = time.monotonic()
        self._due = now + max(PAUSE_S, SHARE * (now - began))
        if error is not None:
            self._refused(error)
            return
        self._is_asking = False
        rows = answer.result()
        self._show(_gain(*rows[0]) if rows else None)

    def _refused(self, error: BaseException) -> None:
        self._is_asking = False
        self._due = max(self._due, time.monotonic() + PAUSE_S)
        # of a driver that is gone the view says so; the one that goes on with the study is asked again
        if isinstance(error, DriverGoneError):
            self._known = (-1, self._known[1])
        elif not self._has_complained:
            self._has_complained = True
            self._complain(f"what the coming trials may gain is not known: {error}")


def is_known(study: Study) -> bool:
    """Whether enough trials have ended for a forecast that means something."""
    return study.best_trial is not None and study.ended_count - study.progress.known_before >= LEAST_KNOWN


def ahead(study: Study) -> int:
    """For how many coming trials: AHEAD, or what is left of the budget of a study that runs."""
    trials = study.settings.trials
    left = AHEAD if trials is None or study.is_ended else trials - study.ended_count
    return max(1, min(AHEAD, left))


def _gain(trials: float, mean: float, low: float, high: float) -> Gain:
    return {"trials": int(trials), "mean": mean, "low": low, "high": high}
