"""A study as the records of its driver arrive.

The records are folded on the connection's reading thread. Every question is answered from that fold under one
lock, so the answers stay after the driver, or the kernel of the study, has ended. When the study goes on, the
driver that took it over is followed.
"""

from __future__ import annotations

import contextlib
import functools
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self
from weakref import WeakSet

from jupyter_tune import journal
from jupyter_tune.client.connection import Connection
from jupyter_tune.client.fold import Fold
from jupyter_tune.core.encoding import record_from_json
from jupyter_tune.core.events import Record
from jupyter_tune.core.study import INTERRUPTED, Study
from jupyter_tune.errors import DriverError
from jupyter_tune.wire import messages
from jupyter_tune.wire.frames import Message
from jupyter_tune.wire.requests import Follow

Watcher = Callable[[], None]


class FollowedStudy:
    """A study, live or read from its file, and those that watch it."""

    _all: ClassVar[WeakSet[FollowedStudy]] = WeakSet()

    def __init__(self, path: Path):
        self.path = path
        self._connection: Connection | None = None
        self._fold: Fold | None = None
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._watchers: list[Watcher] = []
        self._notices: list[tuple[str, str]] = []
        self._machine = messages.machine("", {})
        self._logging_to: list[str] = []
        self._is_interrupted = False
        self.is_closed = False
        """Whether the driver's connection was closed here: none is started for landscapes."""
        FollowedStudy._all.add(self)

    @classmethod
    def follow(cls, path: Path, connection: Connection) -> Self:
        """A live handle on the study that the driver behind `connection` runs."""
        handle = cls(path)
        handle.adopt(connection)
        with handle._changed:
            handle._changed.wait_for(lambda: handle._fold is not None or handle._is_interrupted, timeout=10)
        return handle

    @classmethod
    def read(cls, path: Path) -> Self:
        """A handle on a study's file; live if a driver is running it.

        Raises: JournalError if the file is missing, no study, or from a newer version.
        """
        holder = journal.holder(path)
        if holder is not None and holder["socket"] and not journal.is_stalled(holder):
            with contextlib.suppress(DriverError):  # it ended in this moment: the file has all
                return cls.follow(path, Connection.to(holder["socket"]))
        handle = cls._of_file(path, holder)
        for _, text in handle.notices:
            warnings.warn(text, stacklevel=3)
        return handle

    @classmethod
    def glance(cls, path: Path) -> Self:
        """A handle on a study as its file is now: it follows no driver, and waits for none.

        Raises: JournalError as `read`.
        """
        return cls._of_file(path, journal.holder(path))

    @classmethod
    def _of_file(cls, path: Path, holder: journal.Holder | None) -> Self:
        handle = cls(path)
        damage: list[str] = []
        study = Study.fold(journal.each_record(path, notices=damage))
        handle.begin(study)
        handle._notices += [("error", f"{text}; --resume goes on from there") for text in damage]
        stalled = holder is not None and journal.is_stalled(holder)
        handle._is_interrupted = not study.is_ended and (holder is None or stalled)
        if holder is not None and stalled:
            handle._notices.append(("error", _silence_of(holder)))
        return handle

    @classmethod
    def moved(cls, path: Path, to: Path) -> None:
        """The study in `path` has another name now: those who hold it find its files there."""
        for handle in list(cls._all):
            if handle.path == path:
                handle.path = to

    # the driver that is followed

    def adopt(self, connection: Connection) -> None:
        """Follow the driver behind `connection`, which has taken the study over."""
        with self._changed:
            earlier, self._connection = self._connection, connection
            since = 0 if self._fold is None else self._fold.study.seq
            self._is_interrupted = self.is_closed = False
        connection.listen(functools.partial(self._receive, connection))
        connection.request(Follow(since))
        if earlier is not None:
            earlier.close()

    def reconnect(self) -> bool:
        """Follow the driver that runs the study now, if one does; else learn from the file what is not
        known yet. Whether one runs it.

        Raises: TuneError if the file is not this study's any more.
        """
        if not journal.is_study(self.path, opened_at=self.snapshot().opened_at):
            raise DriverError(
                f"{self.path}: was removed, or holds another study now; %tune list shows where study "
                f"{self.name!r} is kept, jt.load_study(NAME) opens it"
            )
        holder = journal.holder(self.path)
        if holder is not None and holder["socket"] and not journal.is_stalled(holder):
            with contextlib.suppress(DriverError):  # it ended in this moment
                self.adopt(Connection.to(holder["socket"]))
                return True
        self._take(journal.read_records(self.path, self.snapshot().seq))
        return False

    @property
    def is_stalled(self) -> bool:
        """Whether the driver that has the study gives no sign of life: it is stopped, or hung."""
        holder = journal.holder(self.path)
        return holder is not None and journal.is_stalled(holder)

    @property
    def connection(self) -> Connection | None:
        """That to the driver which it follows, or which draws its landscapes."""
        return self._connection

    def use(self, connection: Connection) -> None:
        """Have this driver, which runs no study, draw the landscapes."""
        with self._lock:
            self._connection = connection
            if self.is_closed:
                connection.close()

    def close(self) -> None:
        """Close the connection. Unless detached, a study that still runs is interrupted by it,
        as when the kernel restarts; the handle keeps what it knows."""
        with self._lock:
            self.is_closed = True
            if self._connection is not None:
                self._connection.close()

    # what arrives

    def begin(self, study: Study) -> None:
        """Go on from this state; it belongs to the handle from now on."""
        self._fold = Fold(study, self._lock)

    def _receive(self, connection: Connection | None, message: Message | None) -> None:
        with self._changed:
            if connection is not self._connection:
                return  # of a driver that another has taken over from
            if message is None:
                self._is_interrupted = self._fold is None or not self._fold.study.is_ended
                self._machine = messages.machine("", {})
                self._logging_to = []
            elif message["type"] == "logging":
                self._logging_to = message["to"]
            elif message["type"] == "machine":
                self._machine = messages.machine(message["waits_for"], message["slots"])
            elif message["type"] == "notice":
                self._notices.append((message["level"], message["text"]))
        records = message["records"] if message and message["type"] == "records" else ()
        self.take(records)

    def take(self, records: Sequence[list[Any]]) -> None:
        """Fold these records, as they come from a driver; those already known are passed over."""
        self._take([record_from_json(data) for data in records])

    def _take(self, records: Sequence[Record]) -> None:
        """Fold these records, and call the watchers."""
        with self._changed:
            if self._fold is not None:
                self._fold.apply(records)
            elif records:
                self.begin(Study.fold(records))
            self._changed.notify_all()
            watchers = list(self._watchers)
        for watcher in watchers:
            watcher()

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` after records, a notice or news of the machine have arrived, or the driver is gone,
        on the reading thread. Returns a function that ends it."""
        with self._lock:
            self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    # the fold

    @property
    def fold(self) -> Fold:
        """The study as it goes on. Raises DriverError before its first record has arrived."""
        with self._lock:
            if self._fold is None:
                raise DriverError("the study has not been opened yet; wait a moment")
            return self._fold

    def snapshot(self) -> Study:
        """The study at this moment, as data."""
        with self._lock:
            return self.fold.study.snapshot()

    @property
    def name(self) -> str:
        """The name of the study, and of its file without the suffix."""
        return journal.stem(self.path)

    @property
    def state(self) -> str:
        """`starting`, `running`, `paused`, `stopping`, `ended`, or `interrupted`: the driver has died."""
        with self._lock:
            if self._fold is None:
                return INTERRUPTED if self._is_interrupted else "starting"
            study = self._fold.study
            if study.is_ended:
                return "ended"
            if self._is_interrupted:
                return INTERRUPTED
            if study.stop_reason is not None:
                return "stopping"
            return "paused" if study.paused else "running"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen here: the study has ended, or it was interrupted."""
        return self.state in ("ended", INTERRUPTED)

    @property
    def is_settled(self) -> bool:
        """Whether it is over and its loggers are done, for which their driver gives them a bounded time."""
        with self._lock:
            return self.is_over and not self._logging_to

    @property
    def reason(self) -> str:
        """Why the study ended; empty while it runs."""
        return self.snapshot().end_reason or ""

    @property
    def notices(self) -> list[tuple[str, str]]:
        """The driver's notices: (level, text)."""
        with self._lock:
            return list(self._notices)

    @property
    def waits_for(self) -> str:
        """What trials wait for on this machine, in words; "" if none waits."""
        return self.machine["waits_for"]

    @property
    def machine(self) -> messages.Machine:
        """What the study has of its machine: its slots in use, with how busy their GPUs are."""
        with self._lock:
            return self._machine

    def add_notice(self, level: str, text: str) -> None:
        """Add to the notices; `level` is info or error."""
        self._receive(self._connection, dict(messages.notice(text, level)))


def _silence_of(holder: journal.Holder) -> str:
    return (
        f"the process that runs this study ({holder['pid']}) has given no sign of life for "
        f"{holder['silent_s']:.0f} s: it is stopped or hung; resuming the study takes it over"
    )
