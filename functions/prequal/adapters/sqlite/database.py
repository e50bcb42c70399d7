"""A SQLite file that threads and processes share: one connection for a process, in WAL mode."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from prequal.core.errors import StoreUnavailableError

# For the other threads of this process, and then for the other processes: together below the ten seconds after which a
# visitor is asked to try again.
_WAIT_SECONDS = 4.0


class SqliteFile:
    """A database in WAL mode.

    One connection serves all threads of the process, one at a time; other processes wait for the file's own lock.
    What SQLite raises is a StoreUnavailableError.
    """

    def __init__(self, path: Path, schema: str) -> None:
        """Make the database where there is none."""
        self._path = path
        self._lock = threading.Lock()
        # Opened at the first use: a server may fork after this, and no connection survives that.
        self._opened: sqlite3.Connection | None = None
        with _translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as connection:
                connection.executescript(schema)

    def close(self) -> None:
        """Close the database for good."""
        with self._lock:
            self._connection().close()

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Read beside all others, and what was there at the first query, however long that takes."""
        with _translated(), closing(self._connect()) as connection:
            yield connection

    @contextmanager
    def using(self) -> Iterator[sqlite3.Connection]:
        """Have the connection for oneself."""
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
        with self.using() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def sweep_up(self) -> None:
        """Empty the write-ahead log, in which what was deleted can still be read."""
        with self.using() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _connection(self) -> sqlite3.Connection:
        self._opened = self._opened or self._connect()
        return self._opened

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # what was answered survives a power cut too
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
        return connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailableError(f"The database can't be used: {error}.") from error
