"""Webhooks of schedulers: verification of their signatures, and meaning of their messages, by their documentation."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Protocol

from prequal.core.lead import Booking
from prequal.services.booking_news import BookingNews

Json = Any  # a payload is untrusted: nothing is known of its shape

# Calendly recommends to refuse older messages, which somebody may have intercepted and sent again.
_MAX_AGE = timedelta(minutes=3)


class Scheduler(Protocol):
    """A service with which prospects book calls."""

    #: The HTTP header that holds its signature.
    header: ClassVar[str]

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
        """Return the news of a booking. A rescheduled one has a new id, and replaces the earlier booking."""
        event = _text(payload, "triggerEvent")
        if event not in ("BOOKING_CREATED", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED"):
            return None
        return BookingNews(
            lead_id=_text(payload, "payload", "metadata", "lead", default=""),
            email=_text(payload, "payload", "attendees", 0, "email", default=""),
            booking=_booking(
                _text(payload, "payload", "uid"),
                sent_at=_text(payload, "createdAt"),
                starts_at=_text(payload, "payload", "startTime", default=""),
                cancelled=event == "BOOKING_CANCELLED",
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
            booking=_booking(
                _text(payload, "payload", "uri"),
                sent_at=_text(payload, "created_at"),
                starts_at=_text(payload, "payload", "scheduled_event", "start_time", default=""),
                cancelled=cancelled,
            ),
        )


def sign(secret: str, content: bytes) -> str:
    """Return the HMAC-SHA256 of the content, in hex."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def _equal(expected: str, signature: str) -> bool:
    return hmac.compare_digest(expected.encode(), signature.encode())


def _booking(booking_id: str, *, sent_at: str, starts_at: str, cancelled: bool) -> Booking:
    at = _instant(sent_at)
    start = _instant(starts_at) if starts_at else None
    return Booking(id=booking_id, booked_at=at, starts_at=start, cancelled_at=at if cancelled else None)


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
