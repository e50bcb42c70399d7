"""The Firebase extension Trigger Email can take our worker's place, and both can be there at once.

What it reads and writes is told by its documentation, "Manage delivery status": it takes a document that is PENDING or
RETRY to PROCESSING under a lease of a minute, and to SUCCESS or ERROR.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.cloud import firestore

from prequal.adapters.firestore.store import FirestoreLeadStore
from prequal.adapters.outbox import OutboxMailer
from prequal.core.lead import InvitationState
from prequal.core.mail import MailState
from prequal.services.delivery import Delivery
from support import builders
from support.builders import NOW, Clock


class Extension:
    """Does to a mail's document what the extension does."""

    def __init__(self, document: firestore.DocumentReference) -> None:
        self.document = document

    @property
    def content(self) -> dict[str, Any]:
        """Return what it reads."""
        return self.document.get().to_dict() or {}

    def take(self, until: Any) -> None:
        """Begin to send."""
        assert self.content["delivery"]["state"] in ("PENDING", "RETRY")
        self.document.update({"delivery.state": "PROCESSING", "delivery.leaseExpireTime": until})

    def settle(self, state: str, **more: Any) -> None:
        """Say what came of it."""
        self.document.update(
            {
                "delivery.state": state,
                "delivery.attempts": firestore.Increment(1),
                "delivery.endTime": NOW,
                "delivery.leaseExpireTime": None,
                **{f"delivery.{name}": value for name, value in more.items()},
            }
        )


class Desk:
    """A qualified lead in Firestore, with our worker and the extension."""

    def __init__(self, store: FirestoreLeadStore, project: str, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.clock = Clock()
        self.worker = Delivery(store=store, mailer=OutboxMailer(folder), clock=self.clock)
        lead, attempt = builders.admitted()
        self.mail = builders.letters().invitation(lead, NOW)
        store.admit(lead, attempt, [self.mail], lambda existing: (existing, ()))
        self.client = firestore.Client(project=project)
        self.extension = Extension(self.client.collection("mail").document(self.mail.id))

    @property
    def sent(self) -> int:
        """Return how many mails our worker has sent."""
        return len(list(self.folder.glob("*.eml")))

    @property
    def invitation(self) -> tuple[InvitationState, Any]:
        """Return what the lead says of its invitation."""
        (lead,) = self.store.iter_leads()
        assert lead.invitation is not None
        return lead.invitation.state, lead.invitation.sent_at


@pytest.fixture
def desk(emulator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Return a desk."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator)
    project = f"test-{uuid.uuid4().hex[:12]}"
    with closing(FirestoreLeadStore(project)) as store:
        desk = Desk(store, project, tmp_path / "outbox")
        yield desk
        desk.client.close()  # type: ignore[no-untyped-call]


def test_it_finds_what_it_reads(desk: Desk) -> None:
    """A mail's document has the fields by which the extension sends: recipients, sender, headers, message, state."""
    content = desk.extension.content

    assert content["to"] == "ada@example.com"
    assert content["from"] == "Studio North <hello@studio.example>"
    assert content["replyTo"] == content["from"]
    assert content["headers"]["Auto-Submitted"] == "auto-generated"
    assert content["message"].keys() == {"subject", "text", "html"}
    assert content["delivery"]["state"] == "PENDING"
    assert content["delivery"]["attempts"] == 0
    assert "expire_at" not in content or content["expire_at"] is None


def test_what_we_settle_is_settled_for_it(desk: Desk) -> None:
    """A mail of ours that is sent has the extension's SUCCESS and the receipt that it documents."""
    desk.worker.sweep()

    delivery = desk.extension.content["delivery"]
    assert delivery["state"] == "SUCCESS"
    assert delivery["attempts"] == 1
    assert delivery["error"] is None
    assert delivery["leaseExpireTime"] is None
    assert delivery["startTime"] == delivery["endTime"] == NOW
    assert delivery["info"].keys() == {"messageId", "accepted", "rejected", "pending", "response"}
    assert delivery["info"]["accepted"] == ["ada@example.com"]


def test_what_we_are_sending_has_a_lease_for_it(desk: Desk) -> None:
    """While we send, the extension finds a lease in PROCESSING, without which it would fail."""
    desk.store.claim_mail(desk.mail.id, lambda mail, _lead: mail.claimed("us", NOW))

    delivery = desk.extension.content["delivery"]
    assert delivery["state"] == "PROCESSING"
    assert delivery["leaseExpireTime"] > NOW


@pytest.mark.parametrize(
    ("state", "invitation"), [("SUCCESS", (InvitationState.SENT, NOW)), ("ERROR", (InvitationState.FAILED, None))]
)
def test_what_it_has_settled_is_settled_for_us(desk: Desk, state: str, invitation: tuple[InvitationState, Any]) -> None:
    """A mail that the extension has sent or given up is not sent again, and the lead is told."""
    desk.extension.take(NOW + timedelta(minutes=1))
    desk.extension.settle(state, error=None if state == "SUCCESS" else "550 No such user")
    desk.clock.forward(timedelta(minutes=5))

    assert desk.worker.sweep()["put_off"] == 0

    assert desk.sent == 0
    assert desk.invitation == invitation
    assert desk.store.list_due_mails(NOW + timedelta(days=99), 9) == []
    content = desk.extension.content
    assert content["delivery"]["state"] == state
    assert content["expire_at"] is not None


def test_while_it_sends_we_wait(desk: Desk) -> None:
    """The extension's lease counts as ours do: only when it is over is the mail taken over."""
    desk.extension.take(NOW + timedelta(minutes=1))
    desk.clock.forward(timedelta(seconds=59))
    assert desk.worker.deliver(desk.mail.id) is None

    desk.clock.forward(timedelta(seconds=1))

    assert desk.worker.deliver(desk.mail.id) is MailState.SUCCESS
    assert desk.sent == 1
