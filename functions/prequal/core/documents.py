"""Leads, attempts, mails and forms as documents, and back: the plain values that stores keep and exports show.

Instants stay `datetime`; each store writes them in its own way. A document has the names of the exported lead, and a
mail's those of the Trigger Email extension. What an older version did not write reads as its default; what a newer one
has written is refused.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any

from prequal.core.errors import NewerDocumentError
from prequal.core.form import Form, Grade, Method, canonical_json, form_from, version_of
from prequal.core.lead import Attempt, Booking, Decision, Invitation, InvitationState, Lead, Status
from prequal.core.mail import Delivery, Mail, MailKind, MailState, Receipt
from prequal.core.scoring import Answer, Reason, Score
from prequal.core.source import Source

SCHEMA_VERSION = 1

_PLAIN = frozenset({str, int, bool, datetime, NoneType})


def lead_document(lead: Lead) -> dict[str, Any]:
    """Return a lead as a document."""
    return {"schema_version": SCHEMA_VERSION, **_plain(lead)}


def lead_from(document: Mapping[str, Any]) -> Lead:
    """Read a lead."""
    _refuse_newer(document)
    invitation, booking, decision = (document.get(name) for name in ("invitation", "booking", "decision"))
    return Lead(
        **_known(Lead, document, {"status", "answers", "score", "source", "invitation", "booking", "decision"}),
        status=Status(document["status"]),
        answers=_answers(document),
        score=_score(document["score"]),
        source=Source(**_known(Source, document["source"])),
        invitation=Invitation(**_known(Invitation, invitation, {"state"}), state=InvitationState(invitation["state"]))
        if invitation
        else None,
        booking=Booking(**_known(Booking, booking)) if booking else None,
        decision=Decision(**_known(Decision, decision)) if decision else None,
    )


def attempt_document(attempt: Attempt) -> dict[str, Any]:
    """Return an attempt as a document."""
    return {"schema_version": SCHEMA_VERSION, **_plain(attempt)}


def attempt_from(document: Mapping[str, Any]) -> Attempt:
    """Read an attempt."""
    _refuse_newer(document)
    return Attempt(
        **_known(Attempt, document, {"answers", "score", "source"}),
        answers=_answers(document),
        score=_score(document["score"]),
        source=Source(**_known(Source, document["source"])),
    )


def mail_document(mail: Mail) -> dict[str, Any]:
    """Return a mail as the document that the Trigger Email extension would read."""
    delivery, receipt = mail.delivery, mail.delivery.receipt
    return {
        "schema_version": SCHEMA_VERSION,
        "id": mail.id,
        "lead_id": mail.lead_id,
        "kind": mail.kind.value,
        "to": mail.to,
        "from": mail.sender,
        "replyTo": mail.reply_to,
        "headers": dict(mail.headers),
        "message": {"subject": mail.subject, "text": mail.text, "html": mail.html},
        "due_at": delivery.due_at,
        "valid_until": mail.valid_until,
        "keep_until": mail.expire_at,
        # Where Firestore looks for what to delete: nothing that is still to be sent.
        "expire_at": mail.expire_at if delivery.due_at is None else None,
        "delivery": {
            "state": delivery.state.value,
            "attempts": delivery.attempts,
            "startTime": delivery.started_at,
            "endTime": delivery.ended_at,
            "leaseExpireTime": delivery.due_at if delivery.state is MailState.PROCESSING else None,
            "claim": delivery.claim,
            "interrupted": delivery.interrupted,
            "error": delivery.error,
            "info": receipt
            and {
                "messageId": receipt.message_id,
                "accepted": list(receipt.accepted),
                "rejected": [],
                "pending": [],
                "response": receipt.response,
            },
        },
    }


def mail_from(document: Mapping[str, Any]) -> Mail:
    """Read a mail."""
    _refuse_newer(document)
    delivery, message = document["delivery"], document["message"]
    info = delivery.get("info")
    return Mail(
        **_known(Mail, document, {"kind", "delivery", "expire_at"}),
        expire_at=document["keep_until"],
        kind=MailKind(document["kind"]),
        sender=document["from"],
        reply_to=document["replyTo"],
        **message,
        delivery=Delivery(
            state=MailState(delivery["state"]),
            attempts=delivery["attempts"],
            # The Trigger Email extension knows nothing of due_at, and its lease counts as much as ours.
            due_at=delivery.get("leaseExpireTime") or document.get("due_at"),
            started_at=delivery.get("startTime"),
            ended_at=delivery.get("endTime"),
            claim=delivery.get("claim"),
            interrupted=delivery.get("interrupted", False),
            error=delivery.get("error"),
            receipt=Receipt(message_id=info["messageId"], accepted=tuple(info["accepted"]), response=info["response"])
            if info
            else None,
        ),
    )


def form_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form as a document to keep: as text, since its meaning is in its order too."""
    return {
        "schema_version": SCHEMA_VERSION,
        "id": version_of(document),
        "form_id": document["id"],
        "form": canonical_json(document).decode(),
    }


def kept_form(document: Mapping[str, Any]) -> Form:
    """Read a form that was kept."""
    _refuse_newer(document)
    return form_from(json.loads(document["form"]))


def _refuse_newer(document: Mapping[str, Any]) -> None:
    version = document.get("schema_version", SCHEMA_VERSION)
    if version > SCHEMA_VERSION:
        raise NewerDocumentError(version, SCHEMA_VERSION)


def _score(document: Mapping[str, Any]) -> Score:
    return Score(
        **_known(Score, document, {"method", "grade", "ruled_out", "reasons"}),
        method=Method(document["method"]),
        grade=Grade(document["grade"]),
        ruled_out=tuple(document["ruled_out"]),
        reasons=tuple(
            Reason(question=reason["question"], answer=_answer(reason["answer"]), points=reason["points"])
            for reason in document["reasons"]
        ),
    )


def _answers(document: Mapping[str, Any]) -> dict[str, Answer]:
    """Return the answers in one order, though some stores keep none: the scored as they were asked, then the others."""
    answers = document["answers"]
    scored = dict.fromkeys(reason["question"] for reason in document["score"]["reasons"])
    others = sorted(answers.keys() - scored.keys())
    return {question: _answer(answers[question]) for question in (*scored, *others) if question in answers}


def _answer(value: Any) -> Any:  # noqa: ANN401, any answer or none
    return tuple(value) if isinstance(value, list) else value


def _known(kind: type, document: Mapping[str, Any], apart: Collection[str] = ()) -> dict[str, Any]:
    """Return what the document has of the fields of a dataclass, except those that are read apart."""
    return {name: document[name] for name in _names(kind) if name in document and name not in apart}


def _plain(value: Any) -> Any:  # noqa: ANN401, any value of ours
    """Return dataclasses as mappings, enumerations as their values, tuples as lists."""
    kind: type = type(value)
    if kind in _PLAIN:
        return value
    if names := _names(kind):
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


@cache
def _names(kind: type) -> Sequence[str]:
    """Return the fields of a dataclass; none, when it is something else. A million leads ask for them."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
