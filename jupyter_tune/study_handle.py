"""The handle that users hold: a view of a running or finished study, and its wishes.

The handle folds the records that its driver sends into a study of its own, on the client's
reading thread; every question is answered from that fold under one lock, so a handle keeps
answering after its driver, or the kernel of the study, has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import threading
import time
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_tune import journal
from jupyter_tune.client import Connection
from jupyter_tune.core.events import Record, record_from_json
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import INTERRUPTED, Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.errors import DriverError, TuneError
from jupyter_tune.study_plots import StudyPlots
from jupyter_tune.study_wishes import StudyWishes

if TYPE_CHECKING:
    import pandas

Watcher = Callable[[list[Record]], None]

# an interrupt is noticed between two such waits
_SLICE_S = 0.2


class StudyHandle(StudyWishes, StudyPlots):
    """A study, live or read from its file.

    `await study` or `study.wait()` waits for its end. Attributes of the moment: `state`
    (starting, running, paused, stopping, ended, interrupted), `trials`, `best_trial`, `best_params`,
    `best_value`. `interrupted` means that the driver died: run the cell again with `--resume`.
    Copied, pickled, or used in the next study's cell, it is opened again from its file.
    """

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

    @classmethod
    def follow(cls, path: Path, connection: Connection) -> StudyHandle:
        """A live handle on the study that the driver behind `connection` runs."""
        handle = cls(path, connection)
        connection.listen(handle._hear)
        connection.request("follow", since=0)
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
        handle._notices = [("error", text) for text in damage]
        for text in damage:
            warnings.warn(text, stacklevel=3)
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

    # what arrives

    def _hear(self, message: dict[str, Any] | None) -> None:
        records: list[Record] = []
        with self._changed:
            if message is None:
                self._is_interrupted = self._study is None or not self._study.is_ended
            elif "records" in message:
                records = [record_from_json(data) for data in message["records"]]
                self._fold(records)
            elif "notice" in message:
                self._notices.append((message["level"], message["notice"]))
            self._changed.notify_all()
            watchers = list(self._watchers)
        for watcher in watchers:
            watcher(records)

    def _fold(self, records: Sequence[Record]) -> None:
        if self._study is None:
            self._study = Study.fold(records)
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
            raise TuneError("no parameter varies, so there is nothing to look along")
        return first, y or next(rest, None)

    def axes(self, x: str | None = None, y: str | None = None) -> tuple[str, str]:
        """Two different parameters, as `outlook` finds them. Raises TuneError."""
        x, y = self.outlook(x, y)
        if y is None or x == y:
            raise TuneError("a plane needs two different parameters that vary")
        return x, y

    # wishes

    def ask(self, do: str, **fields: Any) -> Any:
        """A request to the driver by its name in the protocol. Raises what the driver raises."""
        return self._live_connection.request(do, **fields)

    def send(self, do: str, **fields: Any) -> Future[Any]:
        """`ask` without waiting: the answer is the future's result."""
        return self._live_connection.send(do, **fields)

    @property
    def _live_connection(self) -> Connection:
        if self._connection is None:
            raise DriverError(f"study {self.name!r} is not running; run its cell again with --resume")
        return self._connection

    def close(self) -> None:
        """Let go of the driver. Unless detached, a study that still runs is interrupted with it,
        as when the kernel restarts; the handle keeps what it knows."""
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
