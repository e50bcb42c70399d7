"""Documents of leads, attempts and mails: writing and reading."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prequal.core.documents import (
    MAIL_SCHEMA_VERSION,
    SCHEMA_VERSION,
    attempt_document,
    attempt_from,
    lead_document,
    lead_from,
    mail_document,
    mail_from,
)
from prequal.core.errors import NewerDocumentError
from prequal.core.form import Grade, Method
from prequal.core.lead import Attempt, Booking, Decision, Invitation, InvitationState, Lead, Note, Status
from prequal.core.mail import Delivery, Mail, MailKind, MailState, Receipt
from prequal.core.scoring import Reason, Score
from prequal.core.source import Source
from support import builders
from support.builders import NOW
from support.mails import mail_of_schema_1

texts = st.text(max_size=8)
maybe = st.none() | texts
counts = st.integers(-(10**6), 10**6)
instants = st.datetimes(timezones=st.just(UTC))
answers = texts | counts | st.lists(texts, max_size=3).map(tuple)
scores = st.builds(
    Score,
    method=st.sampled_from(Method),
    total=counts,
    max=counts,
    fit=counts,
    intent=counts,
    grade=st.sampled_from(Grade),
    qualified=st.booleans(),
    ruled_out=st.lists(texts, max_size=2).map(tuple),
    reasons=st.lists(
        st.builds(Reason, question=texts, answer=st.none() | answers, points=counts), max_size=3
    ).map(tuple),
)  # fmt: skip
sources = st.builds(Source, **dict.fromkeys(Source.__slots__, texts))
said = {
    **dict.fromkeys(["id", "form_version", "name", "phone", "company", "website", "language"], texts),
    "answers": st.dictionaries(texts, answers, max_size=3),
    "score": scores,
    "source": sources,
    "received_at": instants,
    "expire_at": instants,
}
leads = st.builds(
    Lead,
    **said,
    form_id=texts,
    email=texts,
    status=st.sampled_from(Status),
    attempts=counts,
    updated_at=instants,
    invitation=st.none()
    | st.builds(
        Invitation,
        state=st.sampled_from(InvitationState),
        sent_at=st.none() | instants,
        opened_at=st.none() | instants,
        expires_at=instants,
    ),
    due_at=st.none() | instants,
    booking=st.none()
    | st.builds(
        Booking,
        id=texts,
        booked_at=instants,
        starts_at=st.none() | instants,
        cancelled_at=st.none() | instants,
        confirmed=st.booleans(),
        replaces=st.lists(texts, max_size=2).map(tuple),
        withheld_reminder=st.booleans(),
    ),
    notes=st.lists(st.builds(Note, at=instants, by=texts, text=texts), max_size=2).map(tuple),
    decision=st.none() | st.builds(Decision, by=texts, verdict=texts, reason=texts, at=instants),
    outcome=maybe,
)
attempts = st.builds(Attempt, **said, replay_key=texts, quarantined=st.booleans())
deliveries = st.builds(
    Delivery,
    state=st.sampled_from(MailState),
    attempts=counts,
    due_at=st.none() | instants,
    started_at=st.none() | instants,
    ended_at=st.none() | instants,
    claim=maybe,
    interruptions=counts,
    first_tried_at=st.none() | instants,
    error=maybe,
    receipt=st.none()
    | st.builds(Receipt, message_id=texts, accepted=st.lists(texts, max_size=2).map(tuple), response=texts),
)
mails = st.builds(
    Mail,
    **dict.fromkeys(["id", "lead_id", "to", "sender", "reply_to", "language"], texts),
    kind=st.sampled_from(MailKind),
    created_at=instants,
    content=st.dictionaries(texts, texts | instants | st.lists(texts, max_size=2), max_size=3),
    message=maybe,
    expire_at=instants,
    delivery=deliveries,
)


def written(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document as a store reads it: JSON values and instants."""

    def instant(value: object) -> dict[str, str]:
        assert isinstance(value, datetime)
        return {"$instant": value.isoformat()}

    def back(pairs: dict[str, Any]) -> Any:
        return datetime.fromisoformat(pairs["$instant"]) if "$instant" in pairs else pairs

    text = json.dumps(document, default=instant)
    read: dict[str, Any] = json.loads(text, object_hook=back)
    return read


@given(leads)
def test_a_lead_is_read_as_written(lead: Lead) -> None:
    """Every lead equals the one read from its document."""
    assert lead_from(written(lead_document(lead))) == lead


@given(attempts)
def test_an_attempt_is_read_as_written(attempt: Attempt) -> None:
    """Every attempt equals the one read from its document."""
    assert attempt_from(written(attempt_document(attempt))) == attempt


@given(mails)
def test_a_mail_is_read_as_written(mail: Mail) -> None:
    """Every mail equals the one read from its document."""
    assert mail_from(written(mail_document(mail))) == mail


