"""SQLite store, for one machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prequal.adapters.sqlite.database import SqliteDatabase
from prequal.adapters.sqlite.json_documents import dump, load, sort_key
from prequal.adapters.sqlite.migrations import MIGRATIONS
from prequal.core import documents
from prequal.core.documents import Skip
from prequal.core.form import Form
from prequal.core.lead import Admission, Attempt, Lead
from prequal.core.mail import Mail
from prequal.core.past_client import PastClient
from prequal.core.visits import VisitCounts
from prequal.services.ports import Claim, Entry, Erasure, Store

if TYPE_CHECKING:
    from prequal.core.lead_filter import LeadFilter

# A batch takes a fraction of a second, for which other writers wait.
_CHANGED_AT_ONCE = 200
# Of the fields of a LeadFilter.
_CONDITIONS = {
    "since": "received_at >= :since",
    **{
        # What isn't JSON would end the query: it passes, to be reported.
        name: f"CASE WHEN json_valid(document) THEN {condition} ELSE TRUE END"
        for name, condition in (
            ("status", "document ->> '$.status' = :status"),
            ("grade", "document ->> '$.score.grade' = :grade"),
            ("form", "document ->> '$.form_id' = :form"),
            ("source", ":source IN (document ->> '$.source.source', document ->> '$.source.utm_source')"),
        )
    },
}
# Greater than any character of an id.
_AFTER_ALL = "\uffff"


class SqliteLeadStore(Store):
    """Leads, mails and forms in one SQLite file, safe for several processes at once."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Create the database if there is none, or migrate it; `read_only` accepts one that can't be written."""
        self._database = SqliteDatabase(path, MIGRATIONS, read_only=read_only)

    def close(self) -> None:
        self._database.close()

    def admit(
        self, lead: Lead, attempt: Attempt, mails: Sequence[Mail], again: Callable[[Lead], tuple[Lead, Sequence[Mail]]]
    ) -> Admission:
        with self._database.transaction() as connection:
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
                    sort_key(attempt.expire_at),
                    dump(documents.attempt_document(attempt)),
                ),
            )
            for mail in mails:
                _put_mail(connection, mail)
            return admission

    def has_replay(self, lead_id: str, attempt: Attempt) -> bool:
        with self._database.exclusive() as connection:
            return _replayed(connection, lead_id, attempt)

    def find_lead(self, lead_id: str) -> Lead | None:
        with self._database.exclusive() as connection:
            return _lead(connection, lead_id)

    def find_by_booking(self, booking_id: str) -> Lead | None:
        with self._database.exclusive() as connection:
            row = connection.execute(
                "SELECT id, CAST(document AS BLOB) FROM leads WHERE booking_id = ?", (booking_id,)
            ).fetchone()
            return _read_lead(*row) if row else None

    def iter_leads(self, wanted: LeadFilter | None = None, skip: Skip | None = None) -> Iterator[Lead]:
        """Return leads, filtered by the database: `since` by its index, the others by reading the JSON.

        A search looks into the leads that meet the other conditions.
        """
        conditions, values = _conditions(wanted)
        with self._database.snapshot() as connection:
            rows = connection.execute(
                f"SELECT id, CAST(document AS BLOB) FROM leads WHERE {conditions} ORDER BY received_at, id",  # noqa: S608, ours
                values,
            )
            leads = documents.read_leads(_lead_from, rows, skip)
            yield from filter(wanted.matches, leads) if wanted and wanted.search else leads

    def list_newest(
        self, wanted: LeadFilter, limit: int, after: tuple[datetime, str] | None = None, skip: Skip | None = None
    ) -> Sequence[Lead]:
        conditions, values = _conditions(wanted)
        if after:
            conditions += " AND (received_at, id) < (:at, :id)"
            values |= {"at": sort_key(after[0]), "id": after[1]}
        with self._database.exclusive() as connection:
            rows = connection.execute(
                f"SELECT id, CAST(document AS BLOB) FROM leads WHERE {conditions} "  # noqa: S608, ours
                "ORDER BY received_at DESC, id DESC LIMIT :limit",
                {**values, "limit": limit},
            ).fetchall()
        return list(documents.read_leads(_lead_from, rows, skip))

    def list_attempts(self, lead_id: str) -> Sequence[Attempt]:
        with self._database.exclusive() as connection:
            rows = connection.execute("SELECT document FROM attempts WHERE lead_id = ?", (lead_id,)).fetchall()
        read = partial(documents.read_named, f"An attempt of lead {lead_id}", _attempt_from)
        return sorted((read(document) for (document,) in rows), key=lambda attempt: attempt.received_at)

    def list_mails(self, lead_id: str) -> Sequence[Mail]:
        with self._database.exclusive() as connection:
            rows = connection.execute(
                "SELECT id, document FROM mails WHERE lead_id = ? ORDER BY id", (lead_id,)
            ).fetchall()
        return [_read_mail(mail_id, document) for mail_id, document in rows]

    def find_by_id_prefix(self, prefix: str, limit: int) -> Sequence[Lead]:
        with self._database.exclusive() as connection:
            rows = connection.execute(
                "SELECT id, CAST(document AS BLOB) FROM leads WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
                (prefix, prefix + _AFTER_ALL, limit),
            )
            return [_read_lead(*row) for row in rows.fetchall()]

    def change_lead(self, lead_id: str, change: Callable[[Lead], tuple[Lead, Sequence[Mail]]]) -> Lead | None:
        with self._database.transaction() as connection:
            existing = _lead(connection, lead_id)
            if existing is None:
                return None
            lead, mails = change(existing)
            _put_lead(connection, lead)
            for mail in mails:
                _put_mail(connection, mail)
            return lead

    def change_each_lead(self, change: Callable[[Lead], Lead], skip: Skip | None = None) -> Iterator[tuple[Lead, Lead]]:
        last = ("", "")
        while True:
            with self._database.transaction() as connection:
                rows = connection.execute(
                    "SELECT received_at, id, CAST(document AS BLOB) FROM leads WHERE (received_at, id) > (?, ?) "
                    "ORDER BY received_at, id LIMIT ?",
                    (*last, _CHANGED_AT_ONCE),
                ).fetchall()
                leads = documents.read_leads(_lead_from, ((row[1], row[2]) for row in rows), skip)
                steps = [(lead, change(lead)) for lead in leads]
                for before, after in steps:
                    if after is not before:
                        _put_lead(connection, after)
            if not rows:
                return
            yield from steps
            last = rows[-1][:2]

    def list_due_leads(self, now: datetime, limit: int) -> Sequence[str]:
        with self._database.exclusive() as connection:
            rows = connection.execute(
                "SELECT id FROM leads WHERE due_at <= ? ORDER BY due_at LIMIT ?", (sort_key(now), limit)
            )
            return [row[0] for row in rows.fetchall()]

    def list_outcomes(self, since: datetime, limit: int) -> Sequence[Lead]:
        with self._database.exclusive() as connection:
            rows = connection.execute(
                "SELECT id, CAST(document AS BLOB) FROM leads WHERE "
                "CASE WHEN json_valid(document) THEN document ->> '$.outcome_at.\"$at\"' >= ? END LIMIT ?",
                (sort_key(since), limit),
            ).fetchall()
        return list(documents.read_leads(_lead_from, rows, None))

    def erase_lead(self, lead_id: str) -> Erasure | None:
        with self._database.transaction() as connection:
            mails, attempts, leads, clients = (
                connection.execute(f"DELETE FROM {table} WHERE {key} = ?", (lead_id,)).rowcount  # noqa: S608, the names are ours
                for table, key in (
                    ("mails", "lead_id"),
                    ("attempts", "lead_id"),
                    ("leads", "id"),
                    ("past_clients", "id"),
                )
            )
        self._database.truncate_log()
        return Erasure(attempts=attempts, mails=mails, past_client=bool(clients)) if leads or clients else None

    def save_past_client(self, client: PastClient) -> None:
        document = dump(documents.past_client_document(client))
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO past_clients VALUES (?, ?, ?, ?)",
                (client.id, sort_key(client.received_at), sort_key(client.expire_at), document),
            )

    def iter_past_clients(self, skip: Skip | None = None) -> Iterator[PastClient]:
        with self._database.exclusive() as connection:
            # A file that this process may not write can be of a version without the table.
            known = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'past_clients'").fetchone()
            order = "SELECT id, document FROM past_clients ORDER BY received_at, id"
            rows = connection.execute(order).fetchall() if known else []
        return documents.read_past_clients(_past_client_from, rows, skip)

    def save_form(self, document: Mapping[str, Any]) -> None:
        kept = documents.form_document(document)
        with self._database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO forms VALUES (?, ?)", (kept["id"], dump(kept)))

    def load_forms(self) -> Mapping[str, Form]:
        with self._database.exclusive() as connection:
            rows = connection.execute("SELECT version, document FROM forms").fetchall()
        return documents.read_forms(lambda text: documents.saved_form(load(text)), rows)

    def has_mail(self, mail_id: str) -> bool:
        with self._database.exclusive() as connection:
            return _mail(connection, mail_id) is not None

    def add_mail(self, mail: Mail) -> bool:
        with self._database.transaction() as connection:
            if _mail(connection, mail.id):
                return False
            _put_mail(connection, mail)
            return True

    def list_due_mails(self, now: datetime, limit: int) -> Sequence[str]:
        with self._database.exclusive() as connection:
            rows = connection.execute(
                "SELECT id FROM mails WHERE due_at <= ? "
                "ORDER BY document ->> '$.kind' IN ('invitation', 'reminder') DESC, due_at LIMIT ?",
                (sort_key(now), limit),
            )
            return [row[0] for row in rows.fetchall()]

    def claim_mail(
        self, mail_id: str, take: Callable[[Mail, Lead | None, Callable[[str], Entry]], Claim | None]
    ) -> Mail | None:
        with self._database.transaction() as connection:
            waiting = _mail(connection, mail_id)
            if waiting is None:
                return None
            claim = take(waiting, _lead(connection, waiting.lead_id), partial(_entry, connection))
            if claim is None:
                return None
            if claim.lead:
                _put_lead(connection, claim.lead)
            for mail in (claim.mail, *claim.mails):
                _put_mail(connection, mail)
            for key, entry in claim.entries.items():
                _put_entry(connection, key, entry)
            return claim.mail

    def settle_mail(self, mail: Mail, claim: str, change: Callable[[Lead], Lead]) -> bool:
        with self._database.transaction() as connection:
            held = _mail(connection, mail.id)
            if held is None or held.delivery.claim != claim:
                return False
            _put_mail(connection, mail)
            lead = _lead(connection, mail.lead_id)
            if lead:
                _put_lead(connection, change(lead))
            return True

    def change_entry(self, key: str, change: Callable[[Entry], Entry]) -> Entry:
        with self._database.transaction() as connection:
            entry = _entry(connection, key)
            changed = change(entry)
            if changed is not entry:
                _put_entry(connection, key, changed)
            return changed

    def add_visits(self, counts: VisitCounts, expire_at: datetime) -> None:
        key = (counts.day, counts.form_id, counts.form_version, counts.source)
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO visits VALUES (?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET number = number + excluded.number",
                [(*key, name, number, sort_key(expire_at)) for name, number in counts.counts.items()],
            )

    def iter_visits(self, since: str = "") -> Iterator[VisitCounts]:
        with self._database.snapshot() as connection:
            # A file that this process may not write can be of a version without the table.
            if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'visits'").fetchone():
                return
            rows = connection.execute(
                "SELECT day, form_id, form_version, source, name, number FROM visits WHERE day >= ? ORDER BY day",
                (since,),
            )
            for day, form_id, version, source, name, number in rows:
                yield VisitCounts(day=day, form_id=form_id, form_version=version, source=source, counts={name: number})

    def delete_expired(self, now: datetime) -> int:
        with self._database.transaction() as connection:
            tables = ("attempts", "mails", "leads", "ledger", "visits", "past_clients")
            return sum(
                connection.execute(f"DELETE FROM {table} WHERE expire_at <= ?", (sort_key(now),)).rowcount  # noqa: S608, the names are ours
                for table in tables
            )


