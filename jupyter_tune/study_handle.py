"""The handle that users hold: a view of a running or finished study, and its requests.

The handle folds the records that its driver sends into a study of its own, on the client's
reading thread; every question is answered from that fold under one lock, so a handle keeps
answering after its driver, or the kernel of the study, has ended. When the study goes on, the handle follows
the driver that took it over.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import functools
import threading
import time
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakSet

from jupyter_tune import journal
from jupyter_tune.client import Connection
from jupyter_tune.core.events import Record, record_from_json
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import INTERRUPTED, Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.errors import DriverError, TuneError
from jupyter_tune.study_plots import StudyPlots
from jupyter_tune.study_restart import RESTARTS, Restart, Restarts, later, read_log
from jupyter_tune.study_wishes import StudyWishes

if TYPE_CHECKING:
    import pandas

Watcher = Callable[[list[Record]], None]

LANDSCAPE_S = 120.0
"""Seconds in which a driver that was started for it draws a landscape: it has torch to import first."""

# an interrupt is noticed between two such waits
_SLICE_S = 0.2


class StudyHandle(StudyWishes, StudyPlots):
    """A study, live or read from its file.

    `await study` or `study.wait()` waits for its end. Attributes of the moment: `state`
    (starting, running, paused, stopping, ended, interrupted), `trials`, `best_trial`, `best_params`,
    `best_value`. `interrupted` means that the driver died. An ended or interrupted study goes on by
    `study.resume()`, or `study.resume(trials=20)` for so many more.
    Copied, pickled, or used in the next study's cell, it is opened again from its file.
    """

    _all: ClassVar[WeakSet[StudyHandle]] = WeakSet()

    def __init__(self, path: Path, connection: Connection | None):
        self.path = path
        self._connection = connection
        self._study: Study | None = None
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._watchers: list[Watcher] = []
        self._notices: list[tuple[str, str]] = []
        self._is_interrupted = False
        self._declared: Space | None = None
        self.is_closed = False
        """Whether the driver was let go of: none is started for landscapes."""
        self._restarts = Restarts(self)
        StudyHandle._all.add(self)

    @classmethod
    def follow(cls, path: Path, connection: Connection) -> StudyHandle:
        """A live handle on the study that the driver behind `connection` runs."""
        handle = cls(path, None)
        handle.adopt(connection)
        with handle._changed:
            handle._changed.wait_for(lambda: handle._study is not None or handle._is_interrupted, timeout=10)
        return handle

    @classmethod
    def read(cls, path: Path) -> StudyHandle:
        """A handle on a study's file; live if a driver is running it.

        Raises: JournalError if the file is missing, no study, or from a newer version.
        """
        holder = journal.holder(path)
        if holder is not None and holder.get("socket"):
            with contextlib.suppress(DriverError):  # it ended in this moment: the file tells all
                return cls.follow(path, Connection.to(holder["socket"]))
        handle = cls(path, None)
        damage: list[str] = []
        handle._study = Study.fold(journal.read_records(path, notices=damage))
        for text in damage:
            handle._notices.append(("error", f"{text}; --resume goes on from there"))
            warnings.warn(handle._notices[-1][1], stacklevel=3)
        handle._is_interrupted = not handle._study.is_ended
        return handle

    def __reduce__(self) -> tuple[Callable[..., StudyHandle], tuple[Path, Space | None]]:
        # by its file: a copy, also one in a trial, follows the driver on a connection of its own
        return _read_declared, (self.path, self._declared)

    def declared_as(self, space: Space | None) -> StudyHandle:
        """This handle, which from now on gives params with the very objects that `space` declares.

        A file has their labels only: so has a handle that was read from one.
        """
        self._declared = space
        return self

    @property
    def declared(self) -> Space:
        """The space with the objects that it was declared with, where this handle knows them."""
        return self._declared or self.snapshot().space

    def _shown(self, trial: Trial) -> Trial:
        return replace(trial, params=self.declared.decode(trial.params))

    def adopt(self, connection: Connection) -> None:
        """Follow the driver behind `connection`, which has taken the study over."""
        with self._changed:
            earlier, self._connection = self._connection, connection
            since = 0 if self._study is None else self._study.seq
            self._is_interrupted = self.is_closed = False
        connection.listen(functools.partial(self._hear, connection))
        connection.request("follow", since=since)
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
        if holder is not None and holder.get("socket"):
            with contextlib.suppress(DriverError):  # it ended in this moment
                self.adopt(Connection.to(holder["socket"]))
                return True
        self._take(journal.read_records(self.path, self.snapshot().seq))
        return False

    @classmethod
    def moved(cls, path: Path, to: Path) -> None:
        """The study in `path` has another name now: those who hold it find its files there."""
        for handle in list(cls._all):
            if handle.path == path:
                handle.path = to

    # what arrives

    def _hear(self, connection: Connection | None, message: dict[str, Any] | None) -> None:
        with self._changed:
            if connection is not self._connection:
                return  # of a driver that another has taken over from
            if message is None:
                self._is_interrupted = self._study is None or not self._study.is_ended
            elif "notice" in message:
                self._notices.append((message["level"], message["notice"]))
        self._take([record_from_json(data) for data in (message or {}).get("records", ())])

    def _take(self, records: Sequence[Record]) -> None:
        """Fold what is new of `records`, and call the watchers."""
        with self._changed:
            known = 0 if self._study is None else self._study.seq
            news = [record for record in records if record.seq > known]
            self._fold(news)
            self._changed.notify_all()
            watchers = list(self._watchers)
        for watcher in watchers:
            watcher(news)

    def _fold(self, records: Sequence[Record]) -> None:
        if self._study is None:
            self._study = Study.fold(records) if records else None
            return
        for record in records:
            self._study.apply(record)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher(new records)` after each change, on the reading thread (an empty list
        where a notice came or the driver went). Returns the way to stop."""
        with self._lock:
            self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    # the fold

    def snapshot(self) -> Study:
        """The study at this moment, as data."""
        with self._lock:
            if self._study is None:
                raise DriverError("the study has not been opened yet; wait a moment")
            return self._study.snapshot()

    @property
    def name(self) -> str:
        """The name of the study, and of its file without the suffix."""
        return self.path.name.removesuffix(journal.SUFFIX)

    @property
    def state(self) -> str:
        with self._lock:
            if self._study is None:
                return INTERRUPTED if self._is_interrupted else "starting"
            if self._study.is_ended:
                return "ended"
            if self._is_interrupted:
                return INTERRUPTED
            if self._study.stop_reason is not None:
                return "stopping"
            return "paused" if self._study.paused else "running"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen here: the study has ended, or it was interrupted."""
        return self.state in ("ended", INTERRUPTED)

    @property
    def reason(self) -> str:
        """Why the study ended; empty while it runs."""
        return self.snapshot().end_reason or ""

    @property
    def notices(self) -> list[tuple[str, str]]:
        """What the driver had to say besides facts: (level, text)."""
        with self._lock:
            return list(self._notices)

    def note(self, level: str, text: str) -> None:
        """Add to the notices; `level` is info or error."""
        self._hear(self._connection, {"notice": text, "level": level})

    @property
    def restart(self) -> Restart | None:
        """How its trials are run again; None where this process does not have its code."""
        return RESTARTS.get(self.path)

    @property
    def can_resume(self) -> bool:
        """Whether `resume` can go on after the end: this process has the study's code."""
        return self.restart is not None

    @property
    def trials(self) -> list[Trial]:
        """All trials so far, by number; copies where they still run."""
        return [self._shown(trial) for _, trial in sorted(self.snapshot().trials.items())]

    @property
    def best_trial(self) -> Trial:
        """The complete trial with the best value. Raises TuneError while there is none."""
        return self._shown(self.snapshot().require_best()[0])

    @property
    def best_params(self) -> dict[str, Any]:
        """The params of the best trial. Raises TuneError while there is none."""
        return dict(self.best_trial.params)

    @property
    def best_value(self) -> float:
        """The value of the best trial, in the metric's units. Raises TuneError while there is none."""
        return self.snapshot().require_best()[1]

    def trials_dataframe(self) -> pandas.DataFrame:
        """One row a trial, with Optuna's columns: number value state params_… user_attrs_…
        datetime_start datetime_complete duration.

        Cells are the trials' own values; where a conditional parameter does not exist, its cell is
        missing (NaN or <NA>), and `enqueue` of a row passes over it.
        """
        from jupyter_tune.views.frame import trials_frame

        return trials_frame(self.snapshot())

    # the model

    def landscape(
        self, x: str | None = None, y: str | None = None, at: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The model over two parameters (the first two that vary by default), as plain data; where
        only one varies, along that one: then there is no plane, and y is None.

        Args: at: values of other parameters to look at; by default the best trial's.
        Raises: TuneError if no parameter varies, or DriverError if it was interrupted.
        """
        x, y = self.outlook(x, y)
        result: dict[str, Any] = self.ask("landscape", x=x, y=y, at=self.declared.encode(at or {}))
        return result

    def outlook(self, x: str | None = None, y: str | None = None) -> tuple[str, str | None]:
        """One or two parameters to look at: those given, else the first that vary. Raises TuneError."""
        space = self.snapshot().space
        varying = [name for name, parameter in space.items() if not parameter.is_constant]
        for name in (x, y):
            if name is not None and name not in varying:
                raise TuneError(f"{name}: no parameter of that name varies; there are {', '.join(varying)}")
        rest = iter(name for name in varying if name not in (x, y))
        first = x or next(rest, None)
        if first is None:
            raise TuneError("no parameter varies, so there is no landscape")
        return first, y or next(rest, None)

    def axes(self, x: str | None = None, y: str | None = None) -> tuple[str, str]:
        """Two different parameters, as `outlook` finds them. Raises TuneError."""
        x, y = self.outlook(x, y)
        if y is None or x == y:
            raise TuneError("a plane needs two different parameters that vary")
        return x, y

    # requests

    def ask(self, do: str, **fields: Any) -> Any:
        """A request by its name in the protocol. Raises what the driver raises."""
        own = self._own_answer(do, fields)
        return self._live_connection.request(do, **fields) if own is None else own()

    def send(self, do: str, **fields: Any) -> Future[Any]:
        """`ask` without waiting: the answer is the future's result."""
        own = self._own_answer(do, fields)
        return self._live_connection.send(do, **fields) if own is None else later(own)

    def _own_answer(self, do: str, fields: dict[str, Any]) -> Callable[[], Any] | None:
        """How to answer a request that needs no driver, or another than the study's own was."""
        if do == "log":
            return lambda: read_log(self.path, self.snapshot(), fields["trial"])
        if not self.is_over:
            return None
        match do:
            case "resume" | "more":
                return lambda: self._go_on(fields.get("trials"), None)
            case "enqueue" if self.state == "ended":
                return lambda: self._go_on(None, fields["params"])
            case "landscape":
                return lambda: self._restarts.draws().request(do, timeout=LANDSCAPE_S, **fields)
        return None

    def _go_on(self, more: int | None, enqueue: Params | None) -> None:
        if self._restarts.go_on(more, enqueue):
            return
        if enqueue is not None:
            self.ask("enqueue", params=enqueue)
        elif more is not None:
            self.ask("more", trials=more)
        else:
            self.ask("resume")

    @property
    def connection(self) -> Connection | None:
        """That to the driver which it follows, or which draws its landscapes."""
        return self._connection

    def use(self, connection: Connection) -> None:
        """Ask this driver, which runs no study, for landscapes."""
        with self._lock:
            self._connection = connection
            if self.is_closed:
                connection.close()

    @property
    def _live_connection(self) -> Connection:
        if self._connection is None or self.state == INTERRUPTED:
            raise DriverError(f"study {self.name!r} is {self.state} and not running; {self._way_on}")
        return self._connection

    @property
    def _way_on(self) -> str:
        again = f"run its cell again with --resume --name {self.name}"
        return again if self.restart is None else f"study.resume() goes on with it, or {again}"

    def close(self) -> None:
        """Let go of the driver. Unless detached, a study that still runs is interrupted with it,
        as when the kernel restarts; the handle keeps what it knows."""
        with self._lock:
            self.is_closed = True
            if self._connection is not None:
                self._connection.close()

    # waiting

    def wait(self, timeout: float | None = None) -> None:
        """Wait for the study's end, or at most `timeout` seconds; the caller's own asyncio tasks
        go on meanwhile. An interrupt ends the wait, not the study."""
        try:
            loop = _running_loop()
            if loop is None:
                self._wait_blocking(timeout)
            else:
                # the kernel's loop is running already: nest-asyncio2 lets it turn inside this call
                import nest_asyncio2

                nest_asyncio2.apply(loop)
                loop.run_until_complete(self._wait_on(loop, timeout))
        except KeyboardInterrupt:
            self._say_that_it_goes_on()
            raise

    def _wait_blocking(self, timeout: float | None) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not self.is_over:
                left = _SLICE_S if deadline is None else min(_SLICE_S, deadline - time.monotonic())
                if left <= 0:
                    return
                self._changed.wait(left)

    async def _wait_on(self, loop: asyncio.AbstractEventLoop, timeout: float | None) -> None:
        over = asyncio.Event()

        def look(_: list[Record]) -> None:
            if self.is_over:
                with contextlib.suppress(RuntimeError):  # the loop was closed under a wait
                    loop.call_soon_threadsafe(over.set)

        unwatch = self.watch(look)
        look([])
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), timeout)
        finally:
            unwatch()

    def __await__(self) -> Generator[Any, None, None]:
        return self._awaited().__await__()

    async def _awaited(self) -> None:
        # gives nothing back: `await study` as a cell's last line would show the study once more
        try:
            await self._wait_on(asyncio.get_running_loop(), None)
        except (asyncio.CancelledError, KeyboardInterrupt):
            # a kernel turns an interrupt into a cancellation
            self._say_that_it_goes_on()
            raise

    def _say_that_it_goes_on(self) -> None:
        print(f"The wait was interrupted; study {self.name!r} goes on. study.stop() ends it.")

    def __repr__(self) -> str:
        state = self.state
        if self._study is None:
            return f"<Study {self.name}: {state}>"
        study = self.snapshot()
        counts = ", ".join(f"{count} {name}" for name, count in study.counts.items() if count)
        best = study.best_trial
        found = f"; best {study.settings.metric} {best.value:.6g} (trial {best.number})" if best else ""
        since = datetime.datetime.fromtimestamp(study.opened_at).strftime("%Y-%m-%d %H:%M:%S")
        return f"<Study {self.name}: {state} since {since}; {counts or 'no trials yet'}{found}>"


def _read_declared(path: Path, space: Space | None) -> StudyHandle:
    return StudyHandle.read(path).declared_as(space)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
