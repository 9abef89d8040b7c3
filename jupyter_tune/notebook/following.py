"""A thread that keeps the dashboard of a study up to date.

Laws:
- One thread per dashboard sends the page what has changed, at most every UPDATE_S, also while a cell keeps
  the kernel busy. Where nothing has changed in a study that goes on it sends a sign of life, so that a page
  can tell a quiet study from a kernel that cannot send. No error in one turn ends the thread.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.study import INTERRUPTED
from jupyter_tune.errors import DriverError
from jupyter_tune.notebook.dashboard import Dashboard
from jupyter_tune.notebook.gains import Gains
from jupyter_tune.notebook.landscapes import Landscapes
from jupyter_tune.notebook.page_requests import PageRequests
from jupyter_tune.notebook.pictures import ways_on
from jupyter_tune.views.tables.messages import Landscape

UPDATE_S = 0.1
"""Seconds between two updates of the page."""

ALIVE_S = 1.0
"""Seconds without news after which a sign of life is sent: silence means a kernel that cannot answer."""

DRIVER_GONE = "the process that ran it has ended"

_log = logging.getLogger(__name__)


class Following:
    """A study, its dashboard, and the thread between them.

    Args: live: with a dashboard.
    """

    def __init__(self, handle: StudyHandle, *, live: bool = True):
        self._handle = handle
        self._ways = ways_on(handle)
        self._wake = threading.Event()
        self._wake.set()
        self._landscapes = Landscapes(handle, self._show_landscape, self._complain)
        self._notices_sent = 0
        self._errors_shown: set[str] = set()
        # watched from before the first look, so that nothing is missed
        self._unwatch = handle.watch(self._wake.set)
        self._dashboard: Dashboard | None = self._new_dashboard() if live else None

    def _new_dashboard(self) -> Dashboard:
        handle = self._handle
        dashboard = Dashboard(handle.fold, lambda request: requests.pass_on(request), ways=self._ways)
        requests = PageRequests(handle, dashboard, self._landscapes, self._start_instead)
        self._gains = Gains(handle, dashboard.show_gain, self._complain)
        return dashboard

    def _follow(self) -> None:
        """Start the thread."""
        # what its threads print and display goes to the cell that started it
        self._cell = contextvars.copy_context()
        self._thread = threading.Thread(
            target=self._cell.copy().run, args=(self._run,), name="jupyter_tune view", daemon=True
        )
        self._thread.start()

    # the thread

    @property
    def _is_needed(self) -> bool:
        """Whether the thread goes on."""
        return self._dashboard is not None and not self._dashboard.is_closed

    @property
    def _rests(self) -> bool:
        """Whether there is nothing to do before the study goes on."""
        return False

    def _run(self) -> None:
        while self._is_needed:
            woken = self._wake.wait(None if self._rests else ALIVE_S)
            self._wake.clear()
            try:
                # after the end silence means nothing, and a server may end a kernel that sends nothing
                if not (woken or self._dashboard is None or self._handle.is_over):
                    self._dashboard.beat()
                self._turn()
            except Exception as error:
                # without news the page would look like a study that stands still
                self._show_error(error)
            time.sleep(UPDATE_S)
        self._unwatch()

    def _turn(self) -> None:
        self._update()
        if self._dashboard is not None and not self._handle.is_closed:
            # of a study that is over too: its last trials, or all of them where it is opened again
            self._landscapes.keep_up(at_once=self._handle.is_over)
            self._gains.keep_up()

    def _update(self) -> None:
        if self._dashboard is None:
            return
        if self._handle.state == INTERRUPTED:
            self._dashboard.lose(DRIVER_GONE)
        self._dashboard.update(time.time())
        self._dashboard.show_machine(self._handle.machine)
        notices = self._handle.notices
        unsent, self._notices_sent = notices[self._notices_sent :], len(notices)
        for level, text in unsent:
            self._dashboard.notice(level, text)

    def _show_error(self, error: Exception) -> None:
        """Show what went wrong in a turn, each error once."""
        text = f"the dashboard could not be updated: {type(error).__name__}: {error}"
        if text not in self._errors_shown:
            self._errors_shown.add(text)
            _log.error("a turn of the view of %s failed", self._handle.name, exc_info=error)
            self._complain(text)

    # requests of pages

    def _start_instead(self, name: str | None) -> None:
        """Start what a cell could, under `name`, or (None) in place of this study. Raises DriverError where
        no cell has offered one."""
        raise DriverError(f"study {self._handle.name!r}: run its cell again to replace it")

    def _show_landscape(self, landscape: Landscape) -> None:
        if self._dashboard is not None:
            self._dashboard.show_landscape(landscape)
            # trials may have ended while it was drawn
            self._wake.set()

    def _complain(self, text: str) -> None:
        if self._dashboard is not None:
            self._dashboard.notice("error", text)