def _conditions(wanted: LeadFilter | None) -> tuple[str, dict[str, Any]]:
    """Return the conditions of a filter, and their values."""
    values = {name: value for name in _CONDITIONS if (value := getattr(wanted, name, None)) is not None}
    if "since" in values:
        values["since"] = sort_key(values["since"])
    return " AND ".join(["TRUE", *(_CONDITIONS[name] for name in values)]), values


def _lead_from(document: bytes) -> Lead:
    # Bytes, since SQLite would end a query at a text that is none.
    return documents.lead_from(load(document))


def _attempt_from(document: str) -> Attempt:
    return documents.attempt_from(load(document))


def _past_client_from(document: str) -> PastClient:
    return documents.past_client_from(load(document))


def _read_lead(lead_id: str, document: bytes) -> Lead:
    return documents.read_named(f"Lead {lead_id}", _lead_from, document)


def _read_mail(mail_id: str, document: str) -> Mail:
    return documents.read_named(f"Mail {mail_id}", lambda text: documents.mail_from(load(text)), document)


def _lead(connection: sqlite3.Connection, lead_id: str) -> Lead | None:
    row = connection.execute("SELECT id, CAST(document AS BLOB) FROM leads WHERE id = ?", (lead_id,)).fetchone()
    return _read_lead(*row) if row else None


