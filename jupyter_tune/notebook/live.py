"""A study on the screen: one dashboard, which stays for as long as the kernel lives.

    moment              a cell's output holds
    it runs             a summary in words, and the widget
    it was interrupted  the same, which then says so
    it has ended        the lasting picture; and the widget, for pages that find it through the picture

Laws:
- One thread per study sends the page what has changed, at most every UPDATE_S, also while a cell keeps the
  kernel busy. Where nothing has changed it sends a sign of life, so that a page can tell a quiet study from a
  kernel that cannot send. No error in one turn ends the thread.
- The widget is never closed: a page may be opened at any time, and requests it by the id in the notebook.
"""

from __future__ import annotations

import contextvars
import functools
import logging
import shlex
import threading
import time
from typing import Any
from weakref import WeakKeyDictionary

from IPython.display import DisplayHandle, display

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.restarts import later
from jupyter_tune.core.study import INTERRUPTED
from jupyter_tune.errors import DriverError, TuneError
from jupyter_tune.notebook.dashboard import Dashboard
from jupyter_tune.notebook.existing import Instead
from jupyter_tune.notebook.gains import Gains
from jupyter_tune.notebook.host import is_headless
from jupyter_tune.notebook.landscapes import Landscapes
from jupyter_tune.notebook.page_requests import PageRequests
from jupyter_tune.notebook.pictures import lasting_picture, passing_picture, ways_on
from jupyter_tune.notebook.sending import send_whole
from jupyter_tune.views.tables.messages import Landscape
from jupyter_tune.views.tables.tables import Tables

UPDATE_S = 0.1
"""Seconds between two updates of the page."""

ALIVE_S = 1.0
"""Seconds without news after which a sign of life is sent: silence means a kernel that cannot answer."""

PASSING_S = 2.0
"""Seconds between two summaries of a study that runs."""

DRIVER_GONE = "the process that ran it has ended"

_log = logging.getLogger(__name__)

_views: WeakKeyDictionary[StudyHandle, LiveView] = WeakKeyDictionary()


def show(handle: StudyHandle, instead: Instead | None = None) -> None:
    """Display a study in the current cell. Its dashboard is one, in however many cells it is shown.

    Args: instead: what the cell could start in its place, for the page to offer.
    """
    if is_headless():
        if handle.state == "ended":
            display(lasting_picture(handle, None), raw=True)
        else:
            LiveView(handle, live=False)
    elif handle in _views:
        if handle.state == "ended":
            _views[handle].join()  # it may be drawing the picture at this moment
        _views[handle].show_again()
    else:
        LiveView(handle)
    if instead is not None and handle in _views:
        _views[handle].offer(instead)


