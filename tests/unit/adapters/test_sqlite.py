"""SQLite store, beyond the contract that all stores share."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from prequal.adapters.sqlite.database import SqliteDatabase
from prequal.adapters.sqlite.json_documents import dump, sort_key
from prequal.adapters.sqlite.migrations import MIGRATIONS
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.documents import lead_document
from prequal.core.errors import NewerDocumentError, StoreUnavailableError
from prequal.core.lead import Admission, Booking
from prequal.core.lifecycle import booked
from support import builders
from support.builders import NOW
from support.mails import claim_mail

_ADMIT = """
import sys
from pathlib import Path
from support import builders
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.lifecycle import resubmitted
store = SqliteLeadStore(Path(sys.argv[1]))
for number in range(25):
    lead, attempt = builders.admitted(submission_id=f"process-{sys.argv[2]}-{number}")
    store.admit(lead, attempt, [], lambda existing: (resubmitted(existing, lead), ()))
"""


def test_processes_share_a_file(tmp_path: Path) -> None:
    """Four processes that write to one new file concurrently lose nothing."""
    path = tmp_path / "shared.db"
    tests = builders.__file__.removesuffix("/support/builders.py")
    processes = [
        subprocess.Popen([sys.executable, "-c", _ADMIT, str(path), str(number)], cwd=tests) for number in range(4)
    ]

    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    with closing(SqliteLeadStore(path)) as store:
        (lead,) = store.iter_leads()
        assert lead.attempts == len(store.list_attempts(lead.id)) == 100


def test_many_may_make_the_database(tmp_path: Path) -> None:
    """Processes that start together, and find no database, wait for each other to make it."""
    together = Barrier(6)

    def make(path: Path) -> None:
        together.wait()
        SqliteDatabase(path, ["CREATE TABLE made (once)"]).close()

    with ThreadPoolExecutor(together.parties) as pool:
        for number in range(60):
            for making in [pool.submit(make, tmp_path / f"{number}.db") for _ in range(together.parties)]:
                making.result()


def test_leads_survive_closing(tmp_path: Path) -> None:
    """An admitted lead is found after the file is closed and opened again."""
    path = tmp_path / "deep" / "down" / "prequal.db"
    lead, attempt = builders.admitted()
    with closing(SqliteLeadStore(path)) as store:
        assert store.admit(lead, attempt, [], lambda existing: (existing, ())) is Admission.FIRST

    with closing(SqliteLeadStore(path)) as store:
        assert list(store.iter_leads()) == [lead]


def test_another_kind_of_file_is_unavailable(tmp_path: Path) -> None:
    """A file that is not a database raises an error with a clear sentence."""
    path = tmp_path / "prequal.db"
    path.write_text("This is not a database, however long it may go on being one." * 100)

    with pytest.raises(StoreUnavailableError, match=r"prequal\.db can't be used: file is not a database"):
        SqliteLeadStore(path)


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    """A path that leads through a file raises the store's own error."""
    (tmp_path / "file").touch()

    with pytest.raises(StoreUnavailableError):
        SqliteLeadStore(tmp_path / "file" / "prequal.db")


def test_a_closed_store_is_unavailable(tmp_path: Path) -> None:
    """A call after closing raises the store's own error."""
    store = SqliteLeadStore(tmp_path / "prequal.db")
    store.close()

    with pytest.raises(StoreUnavailableError):
        store.find_lead("any")


def test_a_commit_is_on_disk(tmp_path: Path) -> None:
    """The write-ahead log is flushed to disk at every commit."""
    path = tmp_path / "prequal.db"
    with closing(SqliteLeadStore(path)) as store:
        assert store._database._connection().execute("PRAGMA synchronous").fetchone() == (2,)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_expired_documents_are_deleted(tmp_path: Path) -> None:
    """Leads, attempts and settled mails are deleted at their `expire_at`; a mail that is still due stays."""
    lead, attempt = builders.admitted()
    composer = builders.composer()
    waiting, settled = composer.invitation(lead, NOW), composer.brief(lead, None, NOW)
    assert settled is not None
    assert lead.expire_at == NOW + timedelta(days=730)
    with closing(SqliteLeadStore(tmp_path / "prequal.db")) as store:
        store.admit(lead, attempt, [waiting, settled], lambda existing: (existing, ()))
        claim_mail(store, settled.id, lambda mail, _lead: mail.refused("no", NOW))

        assert store.delete_expired(lead.expire_at - timedelta(seconds=1)) == 0
        assert store.delete_expired(lead.expire_at) == 3
        assert store.delete_expired(lead.expire_at) == 0

        assert list(store.iter_leads()) == []
        assert store.list_attempts(lead.id) == []
        assert store.list_due_mails(lead.expire_at, 9) == [waiting.id]