def _put_lead(connection: sqlite3.Connection, lead: Lead) -> None:
    received_at, expire_at = sort_key(lead.received_at), sort_key(lead.expire_at)
    due_at = lead.due_at and sort_key(lead.due_at)
    booking_id = lead.booking.id if lead.booking else None
    connection.execute(
        "INSERT INTO leads (id, received_at, expire_at, due_at, booking_id, document) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET received_at = excluded.received_at, expire_at = excluded.expire_at, "
        "due_at = excluded.due_at, booking_id = excluded.booking_id, document = excluded.document",
        (lead.id, received_at, expire_at, due_at, booking_id, dump(documents.lead_document(lead))),
    )


def _mail(connection: sqlite3.Connection, mail_id: str) -> Mail | None:
    row = connection.execute("SELECT id, document FROM mails WHERE id = ?", (mail_id,)).fetchone()
    return _read_mail(*row) if row else None


def _put_mail(connection: sqlite3.Connection, mail: Mail) -> None:
    document = documents.mail_document(mail)
    due_at, expire_at = (document[name] and sort_key(document[name]) for name in ("due_at", "expire_at"))
    connection.execute(
        "INSERT INTO mails (id, lead_id, due_at, expire_at, document) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) "
        "DO UPDATE SET due_at = excluded.due_at, expire_at = excluded.expire_at, document = excluded.document",
        (mail.id, mail.lead_id, due_at, expire_at, dump(document)),
    )


def _entry(connection: sqlite3.Connection, key: str) -> Entry:
    row = connection.execute("SELECT document FROM ledger WHERE key = ?", (key,)).fetchone()
    entry: Entry = load(row[0]) if row else {}
    return entry


def _put_entry(connection: sqlite3.Connection, key: str, entry: Entry) -> None:
    expire_at = entry["expire_at"] and sort_key(entry["expire_at"])
    connection.execute(
        "INSERT INTO ledger (key, expire_at, document) VALUES (?, ?, ?) ON CONFLICT (key) "
        "DO UPDATE SET expire_at = excluded.expire_at, document = excluded.document",
        (key, expire_at, dump(entry)),
    )


def _replayed(connection: sqlite3.Connection, lead_id: str, attempt: Attempt) -> bool:
    rows = connection.execute(
        "SELECT document FROM attempts WHERE lead_id = ? AND replay_key = ?", (lead_id, attempt.replay_key)
    )
    return any(documents.attempt_from(load(row[0])).replays_until > attempt.received_at for row in rows)
