"""The journal: one SQLite file a study, the only truth. Append, read, never change.

Laws:
- A record is acknowledged after its commit: `append` returns when the rows are in the file.
- Only the driver writes, and only while it holds the lease (an advisory lock on a file beside
  the journal, which the kernel of the machine lets go of when its holder dies, however it dies).
- Readers open the file read-only and may look while the driver writes (WAL).
- `durable` commits survive the loss of power (synchronous=FULL); the others survive the
  death of every process, which is what reports are worth.
- Records are JSON text: opening somebody's study can run nothing.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import sqlite3
import stat
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from jupyter_tune.core.events import SCHEMA, Event, Record, StudyOpened, event_from_json, event_to_json
from jupyter_tune.damage import Row, is_damage, read_cut_files, replace_damaged, rows_before_damage
from jupyter_tune.errors import JournalError, TuneError

SUFFIX = ".tune.db"
# "jtun": lets anyone tell a study from another SQLite file
APPLICATION_ID = 0x6A74756E

ANOTHER_NAME = "give another name"
"""The way out that is named first: it takes nothing away."""

LONGEST_STEM = 200
"""Bytes of a name to which a date and the endings of all files of a study may be added."""

# no index: rows are only ever added at the end and read in order
_INSERT = "INSERT INTO records VALUES (?, ?, ?)"
_TABLE = "CREATE TABLE records (seq INTEGER PRIMARY KEY, at REAL NOT NULL, event TEXT NOT NULL)"


def study_folder(explicit: str | Path | None = None) -> Path:
    """Where studies live: `explicit`, else JUPYTER_TUNE_DIR, else `studies` here; `~` is the home folder."""
    return _at_home(Path(explicit or os.environ.get("JUPYTER_TUNE_DIR") or "studies")).resolve()


def study_path(study: str | Path, folder: Path) -> Path:
    """The file of a study, given by its name in `folder`, or by a path. Whether it exists is not asked."""
    name = unicodedata.normalize("NFC", str(study))
    named, path = folder / f"{name}{SUFFIX}", _at_home(Path(study))
    if os.sep not in name and (os.path.exists(named) or not name.endswith(SUFFIX)):
        return named
    if not path.name.endswith(SUFFIX):
        path = path.with_name(path.name + SUFFIX)
    return path if os.sep in name or os.path.exists(path) else folder / path


def _at_home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise JournalError(f"{path}: {error}; write the folder's path in full") from None


def files_folder(path: Path) -> Path:
    """The folder beside a journal for logs, checkpoints and artifacts of its trials."""
    return path.with_name(path.name.removesuffix(SUFFIX) + ".tune.files")


class Journal:
    """An open journal, for the one driver that writes to it.

    `damage`: what was wrong with the file when it was opened, in a sentence; "" if nothing was.

    Raises: JournalError if the file exists (`create`), does not (`open`), is no study, comes
    from a newer version, or is being written by a living driver.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lease: IO[str], seq: int, socket: str):
        self.path = path
        self._socket = socket
        self._connection = connection
        self._lease = lease
        self._seq = seq
        self._durable = True
        self._identity = _identity(path)
        self._opened: list[Record] = []
        self.damage = ""

    @classmethod
    def create(cls, path: Path, opened: StudyOpened, at: float, *, socket: str = "") -> Journal:
        """A new study file. `socket`: where its driver can be talked to, left for others to find."""
        _require_its_place(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _as_journal_error(error, path) from error
        lease = _take_lease(path, socket)
        connection: sqlite3.Connection | None = None
        is_mine = False
        try:
            require_free(path)
            if any(files_folder(path).glob("*")):
                raise JournalError(
                    f"{files_folder(path)} holds the checkpoints and logs of a study whose file was removed; "
                    "--overwrite moves them aside, or give another --name"
                )
            is_mine = True
            connection = _new_file(path, [_row(Record(Record.FIRST, at, opened))])
            _prepare_to_write(connection)
            # a disk may have room for the file and none for what stands beside it
            _select(connection, 0)
        except (JournalError, sqlite3.Error) as error:
            if connection is not None:
                connection.close()
            if is_mine:
                for suffix in ("", "-wal", "-shm", ".lease"):
                    path.with_name(path.name + suffix).unlink(missing_ok=True)
            lease.close()
            raise _as_journal_error(error, path) from error
        return cls(path, connection, lease, Record.FIRST, socket)

    @classmethod
    def open(cls, path: Path, *, socket: str = "") -> Journal:
        """The study in `path`, to go on writing."""
        _require_its_place(path)
        if not path.exists():
            raise JournalError(f"{path} does not exist; check --name and the folder of the studies")
        lease = _take_lease(path, socket)
        connection: sqlite3.Connection | None = None
        try:
            with _reading(path) as reading:
                records, damage = _select(reading, 0)
            if damage:
                _require_some(path, records)
                kept = replace_damaged(path, lambda new: _new_file(new, map(_row, records)).close())
                damage = f"{_damaged(path, records, damage)}; the damaged file is kept as {kept.name}"
            connection = _connect(f"file:{_quoted(path)}?mode=rw")
            _prepare_to_write(connection)
            # what is added from now on, an older version could not read
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
        except (JournalError, sqlite3.Error, OSError) as error:
            if connection is not None:
                connection.close()
            lease.close()
            raise _as_journal_error(error, path) from error
        journal = cls(path, connection, lease, len(records), socket)
        journal.damage, journal._opened = damage, records
        return journal

    def append(self, events: Sequence[Event], at: float, *, durable: bool = True) -> list[Record]:
        """Commit `events` in one transaction and give them back as records.

        Args: at: unix seconds. durable: wait for the disk, not only for the file system.
        Raises: JournalError if the disk refuses; then none of the events is recorded.
        """
        records = [Record(self._seq + i, at, event) for i, event in enumerate(events, 1)]
        try:
            if durable != self._durable:
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_INSERT, map(_row, records))
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise _as_journal_error(error, self.path) from error
        self._seq += len(records)
        self._opened = []
        return records

    def put_back(self) -> bool:
        """Write the file again if it was removed while it is open; whether it was.

        Raises: JournalError if another file stands there, or nothing can be written.
        """
        if (there := _identity(self.path)) == self._identity:
            return False
        if there is not None:
            raise JournalError(
                f"{self.path} was replaced by another file while the study was running; move that file away"
            )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lease = self._lease
            if _identity(_lease_path(self.path)) != _identity(lease.fileno()):
                lease = _take_lease(self.path, self._socket)
            again = _connect(f"file:{_quoted(self.path)}?mode=rwc")
            # the open connection still has the whole of what was removed
            self._connection.backup(again)
            _prepare_to_write(again)
        except (sqlite3.Error, OSError) as error:
            raise _as_journal_error(error, self.path) from error
        self._connection.close()
        if lease is not self._lease:
            self._lease.close()
        self._connection, self._lease = again, lease
        self._identity, self._durable = _identity(self.path), True
        return True

    def records(self, since: int = 0) -> list[Record]:
        """All records after number `since`, in order."""
        if since == 0 and self._opened:
            return self._opened
        try:
            return _select(self._connection, since)[0]
        except sqlite3.Error as error:
            raise _as_journal_error(error, self.path) from error

    def close(self) -> None:
        self._connection.close()
        self._lease.close()


