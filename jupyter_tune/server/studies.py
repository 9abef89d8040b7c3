"""The studies under a server's root: which there are, how each stands, and what changes.

Files are looked at in turns: with each request, and every TURN_S on a thread while pages listen.

    which there are    those that run; those in `studies`, JUPYTER_TUNE_DIR and folders in which studies were
                       found; and those of all other folders, by a walk that goes on behind requests
    how each stands    read where the file or its log have another time or size; of one that runs also every
                       SLOWLY_S, as its driver may be gone

A page is told of a study at most every NEWS_S. A study whose reading takes long is read seldom.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from jupyter_tune import journal
from jupyter_tune.client.overviews import Standing, glance
from jupyter_tune.errors import OptionError, TuneError
from jupyter_tune.journal.running import running_folder
from jupyter_tune.server.readers import Standings, read
from jupyter_tune.server.root import Root, Walk, studies_in
from jupyter_tune.server.rows import Row, broken_row, is_news, row_of
from jupyter_tune.views.overview import overview_from_json

TURN_S = 0.05
SLOWLY_S = 1.0
"""Seconds between two looks at what does not change often: folders, and studies that do not run."""
NEWS_S = 0.25
WALK_S = 0.3
"""Seconds that a request waits for the walk."""
WALK_TURN_S = 0.02
WALK_AGAIN_S = 2.0
"""Seconds between two walks; and at least SHARE times as long as one takes."""
SHARE = 50
READ_SHARE = 10
"""The next reading of a study waits this many times as long as the last one took, mostly 1 ms."""
TICK_S, COARSE_TICK_S = 0.02, 2.5
"""Seconds that the clock of files may stand still; the latter where it counts whole seconds."""

_Key: TypeAlias = tuple[tuple[int, int] | None, ...]
"""Times and sizes of a study's files."""


@dataclass(slots=True)
class _Known:
    """A study file.

    key:   of what was read last; `asked`: of what the process beside reads.
    told:  what pages know. not_before: when to look next, at the earliest.
    is_settled: a change since it was read would change the key.
    """

    key: _Key | None = None
    asked: _Key | None = None
    row: Row | None = None
    told: Row | None = None
    read_at: float = 0.0
    not_before: float = 0.0
    is_live: bool = False
    is_settled: bool = False


