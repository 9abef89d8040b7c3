"""The dashboard of one study: a widget that shows the tables and hands on requests.

Laws:
- Facts go to the page (`update`, `show_landscape`, `answer_log`, `notice`), requests come from it
  (`on_request`); the widget decides nothing. It answers only the request for a snapshot.
- Any thread may call any method: the fold's lock holds the tables too, from the first look at the study to
  the message's departure, so that deltas leave in their order.
- The `tables` trait is never set: a page that asks for the state (reloaded, or a second one) gets the present
  one, and from then on the same deltas as every other page.
- `picture` is what a notebook should hold of the study now. The page writes it into the notebook when that is
  saved: only a page can, and one that is opened late gets it with the state.
- `instead` has the name under which the cell that was run again could start another study, and whether the
  study could go on with its edited code; empty without such a cell.
- Every text that is sent can be encoded: a lone surrogate is written out as an escape.
"""

from __future__ import annotations

import contextvars
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import anywidget
import traitlets

from jupyter_tune.client.fold import Fold
from jupyter_tune.core.events import Record
from jupyter_tune.errors import DriverError, TuneError
from jupyter_tune.notebook import page_requests
from jupyter_tune.notebook.sending import send_whole
from jupyter_tune.views.charts import templates
from jupyter_tune.views.saved.dashboard import DASHBOARD, dashboard
from jupyter_tune.views.tables.columns import detach, encodable, unpacked
from jupyter_tune.views.tables.messages import Gain, Landscape, Snapshot, Status
from jupyter_tune.views.tables.tables import Tables, parameters
from jupyter_tune.wire import messages
from jupyter_tune.wire.messages import Machine
from jupyter_tune.wire.requests import Request, from_message

STATIC = Path(__file__).parent.parent / "static"

Result = TypeVar("Result")


def in_subshell_context(act: Callable[[], Result]) -> Result:
    """What `act` returns, called so that comms it opens or sends on are answered while a cell runs.

    ipykernel 7 answers a page's message in the shell that last published on its comm. A comm used
    from a cell, or from a thread while one runs, is bound to the main shell, and its messages wait for
    the end of that cell although the page sent them to a subshell. A message published without a
    parent binds to nothing. Elsewhere `act` is called as it is.

    Delete when ipykernel routes by the message alone: `Comm._reply_subshell_for` is gone then.
    """
    kernels = sys.modules.get("ipykernel.kernelbase")
    kernel = kernels.Kernel.instance() if kernels and kernels.Kernel.initialized() else None
    parent = getattr(kernel, "_shell_parent", None)
    if not isinstance(parent, contextvars.ContextVar):
        return act()

    def without_parent() -> Result:
        parent.set({})
        return act()

    return contextvars.copy_context().run(without_parent)


