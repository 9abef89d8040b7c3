"""The model's picture in one view: which one is wanted, and asking the driver for it.

    the page asks for one  it is wanted from now on, and asked for       any thread
    a trial has ended      what is wanted is asked for again             the view's thread
    the driver answers     it is shown; or what could not be is said     the client's thread

Laws:
- One is asked for at a time: a slider that is dragged asks faster than a model is drawn. Of what the page
  asks for meanwhile the last is asked for next, however the one before ends.
- What was refused is wanted no more: then it is the first parameters that vary.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from jupyter_tune.client.connection import DriverGoneError
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.parameters import Params
from jupyter_tune.errors import TuneError
from jupyter_tune.views.tables.messages import Landscape
from jupyter_tune.wire import requests

LANDSCAPE_S = 1.0
"""Seconds between two drawings of what the page shows; it is drawn again only after a trial has ended."""


@dataclass(frozen=True, slots=True)
class _Outlook:
    """Parameters to look along, and values at which others are held; None for what no page has asked for."""

    x: str | None = None
    y: str | None = None
    at: Params | None = None


class Landscapes:
    """Asks for landscapes of a study.

    Args: show: called with each that comes. complain: called with the reason, in words, for each that
          cannot be drawn.
    """

    def __init__(
        self, handle: StudyHandle, show: Callable[[Landscape], None], complain: Callable[[str], None]
    ):
        self._handle = handle
        self._show = show
        self._complain = complain
        self._varies = bool(handle.snapshot().space.varying)
        self._shown: Landscape | None = None
        self._lock = threading.Lock()
        # under the lock
        self._wanted = _Outlook()
        self._is_asking = self._is_outdated = False
        # the view's thread, and -1 from any: ask again
        self._ended = -1
        self._due = 0.0

    @property
    def axes(self) -> tuple[str, str | None] | None:
        """The parameters that were looked at last, if any were."""
        return None if self._shown is None else (self._shown["x"], self._shown["y"])

    def want(self, x: str, y: str | None, at: Params | None) -> None:
        """The page shows this one from now on."""
        with self._lock:
            self._wanted = _Outlook(x, y, at)
        self._ask()

    def keep_up(self, *, at_once: bool = False) -> None:
        """Ask again if trials have ended since; unless that is too soon, where it is not to be `at_once`.
        From one thread only."""
        if time.monotonic() < self._due and not at_once:
            return
        study = self._handle.snapshot()
        ended = len(study.trials) - len(study.live)
        if ended != self._ended:
            self._ended = ended
            self._due = time.monotonic() + LANDSCAPE_S
            self._ask()

    def _ask(self) -> None:
        if not self._varies:
            return
        with self._lock:
            self._is_outdated = self._is_asking
            if self._is_asking:
                return
            self._is_asking = True
            wanted = self._wanted
        self._send(wanted)

    def _send(self, wanted: _Outlook) -> None:
        try:
            x, y = self._handle.outlook(wanted.x, wanted.y)
            answer = self._handle.send(requests.Landscape(x, y, wanted.at))
        except TuneError as error:
            self._refused(wanted, error)
        else:
            answer.add_done_callback(lambda answer: self._answered(wanted, answer))

    def _answered(self, wanted: _Outlook, answer: Future[Any]) -> None:
        error = answer.exception()
        if isinstance(error, DriverGoneError):
            # where another driver goes on with the study, that one is asked; else the view says "interrupted"
            self._ended = -1
            self._go_on()
            return
        if error is not None:
            self._refused(wanted, error)
            return
        # before this one is shown: the next is drawn meanwhile
        self._go_on()
        landscape: Landscape = answer.result()
        self._shown = landscape
        self._show(landscape)

    def _refused(self, wanted: _Outlook, error: BaseException) -> None:
        with self._lock:
            if self._wanted is wanted:
                self._wanted = _Outlook()
        self._go_on()
        self._complain(f"the landscape could not be drawn: {error}")

    def _go_on(self) -> None:
        """No request is under way any more; send one for what the page shows by now."""
        with self._lock:
            self._is_asking, self._is_outdated = self._is_outdated, False
            goes_on, wanted = self._is_asking, self._wanted
        if goes_on:
            self._send(wanted)
