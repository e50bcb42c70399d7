"""The tables of the SQLite store."""

# When time changes a lead next: read out of its document, so that files made before leads had it have it too.
DUE_AT = """document ->> '$.due_at."$at"'"""
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS leads (
    id TEXT PRIMARY KEY,
    received_at TEXT NOT NULL,
    expire_at TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS leads_by_age ON leads (received_at, id);
CREATE INDEX IF NOT EXISTS leads_by_due ON leads ({DUE_AT}) WHERE {DUE_AT} IS NOT NULL;
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
CREATE TABLE IF NOT EXISTS forms (version TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
"""
