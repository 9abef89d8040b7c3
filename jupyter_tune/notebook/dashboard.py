"""The dashboard of one study: a widget that shows the tables and hands on requests.

Laws:
- Facts go down (`update`, `show_landscape`, `answer_log`, `notice`), requests come up (`on_request`);
  the widget decides nothing. Only the request for a snapshot is answered here.
- Any thread may call any method: one lock holds the tables, from the records' arrival to the message's
  departure, so that deltas leave in their order.
- The `tables` trait is never set: whoever asks for the state (a reloaded page, a second view) gets what
  holds then, and from there on the deltas everybody gets.
- `picture` is what a notebook should hold of the study now. The page writes it into the notebook when that is
  saved: only a page can, and one that is opened late gets it with the state.
- `instead` has the name under which the cell that was run again could start another study; empty without one.
- Every text that leaves can be encoded: a lone surrogate is written out as an escape.
"""

from __future__ import annotations

import contextvars
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import anywidget
import traitlets

from jupyter_tune.core.events import Record
from jupyter_tune.core.study import Study
from jupyter_tune.errors import TuneError
from jupyter_tune.views.charts import templates
from jupyter_tune.views.columns import detach, encodable, unpacked
from jupyter_tune.views.saved_dashboard import DASHBOARD, dashboard
from jupyter_tune.views.tables import Tables, parameters

STATIC = Path(__file__).parent.parent / "static"

REQUESTS: dict[str, tuple[str, ...]] = {
    "snapshot": (),
    "landscape": ("x", "y"),
    "log": ("trial",),
    "stop": (),
    "pause": (),
    "resume": (),
    "more": ("trials",),
    "narrow": ("ranges",),
    "enqueue": ("params",),
    "halt": ("trial", "state"),
    "budget": ("trials", "workers"),
    "undo": ("seq",),
    "replace": (),
    "start": ("name",),
}
"""What a page may ask for, and what it must say with it."""

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
        study:   its state so far; from now on only `update` applies records to it.
        ways:    lines that bring the study back in another kernel, by what they do (see pictures.ways_on).
        on_request: called with each message of the page (its type one of REQUESTS, but for snapshot), on
                 whatever thread it came: hand it over to the loop that acts.
        clock:   unix seconds, for a state that somebody asks for between two updates.

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
        study: Study,
        on_request: Callable[[dict[str, Any]], None],
        clock: Callable[[], float] = time.time,
        ways: Mapping[str, str] | None = None,
    ):
        self._study = study
        self._tables = Tables(study)
        self._on_request = on_request
        self._clock = clock
        self._sent_at = time.monotonic()
        self._this_thread = threading.local()
        self._lock = threading.RLock()
        in_subshell_context(
            lambda: super(Dashboard, self).__init__(
                _esm=_front_end(STATIC / "widget.js"),
                _css=_front_end(STATIC / "widget.css"),
                templates=encodable(templates(study.space)),
                parameters=encodable(parameters(study.space)),
                ways=encodable(dict(ways or {})),
            )
        )
        self.on_msg(lambda _, content, __: self._hear(content))

    # facts

    def update(self, records: Iterable[Record], now: float) -> None:
        """These records happened; those already known are passed over."""
        with self._lock:
            for record in records:
                if record.seq > self._study.seq:
                    self._study.apply(record)
                    self._tables.note(record)
            self._send_delta(now)

    def show_landscape(self, landscape: dict[str, Any] | None) -> None:
        """Shows this grid; None for none."""
        with self._lock:
            self._tables.show_landscape(landscape)
            self._send_delta(self._clock())

    def lose(self, reason: str) -> None:
        """Nothing more is heard of the study, until the next record is."""
        with self._lock:
            self._tables.lose(reason)
            self._send_delta(self._clock())

    def answer_log(self, trial: int, text: str, error: str = "") -> None:
        """What the trial printed, and its traceback."""
        self.send({"type": "log", "trial": trial, "text": encodable(text), "error": encodable(error)})

    def notice(self, level: str, text: str) -> None:
        """Something to tell whoever looks; `level` is info or error."""
        self.send({"type": "notice", "level": level, "text": encodable(text)})

    def beat(self) -> None:
        """Shows the page that the kernel still sends, where there is no news to send."""
        self.send({"type": "alive"})

    def show_picture(self, picture: Mapping[str, Any]) -> None:
        """From now on a saved notebook shows this, by mime type."""
        with self._lock:
            self.picture = encodable(dict(picture))

    def offer(self, name: str | None) -> None:
        """The page may have the cell replace this study, or start another of this name; None: no more."""
        with self._lock:
            self.instead = {} if name is None else encodable({"name": name})

    # what others ask

    @property
    def seq(self) -> int:
        """Of the last record that it knows."""
        return self._study.seq

    @property
    def status(self) -> dict[str, Any]:
        """What is told of the study as a whole."""
        with self._lock:
            return self._tables.status(self._clock())

    def snapshot(self) -> dict[str, Any]:
        """The tables as they are now."""
        with self._lock:
            tables: dict[str, Any] = encodable(self._tables.snapshot(self._clock()))
            return tables

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a cell's output holds, by mime type, and its metadata.

        The dashboard's data carry the widget's id, by which our own front end finds it. Others
        show the widget until the lasting picture is there, and from then on that.
        """
        with self._lock:
            kept = self.picture.get(DASHBOARD) or dashboard(self._study.space, unpacked(self.snapshot()))
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

    def _hear(self, message: Any) -> None:
        request = message.get("type") if isinstance(message, dict) else None
        if request not in REQUESTS:
            self.notice("error", f"the page sent an unknown request, {request!r}; reload the page")
        elif missing := [name for name in REQUESTS[request] if name not in message]:
            self.notice("error", f"{request}: the page's request lacks {' and '.join(missing)}")
        elif request == "snapshot":
            with self._lock:
                content, buffers = detach(self.snapshot())
                self.send({"type": "snapshot", **content}, buffers)
        else:
            self._on_request(message)

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        # A widget manager that asks for the state (it does where the kernel is slow to tell of all widgets at
        # once) knows the answer by its parent, and waits for ever for one that has none.
        self._this_thread.answers = msg["content"]["data"].get("method") == "request_state"
        try:
            super()._handle_msg(msg)
        finally:
            self._this_thread.answers = False

    def _send(self, msg: Any, buffers: Any = None) -> None:
        self._sent_at = time.monotonic()
        if getattr(self._this_thread, "answers", False):
            super()._send(msg, buffers)
            return
        in_subshell_context(lambda: super(Dashboard, self)._send(msg, buffers))


def _front_end(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TuneError(
            f"{file} is missing: the front end is not built; run `make` in the source tree, "
            "or install a wheel, which contains it"
        ) from None
