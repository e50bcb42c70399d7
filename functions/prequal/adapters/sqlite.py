"""Leads in one SQLite file: a real store for one machine, safe for several processes at once."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from prequal.adapters.json_documents import dump, instant_text, load
from prequal.core.documents import (
    attempt_document,
    attempt_from,
    lead_document,
    lead_from,
    mail_document,
    mail_from,
)
from prequal.core.errors import StoreUnavailableError
from prequal.ports import Admission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from prequal.core.lead import Attempt, Lead
    from prequal.core.mail import Mail

# For the other threads of this process, and then for the other processes: together below the ten seconds after which a
# visitor is asked to try again.
_WAIT_SECONDS = 4.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS leads (
    id TEXT PRIMARY KEY,
    received_at TEXT NOT NULL,
    expire_at TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS leads_by_age ON leads (received_at, id);
CREATE TABLE IF NOT EXISTS attempts (
    lead_id TEXT NOT NULL REFERENCES leads ON DELETE CASCADE,
    id TEXT NOT NULL,
    replay_key TEXT NOT NULL,
    expire_at TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (lead_id, id)
) STRICT;
CREATE INDEX IF NOT EXISTS attempts_by_key ON attempts (lead_id, replay_key);
CREATE TABLE IF NOT EXISTS mails (
    id TEXT PRIMARY KEY,
    lead_id TEXT NOT NULL,
    due_at TEXT,
    expire_at TEXT,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS mails_by_due ON mails (due_at) WHERE due_at IS NOT NULL;
"""


class SqliteLeadStore:
    """A LeadStore in a SQLite database in WAL mode.

    One connection serves all threads of the process, one at a time; other processes wait for the file's own lock.
    """

    def __init__(self, path: Path) -> None:
        """Make the database where there is none."""
        self._path = path
        self._lock = threading.Lock()
        # Opened at the first use: a server may fork after this, and no connection survives that.
        self._opened: sqlite3.Connection | None = None
        with _translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as connection:
                connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database for good."""
        with self._lock:
            self._connection().close()

    def admit(
        self, lead: Lead, attempt: Attempt, mails: Sequence[Mail], again: Callable[[Lead], tuple[Lead, Sequence[Mail]]]
    ) -> Admission:
        """Add a submission: see the port."""
        with self._transaction() as connection:
            existing = _lead(connection, lead.id)
            if existing is None:
                admission = Admission.FIRST
            elif _replayed(connection, lead.id, attempt):
                return Admission.REPLAY
            else:
                admission = Admission.AGAIN
                lead, mails = again(existing)
            _put_lead(connection, lead)
            connection.execute(
                "INSERT INTO attempts (lead_id, id, replay_key, expire_at, document) VALUES (?, ?, ?, ?, ?)",
                (
                    lead.id,
                    attempt.id,
                    attempt.replay_key,
                    instant_text(attempt.expire_at),
                    dump(attempt_document(attempt)),
                ),
            )
            for mail in mails:
                _put_mail(connection, mail)
            return admission

    def lead(self, lead_id: str) -> Lead | None:
        """Return a lead, if it is there."""
        with self._using() as connection:
            return _lead(connection, lead_id)

    def leads(self) -> Iterator[Lead]:
        """Return every lead, the oldest first, as they were when the reading began."""
        with _translated(), closing(self._connect()) as connection:
            for row in connection.execute("SELECT document FROM leads ORDER BY received_at, id"):
                yield lead_from(load(row[0]))

    def attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, the oldest first."""
        with self._using() as connection:
            rows = connection.execute("SELECT document FROM attempts WHERE lead_id = ?", (lead_id,)).fetchall()
        return sorted((attempt_from(load(row[0])) for row in rows), key=lambda attempt: attempt.received_at)

    def change(self, lead_id: str, change: Callable[[Lead], Lead]) -> Lead | None:
        """Replace a lead by what `change` makes of it."""
        with self._transaction() as connection:
            existing = _lead(connection, lead_id)
            if existing is None:
                return None
            lead = change(existing)
            _put_lead(connection, lead)
            return lead

    def due_mails(self, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of mails that are due, the longest waiting first."""
        with self._using() as connection:
            rows = connection.execute(
                "SELECT id FROM mails WHERE due_at <= ? ORDER BY due_at LIMIT ?", (instant_text(now), limit)
            )
            return [row[0] for row in rows.fetchall()]

    def claim(self, mail_id: str, take: Callable[[Mail], Mail | None]) -> Mail | None:
        """Replace a mail by what `take` makes of it."""
        with self._transaction() as connection:
            waiting = _mail(connection, mail_id)
            taken = take(waiting) if waiting else None
            if taken:
                _put_mail(connection, taken)
            return taken

    def settle(self, mail: Mail, claim: str, change: Callable[[Lead], Lead]) -> bool:
        """Replace a mail that is still held by `claim`, and its lead."""
        with self._transaction() as connection:
            held = _mail(connection, mail.id)
            if held is None or held.delivery.claim != claim:
                return False
            _put_mail(connection, mail)
            lead = _lead(connection, mail.lead_id)
            if lead:
                _put_lead(connection, change(lead))
            return True

    def remove_expired(self, now: datetime) -> int:
        """Delete what is past its `expire_at`."""
        with self._transaction() as connection:
            tables = ("attempts", "mails", "leads")
            return sum(
                connection.execute(f"DELETE FROM {table} WHERE expire_at <= ?", (instant_text(now),)).rowcount  # noqa: S608, the names are ours
                for table in tables
            )

    def _connection(self) -> sqlite3.Connection:
        self._opened = self._opened or self._connect()
        return self._opened

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # what was answered survives a power cut too
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        if not self._lock.acquire(timeout=_WAIT_SECONDS):
            raise StoreUnavailableError("The database is busy: try again later.")
        try:
            with _translated():
                yield self._connection()
        finally:
            self._lock.release()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._using() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailableError(f"The database can't be used: {error}.") from error


def _lead(connection: sqlite3.Connection, lead_id: str) -> Lead | None:
    row = connection.execute("SELECT document FROM leads WHERE id = ?", (lead_id,)).fetchone()
    return lead_from(load(row[0])) if row else None


def _put_lead(connection: sqlite3.Connection, lead: Lead) -> None:
    connection.execute(
        "INSERT INTO leads (id, received_at, expire_at, document) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
        "SET received_at = excluded.received_at, expire_at = excluded.expire_at, document = excluded.document",
        (lead.id, instant_text(lead.received_at), instant_text(lead.expire_at), dump(lead_document(lead))),
    )


def _mail(connection: sqlite3.Connection, mail_id: str) -> Mail | None:
    row = connection.execute("SELECT document FROM mails WHERE id = ?", (mail_id,)).fetchone()
    return mail_from(load(row[0])) if row else None


def _put_mail(connection: sqlite3.Connection, mail: Mail) -> None:
    document = mail_document(mail)
    due_at, expire_at = (document[name] and instant_text(document[name]) for name in ("due_at", "expire_at"))
    connection.execute(
        "INSERT INTO mails (id, lead_id, due_at, expire_at, document) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) "
        "DO UPDATE SET due_at = excluded.due_at, expire_at = excluded.expire_at, document = excluded.document",
        (mail.id, mail.lead_id, due_at, expire_at, dump(document)),
    )


def _replayed(connection: sqlite3.Connection, lead_id: str, attempt: Attempt) -> bool:
    rows = connection.execute(
        "SELECT document FROM attempts WHERE lead_id = ? AND replay_key = ?", (lead_id, attempt.replay_key)
    )
    return any(attempt_from(load(row[0])).replays_until > attempt.received_at for row in rows)
