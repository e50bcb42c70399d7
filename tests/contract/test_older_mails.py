"""Mails queued by version 0.1, in each store: the present worker sends them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from google.cloud import firestore

from prequal.adapters.outbox import OutboxMailer
from prequal.adapters.sqlite.json_documents import dump
from prequal.core.lead import InvitationState
from prequal.core.mail import Mail, MailState
from prequal.services.ports import Store
from support import builders
from support.builders import NOW, Clock
from support.emulating import EmulatedStore
from support.mails import mail_of_schema_1, read, worker


def test_a_mail_of_the_first_schema_is_sent(store: Store, tmp_path: Path) -> None:
    """A mail of schema 1 is claimed, rendered with its Message-ID, Date and words, sent and settled."""
    lead, attempt = builders.admitted()
    mail = builders.invitation()
    store.admit(lead, attempt, [mail], lambda existing: (existing, ()))
    overwrite_with_schema_1(store, mail, tmp_path / "prequal.db")
    later = Clock(NOW + timedelta(days=1))

    assert worker(store, OutboxMailer(tmp_path / "outbox"), later).deliver_due() == {"sent": 1}

    (sent,) = store.list_mails(lead.id)
    message = read(sent)
    assert sent.message_bytes == (tmp_path / "outbox" / f"{mail.id}.eml").read_bytes()
    assert message.message["Message-ID"] == mail.message_id
    assert message.message["Date"] == "Mon, 02 Mar 2026 09:30:00 +0000"
    assert (message.subject, message.text, message.html) == ("Choose a time", "Hello,\n", "<p>Hello,\n")
    assert sent.delivery.state is MailState.SENT
    after = store.find_lead(lead.id)
    assert after is not None
    assert after.invitation is not None
    assert (after.invitation.state, after.invitation.sent_at) == (InvitationState.SENT, later.now)


def overwrite_with_schema_1(store: Store, mail: Mail, file: Path) -> None:
    """Replace a stored mail's document by that of version 0.1, behind the store's back."""
    document = mail_of_schema_1(mail)
    if isinstance(store, EmulatedStore):
        with closing(firestore.Client(project=store.project)) as client:
            client.collection("mail").document(mail.id).set(document)
        return
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE mails SET document = ? WHERE id = ?", (dump(document), mail.id))
