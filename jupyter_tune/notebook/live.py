"""A study on the screen: the dashboard while it runs, a picture that stays when it has ended.

One thread a view carries records to the page, at most ten times a second, also while a cell
keeps the kernel busy. Wishes from the page are only handed on to the driver, on whatever
thread they arrive; answers come back on the client's thread. When the study ends, the
widget's output is replaced by html, png and text, which a saved notebook shows without a
kernel, anywhere. The picture is drawn in a process of its own: no plotting library is
loaded into the user's kernel.
"""

from __future__ import annotations

import contextlib
import contextvars
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from typing import Any

from IPython.display import DisplayHandle, display

from jupyter_tune import journal
from jupyter_tune.client import GONE
from jupyter_tune.core.events import Record
from jupyter_tune.core.parameters import Scalar
from jupyter_tune.errors import DriverError, TuneError
from jupyter_tune.notebook.dashboard import WISHES, Dashboard
from jupyter_tune.study_handle import StudyHandle

UPDATE_S = 0.1
LANDSCAPE_S = 1.0
"""The model's picture is drawn anew at most so often, and only after a trial has ended."""

PICTURE_S = 60.0
"""So long drawing the lasting picture may take."""


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
        self._axes: tuple[str, str | None] | None = None
        self._held: dict[str, Scalar] | None = None
        self._landscape: dict[str, Any] | None = None
        self._landscape_of = -1
        self._landscape_due = 0.0
        self._is_drawing = self._is_outdated = False
        self._varies = any(not parameter.is_constant for parameter in handle.snapshot().space.values())
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

    def _hear(self, records: list[Record]) -> None:
        with self._lock:
            self._news += records
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            self._update()
            if self._handle.is_over:
                break
            self._maybe_draw_landscape()
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
        if self._handle.state == "lost":
            self._dashboard.lose(GONE)
        self._dashboard.update(news, time.time())
        notices = self._handle.notices
        for level, text in notices[self._said :]:
            self._dashboard.notice(level, text)
        self._said = len(notices)

    # the page's wishes, on any thread: handed on, never waited for

    def _on_wish(self, wish: dict[str, Any]) -> None:
        try:
            match wish["type"]:
                case "landscape":
                    self._axes, self._held = (wish["x"], wish["y"]), wish.get("at")
                    self._draw_landscape()
                case "log":
                    number = wish["trial"]
                    self._handle.send("log", trial=number).add_done_callback(
                        lambda answer: self._show_log(number, answer)
                    )
                case do:
                    fields = {name: wish[name] for name in WISHES[do]}
                    self._handle.send(do, **fields).add_done_callback(self._complain)
        except DriverError as error:
            self._notice("error", str(error))

    def _complain(self, answer: Future[Any]) -> None:
        error = answer.exception()
        if error is not None:
            self._notice("error", str(error))

    def _show_log(self, number: int, answer: Future[Any]) -> None:
        error = answer.exception()
        if error is not None:
            self._notice("error", str(error))
        elif self._dashboard is not None:
            self._dashboard.answer_log(number, answer.result()["text"], answer.result()["error"])

    def _notice(self, level: str, text: str) -> None:
        if self._dashboard is not None:
            self._dashboard.notice(level, text)

    # the model's picture

    def _maybe_draw_landscape(self) -> None:
        if self._dashboard is None or time.monotonic() < self._landscape_due:
            return
        study = self._handle.snapshot()
        ended = len(study.trials) - len(study.live)
        if ended == self._landscape_of:
            return
        self._landscape_of = ended
        self._landscape_due = time.monotonic() + LANDSCAPE_S
        self._draw_landscape()

    def _draw_landscape(self) -> None:
        with self._lock:
            # one at a time: whoever drags a slider asks faster than a model is drawn
            self._is_outdated = self._is_drawing
            if self._is_drawing or not self._varies:
                return
            self._is_drawing = True
        try:
            x, y = self._handle.outlook(*(self._axes or (None, None)))
            answer = self._handle.send("landscape", x=x, y=y, at=self._held)
        except TuneError as error:
            self._look_anywhere(error)
        else:
            answer.add_done_callback(self._show_landscape)

    def _look_anywhere(self, error: BaseException) -> None:
        """What somebody wanted to see cannot be seen: it is said, and asked for no more."""
        self._is_drawing, self._axes, self._held = False, None, None
        self._notice("error", f"the landscape could not be drawn: {error}")

    def _show_landscape(self, answer: Future[Any]) -> None:
        error = answer.exception()
        if error is not None:
            self._look_anywhere(error)
            return
        self._is_drawing = False
        if self._is_outdated:
            self._draw_landscape()
        self._landscape = answer.result()
        if self._dashboard is not None:
            self._dashboard.show_landscape(self._landscape)
            self._wake.set()

    # what stays

    def _leave_picture(self) -> None:
        try:
            # the axes that were looked at last, if any were
            wanted = None if self._landscape is None else (self._landscape["x"], self._landscape["y"])
            self._display.update(lasting_picture(self._handle, wanted), raw=True)
        except TuneError as error:
            self._notice("error", f"the lasting picture could not be drawn: {error}")
            return
        if self._dashboard is not None:
            self._dashboard.finish()


def lasting_picture(handle: StudyHandle, axes: tuple[str, str | None] | None) -> dict[str, Any]:
    """An ended study as html, png and text, by mime type. Raises TuneError if it cannot be drawn."""
    landscape: dict[str, Any] | None = None
    if axes is not None or handle.snapshot().settings.sampler == "gp":
        # a study whose driver is gone has none, nor one in which nothing varies
        with contextlib.suppress(TuneError):
            landscape = handle.landscape(*(axes or (None, None)))
    # handed on as the text that they are: a long journal is not worth decoding in the user's kernel
    records = ", ".join(journal.read_texts(handle.path))
    given = f'{{"records": [{records}], "landscape": {json.dumps(landscape)}}}'
    try:
        drawing = subprocess.run(
            [sys.executable, "-P", "-m", "jupyter_tune.views.static"],
            input=given.encode(),
            capture_output=True,
            timeout=PICTURE_S,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        output: bytes = getattr(error, "stderr", None) or b""
        raise TuneError(f"{error} {output.decode(errors='replace')}") from error
    picture: dict[str, Any] = json.loads(drawing.stdout)
    return picture
