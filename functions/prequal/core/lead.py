"""A lead: a prospect of a form, with answers, score and status."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING, Any

from prequal.core.form import Form
from prequal.core.scoring import Answer, Score
from prequal.core.source import Source

if TYPE_CHECKING:  # which imports marshmallow
    from prequal.core.answers import Submission

# Without JavaScript a submission has no id: equal content within this time is one submission.
REPLAY_WINDOW = timedelta(days=1)
# Number of an id's characters that are shown to people, and that commands accept in its place.
SHORT_ID = 8


class Status(StrEnum):
    """Status of a lead."""

    RECEIVED = "received"
    INVITED = "invited"
    OPENED = "opened"
    BOOKED = "booked"
    OFFERED = "offered"
    DECLINED = "declined"
    WON = "won"
    LOST = "lost"
    EXPIRED = "expired"
    QUARANTINED = "quarantined"


class InvitationState(StrEnum):
    """State of an invitation: queued, accepted by the mail server, followed, given up, or held for the owner."""

    PENDING = "pending"
    SENT = "sent"
    OPENED = "opened"
    FAILED = "failed"
    HELD = "held"


class HoldReason(StrEnum):
    """Reason why an invitation is not sent until the owner releases it."""

    #: More invitations than the mail budget allows.
    BUDGET = "budget"
    #: The submission was not proven to come from a person.
    CAPTCHA = "captcha"
    #: Somebody at the address said that they had not asked for it.
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An invitation to book a consultation."""

    state: InvitationState
    #: When the mail server accepted it.
    sent_at: datetime | None = None
    #: The first use of its link.
    opened_at: datetime | None = None
    expires_at: datetime
    held_for: HoldReason | None = None
    #: The Message-ID with which it was sent; empty before that, and for those of earlier versions.
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The owner's decision, which overrules the score."""

    by: str
    verdict: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A line in a lead's history."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """An appointment."""

    #: The scheduler's id; empty if the owner noted the appointment by hand.
    id: str
    #: When it was made or requested, by the scheduler's clock.
    booked_at: datetime
    starts_at: datetime | None = None
    cancelled_at: datetime | None = None
    #: False if it was only requested: the owner has yet to confirm it at the scheduler, or rejected it.
    confirmed: bool = True
    #: The ids of earlier appointments that it replaces. A late message on one of them is outdated.
    replaces: tuple[str, ...] = ()
    #: Whether the reminder fell due while the owner had yet to confirm it.
    withheld_reminder: bool = False

    @property
    def is_requested(self) -> bool:
        """Return whether it awaits the owner's confirmation."""
        return not self.confirmed and self.cancelled_at is None

    @property
    def changed_at(self) -> datetime:
        """Return the instant of the last change."""
        return self.cancelled_at or self.booked_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An offer that the owner made after the call."""

    at: datetime
    #: The instant until which the prospect is to answer; None if that was left open.
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A prospect of a form. Answers and score are those of one attempt: see `core.lifecycle.resubmitted`."""

    id: str
    form_id: str
    form_version: str
    status: Status
    name: str
    email: str
    company: str
    website: str
    language: str
    answers: Mapping[str, Answer]
    score: Score
    source: Source
    #: Number of attempts.
    attempts: int
    received_at: datetime
    updated_at: datetime
    #: End of the retention time, after which the lead is deleted.
    expire_at: datetime
    #: When time alone changes the lead next: its reminder, the end of its invitation, or a morning around its call.
    due_at: datetime | None = None
    invitation: Invitation | None = None
    decision: Decision | None = None
    outcome: str | None = None
    #: When the attempt that the lead shows arrived; None in older documents.
    answered_at: datetime | None = None
    #: Empty in older documents.
    phone: str = ""
    notes: tuple[Note, ...] = ()
    #: The last known appointment; kept after cancellation so that outdated webhooks can be recognised.
    booking: Booking | None = None
    #: Why the lead was won or lost, in the owner's words, if they said so.
    outcome_reason: str | None = None
    #: When the outcome was noted; None in older documents.
    outcome_at: datetime | None = None
    #: The last offer.
    offered: Offer | None = None
    #: Ids of the attempt that the lead shows, and of the one that its invitation was for; empty in older documents.
    shown_attempt: str = ""
    invited_attempt: str = ""
    #: Whether somebody with access to the mailbox has used a link, which proves the attempt that the lead shows.
    proven: bool = False
    #: Number of later attempts that nobody has proven. They stay beside and change nothing.
    unconfirmed: int = 0
    #: When the owner was last told of such an attempt.
    told_at: datetime | None = None
    #: By the id of a question, the option that was chosen when a text was revealed; empty in older documents.
    reactions: Mapping[str, str] = field(default_factory=dict)

    @property
    def known_outcome(self) -> str | None:
        """Return whether it was won or lost, maybe before its last attempt; None if neither."""
        return self.outcome or (self.status if self.status in (Status.WON, Status.LOST) else None)

    @property
    def is_held(self) -> bool:
        """Return whether its invitation waits for the owner to release it."""
        held = self.invitation is not None and self.invitation.state is InvitationState.HELD
        return held and self.status in (Status.RECEIVED, Status.INVITED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One submission, kept unchanged."""

    id: str
    #: Equal for repeats of the same submission.
    replay_key: str
    form_version: str
    name: str
    company: str
    website: str
    language: str
    answers: Mapping[str, Answer]
    score: Score
    source: Source
    received_at: datetime
    expire_at: datetime
    quarantined: bool
    #: Empty in older documents.
    phone: str = ""
    reactions: Mapping[str, str] = field(default_factory=dict)

    @property
    def replays_until(self) -> datetime:
        """Return the instant until which an equal key means a repeat: without end if the browser made the key."""
        made_by_browser = self.id == self.replay_key
        return datetime.max.replace(tzinfo=UTC) if made_by_browser else self.received_at + REPLAY_WINDOW


class Admission(Enum):
    """Result of admitting a submission."""

    FIRST = auto()
    """The prospect's first attempt made a lead."""
    AGAIN = auto()
    """Another attempt was added to the lead."""
    REPLAY = auto()
    """The same submission was there already; nothing changed."""


def lead_id(form_id: str, email: str) -> str:
    """Return the id of the lead with this address. Case is ignored, as every mail provider does."""
    return hashlib.sha256(f"{form_id}\n{email.casefold()}".encode()).hexdigest()[:24]


def is_lead_id(text: str) -> bool:
    """Return whether a text has the form of a lead's id."""
    return re.fullmatch("[0-9a-f]{24}", text) is not None


def first_attempt(form: Form, submission: Submission, score: Score, now: datetime) -> tuple[Lead, Attempt]:
    """Return the lead that a submission makes if it is the prospect's first, and the attempt that it is in any case."""
    invited = score.qualified and not submission.trapped
    sent_as = _key(submission.submission_id)
    replay_key = sent_as or submission.fingerprint
    attempt_id = sent_as or f"{replay_key}.{now:%Y%m%dT%H%M%S%f}"
    invitation = new_invitation(form, now) if invited else None
    common: dict[str, Any] = {
        **{name: getattr(submission, name) for name in ("name", "phone", "company", "website")},
        **{name: getattr(submission, name) for name in ("language", "answers", "reactions", "source")},
        "form_version": form.version,
        "score": score,
        "received_at": now,
        "expire_at": now + form.retention(qualified=invited),
    }
    lead = Lead(
        **common,
        id=lead_id(form.id, submission.email),
        form_id=form.id,
        status=Status.QUARANTINED if submission.trapped else Status.INVITED if invited else Status.RECEIVED,
        email=submission.email,
        attempts=1,
        updated_at=now,
        due_at=next_step_at(form, invitation, now) if invitation else None,
        invitation=invitation,
        answered_at=now,
        shown_attempt=attempt_id,
        invited_attempt=attempt_id if invited else "",
    )
    return lead, Attempt(**common, id=attempt_id, replay_key=replay_key, quarantined=submission.trapped)


def _key(submission_id: str) -> str:
    """Return the browser's id as an id for every store: Firestore reserves those like __this__."""
    return f"id.{submission_id}" if submission_id.startswith("__") else submission_id


def is_new_invitation(before: Lead | None, after: Lead) -> bool:
    """Return whether a change gives the lead an invitation that it did not have."""
    return after.invitation is not None and (before is None or after.invitation != before.invitation)


def new_invitation(form: Form, now: datetime) -> Invitation:
    """Return a pending invitation."""
    return Invitation(state=InvitationState.PENDING, expires_at=now + timedelta(days=form.invitation_days))


def next_step_at(form: Form, invitation: Invitation, now: datetime) -> datetime:
    """Return when time changes a lead invited now: at its reminder if the form wants one, else at the expiry."""
    return invitation.expires_at if form.remind_after_days is None else now + timedelta(days=form.remind_after_days)


def desk_page(desk_url: str, lead_id: str) -> str:
    """Return the address of a lead's page at the owner's desk."""
    return f"{desk_url}/leads/{lead_id}"