def test_an_unqualified_lead_is_deleted_sooner(tmp_path: Path) -> None:
    """An unqualified lead is deleted after the form's `unqualified_days`."""
    lead, attempt = builders.admitted(budget="below")
    with closing(SqliteLeadStore(tmp_path / "prequal.db")) as store:
        store.admit(lead, attempt, [], lambda existing: (existing, ()))

        assert store.delete_expired(NOW + timedelta(days=180)) == 2


def test_counts_of_visits_expire(tmp_path: Path) -> None:
    """Counts are deleted at their `expire_at`."""
    with closing(SqliteLeadStore(tmp_path / "prequal.db")) as store:
        store.add_visits(builders.visit_counts(), NOW + timedelta(days=1))

        assert store.delete_expired(NOW) == 0
        assert store.delete_expired(NOW + timedelta(days=1)) == 1
        assert list(store.iter_visits()) == []


# The tables of version 0.1, whose files have no number.
_VERSION_0_1 = """
CREATE TABLE leads (id TEXT PRIMARY KEY,
    received_at TEXT NOT NULL, expire_at TEXT NOT NULL, document TEXT NOT NULL) STRICT;
CREATE INDEX leads_by_age ON leads (received_at, id);
CREATE INDEX leads_by_due ON leads (document ->> '$.due_at."$at"') WHERE document ->> '$.due_at."$at"' IS NOT NULL;
CREATE TABLE attempts (lead_id TEXT NOT NULL REFERENCES leads ON DELETE CASCADE, id TEXT NOT NULL,
    replay_key TEXT NOT NULL, expire_at TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (lead_id, id)) STRICT;
CREATE INDEX attempts_by_key ON attempts (lead_id, replay_key);
CREATE TABLE mails (id TEXT PRIMARY KEY, lead_id TEXT NOT NULL,
    due_at TEXT, expire_at TEXT, document TEXT NOT NULL) STRICT;
CREATE INDEX mails_by_due ON mails (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mails_by_lead ON mails (lead_id);
CREATE TABLE forms (version TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
"""


def test_a_file_of_version_0_1_is_migrated(tmp_path: Path) -> None:
    """A lead in a file of version 0.1 keeps its due time and its appointment, whose id gets a column."""
    path, lead = tmp_path / "prequal.db", booked(builders.lead(), Booking(id="one", booked_at=NOW), NOW)
    lead = replace(lead, due_at=NOW)
    with closing(sqlite3.connect(path)) as older:
        older.executescript(_VERSION_0_1)
        row = (lead.id, sort_key(lead.received_at), sort_key(lead.expire_at), dump(lead_document(lead)))
        older.execute("INSERT INTO leads VALUES (?, ?, ?, ?)", row)
        older.commit()

    for _ in range(2):
        with closing(SqliteLeadStore(path)) as store:
            assert list(store.iter_leads()) == [lead]
            assert store.list_due_leads(NOW, 9) == [lead.id]
            assert store.list_due_leads(NOW - timedelta(seconds=1), 9) == []
            assert store.find_by_booking("one") == lead
    with closing(sqlite3.connect(path)) as migrated:
        assert migrated.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """A file of a newer version is not changed, and the error says to upgrade."""
    path = tmp_path / "prequal.db"
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 99")

    with pytest.raises(NewerDocumentError, match=f"schema 99, and this prequal knows {len(MIGRATIONS)}: upgrade"):
        SqliteLeadStore(path)

    with closing(sqlite3.connect(path)) as newer:
        assert newer.execute("PRAGMA user_version").fetchone() == (99,)
