"""Webhooks of schedulers: verification of their signatures, and meaning of their messages, by their documentation."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Protocol

from prequal.core.lead import Booking
from prequal.services.booking_recorder import BookingNews

Json = Any  # a payload is untrusted: nothing is known of its shape

# Calendly recommends to refuse older messages, which somebody may have intercepted and sent again.
_MAX_AGE = timedelta(minutes=3)
# Firestore cuts longer texts in its index.
_MAX_ID_BYTES = 1000
_MOST_GUESTS = 10
_CAL_EVENTS = ("BOOKING_CREATED", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED", "BOOKING_REQUESTED", "BOOKING_REJECTED")


class Scheduler(Protocol):
    """A service with which prospects book calls."""

    #: The HTTP header that holds its signature.
    header: ClassVar[str]

    @property
    def secret(self) -> str:
        """Return the key of its signatures."""

    def has_signed(self, body: bytes, signature: str, now: datetime) -> bool:
        """Return whether the signature proves that this body comes from the scheduler."""

    def parse_news(self, payload: Json) -> BookingNews | None:
        """Return the news of a booking, None for other messages; ValueError when it is not as documented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cal:
    """Cal.com: https://cal.com/docs/developing/guides/automation/webhooks."""

    secret: str
    header: ClassVar[str] = "X-Cal-Signature-256"

    def has_signed(self, body: bytes, signature: str, now: datetime) -> bool:  # noqa: ARG002, it signs no time
        """Return whether the signature is the body's."""
        return _equal(sign(self.secret, body), signature)

    def parse_news(self, payload: Json) -> BookingNews | None:
        """Return the news of a booking. A rescheduled one has a new id, and replaces the earlier booking.

        The metadata is lost with a cancellation and on rescheduling. A booking may need the owner's confirmation.
        """
        event = _text(payload, "triggerEvent")
        if event not in _CAL_EVENTS:
            return None
        email, *guests = _emails(_at(payload, "payload", "attendees")) or ("",)
        return BookingNews(
            lead_id=_text(payload, "payload", "metadata", "lead", default=""),
            email=email,
            guests=tuple(guests),
            booking=_booking(
                _text(payload, "payload", "uid"),
                sent_at=_text(payload, "createdAt"),
                starts_at=_text(payload, "payload", "startTime", default=""),
                replaces=_text(payload, "payload", "rescheduleUid", default=""),
                confirmed=event not in ("BOOKING_REQUESTED", "BOOKING_REJECTED"),
                cancelled=event in ("BOOKING_CANCELLED", "BOOKING_REJECTED"),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendly:
    """Calendly: https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures."""

    secret: str
    header: ClassVar[str] = "Calendly-Webhook-Signature"

    def has_signed(self, body: bytes, signature: str, now: datetime) -> bool:
        """Return whether the signature is the body's, and recent."""
        parts = dict(re.findall(r"(\w+)=(\w+)", signature))
        seconds = parts.get("t", "")
        if not re.fullmatch("[0-9]{1,12}", seconds):
            return False
        is_recent = abs(now.timestamp() - int(seconds)) <= _MAX_AGE.total_seconds()
        return _equal(sign(self.secret, f"{seconds}.".encode() + body), parts.get("v1", "")) and is_recent

    def parse_news(self, payload: Json) -> BookingNews | None:
        """Return the news of a booking. Of the two messages on a rescheduled one, only that on the new one counts."""
        event = _text(payload, "event")
        if event not in ("invitee.created", "invitee.canceled"):
            return None
        cancelled = event == "invitee.canceled"
        if cancelled and _at(payload, "payload", "rescheduled"):
            return None
        return BookingNews(
            lead_id=_text(payload, "payload", "tracking", "utm_content", default=""),
            email=_text(payload, "payload", "email", default=""),
            guests=_emails(_at(payload, "payload", "scheduled_event", "event_guests")),
            booking=_booking(
                _text(payload, "payload", "uri"),
                sent_at=_text(payload, "created_at"),
                starts_at=_text(payload, "payload", "scheduled_event", "start_time", default=""),
                replaces=_text(payload, "payload", "old_invitee", default=""),
                cancelled=cancelled,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SavvyCal:
    """SavvyCal: https://developers.savvycal.com/webhooks."""

    secret: str
    header: ClassVar[str] = "X-SavvyCal-Signature"

    def has_signed(self, body: bytes, signature: str, now: datetime) -> bool:  # noqa: ARG002, it signs no time
        """Return whether the signature is the body's."""
        return _equal(f"sha256={sign(self.secret, body)}", signature.lower())

    def parse_news(self, payload: Json) -> BookingNews | None:
        """Return the news of a booking. A rescheduled one keeps its id."""
        event = _text(payload, "type").removeprefix("event.")
        if event not in ("created", "requested", "approved", "declined", "rescheduled", "canceled"):
            return None
        attendees = _at(payload, "payload", "attendees")
        several = [each for each in attendees if not _at(each, "is_organizer")] if isinstance(attendees, list) else []
        booker = _text(payload, "payload", "scheduler", "email", default="")
        emails = _emails(several)
        email = booker or next(iter(emails), "")
        return BookingNews(
            lead_id=_text(payload, "payload", "metadata", "lead", default=""),
            email=email,
            guests=tuple(each for each in emails if each != email),
            booking=_booking(
                _text(payload, "payload", "id"),
                sent_at=_text(payload, "occurred_at"),
                starts_at=_text(payload, "payload", "start_at", default=""),
                confirmed=event not in ("requested", "declined")
                and _at(payload, "payload", "state") != "awaiting_approval",
                cancelled=event in ("canceled", "declined"),
            ),
        )


def sign(secret: str, content: bytes) -> str:
    """Return the HMAC-SHA256 of the content, in hex."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def _equal(expected: str, signature: str) -> bool:
    return hmac.compare_digest(expected.encode(), signature.encode())


def _booking(  # noqa: PLR0913, the facts of a message
    booking_id: str, *, sent_at: str, starts_at: str, cancelled: bool, replaces: str = "", confirmed: bool = True
) -> Booking:
    at = _instant(sent_at)
    # A lone surrogate, which JSON can hold and no database can, is a ValueError too.
    if not booking_id or max(len(each.encode()) for each in (booking_id, replaces)) > _MAX_ID_BYTES:
        raise ValueError(booking_id)
    return Booking(
        id=booking_id,
        booked_at=at,
        starts_at=_instant(starts_at) if starts_at else None,
        cancelled_at=at if cancelled else None,
        confirmed=confirmed,
        replaces=(replaces,) if replaces not in ("", booking_id) else (),
    )


def _emails(people: Json) -> tuple[str, ...]:
    """Return the addresses of people, an empty one for each who has none."""
    several = people[: _MOST_GUESTS + 1] if isinstance(people, list) else ()
    return tuple(_text(person, "email", default="") for person in several)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(text)
    return instant.astimezone(UTC)


def _text(payload: Json, *path: str | int, default: str | None = None) -> str:
    """Return the text at a path, else the default; ValueError when there is neither."""
    text = _at(payload, *path)
    if isinstance(text, str):
        return text
    if default is None:
        raise ValueError(path)
    return default


def _at(payload: Json, *path: str | int) -> Json:
    for step in path:
        try:
            payload = payload[step]
        except (LookupError, TypeError):
            return None
    return payload
