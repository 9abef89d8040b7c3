"""A study on the screen: one dashboard, which stays for as long as the kernel lives.

    moment              a cell's output holds
    it runs             a summary in words, and the widget
    it was interrupted  the same, which then says so
    it has ended        the lasting picture; and the widget, for pages that find it through the picture

Law: the widget is never closed: a page may be opened at any time, and requests it by the id in the notebook.
"""

from __future__ import annotations

import functools
import shlex
import threading
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from IPython import get_ipython
from IPython.display import DisplayHandle, display

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.restarts import later
from jupyter_tune.errors import DriverError, TuneError
from jupyter_tune.notebook.existing import Instead
from jupyter_tune.notebook.following import Following
from jupyter_tune.notebook.host import is_app, is_headless
from jupyter_tune.notebook.pictures import lasting_picture, passing_picture
from jupyter_tune.notebook.sending import send_whole
from jupyter_tune.notebook.widgets import dashboard_of
from jupyter_tune.views.tables.tables import Tables

PASSING_S = 2.0
"""Seconds between two summaries of a study that runs."""

_views: WeakKeyDictionary[StudyHandle, LiveView] = WeakKeyDictionary()


def show(handle: StudyHandle, instead: Instead | None = None) -> None:
    """Display a study in the current cell. Its dashboard is one, in however many cells it is shown.

    Args: instead: what the cell could start in its place, for the page to offer.
    """
    if is_app():
        # its page has no notebook to keep a picture in
        display(dashboard_of(handle))
    elif is_headless():
        if handle.state == "ended":
            display(lasting_picture(handle, None), raw=True)
        else:
            _settle_within_the_cell(LiveView(handle, live=False), handle)
    elif handle in _views:
        if handle.state == "ended":
            _views[handle].join()  # it may be drawing the picture at this moment
        _views[handle].show_again()
    else:
        LiveView(handle)
    if instead is not None and handle in _views:
        _views[handle].offer(instead)


def show_new(handle: StudyHandle) -> Callable[[], None]:
    """Display a study that was just started. Returns what waits until the output says that it is over."""
    if is_app():
        show(handle)
        return lambda: None
    return LiveView(handle, live=not is_headless()).join


def _settle_within_the_cell(view: LiveView, handle: StudyHandle) -> None:
    """If the cell waits for the study's end, its own end waits for the lasting picture.

    nbclient takes no update of an output once its cell has ended.
    """
    events = get_ipython().events

    def settle(result: object) -> None:
        events.unregister("post_run_cell", settle)
        if handle.is_over:
            view.join()

    events.register("post_run_cell", settle)


class LiveView(Following):
    """A study in the current cell.

    Args: live: with a dashboard; without, a summary that the lasting picture replaces (for runs
          without a page, whose notebook must not carry the widget's state).
          into: the output to show it in, in place of what is there; a new one by default.
    """

    def __init__(self, handle: StudyHandle, *, live: bool = True, into: DisplayHandle | None = None):
        super().__init__(handle, live=live)
        self._lock = threading.Lock()
        self._settled = threading.Event()
        self._passing: tuple[str, int] | None = None
        self._passing_due = 0.0
        self._is_drawing = False
        self._offered: tuple[Instead, DisplayHandle] | None = None
        self._displays: list[DisplayHandle] = []
        if live:
            _views[handle] = self
            self._update()
            if handle.state == "ended":
                self._draw_lasting_picture()
                self._settled.set()
            else:
                self._draw_passing_picture()
        self.show_again(into)
        self._follow()

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

    @property
    def _is_needed(self) -> bool:
        # without a page the picture is all that there is to do
        return self._dashboard is not None or not self._settled.is_set()

    @property
    def _rests(self) -> bool:
        return self._settled.is_set()

    def _turn(self) -> None:
        is_over = self._handle.is_over
        super()._turn()
        self._show_offer()
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