def set_aside(path: Path, at: float) -> Path | None:
    """Give a study and its folder of files a dated name, which is returned; None if neither is there.

    Nothing of it is lost: what a killed driver left in the write-ahead log is first written into the file.
    Raises: JournalError if a driver is writing it, it is no study, or the folder cannot be written to.
    """
    require_a_file(path)
    is_study = is_taken(path)
    if not is_study and not files_folder(path).exists():
        return None
    lease = _take_lease(path, "")
    try:
        if is_study:
            try:
                _write_back(path)
            except sqlite3.Error as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
                    raise
                # where it is damaged, or the disk full, the log is moved with it
        kept = _dated(path, at)
        # the study last: as long as it has its name, it is there with what is left of its files
        for old in (files_folder(path), *_beside(path), path):
            if old.exists():
                old.rename(kept.with_name(_stem(kept) + old.name.removeprefix(_stem(path))))
    except (JournalError, OSError, sqlite3.Error) as error:
        raise _as_journal_error(error, path) from error
    finally:
        lease.close()
    return kept


def _write_back(path: Path) -> None:
    """Move what is in the write-ahead log into the file itself."""
    connection = _connect(f"file:{_quoted(path)}?mode=rw")
    try:
        _check_version(connection, path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _stem(path: Path) -> str:
    return path.name.removesuffix(SUFFIX)


def _beside(path: Path) -> list[Path]:
    """The files of SQLite's own that may lie beside a study."""
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm")]


def _dated(path: Path, at: float) -> Path:
    """The name under which a study is kept that another takes the name of: its own, with the time."""
    # cut where the longer name would not be one
    stem = _stem(path).encode()[:LONGEST_STEM].decode(errors="ignore")
    name = f"{stem}-{time.strftime('%Y%m%d-%H%M%S', time.localtime(at))}"
    names = (name if count == 1 else f"{name}-{count}" for count in itertools.count(1))
    candidates = (path.with_name(name + SUFFIX) for name in names)
    return next(kept for kept in candidates if not kept.exists() and not files_folder(kept).exists())


def read_records(path: Path, since: int = 0, notices: list[str] | None = None) -> list[Record]:
    """The records of a study after number `since`, read beside a driver that may be writing.

    Of a damaged file those before the damage, and a sentence about it goes into `notices`.

    Raises: JournalError if there is no such file, it is no study, or from a newer version, or nothing
    of it can be read.
    """
    with _reading(path) as connection:
        records, damage = _select(connection, since)
    if since == 0:
        _require_some(path, records)
    if damage and notices is not None:
        notices.append(_damaged(path, records, damage))
    return records


def read_texts(path: Path, since: int = 0, most: int = -1) -> list[str]:
    """The records after number `since`, `most` of them (-1: all), each as the JSON text of what
    record_to_json gives: for whoever only hands them on. Raises: JournalError as read_records."""
    with _reading(path) as connection:
        rows, _ = rows_before_damage(connection, since, most)
        return [f"[{seq}, {at!r}, {text}]" for seq, at, text in rows]


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    require_a_file(path)
    if not path.exists():
        raise JournalError(f"{path} does not exist; check the name and the folder of the studies")
    connection: sqlite3.Connection | None = None
    try:
        connection = _connect(f"file:{_quoted(path)}?mode=ro")
        read_cut_files(connection)
        _check_version(connection, path)
        yield connection
    except sqlite3.Error as error:
        raise _as_journal_error(error, path) from error
    finally:
        if connection is not None:
            connection.close()


def is_study(path: Path, *, opened_at: float) -> bool:
    """Whether the study that was opened at this time is still the one in `path`."""
    if not path.exists():
        return False
    with _reading(path) as connection:
        first = connection.execute("SELECT at FROM records WHERE seq = ?", (Record.FIRST,)).fetchone()
    return first is not None and first[0] == opened_at


def holder(path: Path) -> dict[str, Any] | None:
    """Who writes this study now: {"pid", "socket"}; None if nobody does."""
    lease = _lease_path(path)
    require_a_file(lease)
    try:
        file = open(lease)  # noqa: SIM115 closed below
    except OSError:
        return None  # none is there, or it is another user's: then nothing can be written beside it either
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            owner: dict[str, Any] = json.loads(file.read() or "{}")
            return owner
    return None


def _select(connection: sqlite3.Connection, since: int) -> tuple[list[Record], str]:
    """The records after number `since` up to the first that cannot be read, and what is wrong with that."""
    rows, damage = rows_before_damage(connection, since)
    records = []
    for seq, at, text in rows:
        try:
            records.append(Record(seq, at, event_from_json(json.loads(text))))
        # the version says that every event is known here: one that is not was garbled
        except (TuneError, ValueError, TypeError, KeyError, AttributeError) as error:
            return records, f"{type(error).__name__}: {error}"
    return records, damage


def _require_its_place(path: Path) -> None:
    """Raises JournalError if what stands at a study's file or at its folder can be neither."""
    require_a_file(path)
    files = files_folder(path)
    if files.exists() and not files.is_dir():
        raise JournalError(
            f"{files} is no folder, and logs and checkpoints of the study go there; {ANOTHER_NAME}, "
            "or move it away"
        )


def require_a_file(path: Path) -> None:
    """Raises JournalError if a folder stands there, or something else that SQLite could wait for."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if not path.is_symlink():
            return
        what = f"a link to {os.readlink(path)}, which does not exist,"
    except OSError as error:
        raise _as_journal_error(error, path) from error
    else:
        if stat.S_ISREG(mode):
            return
        what = "a folder" if stat.S_ISDIR(mode) else "no plain file"
    raise JournalError(
        f"{path} is {what} and cannot be a study's; nothing was changed: {ANOTHER_NAME}, or move it away"
    )


def require_study(path: Path) -> None:
    """Raises JournalError if no study that this version can read stands there."""
    with _reading(path) as connection:
        _require_some(path, rows_before_damage(connection, 0, 1)[0])


def require_free(path: Path) -> None:
    """Raises JournalError if something stands where a new study is to be, with the ways on."""
    require_a_file(path)
    if is_taken(path):
        require_study(path)
        raise JournalError(
            f"--name: study {_stem(path)!r} exists already in {path.parent}; give another --name, "
            "--resume to go on with it, or --overwrite to replace it (its file is kept, dated)"
        )


def _require_some(path: Path, records: Sequence[Record | Row]) -> None:
    if not records:
        raise JournalError(
            f"{path} is damaged from its first record on; nothing of it can be recovered, nothing was "
            f"changed: {ANOTHER_NAME}, or move it away"
        )


def _damaged(path: Path, records: Sequence[Record], damage: str) -> str:
    return (
        f"{path.name} is damaged after record {len(records)} ({damage}); what stands before it was recovered"
    )


def is_taken(path: Path) -> bool:
    """Whether anything stands there but a file without a table, as a start that broke off leaves one."""
    if not path.is_file():
        return path.exists()
    try:
        with closing(_connect(f"file:{_quoted(path)}?mode=ro")) as connection:
            return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,))
    except sqlite3.Error:
        return True


def _new_file(path: Path, rows: Iterable[Row]) -> sqlite3.Connection:
    """A study file of these rows, open; all of it is on the disk, or there is no table."""
    connection = _connect(f"file:{_quoted(path)}?mode=rwc")
    try:
        connection.execute("BEGIN")
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.executemany(_INSERT, rows)
        connection.execute("COMMIT")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _row(record: Record) -> Row:
    return record.seq, record.at, json.dumps(event_to_json(record.event), allow_nan=False)


def _identity(file: Path | int) -> tuple[int, int] | None:
    """Which file that is; None for none."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10, check_same_thread=False)


def _prepare_to_write(connection: sqlite3.Connection) -> None:
    # only once the file is known to be ours: this changes its header
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise _foreign(path)
    if version > SCHEMA:
        raise JournalError(
            f"{path} was written in version {version} of the format, this jupyter_tune reads up to "
            f"{SCHEMA}; nothing was changed: upgrade it, or {ANOTHER_NAME}"
        )


def _lease_path(path: Path) -> Path:
    return path.with_name(path.name + ".lease")


def _take_lease(path: Path, socket: str) -> IO[str]:
    require_a_file(_lease_path(path))
    try:
        lease = open(_lease_path(path), "a+")  # noqa: SIM115 held until close()
    except OSError as error:
        raise _as_journal_error(error, path) from error
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lease.seek(0)
        pid = json.loads(lease.read() or "{}").get("pid", "unknown")
        lease.close()
        raise JournalError(
            f"{path} is being written by process {pid}; stop that study, or give another --name"
        ) from error
    try:
        lease.truncate(0)
        json.dump({"pid": os.getpid(), "socket": socket}, lease)
        lease.flush()
    except OSError as error:
        with suppress(OSError):
            lease.close()
        raise _as_journal_error(error, path) from error
    return lease


def _as_journal_error(error: Exception, path: Path) -> JournalError:
    if isinstance(error, JournalError):
        return error
    if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
        return _foreign(path)
    if isinstance(error, sqlite3.Error) and is_damage(error):
        return JournalError(
            f"{path} is damaged ({error}); nothing of it can be recovered, nothing was changed: "
            f"{ANOTHER_NAME}, or move it away"
        )
    return JournalError(f"{path}: {error}; check the disk's room and the file's permissions")


def _foreign(path: Path) -> JournalError:
    what = "is not a study of jupyter_tune" if path.stat().st_size else "is empty"
    return JournalError(f"{path} {what}; nothing was changed: {ANOTHER_NAME}, or move it away")


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
