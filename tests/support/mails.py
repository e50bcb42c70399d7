"""Mails as their readers see them, and the workers that send them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_string, policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.core.mail import Mail, MailState
from prequal.pages.mails import render_mail
from prequal.pages.zone import UTC_ZONE, Zone
from prequal.services.mail_budget import MailBudget
from prequal.services.mail_round import MailRound
from prequal.services.mail_sender import MailSender, Uncertain
from prequal.services.mailboxes import Mailboxes
from prequal.services.ports import Claim, Entry, Mailer, MailQueue, Store
from prequal.services.webhooks import Webhooks
from support import builders


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMail:
    """A rendered mail, parsed."""

    subject: str
    text: str
    html: str
    message: EmailMessage


def read(mail: Mail, zone: Zone = UTC_ZONE) -> ReadMail:
    """Render a mail, unless it is, and parse it."""
    message = message_from_string(mail.message or render_mail(mail, zone), policy=policy.default)
    assert isinstance(message, EmailMessage)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return ReadMail(
        subject=message["Subject"],
        text=text.get_content().replace("\r\n", "\n"),
        html=html.get_content().replace("\r\n", "\n"),
        message=message,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A sender of single mails and of rounds, on one store."""

    store: Store
    round: MailRound

    def deliver(self, mail_id: str) -> MailState | None:
        """Attempt to send one mail."""
        return self.round.sender.send(mail_id)

    def deliver_due(self) -> dict[str, int]:
        """Do a round and return the counts that are not zero."""
        return {name: count for name, count in self.round.run().items() if count}


def worker(  # noqa: PLR0913, all parts of a worker come together here
    store: Store,
    mailer: Mailer,
    clock: Callable[[], datetime],
    uncertain: Uncertain = Uncertain.RESEND,
    jitter: Callable[[float, float], float] = random.uniform,
    *,
    form: Form | None = None,
    owner: str = "",
    webhooks: Webhooks | None = None,
) -> Worker:
    """Return a worker. `owner` is told when the mail budget of the form is exceeded."""
    sender = MailSender(
        queue=store,
        mailer=mailer,
        render=render_mail,
        clock=clock,
        budget=MailBudget(form=form or builders.form(), mailboxes=Mailboxes(ledger=store), owner=owner),
        webhooks=webhooks or Webhooks(),
        uncertain=uncertain,
        random=jitter,
    )
    return Worker(store=store, round=MailRound(queue=store, sender=sender, clock=clock))


def claim_mail(store: MailQueue, mail_id: str, take: Callable[[Mail, Lead | None], Mail | None]) -> Mail | None:
    """Claim a mail without regard to the mail budget."""

    def taken(waiting: Mail, lead: Lead | None, _read: Callable[[str], Entry]) -> Claim | None:
        mail = take(waiting, lead)
        return Claim(mail=mail) if mail else None

    return store.claim_mail(mail_id, taken)


def rendered_invitation(**changes: Any) -> Mail:
    """Return the invitation of a qualified lead as the first claim leaves it."""
    mail = builders.invitation(**changes)
    return replace(mail, message=render_mail(mail))


def mail_of_schema_1(mail: Mail) -> dict[str, Any]:
    """Return the document of the same mail as version 0.1 queued it: rendered, in the Trigger Email shape."""
    return {
        "schema_version": 1,
        "id": mail.id,
        "lead_id": mail.lead_id,
        "kind": mail.kind.value,
        "to": mail.to,
        "from": mail.sender,
        "replyTo": mail.reply_to,
        "headers": {"Message-ID": mail.message_id, "Date": format_datetime(mail.created_at)},
        "message": {"subject": "Choose a time", "text": "Hello,", "html": "<p>Hello,"},
        "due_at": mail.delivery.due_at,
        "valid_until": mail.valid_until,
        "keep_until": mail.expire_at,
        "expire_at": None,
        "delivery": {"state": "PENDING", "attempts": 0, "info": None},
    }
