"""A mail and its delivery: queued as data, rendered at the first claim, sent until it is settled.

Events for webhooks are delivered like mails, and are some in the queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from enum import StrEnum
from typing import Any

from prequal.core.form import Form
from prequal.core.text import counted

# Longer than a function runs, so that a lease only ends when its holder is gone.
LEASE = timedelta(seconds=90)
# Attempts in a row of which none reported a result. Each may have sent the mail.
MAX_INTERRUPTIONS = 12
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
# RFC 5321, 4.5.4.1: "at least 4-5 days".
RETRY_TIME = timedelta(days=5)


class MailState(StrEnum):
    """State of a delivery."""

    PENDING = "pending"
    SENDING = "sending"
    RETRYING = "retrying"
    SENT = "sent"
    FAILED = "failed"


class MailKind(StrEnum):
    """Purpose of a mail: invitation and reminder go to the prospect, the others to the owner, or to their programs."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    BRIEF = "brief"
    #: The question how a call went.
    DEBRIEF = "debrief"
    DIGEST = "digest"
    NOTICE = "notice"
    SIGN_IN = "sign-in"
    #: What happened to a lead; the worker makes the messages of it.
    EVENT = "event"
    #: A message to one address, over HTTP.
    WEBHOOK = "webhook"

    @property
    def is_for_prospect(self) -> bool:
        """Return whether the mail goes to a prospect, ahead of those to the owner."""
        return self in (MailKind.INVITATION, MailKind.REMINDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The mail server's confirmation."""

    message_id: str
    accepted: tuple[str, ...]
    response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Progress of sending a mail."""

    state: MailState = MailState.PENDING
    attempts: int = 0
    #: The next attempt, or the end of the lease; None once the mail is settled.
    due_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    #: Holder of the lease. Only the holder may settle the mail.
    claim: str | None = None
    #: Number of leases in a row that ran out before this one: their holders may have sent the mail.
    interruptions: int = 0
    error: str | None = None
    receipt: Receipt | None = None
    #: Start of the first attempt, by which a mail is given up. None also for mails that an older version tried.
    first_tried_at: datetime | None = None

    @property
    def has_failed(self) -> bool:
        """Return whether the mail was given up."""
        return self.state is MailState.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail in the queue. After the first claim only its delivery changes."""

    id: str
    #: Empty for a mail about no lead.
    lead_id: str
    kind: MailKind
    #: A mailbox, or the web address of a webhook; empty for an event.
    to: str = ""
    #: Empty, like the next two, for what goes to a program.
    sender: str = ""
    reply_to: str = ""
    language: str = ""
    created_at: datetime
    #: Plain values for the templates, as they were when the mail was queued.
    content: Mapping[str, Any]
    #: The MIME message in ASCII, or JSON. The first claim renders a mail; every attempt sends the same bytes.
    message: str | None = None
    #: Expiry of the invitation, or the beginning of the call; None for mails that never go out of date.
    valid_until: datetime | None = None
    #: Whether the mail budget counts it: the invitations that the score causes, and briefs on leads not invited.
    counted: bool = False
    #: Keyed hash of the network that the submission came from; empty if unknown, and once the mail was counted or held.
    network: str = ""
    #: When a settled mail may be deleted, together with its lead.
    expire_at: datetime
    delivery: Delivery

    @property
    def message_id(self) -> str:
        """Return the Message-ID, equal in every attempt."""
        return f"<{self.id}@{parseaddr(self.sender)[1].rpartition('@')[2]}>"

    @property
    def message_bytes(self) -> bytes:
        """Return the message as it is transmitted; ValueError before the first claim has rendered it."""
        if self.message is None:
            raise ValueError(f"mail {self.id} has no message yet")
        return self.message.encode()

    def claimed(self, claim: str, now: datetime) -> Mail | None:
        """Return the mail under a lease, or None if it is not due."""
        if self.delivery.due_at is None or self.delivery.due_at > now:
            return None
        delivery = replace(
            self.delivery,
            state=MailState.SENDING,
            attempts=self.delivery.attempts + 1,
            due_at=now + LEASE,
            started_at=now,
            ended_at=None,
            claim=claim,
            interruptions=self.delivery.interruptions + 1 if self.delivery.state is MailState.SENDING else 0,
            first_tried_at=self.delivery.first_tried_at or now,
        )
        return replace(self, delivery=delivery, network="")

    def accepted(self, receipt: Receipt, now: datetime) -> Mail:
        """Return the mail as accepted by the server."""
        return self._settled(MailState.SENT, now, error=None, receipt=receipt)

    def deferred(self, reason: str, until: datetime) -> Mail:
        """Return the mail as due later, for no fault of its own."""
        return replace(self, delivery=replace(self.delivery, due_at=until, error=reason))

    def refused(self, error: str, now: datetime) -> Mail:
        """Return the mail as given up, with the reason."""
        return self._settled(MailState.FAILED, now, error=error, receipt=None)

    def postponed(self, error: str, now: datetime, jitter: float) -> Mail:
        """Return the mail with a later attempt, or as given up if the first was five days ago.

        Exponential backoff: the pause doubles from one minute to six hours. `jitter` (0.5 to 1) scales it, so that
        mails which failed together do not return together.
        """
        attempts, began_at = self.delivery.attempts, self.delivery.first_tried_at or now
        if now - began_at >= RETRY_TIME:
            tried = counted(attempts, "attempt")
            return self.refused(f"Given up after {RETRY_TIME.days} days and {tried}. {error}", now)
        # Many doublings would be more than a timedelta holds.
        pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE) * jitter
        delivery = replace(
            self.delivery, state=MailState.RETRYING, due_at=now + pause, ended_at=now, claim=None, error=error
        )
        return replace(self, delivery=delivery)

    def _settled(self, state: MailState, now: datetime, *, error: str | None, receipt: Receipt | None) -> Mail:
        delivery = replace(
            self.delivery, state=state, due_at=None, ended_at=now, claim=None, error=error, receipt=receipt
        )
        settled = replace(self, delivery=delivery, network="")
        # It names people, and an erasure finds only the mails of their leads.
        return replace(settled, content={}, message=None) if self.kind is MailKind.DIGEST else settled


def form_words(form: Form) -> dict[str, Any]:
    """Return the words of a form that any of its mails may need, as content."""
    return {
        "business": {"name": form.business.name, "url": form.business.url, "privacy_url": form.business.privacy_url},
        "price": {
            "amount": form.starting_price,
            "usual": list(form.usual) if form.usual else None,
            "currency": form.currency,
        },
    }
