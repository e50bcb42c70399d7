"""What schedulers say of appointments: how each signs it, and what it means, as their documentation has it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Protocol

from prequal.core.lead import Booking
from prequal.services.decisions import BookingNews

Json = Any  # whatever there is

# What Calendly recommends against messages that somebody has caught and sends again.
_FRESH_FOR = timedelta(minutes=3)


class Scheduler(Protocol):
    """A service by which prospects book. `header` is where it signs what it sends."""

    header: ClassVar[str]

    def has_signed(self, body: bytes, signed: str, now: datetime) -> bool:
        """Whether the header shows that this body comes from it."""

    def news(self, told: Json) -> BookingNews | None:
        """Return what it says of an appointment, if of any; ValueError when it isn't what is documented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cal:
    """Cal.com: https://cal.com/docs/developing/guides/automation/webhooks."""

    secret: str
    header: ClassVar[str] = "X-Cal-Signature-256"

    def has_signed(self, body: bytes, signed: str, now: datetime) -> bool:  # noqa: ARG002, it signs no time
        """Whether the header shows that this body comes from it."""
        return _equal(signature(self.secret, body), signed)

    def news(self, told: Json) -> BookingNews | None:
        """Return what it says. A change of time is a new appointment in the place of the earlier one."""
        event = _text(told, "triggerEvent")
        if event not in ("BOOKING_CREATED", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED"):
            return None
        return BookingNews(
            lead_id=_text(told, "payload", "metadata", "lead", default=""),
            email=_text(told, "payload", "attendees", 0, "email", default=""),
            booking=_booking(
                _text(told, "payload", "uid"),
                told_at=_text(told, "createdAt"),
                starts_at=_text(told, "payload", "startTime", default=""),
                cancelled=event == "BOOKING_CANCELLED",
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendly:
    """Calendly: https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures."""

    secret: str
    header: ClassVar[str] = "Calendly-Webhook-Signature"

    def has_signed(self, body: bytes, signed: str, now: datetime) -> bool:
        """Whether the header shows that this body comes from it, and just now."""
        parts: Mapping[str, str] = dict(re.findall(r"(\w+)=(\w+)", signed))
        seconds = parts.get("t", "")
        if not re.fullmatch("[0-9]{1,12}", seconds):
            return False
        is_fresh = abs(now.timestamp() - int(seconds)) <= _FRESH_FOR.total_seconds()
        return _equal(signature(self.secret, f"{seconds}.".encode() + body), parts.get("v1", "")) and is_fresh

    def news(self, told: Json) -> BookingNews | None:
        """Return what it says. A change of time is told twice, and only the new appointment counts."""
        event = _text(told, "event")
        if event not in ("invitee.created", "invitee.canceled"):
            return None
        cancelled = event == "invitee.canceled"
        if cancelled and _at(told, "payload", "rescheduled"):
            return None
        return BookingNews(
            lead_id=_text(told, "payload", "tracking", "utm_content", default=""),
            email=_text(told, "payload", "email", default=""),
            booking=_booking(
                _text(told, "payload", "uri"),
                told_at=_text(told, "created_at"),
                starts_at=_text(told, "payload", "scheduled_event", "start_time", default=""),
                cancelled=cancelled,
            ),
        )


def signature(secret: str, content: bytes) -> str:
    """Return the HMAC-SHA256 of some content, in hex."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def _equal(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())


def _booking(booking_id: str, *, told_at: str, starts_at: str, cancelled: bool) -> Booking:
    at = _instant(told_at)
    return Booking(
        id=booking_id,
        booked_at=at,
        starts_at=_instant(starts_at) if starts_at else None,
        cancelled_at=at if cancelled else None,
    )


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(text)
    return instant.astimezone(UTC)


def _text(told: Json, *path: str | int, default: str | None = None) -> str:
    """Return the text at the end of a path, or the default; ValueError when there is neither."""
    text = _at(told, *path)
    if isinstance(text, str):
        return text
    if default is None:
        raise ValueError(path)
    return default


def _at(told: Json, *path: str | int) -> Json:
    for step in path:
        try:
            told = told[step]
        except (LookupError, TypeError):
            return None
    return told
