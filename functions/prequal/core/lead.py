"""A lead: one prospect, what they said, how it scored, and what became of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum, auto

from prequal.core.answers import Submission
from prequal.core.form import Form
from prequal.core.scoring import Answer, Score
from prequal.core.source import Source

# Without JavaScript the browser makes no id, so the same words within a day are the same submission.
SAME_WORDS_WITHIN = timedelta(days=1)
# So much of an id is shown where people read it, and is taken for it.
SHORT_ID = 8


class Status(StrEnum):
    """Where a lead stands; one at a time."""

    RECEIVED = "received"
    INVITED = "invited"
    OPENED = "opened"
    BOOKED = "booked"
    DECLINED = "declined"
    WON = "won"
    LOST = "lost"
    EXPIRED = "expired"
    QUARANTINED = "quarantined"


class InvitationState(StrEnum):
    """How far an invitation came: in the queue, taken by the mail server, clicked, or given up."""

    PENDING = "pending"
    SENT = "sent"
    OPENED = "opened"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """The invitation to book; `sent_at` is when the mail server took it, `opened_at` the first click."""

    state: InvitationState
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The owner's own verdict, which outweighs the score, and the reason for it."""

    by: str
    verdict: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """An appointment: the scheduler's own id of it (empty when it was noted by hand), and when it starts, if known.

    `booked_at` and `cancelled_at` are when the scheduler says that it happened.
    """

    id: str
    booked_at: datetime
    starts_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def changed_at(self) -> datetime:
        """Return when it became what it is."""
        return self.cancelled_at or self.booked_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """One prospect of one form. The answers and the score are those of the last attempt.

    After `expire_at` it is deleted: so many days after the last attempt as the form's `retention` says.
    `due_at` is when time alone changes it next: the reminder, the end of its invitation; None when nothing will.
    `booking` is the last appointment, kept when it is cancelled or over, to tell news of it from what is out of date.
    `answered_at` is when the last attempt came, `outcome_at` when the outcome was noted; older leads don't tell.
    """

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
    attempts: int
    received_at: datetime
    updated_at: datetime
    expire_at: datetime
    due_at: datetime | None = None
    invitation: Invitation | None = None
    booking: Booking | None = None
    decision: Decision | None = None
    outcome: str | None = None
    outcome_at: datetime | None = None
    answered_at: datetime | None = None

    def may_be_invited_anew(self, now: datetime) -> bool:
        """Whether another attempt starts a new round: nothing is under way, and the owner has not declined."""
        match self.status:
            case Status.INVITED | Status.OPENED:
                return self.invitation is None or self.invitation.expires_at <= now
            case Status.BOOKED | Status.DECLINED:
                return False
            case _:
                return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One submission, kept as it was. `replay_key` is equal for the same submission sent again."""

    id: str
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

    @property
    def replays_until(self) -> datetime:
        """Until when the same key is the same submission: for ever, when the browser made it."""
        made_by_browser = self.id == self.replay_key
        return datetime.max.replace(tzinfo=UTC) if made_by_browser else self.received_at + SAME_WORDS_WITHIN


class Admission(Enum):
    """Result of admitting a submission."""

    FIRST = auto()
    """The prospect's first attempt made a lead."""
    AGAIN = auto()
    """Another attempt was added to the lead."""
    REPLAY = auto()
    """The same submission was there already; nothing changed."""


def lead_id(form_id: str, email: str) -> str:
    """Return the id of the lead of this address: case is ignored, as every mail provider does."""
    return hashlib.sha256(f"{form_id}\n{email.casefold()}".encode()).hexdigest()[:24]


def is_lead_id(text: str) -> bool:
    """Whether a text from elsewhere has the form of a lead's id."""
    return re.fullmatch("[0-9a-f]{24}", text) is not None


def first_attempt(form: Form, submission: Submission, score: Score, now: datetime) -> tuple[Lead, Attempt]:
    """Return the lead that a submission makes if it is the prospect's first, and the attempt it is in any case."""
    invited = score.qualified and not submission.trapped
    expire_at = now + form.retention(qualified=invited)
    invitation = new_invitation(form, now) if invited else None
    lead = Lead(
        id=lead_id(form.id, submission.email),
        form_id=form.id,
        form_version=form.version,
        status=Status.QUARANTINED if submission.trapped else Status.INVITED if invited else Status.RECEIVED,
        name=submission.name,
        email=submission.email,
        company=submission.company,
        website=submission.website,
        language=submission.language,
        answers=submission.answers,
        score=score,
        source=submission.source,
        attempts=1,
        received_at=now,
        updated_at=now,
        expire_at=expire_at,
        due_at=next_step_at(form, invitation, now) if invitation else None,
        invitation=invitation,
        answered_at=now,
    )
    sent_as = _key(submission.submission_id)
    replay_key = sent_as or submission.fingerprint
    attempt = Attempt(
        id=sent_as or f"{replay_key}.{now:%Y%m%dT%H%M%S%f}",
        replay_key=replay_key,
        form_version=lead.form_version,
        name=lead.name,
        company=lead.company,
        website=lead.website,
        language=lead.language,
        answers=lead.answers,
        score=score,
        source=lead.source,
        received_at=now,
        expire_at=expire_at,
        quarantined=submission.trapped,
    )
    return lead, attempt


def _key(submission_id: str) -> str:
    """Return the browser's id as every store takes it: Firestore keeps those like __this__ to itself."""
    return f"id.{submission_id}" if submission_id.startswith("__") else submission_id


def another_attempt(existing: Lead, fresh: Lead) -> Lead:
    """Return the lead after one more attempt, where `fresh` is the lead that this attempt alone would have made.

    What a trap caught changes nothing that a person said, and a round under way goes on as it is.
    """
    if fresh.status is Status.QUARANTINED:
        return replace(existing, attempts=existing.attempts + 1)
    lead = replace(
        fresh,
        attempts=existing.attempts + 1,
        received_at=existing.received_at,
        booking=existing.booking,
        outcome=existing.outcome,
        outcome_at=existing.outcome_at,
    )
    if existing.may_be_invited_anew(fresh.updated_at):
        return lead
    return replace(
        lead,
        status=existing.status,
        due_at=existing.due_at,
        invitation=existing.invitation,
        decision=existing.decision,
        expire_at=max(lead.expire_at, existing.expire_at),
    )


def invites(before: Lead | None, after: Lead) -> bool:
    """Whether the step from one to the other makes an invitation that was not there."""
    return after.invitation is not None and (before is None or after.invitation != before.invitation)


def new_invitation(form: Form, now: datetime) -> Invitation:
    """Return an invitation that is to be sent."""
    return Invitation(state=InvitationState.PENDING, expires_at=now + timedelta(days=form.invitation_days))


def next_step_at(form: Form, invitation: Invitation, now: datetime) -> datetime:
    """Return when time changes a lead that is invited now: at the reminder, if the form wants one, or at the end."""
    return invitation.expires_at if form.remind_after_days is None else now + timedelta(days=form.remind_after_days)
