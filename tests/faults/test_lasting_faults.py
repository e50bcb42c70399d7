"""Permanent faults: they end, and block no other mail."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from google.cloud import firestore

from faults import parts
from faults.faulty import Fault, FaultyStore
from prequal.adapters.outbox import OutboxMailer
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.lead import InvitationState
from prequal.core.mail import LEASE, MAX_INTERRUPTIONS, Mail, Receipt
from prequal.services.ports import Mailer
from support import builders
from support.builders import NOW, Clock
from support.emulating import EmulatedStore

if TYPE_CHECKING:
    import pytest


class _CountingMailer(Mailer):
    """An outbox that records the mails it sends."""

    def __init__(self, folder: Path) -> None:
        self._outbox = OutboxMailer(folder)
        self.sent: list[str] = []

    def send(self, mail: Mail) -> Receipt:
        """Send the mail."""
        self.sent.append(mail.id)
        return self._outbox.send(mail)


def test_a_mail_that_cannot_be_settled_is_given_up(store: SqliteLeadStore, tmp_path: Path) -> None:
    """A mail whose settlement always fails is sent at most once for each attempt."""
    clock, mailer = Clock(), _CountingMailer(tmp_path)
    parts.intake(store, clock).receive(builders.sent())
    faulty = FaultyStore(store, lambda name, _about: Fault.FAILS if name == "settle" else None)
    for _ in range(MAX_INTERRUPTIONS + 5):
        parts.delivery(faulty, mailer, clock).deliver_due()
        clock.forward(LEASE)

    assert len(mailer.sent) == MAX_INTERRUPTIONS


def test_an_unreadable_mail_blocks_no_other(tmp_path: Path) -> None:
    """A mail of a newer schema, though due first, does not keep the round from the others."""
    clock, mailer, file = Clock(), _CountingMailer(tmp_path), tmp_path / "prequal.db"
    with closing(SqliteLeadStore(file)) as store:
        intake = parts.intake(store, clock)
        for number in range(2):
            intake.receive(builders.sent(email=f"prospect{number}@example.com"))
            clock.forward(timedelta(seconds=1))
        first, second = store.list_due_mails(clock.now, 9)
        with closing(sqlite3.connect(file)) as database, database:
            newer = "UPDATE mails SET document = json_set(document, '$.schema_version', 99) WHERE id = ?"
            database.execute(newer, (first,))

        parts.delivery(store, mailer, clock).deliver_due()

    assert mailer.sent == [second]


def test_an_expired_invitation_leaves_the_new_one(store: SqliteLeadStore, tmp_path: Path) -> None:
    """A mail that is tried after its invitation has expired does not change the new invitation."""
    clock = Clock()
    intake = parts.intake(store, clock)
    lead, _ = intake.receive(builders.sent(submission_id="submission-1"))
    clock.forward(timedelta(days=15))
    intake.receive(builders.sent(submission_id="submission-2"))
    old, _new = store.list_due_mails(clock.now, 9)

    parts.delivery(store, OutboxMailer(tmp_path), clock).deliver(old)

    after = store.find_lead(lead.id)
    assert after is not None
    assert after.invitation is not None
    assert after.invitation.state is InvitationState.PENDING


def test_a_lead_deleted_before_its_mails_may_return(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A prospect may submit again while TTL has deleted the lead, but not yet its mails."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator)
    project = f"test-{uuid.uuid4().hex[:12]}"
    with closing(EmulatedStore(project)) as store:
        lead, _ = parts.intake(store, Clock()).receive(builders.sent(submission_id="submission-1"))
        with closing(firestore.Client(project=project)) as client:
            client.collection("leads").document(lead.id).delete()
        later = Clock(NOW + timedelta(days=731))

        parts.intake(store, later).receive(builders.sent(submission_id="submission-2"))

        assert [back.id for back in store.iter_leads()] == [lead.id]
