"""A SQLite database shared by threads and processes: one connection a process, WAL mode, numbered migrations."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from prequal.core.errors import NewerDocumentError, StoreUnavailableError
from prequal.files import create_private_file, create_private_folder

# Waits for the other threads of the process, and then for the other processes: together below the ten seconds after
# which a visitor is asked to try again.
_WAIT_SECONDS = 4.0


class SqliteDatabase:
    """A database in WAL mode.

    One connection serves all threads of the process, one at a time; other processes wait for the file's own lock.
    Every SQLite error becomes a StoreUnavailableError.
    """

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        """Create the database if there is none, and apply the migrations that it lacks."""
        self._path = path
        self._lock = threading.Lock()
        # Opened at the first use: a server may fork after this, and no connection survives a fork.
        self._opened: sqlite3.Connection | None = None
        with _translated():
            create_private_folder(path.parent)
            create_private_file(path)  # SQLite gives its log and index files the same permissions
            with closing(self._connect()) as connection:
                _migrate(connection, migrations)

    def close(self) -> None:
        """Close the database for good."""
        with self._lock:
            self._connection().close()

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Read the state at the first query, for however long, without blocking others."""
        with _translated(), closing(self._connect()) as connection:
            yield connection

    @contextmanager
    def exclusive(self) -> Iterator[sqlite3.Connection]:
        """Lend the process's connection to one thread."""
        if not self._lock.acquire(timeout=_WAIT_SECONDS):
            raise StoreUnavailableError("The database is busy: try again later.")
        try:
            with _translated():
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

    def _connection(self) -> sqlite3.Connection:
        self._opened = self._opened or self._connect()
        return self._opened

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # an answered submission survives a power cut
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")  # deleted content is overwritten
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _migrate(connection: sqlite3.Connection, migrations: Sequence[str]) -> None:
    """Apply the migrations after the one whose number `PRAGMA user_version` holds, all in one transaction."""
    if connection.execute("PRAGMA user_version").fetchone()[0] == len(migrations):
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


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailableError(f"The database can't be used: {error}.") from error
