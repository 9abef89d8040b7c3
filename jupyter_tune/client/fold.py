"""The one fold of a study in a kernel: what the handle answers from and the dashboard shows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from jupyter_tune.core.events import Record
from jupyter_tune.core.study import Study

Observer = Callable[[Record], None]


class Fold:
    """A study to which records are applied as they arrive.

    `study` is read and changed under `lock` only; `study.snapshot()` gives what can be read without it.
    """

    def __init__(self, study: Study, lock: threading.RLock | None = None):
        self.study = study
        self.lock = lock or threading.RLock()
        self._observers: list[Observer] = []

    def apply(self, records: Sequence[Record]) -> None:
        """Apply these records; those already known are passed over."""
        with self.lock:
            for record in records:
                if record.seq > self.study.seq:
                    self.study.apply(record)
                    for observer in self._observers:
                        observer(record)

    def observe(self, observer: Observer) -> None:
        """Call `observer` right after each record is applied, under the lock. It must not raise."""
        with self.lock:
            self._observers.append(observer)
