"""Mails, written in full from a template for the text and one for the HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr

from prequal.core.lead import Lead
from prequal.core.mail import Delivery, Mail, MailKind
from prequal.pages.templating import render


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who writes to whom, and about what."""

    sender: str
    to: str
    reply_to: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a kind of mail says: the values that its templates fill in, in a language."""

    kind: MailKind
    language: str
    values: Mapping[str, object]


def mail_of_lead(lead: Lead, envelope: Envelope, words: Words, now: datetime) -> Mail:
    """Return a mail that goes with a lead, and is deleted with it."""
    # Of the instant too: a mail may still be there when its lead has been deleted, and has come back.
    mail_id = f"{lead.id}-{round(now.timestamp() * 1000):x}-{words.kind}"
    invitation = None if words.kind is MailKind.BRIEF else lead.invitation
    return mail(
        mail_id,
        envelope,
        words,
        now,
        lead_id=lead.id,
        expire_at=lead.expire_at,
        valid_until=invitation.expires_at if invitation else None,
    )


def mail(  # noqa: PLR0913, all that makes a mail comes together here
    mail_id: str,
    envelope: Envelope,
    words: Words,
    now: datetime,
    *,
    expire_at: datetime,
    lead_id: str = "",
    valid_until: datetime | None = None,
) -> Mail:
    """Return a mail that is due at once; written twice, it is the same twice."""
    domain = parseaddr(envelope.sender)[1].rpartition("@")[2]
    return Mail(
        id=mail_id,
        lead_id=lead_id,
        kind=words.kind,
        to=envelope.to,
        sender=envelope.sender,
        reply_to=envelope.reply_to,
        headers={
            "Message-ID": f"<{mail_id}@{domain}>",
            "Date": format_datetime(now),
            "Auto-Submitted": "auto-generated",
        },
        subject=envelope.subject,
        text=render(f"mail/{words.kind}.txt", lang=words.language, **words.values),
        html=render(f"mail/{words.kind}.html", lang=words.language, **words.values),
        expire_at=expire_at,
        valid_until=valid_until,
        delivery=Delivery(due_at=now),
    )
