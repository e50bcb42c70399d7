"""Migrations of the SQLite store, in order. One that was released never changes."""

from __future__ import annotations

MIGRATIONS = (
    # 1. Files of version 0.1 have these tables, and no number yet.
    """
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
    CREATE INDEX IF NOT EXISTS mails_by_lead ON mails (lead_id);
    CREATE TABLE IF NOT EXISTS forms (version TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT
    """,
    # 2. A column for the due time of leads, in place of an index on an expression over their JSON.
    """
    DROP INDEX IF EXISTS leads_by_due;
    ALTER TABLE leads ADD COLUMN due_at TEXT;
    UPDATE leads SET due_at = document ->> '$.due_at."$at"';
    CREATE INDEX leads_by_due ON leads (due_at) WHERE due_at IS NOT NULL
    """,
    # 3. A column for the id of the appointment, by which later messages of a scheduler find the lead.
    """
    ALTER TABLE leads ADD COLUMN booking_id TEXT;
    UPDATE leads SET booking_id = document ->> '$.booking.id';
    CREATE INDEX leads_by_booking ON leads (booking_id) WHERE booking_id IS NOT NULL
    """,
    # 4. What is counted and remembered beside leads.
    """
    CREATE TABLE ledger (key TEXT PRIMARY KEY, expire_at TEXT, document TEXT NOT NULL) STRICT
    """,
    # 5. Counts of the visits of a day, by name.
    """
    CREATE TABLE visits (
        day TEXT NOT NULL,
        form_id TEXT NOT NULL,
        form_version TEXT NOT NULL,
        source TEXT NOT NULL,
        name TEXT NOT NULL,
        number INTEGER NOT NULL,
        expire_at TEXT NOT NULL,
        PRIMARY KEY (day, form_version, source, name)
    ) STRICT, WITHOUT ROWID
    """,
    # 6. Past clients.
    """
    CREATE TABLE past_clients (
        id TEXT PRIMARY KEY,
        received_at TEXT NOT NULL,
        expire_at TEXT NOT NULL,
        document TEXT NOT NULL
    ) STRICT
    """,
)
