"""A SQLite database shared by threads and processes: one connection a process, WAL mode, numbered migrations."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from prequal.core.errors import NewerDocumentError, StoreUnavailableError
from prequal.files import create_private_file, create_private_folder

# Waits for the other threads of the process, and then for the other processes: together below the ten seconds after
# which a visitor is asked to try again.
_WAIT_SECONDS = 4.0
_PAUSE_SECONDS = 0.02


class SqliteDatabase:
    """A database in WAL mode.

    One connection serves all threads of the process, one at a time; other processes wait for the file's own lock.
    Every SQLite error becomes a StoreUnavailableError.
    """

    def __init__(self, path: Path, migrations: Sequence[str], *, read_only: bool = False) -> None:
        """Create the database if there is none, and apply the migrations that it lacks.

        With `read_only`, a database that this process may not write is opened as it is, if it is not too new.
        """
        self._path = path
        self._read_only = read_only and not all(os.access(place, os.W_OK) for place in (path, path.parent))
        self._lock = threading.Lock()
        # Opened at the first use: a server may fork after this, and no connection survives a fork.
        self._opened: sqlite3.Connection | None = None
        with self._translated():
            if not self._read_only:
                create_private_folder(path.parent)
                create_private_file(path)  # SQLite gives its log and index files the same permissions
            with closing(self._connect()) as connection:
                _migrate(connection, migrations, read_only=self._read_only)

    def close(self) -> None:
        """Close the database for good."""
        with self._lock:
            self._connection().close()

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Read the state at the first query, for however long, without blocking others."""
        with self._translated(), closing(self._connect()) as connection:
            yield connection

    @contextmanager
    def exclusive(self) -> Iterator[sqlite3.Connection]:
        """Lend the process's connection to one thread."""
        if not self._lock.acquire(timeout=_WAIT_SECONDS):
            raise StoreUnavailableError("The database is busy: try again later.")
        try:
            with self._translated():
                yield self._connection()
        finally:
            self._lock.release()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing."""
        with self.exclusive() as connection, _transaction(connection):
            yield connection

    def truncate_log(self) -> None:
        """Empty the write-ahead log, from which deleted rows could still be read."""
        with self.exclusive() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise StoreUnavailableError(f"The database {self._path} can't be used: {reason}.") from error

    def _connection(self) -> sqlite3.Connection:
        self._opened = self._opened or self._connect()
        return self._opened

    def _connect(self) -> sqlite3.Connection:
        address: Path | str = self._path
        if self._read_only:  # without a log, nobody has it open, and none can be made here
            log = self._path.with_name(f"{self._path.name}-wal")
            address = f"{self._path.resolve().as_uri()}?mode=ro{'' if log.exists() else '&immutable=1'}"
        connection = sqlite3.connect(
            address, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False, uri=self._read_only
        )
        if self._read_only:
            return connection
        try:
            _use_write_ahead_log(connection)
            connection.execute("PRAGMA synchronous = FULL")  # an answered submission survives a power cut
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")  # deleted content is overwritten
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch to WAL mode. If others are about to do so too, SQLite doesn't wait for them, as it does elsewhere."""
    give_up_at = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _migrate(connection: sqlite3.Connection, migrations: Sequence[str], *, read_only: bool) -> None:
    """Apply the migrations after the one whose number `PRAGMA user_version` holds, all in one transaction."""
    applied = connection.execute("PRAGMA user_version").fetchone()[0]
    if applied == len(migrations) or (read_only and applied < len(migrations)):  # what is read, the first one made
        return
    with _transaction(connection):
        applied = connection.execute("PRAGMA user_version").fetchone()[0]
        if applied > len(migrations):
            raise NewerDocumentError(applied, len(migrations))
        for migration in migrations[applied:]:
            for statement in migration.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # some errors have ended it already
            connection.execute("ROLLBACK")
        raise