class LiveView:
    """A study in the current cell.

    Args: live: with a dashboard; without, a summary that the lasting picture replaces (for runs
          without a page, whose notebook must not carry the widget's state).
          into: the output to show it in, in place of what is there; a new one by default.
    """

    def __init__(self, handle: StudyHandle, *, live: bool = True, into: DisplayHandle | None = None):
        self._handle = handle
        self._ways = ways_on(handle)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._wake.set()
        self._settled = threading.Event()
        self._landscapes = Landscapes(handle, self._show_landscape, self._complain)
        self._notices_sent = 0
        self._errors_shown: set[str] = set()
        self._passing: tuple[str, int] | None = None
        self._passing_due = 0.0
        self._is_drawing = False
        self._offered: tuple[Instead, DisplayHandle] | None = None
        # watched from before the first look, so that nothing is missed
        self._unwatch = handle.watch(self._wake.set)
        self._dashboard: Dashboard | None = None
        self._displays: list[DisplayHandle] = []
        if live:
            self._dashboard = self._new_dashboard()
            _views[handle] = self
            self._update()
            if handle.state == "ended":
                self._draw_lasting_picture()
                self._settled.set()
            else:
                self._draw_passing_picture()
        self.show_again(into)
        # what its threads print and display goes to the cell that started it
        self._cell = contextvars.copy_context()
        self._thread = threading.Thread(
            target=self._cell.copy().run, args=(self._run,), name="jupyter_tune view", daemon=True
        )
        self._thread.start()

    def _new_dashboard(self) -> Dashboard:
        handle = self._handle
        dashboard = Dashboard(handle.fold, lambda request: requests.pass_on(request), ways=self._ways)
        requests = PageRequests(handle, dashboard, self._landscapes, self._start_instead)
        self._gains = Gains(handle, dashboard.show_gain, self._complain)
        return dashboard

    def show_again(self, into: DisplayHandle | None = None) -> None:
        """Display it in the current cell too, or in place of what `into` shows."""
        data, metadata = self._bundle()
        if into is not None:
            into.update(data, raw=True, metadata=metadata)
        shown = into or display(data, raw=True, metadata=metadata, display_id=True)
        assert isinstance(shown, DisplayHandle)
        self._displays.append(shown)

    def offer(self, instead: Instead) -> None:
        """Have the page offer what the cell that shows the study last could start in its place."""
        self._offered = instead, self._displays[-1]
        self._show_offer()

    def _show_offer(self) -> None:
        """What the cell that was run again can do, for the study as it is by now."""
        if self._offered is None or self._dashboard is None:
            return
        instead = self._offered[0]
        is_edited = self._handle.is_over and instead.is_edited(self._handle.snapshot())
        shown = self._dashboard.instead
        if not shown or is_edited != shown.get("edited", False):
            self._dashboard.offer(instead.free_name, is_edited=is_edited)

    def join(self) -> None:
        """Wait until the study has ended, or was interrupted, and its output says so."""
        self._settled.wait()

    def _bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        if self._dashboard is not None:
            return self._dashboard.bundle()
        if self._handle.state == "ended":
            return lasting_picture(self._handle, None), {}
        return passing_picture(Tables(self._handle.snapshot()).status(time.time()), self._ways), {}

    # the thread

    def _run(self) -> None:
        # without a page the picture is all that there is to do
        while self._dashboard is not None or not self._settled.is_set():
            woken = self._wake.wait(None if self._settled.is_set() else ALIVE_S)
            self._wake.clear()
            try:
                if not woken and self._dashboard is not None:
                    self._dashboard.beat()
                self._turn()
            except Exception as error:
                # without news the page would look like a study that stands still
                self._show_error(error)
            time.sleep(UPDATE_S)
        self._unwatch()

    def _turn(self) -> None:
        self._update()
        self._show_offer()
        is_over = self._handle.is_over
        if self._dashboard is not None and not self._handle.is_closed:
            # of a study that is over too: its last trials, or all of them where it is opened again
            self._landscapes.keep_up(at_once=is_over)
            self._gains.keep_up()
        if not is_over:
            self._settled.clear()
            if self._dashboard is not None:
                self._draw_passing_picture()
        elif not self._settled.is_set():
            # records may have come between the update and the question
            self._update()
            if self._dashboard is None or self._handle.state != "ended":
                self._settle()
            elif not self._is_drawing:
                # beside: it takes seconds, in which the study may go on, and the page must show that
                self._is_drawing = True
                later(functools.partial(self._cell.copy().run, self._draw_and_settle))

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

    def _draw_and_settle(self) -> None:
        try:
            if self._draw_lasting_picture():
                self._settle()
        except Exception as error:
            self._show_error(error)
            self._settled.set()
        finally:
            self._is_drawing = False
            self._wake.set()

    def _settle(self) -> None:
        """The output says that the study is over."""
        try:
            if self._dashboard is not None and self._handle.state != "ended":
                self._draw_passing_picture()
            data, metadata = self._bundle()
            for shown in self._displays:
                send_whole(functools.partial(shown.update, data, raw=True, metadata=metadata))
        finally:
            self._settled.set()

    def _draw_passing_picture(self) -> None:
        """A summary, if there is something new to say; at once where the state has changed."""
        assert self._dashboard is not None
        state, now = self._handle.state, time.monotonic()
        if self._passing is not None and self._passing[0] == state and now < self._passing_due:
            return
        told = (state, self._dashboard.seq)
        if told != self._passing:
            self._passing, self._passing_due = told, now + PASSING_S
            self._dashboard.show_picture(passing_picture(self._dashboard.status, self._ways))

    def _draw_lasting_picture(self) -> bool:
        """False if the study has gone on meanwhile: the picture is then of the past, and not shown."""
        assert self._dashboard is not None
        seq = self._dashboard.seq
        try:
            picture = lasting_picture(self._handle, self._landscapes.axes)
        except TuneError as error:
            self._draw_passing_picture()
            self._complain(f"the picture for the saved notebook could not be drawn: {error}")
            return True
        if self._dashboard.seq != seq:
            return False
        self._dashboard.show_picture(picture)
        return True

    def _show_error(self, error: Exception) -> None:
        """Show what went wrong in a turn, each error once."""
        text = f"the dashboard could not be updated: {type(error).__name__}: {error}"
        if text not in self._errors_shown:
            self._errors_shown.add(text)
            _log.error("a turn of the view of %s failed", self._handle.name, exc_info=error)
            self._complain(text)

    # requests of pages

    def _start_instead(self, name: str | None) -> None:
        """Start what the cell could: under `name`, or (None) in place of this study; and show it there."""
        with self._lock:
            offered, self._offered = self._offered, None
        if offered is None or self._dashboard is None:
            raise DriverError(f"study {self._handle.name!r}: run its cell again to replace it")
        instead, shown = offered
        try:
            handle = instead.replace() if name is None else instead.under(name)
        except BaseException:
            self._offered = offered
            raise
        self._dashboard.offer(None)
        self._displays.remove(shown)
        instead.display(lambda: LiveView(handle, into=shown))
        # for a page that was loaded since: no front end finds an output by its display there
        self._dashboard.notice(
            "info", f"Study {handle.name!r} was started; %tune show {shlex.quote(handle.name)} shows it."
        )

    def _show_landscape(self, landscape: Landscape) -> None:
        if self._dashboard is not None:
            self._dashboard.show_landscape(landscape)
            # trials may have ended while it was drawn
            self._wake.set()

    def _complain(self, text: str) -> None:
        if self._dashboard is not None:
            self._dashboard.notice("error", text)
