"""A mail on its way: written once, then sent until it is settled.

The document that a store keeps has the shape that the Firebase *Trigger Email* extension reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

# Longer than a function runs, so that a lease only ends when its holder is gone.
LEASE = timedelta(seconds=90)
MAX_ATTEMPTS = 12
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)


class MailState(StrEnum):
    """The states of the Trigger Email extension."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    ERROR = "ERROR"
    RETRY = "RETRY"


class MailKind(StrEnum):
    """What it is: for the prospect the first two, for the owner the others. A digest is of no lead."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    BRIEF = "brief"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the mail server said when it took a mail."""

    message_id: str
    accepted: tuple[str, ...]
    response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How far the sending is. `due_at` is when to try next or when the lease ends; None once settled.

    `claim` names whoever holds the lease, so that nobody settles what another has taken over; `interrupted` tells them
    that the holder before them never reported back, and may have sent the mail.
    """

    state: MailState = MailState.PENDING
    attempts: int = 0
    due_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    claim: str | None = None
    interrupted: bool = False
    error: str | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A whole mail; nothing of it but the delivery ever changes.

    `lead_id` is empty for a digest. `valid_until` is when its invitation expires, and it with it; what is for the owner
    is always of use. Once it is settled it is deleted after `expire_at`, together with its lead; never before that.
    """

    id: str
    lead_id: str
    kind: MailKind
    to: str
    sender: str
    reply_to: str
    headers: Mapping[str, str]
    subject: str
    text: str
    html: str
    expire_at: datetime
    valid_until: datetime | None = None
    delivery: Delivery

    def claimed(self, claim: str, now: datetime) -> Mail | None:
        """Return the mail with a lease on it, or None when it isn't due.

        One that the Trigger Email extension has settled still has its `due_at`: it is claimed for that to be noted.
        """
        if self.delivery.due_at is None or self.delivery.due_at > now:
            return None
        if self.delivery.state in (MailState.SUCCESS, MailState.ERROR):
            return replace(self, delivery=replace(self.delivery, due_at=now + LEASE, claim=claim))
        delivery = replace(
            self.delivery,
            state=MailState.PROCESSING,
            attempts=self.delivery.attempts + 1,
            due_at=now + LEASE,
            started_at=now,
            ended_at=None,
            claim=claim,
            interrupted=self.delivery.state is MailState.PROCESSING,
        )
        return replace(self, delivery=delivery)

    def accepted(self, receipt: Receipt, now: datetime) -> Mail:
        """Return the mail as taken by the server."""
        return self._settled(MailState.SUCCESS, now, error=None, receipt=receipt)

    def refused(self, error: str, now: datetime) -> Mail:
        """Return the mail as given up, with the reason."""
        return self._settled(MailState.ERROR, now, error=error, receipt=None)

    def as_settled(self) -> Mail:
        """Return the mail as somebody else has settled it, no longer due."""
        return replace(self, delivery=replace(self.delivery, due_at=None, claim=None))

    def to_retry(self, error: str, now: datetime, jitter: float) -> Mail:
        """Return the mail put off, or given up once every attempt is spent.

        The pause doubles from a minute up to six hours, and is scaled by `jitter` (0.5 to 1) so that mails which
        failed together don't return together.
        """
        if self.delivery.attempts >= MAX_ATTEMPTS:
            return self.refused(f"Given up after {MAX_ATTEMPTS} attempts. {error}", now)
        pause = min(FIRST_PAUSE * 2 ** (self.delivery.attempts - 1), LONGEST_PAUSE) * jitter
        delivery = replace(
            self.delivery, state=MailState.RETRY, due_at=now + pause, ended_at=now, claim=None, error=error
        )
        return replace(self, delivery=delivery)

    def _settled(self, state: MailState, now: datetime, *, error: str | None, receipt: Receipt | None) -> Mail:
        delivery = replace(
            self.delivery, state=state, due_at=None, ended_at=now, claim=None, error=error, receipt=receipt
        )
        return replace(self, delivery=delivery)