class Dashboard(anywidget.AnyWidget):
    """The dashboard of a study.

    Args:
        fold:    the study, as it goes on.
        ways:    lines that bring the study back in another kernel, by what they do (see pictures.ways_on).
        on_request: called with each request of the page but a snapshot, on the thread on which it arrives: it
                 must not wait.
        clock:   unix seconds, for a state that is requested between two updates.

    Raises: TuneError if the front end is not built.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    templates = traitlets.Dict().tag(sync=True)
    parameters: Any = traitlets.List().tag(sync=True)
    tables = traitlets.Dict().tag(sync=True, to_json=lambda _, widget: widget.snapshot())
    picture: Any = traitlets.Dict().tag(sync=True)
    ways: Any = traitlets.Dict().tag(sync=True)
    instead: Any = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        fold: Fold,
        on_request: Callable[[Request], None],
        clock: Callable[[], float] = time.time,
        ways: Mapping[str, str] | None = None,
    ):
        self._study = fold.study
        self._lock = fold.lock
        self._failed: Exception | None = None
        self._is_behind = False
        self._machine = messages.machine("", {})
        with self._lock:
            self._tables = Tables(fold.study)
            fold.observe(self._note)
        self._on_request = on_request
        self._clock = clock
        self._this_thread = threading.local()
        in_subshell_context(
            lambda: super(Dashboard, self).__init__(
                _esm=_front_end(STATIC / "widget.js"),
                _css=_front_end(STATIC / "widget.css"),
                templates=encodable(templates(fold.study.space, settings=fold.study.settings)),
                parameters=encodable(parameters(fold.study.space)),
                ways=encodable(dict(ways or {})),
            )
        )
        self.on_msg(lambda _, content, __: self._receive(content))

    # facts

    def _note(self, record: Record) -> None:
        try:
            self._tables.note(record)
        except Exception as error:
            self._failed = error  # raised by the next update: the fold goes on

    def update(self, now: float) -> None:
        """Send what has changed; everything, after an update that has raised something."""
        with self._lock:
            if self._is_behind:
                self._send_snapshot()
            self._is_behind = True
            failed, self._failed = self._failed, None
            if failed is not None:
                raise failed
            self._send_delta(now)
            self._is_behind = False

    def show_landscape(self, landscape: Landscape | None) -> None:
        """Shows this grid; None for none."""
        with self._lock:
            self._tables.show_landscape(landscape)
            self._send_delta(self._clock())

    def lose(self, reason: str) -> None:
        """Nothing more arrives of the study; the next record takes this back."""
        with self._lock:
            self._tables.lose(reason)
            self._send_delta(self._clock())

    def answer_log(self, trial: int, text: str, error: str = "") -> None:
        """What the trial printed, and its traceback."""
        self.send({"type": "log", "trial": trial, "text": encodable(text), "error": encodable(error)})

    def notice(self, level: str, text: str) -> None:
        """A message for the user; `level` is info or error."""
        self.send({"type": "notice", "level": level, "text": encodable(text)})

    def show_machine(self, machine: Machine) -> None:
        """What the study has of its machine, if that is news."""
        if machine != self._machine:
            self._machine = machine
            self.send(encodable(dict(machine)))

    def beat(self) -> None:
        """Sent where there is no news, so that the page knows that the kernel can send."""
        self.send({"type": "alive"})

    def show_picture(self, picture: Mapping[str, Any]) -> None:
        """From now on a saved notebook shows this, by mime type."""
        with self._lock:
            self.picture = encodable(dict(picture))

    def offer(self, name: str | None, *, is_edited: bool = False) -> None:
        """The page may have the cell replace this study, or start another of this name; None: no more.

        Args: is_edited: whether the study could go on with the cell, whose code is another one by now.
        """
        with self._lock:
            edited = {"edited": True} if is_edited else {}
            self.instead = {} if name is None else encodable({"name": name, **edited})

    def show_gain(self, gain: Gain | None) -> None:
        """What the coming trials may gain; None where that is not known."""
        with self._lock:
            self._tables.show_gain(gain)
            self._send_delta(self._clock())

    # for others

    @property
    def is_closed(self) -> bool:
        """Whether no page gets anything more: marimo closes a widget when its cell runs again."""
        # a comm of ipykernel and one of marimo have this name for it
        return self.comm is None or getattr(self.comm, "_closed", False)

    @property
    def seq(self) -> int:
        """Number of the last record."""
        return self._study.seq

    @property
    def status(self) -> Status:
        """The study as a whole."""
        with self._lock:
            return self._tables.status(self._clock())

    def snapshot(self) -> Snapshot:
        """The tables as they are now."""
        with self._lock:
            tables: Snapshot = encodable(self._tables.snapshot(self._clock()))
            return tables

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a cell's output holds, by mime type, and its metadata.

        The dashboard's data carry the widget's id, by which our own front end finds it. Others show the
        widget until there is a lasting picture, and then the picture.
        """
        with self._lock:
            kept = self.picture.get(DASHBOARD) or dashboard(
                self._study.space, self._study.settings, unpacked(self.snapshot())
            )
            kept = {**kept, "model": self.model_id, "ways": self.ways, "saved_at": self._clock()}
            widget, metadata = self._repr_mimebundle_() or ({}, {})
            shown = self.picture if DASHBOARD in self.picture else {**widget, **self.picture}
            return {**shown, DASHBOARD: encodable(kept)}, metadata

    # the wire

    def _send_delta(self, now: float) -> None:
        delta = self._tables.delta(now)
        if delta is not None:
            content, buffers = detach(encodable(delta))
            self.send({"type": "delta", **content}, buffers)

    def _send_snapshot(self) -> None:
        with self._lock:
            content, buffers = detach(self.snapshot())
            self.send({"type": "snapshot", **content}, buffers)
            if self._machine != messages.machine("", {}):
                # a page that was opened late knows nothing of it
                self.send(encodable(dict(self._machine)))

    def _receive(self, message: Any) -> None:
        try:
            request = from_message(message if isinstance(message, dict) else {}, page_requests.FROM_PAGES)
        except DriverError as error:
            self.notice("error", f"{error}; reload the page")
            return
        if isinstance(request, page_requests.Snapshot):
            self._send_snapshot()
        else:
            self._on_request(request)

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        # A widget manager that requests the state (it does where the kernel is slow to list all widgets at
        # once) recognises the answer by its parent, and waits for ever for one that has none.
        self._this_thread.answers = msg["content"]["data"].get("method") == "request_state"
        try:
            super()._handle_msg(msg)
        finally:
            self._this_thread.answers = False

    def _send(self, msg: Any, buffers: Any = None) -> None:
        def send() -> None:
            # an answer may come later than that; marimo's page takes it for an error
            if not self.is_closed:
                super(Dashboard, self)._send(msg, buffers)

        answers = getattr(self._this_thread, "answers", False)
        send_whole(send if answers else lambda: in_subshell_context(send))


def _front_end(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TuneError(
            f"{file} is missing: the front end is not built; run `make` in the source tree, "
            "or install a wheel, which contains it"
        ) from None
