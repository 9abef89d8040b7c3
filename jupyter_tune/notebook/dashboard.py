"""The live dashboard of one study: a widget that shows the tables and hands on wishes.

Laws:
- Facts go down (`update`, `show_landscape`, `answer_log`, `notice`), wishes come up (`on_wish`);
  the widget decides nothing. Only the wish for a snapshot is answered here.
- Any thread may call any method: one lock holds the tables, from the records' arrival to the message's
  departure, so that deltas leave in their order.
- The `tables` trait is never set: whoever asks for the state (a reloaded page, a second view) gets what
  holds then, and from there on the deltas everybody gets.
"""

from __future__ import annotations

import contextvars
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import anywidget
import traitlets

from jupyter_tune.core.events import Record
from jupyter_tune.core.study import Study
from jupyter_tune.errors import TuneError
from jupyter_tune.views.charts import templates
from jupyter_tune.views.columns import detach
from jupyter_tune.views.tables import Tables, parameters

STATIC = Path(__file__).parent.parent / "static"

WISHES: dict[str, tuple[str, ...]] = {
    "snapshot": (),
    "landscape": ("x", "y"),
    "log": ("trial",),
    "stop": (),
    "pause": (),
    "resume": (),
    "narrow": ("ranges",),
    "enqueue": ("params",),
    "halt": ("trial", "state"),
    "budget": ("trials", "workers"),
    "undo": ("seq",),
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
        on_wish: called with each message of the page (its type one of WISHES, but for snapshot), on
                 whatever thread it came: hand it over to the loop that acts.
        clock:   unix seconds, for a state that somebody asks for between two updates.

    Raises: TuneError if the front end is not built.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    templates = traitlets.Dict().tag(sync=True)
    parameters: Any = traitlets.List().tag(sync=True)
    tables = traitlets.Dict().tag(sync=True, to_json=lambda _, widget: widget.snapshot())

    def __init__(
        self, study: Study, on_wish: Callable[[dict[str, Any]], None], clock: Callable[[], float] = time.time
    ):
        self._study = study
        self._tables = Tables(study)
        self._on_wish = on_wish
        self._clock = clock
        self._lock = threading.RLock()
        in_subshell_context(
            lambda: super(Dashboard, self).__init__(
                _esm=_front_end(STATIC / "widget.js"),
                _css=_front_end(STATIC / "widget.css"),
                templates=templates(study.space),
                parameters=parameters(study.space),
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
        self.send({"type": "log", "trial": trial, "text": text, "error": error})

    def notice(self, level: str, text: str) -> None:
        """Something to tell whoever looks; `level` is info or error."""
        self.send({"type": "notice", "level": level, "text": text})

    def beat(self) -> None:
        """Shows the page that the kernel still sends, where there is no news to send."""
        self.send({"type": "alive"})

    def finish(self) -> None:
        """Closes the widget, and its views with it: call when its output has been replaced."""
        with self._lock:
            self.close()

    def snapshot(self) -> dict[str, Any]:
        """The tables as they are now."""
        with self._lock:
            return self._tables.snapshot(self._clock())

    # the wire

    def _send_delta(self, now: float) -> None:
        delta = self._tables.delta(now)
        if delta is not None:
            content, buffers = detach(delta)
            self.send({"type": "delta", **content}, buffers)

    def _hear(self, message: Any) -> None:
        wish = message.get("type") if isinstance(message, dict) else None
        if wish not in WISHES:
            self.notice("error", f"the page asked for {wish!r}, which this version does not know")
        elif missing := [name for name in WISHES[wish] if name not in message]:
            self.notice("error", f"{wish}: the page did not say {' nor '.join(missing)}")
        elif wish == "snapshot":
            with self._lock:
                content, buffers = detach(self.snapshot())
                self.send({"type": "snapshot", **content}, buffers)
        else:
            self._on_wish(message)

    def _send(self, msg: Any, buffers: Any = None) -> None:
        in_subshell_context(lambda: super(Dashboard, self)._send(msg, buffers))


def _front_end(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TuneError(
            f"{file} is missing: the front end is not built; run `make` in the source tree, "
            "or install a wheel, which brings it"
        ) from None
