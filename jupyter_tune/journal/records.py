"""The records of a study as its driver appends them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from jupyter_tune.core.encoding import event_to_text, record_text
from jupyter_tune.core.events import SCHEMA, Event, Record, StudyOpened
from jupyter_tune.errors import FencedError, JournalError
from jupyter_tune.journal.damage import Row, replace_damaged
from jupyter_tune.journal.folders import files_folder, require_its_place
from jupyter_tune.journal.lease import beat, identity, lease_path, note, noted, take_lease
from jupyter_tune.journal.overviews import write_facts
from jupyter_tune.journal.readers import damaged, lost, require_free, require_some, select
from jupyter_tune.journal.refusals import as_journal_error
from jupyter_tune.journal.sqlite_file import (
    INSERT,
    UNFINISHED,
    connect,
    new_file,
    prepare_to_write,
    reading,
)


class Journal:
    """An open journal, for the one driver that writes to it.

    `damage`: what was wrong with the file when it was opened, in a sentence; "" if nothing was.
    `texts`: the records of the last `append`, each as the JSON text that clients get.

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
        self._identity = identity(path)
        self._opened: list[Record] = []
        self.damage = ""
        self.texts: list[str] = []
        note(lease, seq)

    @classmethod
    def create(
        cls, path: Path, opened: StudyOpened, at: float, *, socket: str = "", facts: Sequence[Event] = ()
    ) -> Journal:
        """A new study file.

        Args:
            socket: where clients reach its driver; left for them beside the file.
            facts:  what the study begins with; the file has all of them or is not made.
        """
        require_its_place(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise as_journal_error(error, path) from error
        lease = take_lease(path, socket)
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
            records = [Record(seq, at, event) for seq, event in enumerate([opened, *facts], Record.FIRST)]
            new_file(path, map(_row, records))
            connection = connect(path, "rw")
            prepare_to_write(connection)
            # a disk may have room for the file and none for its WAL
            there, _ = select(connection, 0)
        except (JournalError, sqlite3.Error, OSError) as error:
            if connection is not None:
                connection.close()
            if is_mine:
                for suffix in ("", "-wal", "-shm", UNFINISHED, ".lease"):
                    path.with_name(path.name + suffix).unlink(missing_ok=True)
            lease.close()
            raise as_journal_error(error, path) from error
        journal = cls(path, connection, lease, len(records), socket)
        journal._opened = there
        return journal

    @classmethod
    def open(cls, path: Path, *, socket: str = "") -> Journal:
        """The study in `path`, to go on writing."""
        require_its_place(path)
        if not path.exists():
            raise JournalError(f"{path} does not exist; check --name and the folder of the studies")
        known = noted(path)
        lease = take_lease(path, socket)
        connection: sqlite3.Connection | None = None
        try:
            with reading(path) as there:
                records, damage = select(there, 0)
            if not damage:
                damage = lost(path, len(records), known)
            else:
                require_some(path, records)
                kept = replace_damaged(path, lambda new: new_file(new, map(_row, records)))
                damage = f"{damaged(path, len(records), damage)}; the damaged file is kept as {kept.name}"
            connection = connect(path, "rw")
            prepare_to_write(connection)
            # an older version could not read what is added from now on
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
        except (JournalError, sqlite3.Error, OSError) as error:
            if connection is not None:
                connection.close()
            lease.close()
            raise as_journal_error(error, path) from error
        journal = cls(path, connection, lease, len(records), socket)
        journal.damage, journal._opened = damage, records
        return journal

    def append(self, events: Sequence[Event], at: float, *, durable: bool = True) -> list[Record]:
        """The records that `events` have become, committed in one transaction; `texts` has them as text.

        Args: at: unix seconds. durable: wait for the disk, not only for the file system.
        Raises: JournalError if the disk refuses, FencedError if another process has taken the study over;
            then none of the events is recorded.
        """
        records = [Record(self._seq + i, at, event) for i, event in enumerate(events, 1)]
        rows = [_row(record) for record in records]
        try:
            self._wait_for_disk(durable)
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(INSERT, rows)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.IntegrityError):
                # a record of this number is there: another process has gone on with the study
                raise self._fenced() from error
            raise as_journal_error(error, self.path) from error
        self._seq += len(records)
        note(self._lease, self._seq)
        self._opened = []
        self.texts = [record_text(*row) for row in rows]
        return records

    def keep(self, facts: Mapping[str, Any]) -> None:
        """Have the file say how the study stands after its last record: for lists, see overviews.py.

        Raises: JournalError if the disk refuses.
        """
        try:
            self._wait_for_disk(False)
            write_facts(self._connection, self._seq, facts)
        except sqlite3.Error as error:
            raise as_journal_error(error, self.path) from error

    def _wait_for_disk(self, waits: bool) -> None:
        """Whether the next commits do."""
        if waits != self._durable:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if waits else 'NORMAL'}")
            self._durable = waits

    def beat(self) -> None:
        """Give a sign of life. Raises FencedError if another process has taken the study over."""
        if not beat(self._lease, self.path):
            raise self._fenced()

    def _fenced(self) -> FencedError:
        return FencedError(f"{self.path}: another process has taken this study over")

    def put_back(self) -> bool:
        """Write the file again if it was removed while it is open; whether it was.

        Raises: JournalError if another file stands there, or nothing can be written.
        """
        if (there := identity(self.path)) == self._identity:
            return False
        if there is not None:
            raise JournalError(
                f"{self.path} was replaced by another file while the study was running; move that file away"
            )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lease = self._lease
            if identity(lease_path(self.path)) != identity(lease.fileno()):
                lease = take_lease(self.path, self._socket)
            again = connect(self.path, "rwc")
            # the open connection still has all of the removed file
            self._connection.backup(again)
            prepare_to_write(again)
        except (sqlite3.Error, OSError) as error:
            raise as_journal_error(error, self.path) from error
        self._connection.close()
        if lease is not self._lease:
            self._lease.close()
        self._connection, self._lease = again, lease
        note(lease, self._seq)
        self._identity, self._durable = identity(self.path), True
        return True

    def records(self, since: int = 0) -> list[Record]:
        """All records after number `since`, in order."""
        if since == 0 and self._opened:
            return self._opened
        try:
            return select(self._connection, since)[0]
        except sqlite3.Error as error:
            raise as_journal_error(error, self.path) from error

    def close(self) -> None:
        self._connection.close()
        self._lease.close()


def write_study(path: Path, records: Sequence[Record]) -> None:
    """A study file of records that are all there already. Raises JournalError if a study is there, or the
    disk refuses."""
    require_its_place(path)
    require_free(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new_file(path, map(_row, records))
    except (sqlite3.Error, OSError) as error:
        raise as_journal_error(error, path) from error


def _row(record: Record) -> Row:
    return record.seq, record.at, event_to_text(record.event)