def test_a_leads_document_has_the_documented_fields() -> None:
    """A lead's document has the documented fields in their order, and its schema version."""
    document = lead_document(builders.lead(services=["build"]))
    assert list(document) == [
        "schema_version", "id", "form_id", "form_version", "status", "name", "email", "company", "website", "language",
        "answers", "score", "source", "attempts", "received_at", "updated_at", "expire_at", "due_at", "invitation",
        "decision", "outcome", "answered_at", "phone", "notes", "booking", "outcome_reason", "outcome_at", "offered",
        "shown_attempt", "invited_attempt", "proven", "unconfirmed", "told_at", "reactions",
    ]  # fmt: skip
    assert list(document["score"]) == [
        "method", "total", "max", "fit", "intent", "grade", "qualified", "ruled_out", "reasons",
    ]  # fmt: skip
    assert list(document["score"]["reasons"][0]) == ["question", "answer", "points"]
    assert list(document["invitation"]) == ["state", "sent_at", "opened_at", "expires_at", "held_for", "message_id"]
    assert document["answers"] == {"budget": "around", "timeline": "soon", "services": ["build"]}
    assert (document["status"], document["received_at"], document["schema_version"]) == ("invited", NOW, SCHEMA_VERSION)


@pytest.mark.parametrize(
    ("document", "read", "known"),
    [
        (lead_document(builders.lead()), lead_from, SCHEMA_VERSION),
        (attempt_document(builders.admitted()[1]), attempt_from, SCHEMA_VERSION),
        (mail_document(builders.invitation()), mail_from, MAIL_SCHEMA_VERSION),
    ],
    ids=["lead", "attempt", "mail"],
)
def test_a_document_of_a_newer_schema_is_refused(
    document: dict[str, Any], read: Callable[[dict[str, Any]], object], known: int
) -> None:
    """A document of a newer schema is refused, and the error says to upgrade."""
    with pytest.raises(NewerDocumentError) as refusal:
        read({**document, "schema_version": known + 1})

    assert str(refusal.value) == (
        f"The store is of schema {known + 1}, and this prequal knows {known}: upgrade prequal, here too."
    )


def test_only_a_settled_mail_has_an_expiry() -> None:
    """The field by which Firestore deletes stays empty until the mail is settled."""
    mail = builders.invitation()
    assert mail_document(mail)["expire_at"] is None

    settled = mail.refused("no", NOW)

    assert mail_document(settled)["expire_at"] == mail.expire_at == builders.lead().expire_at


def test_a_missing_field_has_its_default() -> None:
    """A field that an older version did not write gets its default."""
    lead, attempt = builders.admitted(**builders.UNQUALIFIED)
    document = lead_document(lead)
    for name in ("schema_version", "invitation", "decision", "outcome"):
        del document[name]
    document["source"] = {}
    assert lead_from(document) == lead
    older = attempt_document(attempt)
    del older["schema_version"]
    older["source"] = {}
    assert attempt_from(older) == attempt


def test_an_unknown_field_is_ignored() -> None:
    """Unknown fields of a document are ignored."""
    lead = builders.lead()
    document = lead_document(lead)
    for part in (document, document["score"], document["source"], document["invitation"]):
        part["since"] = "later"
    assert lead_from(document) == lead


def test_a_mail_of_the_first_schema_is_read() -> None:
    """A mail queued by version 0.1 keeps its text, ids, due time and receipt."""
    mail = builders.invitation()
    delivery_1 = {"state": "RETRY", "attempts": 2, "startTime": NOW, "error": "450 later", "info": None}
    older = {**mail_of_schema_1(mail), "delivery": delivery_1}

    read = mail_from(older)

    delivery = Delivery(state=MailState.RETRYING, attempts=2, due_at=NOW, started_at=NOW, error="450 later")
    assert read == replace(mail, language="", content=older["message"], delivery=delivery)
    info = {"messageId": "<1@x>", "accepted": ["ada@example.com"], "response": "250 OK", "rejected": [], "pending": []}
    sent = mail_from({**older, "delivery": {"state": "SUCCESS", "attempts": 1, "leaseExpireTime": None, "info": info}})
    assert sent.delivery.state is MailState.SENT
    assert sent.delivery.receipt == Receipt(message_id="<1@x>", accepted=("ada@example.com",), response="250 OK")


def test_the_schema_of_mails_is_newer_than_version_0_1() -> None:
    """Mails have a newer schema than version 0.1 knows, so that its workers leave them alone."""
    assert mail_document(builders.invitation())["schema_version"] > SCHEMA_VERSION == 1


def test_the_fields_of_deletion_follow_the_delivery() -> None:
    """A due mail has a due time to be queried and no expiry; a settled one has an expiry only."""
    mail = builders.invitation()
    waiting, settled = mail_document(mail), mail_document(mail.refused("no", NOW))

    assert (waiting["due_at"], waiting["expire_at"], waiting["keep_until"]) == (NOW, None, mail.expire_at)
    assert (settled["due_at"], settled["expire_at"]) == (None, mail.expire_at)


def test_mails_to_prospects_have_a_due_time_of_their_own() -> None:
    """Due mails to prospects can be queried alone; those to the owner, and settled ones, are not among them."""
    invitation, brief = builders.invitation(), builders.composer().brief(builders.lead(), None, NOW)

    assert brief
    assert mail_document(invitation)["due_first_at"] == NOW
    assert mail_document(brief)["due_first_at"] is None
    assert mail_document(invitation.refused("no", NOW))["due_first_at"] is None


def test_a_document_shares_no_values_with_its_lead() -> None:
    """Changing a document does not change the lead."""
    lead = builders.lead()
    document = lead_document(lead)
    document["answers"]["budget"] = "below"
    document["score"]["reasons"].clear()
    assert lead == builders.lead()
