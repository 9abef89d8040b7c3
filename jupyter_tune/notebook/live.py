"""A study on the screen: the dashboard while it runs, a picture that stays when it has ended.

One thread a view carries records to the page, at most ten times a second, also while a cell
keeps the kernel busy. Wishes from the page are only handed on to the driver, on whatever
thread they arrive; answers come back on the client's thread. When the study ends, the
widget's output is replaced by the lasting picture.
"""

from __future__ import annotations

import contextvars
import threading
import time
from concurrent.futures import Future
from typing import Any

from IPython.display import DisplayHandle, display

from jupyter_tune.client import GONE
from jupyter_tune.core.events import Record
from jupyter_tune.core.study import INTERRUPTED
from jupyter_tune.errors import DriverError, TuneError
from jupyter_tune.notebook.dashboard import WISHES, Dashboard
from jupyter_tune.notebook.landscapes import Landscapes
from jupyter_tune.notebook.lasting_picture import lasting_picture
from jupyter_tune.study_handle import StudyHandle

UPDATE_S = 0.1

ALIVE_S = 1.0
"""A page hears from its view at least this often, so that silence means a kernel that cannot answer."""


def show(handle: StudyHandle) -> None:
    """Display a study in the current cell: the dashboard while it runs, the lasting picture after."""
    if handle.state == "ended":
        display(lasting_picture(handle, None), raw=True)
    else:
        LiveView(handle)


class LiveView:
    """A running study in the current cell.

    Args: live: with a dashboard; without, a line of text that the lasting picture replaces
          (for runs that nobody watches, whose notebook must not carry the widget's state).
    """

    def __init__(self, handle: StudyHandle, *, live: bool = True):
        self._handle = handle
        self._news: list[Record] = []
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._wake.set()
        self._landscapes = Landscapes(handle, self._show_landscape, self._complain)
        self._said = 0
        # watched from before the first look, so nothing is missed; the dashboard drops what comes twice
        self._unwatch = handle.watch(self._hear)
        self._dashboard: Dashboard | None = None
        if live:
            self._dashboard = Dashboard(handle.snapshot(), self._on_wish)
            shown = display(self._dashboard, display_id=True)
        else:
            shown = display({"text/plain": repr(handle)}, raw=True, display_id=True)
        assert isinstance(shown, DisplayHandle)
        self._display = shown
        # the thread speaks in the name of the cell that started it
        context = contextvars.copy_context()
        self._thread = threading.Thread(
            target=context.run, args=(self._run,), name="jupyter_tune view", daemon=True
        )
        self._thread.start()

    def join(self) -> None:
        """Wait until the study has ended and the lasting picture is shown."""
        self._thread.join()

    # the study's facts, carried by the thread

    def _hear(self, records: list[Record]) -> None:
        with self._lock:
            self._news += records
        self._wake.set()

    def _run(self) -> None:
        while True:
            if not self._wake.wait(ALIVE_S):
                if self._dashboard is not None:
                    self._dashboard.beat()
                continue
            self._wake.clear()
            self._update()
            if self._handle.is_over:
                break
            if self._dashboard is not None:
                self._landscapes.keep_up()
            time.sleep(UPDATE_S)
        # a last look: records may have come between the update and the question
        self._update()
        if self._handle.state == "ended":
            self._unwatch()
            self._leave_picture()

    def _update(self) -> None:
        with self._lock:
            news, self._news = self._news, []
        if self._dashboard is None:
            return
        if self._handle.state == INTERRUPTED:
            self._dashboard.lose(GONE)
        self._dashboard.update(news, time.time())
        notices = self._handle.notices
        for level, text in notices[self._said :]:
            self._dashboard.notice(level, text)
        self._said = len(notices)

    def _leave_picture(self) -> None:
        try:
            self._display.update(lasting_picture(self._handle, self._landscapes.axes), raw=True)
        except TuneError as error:
            self._complain(f"the lasting picture could not be drawn: {error}")
            return
        if self._dashboard is not None:
            self._dashboard.finish()

    # the page's wishes, on any thread: handed on, never waited for

    def _on_wish(self, wish: dict[str, Any]) -> None:
        try:
            match wish["type"]:
                case "landscape":
                    self._landscapes.wish(wish["x"], wish["y"], wish.get("at"))
                case "log":
                    number = wish["trial"]
                    self._handle.send("log", trial=number).add_done_callback(
                        lambda answer: self._show_log(number, answer)
                    )
                case do:
                    fields = {name: wish[name] for name in WISHES[do]}
                    self._handle.send(do, **fields).add_done_callback(self._complain_if_refused)
        except DriverError as error:
            self._complain(str(error))

    def _complain_if_refused(self, answer: Future[Any]) -> None:
        error = answer.exception()
        if error is not None:
            self._complain(str(error))

    def _show_log(self, number: int, answer: Future[Any]) -> None:
        error = answer.exception()
        if error is not None:
            self._complain(str(error))
        elif self._dashboard is not None:
            self._dashboard.answer_log(number, answer.result()["text"], answer.result()["error"])

    def _show_landscape(self, landscape: dict[str, Any]) -> None:
        if self._dashboard is not None:
            self._dashboard.show_landscape(landscape)
            # trials may have ended while it was drawn
            self._wake.set()

    def _complain(self, text: str) -> None:
        if self._dashboard is not None:
            self._dashboard.notice("error", text)