class Studies:
    """`tell` is called on any thread with the data of an event. Methods may be called on any, and wait."""

    def __init__(self, root: Path, tell: Callable[[dict[str, Any]], None], *, hidden: bool):
        self._root = Root(root, hidden=hidden)
        self._tell = tell
        self._lock = threading.RLock()
        self._known: dict[Path, _Known] = {}
        self._folders: dict[Path, int | None] = {}
        self._detached: Mapping[Path, bool] = {}
        self._running_at: int | None = None
        self._slowly_at = self._walk_at = self._walked_s = 0.0
        self._walk = Walk(self._root.folder)
        self._readers = Standings(self._take)
        self._is_watched = threading.Event()
        self._is_over = False
        self._thread: threading.Thread | None = None
        atexit.register(self.close)

    # requests

    def listing(self) -> dict[str, Any]:
        """The rows of all studies by their paths; `unread`: studies and folders that are still to be read,
        and come as events."""
        with self._lock:
            self._look(WALK_S, at_once=True)
            # pages that listen are told of what changes after this
            for known in self._known.values():
                known.told = known.row
            rows = [known.row for _, known in sorted(self._known.items()) if known.row is not None]
            unread = self._walk.left + self._readers.count
        self._watch()
        return {"studies": rows, "unread": unread}

    def part(self, what: Literal["dashboard", "model"], name: str) -> str | None:
        """The dashboard of a study or its model (see reading.py) as JSON text; None if there is no study of
        that name. Takes seconds. Raises: TuneError."""
        path = self._root.file(name)
        return None if path is None else read(what, {"path": str(path)})

    def comparison(self, names: list[str], by: str) -> str | None:
        """Studies in one chart, as JSON text; None if one is not there. Raises: TuneError."""
        if not names:
            raise OptionError("compare: give at least one study, as ?path=FILE")
        paths = [self._root.file(name) for name in names]
        found = [path for path in paths if path is not None]
        if len(found) < len(paths):
            return None
        stems = [journal.stem(path) for path in dict.fromkeys(found)]
        labels = {
            stem if stems.count(stem) == 1 else self._root.name(path).removesuffix(journal.SUFFIX): str(path)
            for path, stem in zip(dict.fromkeys(found), stems, strict=True)
        }
        return read("comparison", {"studies": labels, "by": by})

    def ask(self, name: str, message: Mapping[str, Any]) -> bool:
        """Pass a request on to the driver; False if there is no study of that name.

        Raises: OptionError for what is no request, TuneError if it is refused.
        """
        # here, not above: the first list does not wait for it
        from jupyter_tune.server import driver_requests

        request = driver_requests.request_in(message)
        path = self._root.file(name)
        if path is None:
            return False
        driver_requests.pass_on(path, request)
        return True

    def delete(self, name: str) -> bool:
        """Delete a study with its files; False if there is none of that name. Raises: TuneError."""
        path = self._root.file(name)
        if path is None:
            return False
        journal.delete(path)
        with self._lock:
            self._forget(path)
        return True

    def rest(self) -> None:
        """Stop watching until the next request for all studies."""
        self._is_watched.clear()

    def close(self) -> None:
        """End the threads."""
        self._is_over = True
        self._is_watched.set()
        self._readers.close()
        if self._thread is not None:
            self._thread.join(1.0)

    # the watch

    def _watch(self) -> None:
        with self._lock:
            if self._thread is None and not self._is_over:
                self._thread = threading.Thread(target=self._run, name="jupyter_tune watch", daemon=True)
                self._thread.start()
        self._is_watched.set()

    def _run(self) -> None:
        while self._is_watched.wait() and not self._is_over:
            with self._lock:
                self._look(WALK_TURN_S)
                news = self._news()
            for data in news:
                try:
                    self._tell(data)
                except RuntimeError:
                    return  # the server's loop is closed
            time.sleep(TURN_S)

    def _news(self) -> list[dict[str, Any]]:
        news = []
        for known in self._known.values():
            if known.row is not None and is_news(known.row, known.told):
                known.told = known.row
                known.not_before = max(known.not_before, time.monotonic() + NEWS_S)
                news.append({"action": "changed", "path": known.row["path"], "row": known.row})
        return news

    def _forget(self, path: Path) -> None:
        known = self._known.pop(path, None)
        if known is not None and known.told is not None:
            self._tell({"action": "deleted", "path": self._root.name(path), "row": None})

    # one turn

    def _look(self, walk_s: float, *, at_once: bool = False) -> None:
        now = time.monotonic()
        is_slow_turn = at_once or now - self._slowly_at >= SLOWLY_S
        if is_slow_turn:
            self._slowly_at = now
            self._look_into_folders()
        self._look_at_running(is_slow_turn)
        self._go_on_walking(walk_s, now, at_once=at_once)
        for path, known in list(self._known.items()):
            if is_slow_turn or known.is_live:
                self._look_at(path, known, at_once=at_once)

    def _look_into_folders(self) -> None:
        for folder in self._usual_folders():
            if folder.is_relative_to(self._root.folder):
                self._folders.setdefault(folder, None)
        for folder, before in list(self._folders.items()):
            changed_at = _time_of(folder)
            if changed_at is None or changed_at != before:
                self._folders[folder] = changed_at
                self._enter(studies_in(folder))

    def _usual_folders(self) -> list[Path]:
        usual = (self._root.folder / "studies").resolve()
        try:
            return [usual, journal.study_folder()]
        except TuneError:
            return [usual]  # JUPYTER_TUNE_DIR names a user that there is not

    def _look_at_running(self, is_slow_turn: bool) -> None:
        """The drivers' list says at once where a study has begun, and whether it is detached."""
        changed_at = _time_of(running_folder())
        if changed_at is not None and changed_at == self._running_at and not is_slow_turn:
            return
        self._detached = {study.path.resolve(): study.is_detached for study in journal.running()}
        # after `running`, which may have removed entries
        self._running_at = _time_of(running_folder())
        self._enter(list(self._detached))
        for path in self._detached:
            if path in self._known:
                self._known[path].is_live = True

    def _go_on_walking(self, walk_s: float, now: float, *, at_once: bool) -> None:
        # a request walks anew where that takes no time
        if self._walk.is_over and (now >= self._walk_at or (at_once and self._walked_s < walk_s / 3)):
            self._walk, self._walked_s = Walk(self._root.folder), 0.0
        if self._walk.is_over:
            return
        self._enter(self._walk.go_on(walk_s))
        self._walked_s += time.monotonic() - now
        self._walk_at = time.monotonic() + max(WALK_AGAIN_S, SHARE * self._walked_s)

    def _enter(self, paths: list[Path]) -> None:
        for path in paths:
            if path not in self._known and self._root.holds(path):
                self._known[path] = _Known()
                self._folders.setdefault(path.parent, None)

    def _look_at(self, path: Path, known: _Known, *, at_once: bool) -> None:
        now = time.monotonic()
        if now < known.not_before and not at_once:
            return
        key = _key_of(path)
        if key is None:
            self._forget(path)
            return
        is_due = known.is_live and now - known.read_at >= SLOWLY_S
        if key == known.key and known.is_settled and not is_due:
            return
        known.read_at, known.is_settled = now, all(_is_settled(each[0]) for each in key if each)
        try:
            standing = glance(path)
        except (TuneError, OSError) as error:
            self._set(known, key, broken_row(self._root, path, str(error)), is_live=False)
        else:
            if standing is not None:
                self._set_standing(path, known, key, standing)
            elif self._readers.want(path):
                known.key = known.asked = key
        known.not_before = now + READ_SHARE * (time.monotonic() - now)

    def _set_standing(self, path: Path, known: _Known, key: _Key, standing: Standing) -> None:
        row = row_of(self._root, path, standing, is_detached=self._detached.get(path, False))
        self._set(known, key, row, is_live=standing.lives)

    def _set(self, known: _Known, key: _Key, row: Row, *, is_live: bool) -> None:
        known.key, known.row, known.is_live = key, row, is_live

    def _take(self, path: Path, told: dict[str, Any]) -> None:
        """What the reading process says of a study."""
        with self._lock:
            known = self._known.get(path)
            if known is None or known.asked is None:
                return
            found = overview_from_json(told.get("overview"))
            if found is None:
                error = told.get("error", f"{path.name} cannot be read")
                self._set(known, known.asked, broken_row(self._root, path, error), is_live=False)
            else:
                standing = Standing(found, told["state"], told["lives"])
                self._set_standing(path, known, known.asked, standing)


def _time_of(folder: Path) -> int | None:
    """When a folder was changed last; None where that is not known yet, or there is none."""
    try:
        at = os.stat(folder).st_mtime_ns
    except OSError:
        return None
    return at if _is_settled(at) else None


def _key_of(path: Path) -> _Key | None:
    """Times and sizes of the file and of its log; None if there is no such file."""
    key: list[tuple[int, int] | None] = []
    for file in (path, path.with_name(f"{path.name}-wal")):
        try:
            status = os.stat(file)
        except OSError:
            key.append(None)
        else:
            # who only reads makes and removes an empty log
            key.append((status.st_mtime_ns, status.st_size) if status.st_size else None)
    if key[0] is None and not path.exists():
        return None
    return tuple(key)


def _is_settled(at: int) -> bool:
    """Whether a change from now on gets a later time than `at`: the clock of files stands still for
    milliseconds, on some disks for two seconds."""
    tick_s = COARSE_TICK_S if at % 1_000_000_000 == 0 else TICK_S
    return time.time_ns() - at > 1e9 * tick_s
