"""Webhooks of schedulers, in the shapes that they document, signed as they sign them."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from support import builders
from support.builders import NOW
from support.world import CAL_SECRET, CALENDLY_SECRET, SAVVYCAL_SECRET

if TYPE_CHECKING:
    from werkzeug.test import Client, TestResponse

STARTS_AT = NOW + timedelta(days=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request of a scheduler."""

    path: str
    body: bytes
    headers: dict[str, str]

    def to(self, client: Client) -> TestResponse:
        """Send it."""
        return client.post(self.path, data=self.body, headers=self.headers, content_type="application/json")


def signed(secret: str, content: bytes) -> str:
    """Return the HMAC-SHA256 of some content."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def lead_id() -> str:
    """Return the id of the prospect who books."""
    return builders.lead().id


class Cal:
    """Cal.com: https://cal.com/docs/developing/guides/automation/webhooks."""

    def made(self, uid: str = "one", at: datetime = NOW, **changes: Any) -> Sent:
        """Send that an appointment is made."""
        return self.sent(self.told("BOOKING_CREATED", uid, at, **changes))

    def moved(self, uid: str, earlier: str, at: datetime) -> tuple[Sent, ...]:
        """Send that one takes the place of another."""
        return (self.sent(self.told("BOOKING_RESCHEDULED", uid, at, rescheduleUid=earlier)),)

    def cancelled(self, uid: str = "one", at: datetime = NOW) -> Sent:
        """Send that one is cancelled; where it begins isn't always said then."""
        return self.sent(self.told("BOOKING_CANCELLED", uid, at, startTime="", cancellationReason="No time"))

    def requested(self, uid: str, at: datetime, **changes: Any) -> Sent:
        """Send that an appointment awaits the owner's confirmation."""
        return self.sent(self.told("BOOKING_REQUESTED", uid, at, status="PENDING", **changes))

    def confirmed(self, uid: str, at: datetime) -> Sent:
        """Send that the owner confirmed it."""
        return self.sent(self.told("BOOKING_CREATED", uid, at, metadata={}))

    def rejected(self, uid: str, at: datetime) -> Sent:
        """Send that the owner rejected it."""
        return self.sent(self.told("BOOKING_REJECTED", uid, at, status="REJECTED", metadata={}))

    def with_guests(self, *emails: str, **changes: Any) -> Sent:
        """Send an appointment with several attendees, of whom the first booked it."""
        return self.made(metadata={}, attendees=[{"name": "Ada", "email": email} for email in emails], **changes)

    def something_else(self) -> Sent:
        """Send what is no matter of appointments: the test that the owner can ask for."""
        return self.sent({"triggerEvent": "PING", "createdAt": NOW.isoformat(), "payload": {"type": "Test"}})

    def by_address(self, email: str) -> Sent:
        """Send an appointment of somebody who has come without the link."""
        person = {"name": "Ada", "email": email, "timeZone": "Europe/London", "language": {"locale": "en"}}
        return self.made(metadata={}, attendees=[person])

    def told(self, event: str, uid: str, at: datetime, **changes: Any) -> dict[str, Any]:
        """Return the content of a webhook."""
        person = {"name": "Ada", "email": "ada@elsewhere.example", "timeZone": "Europe/London"}
        about = {
            "type": "intro",
            "title": "Intro between Studio North and Ada Lovelace",
            "startTime": f"{STARTS_AT:%Y-%m-%dT%H:%M:%SZ}",
            "endTime": f"{STARTS_AT + timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}",
            "organizer": {"id": 5, "name": "Studio North", "email": "hello@studio.example", "timeZone": "Europe/Paris"},
            "responses": {"email": {"label": "email_address", "value": "ada@elsewhere.example"}},
            "attendees": [person],
            "uid": uid,
            "bookingId": 91,
            "metadata": {"lead": lead_id(), "videoCallUrl": "https://video.example/1"},
            "status": "ACCEPTED",
            **changes,
        }
        return {"triggerEvent": event, "createdAt": f"{at:%Y-%m-%dT%H:%M:%S.000Z}", "payload": about}

    def sent(self, told: Any, secret: str = CAL_SECRET) -> Sent:
        """Send anything."""
        body = json.dumps(told).encode()
        return Sent(path="/api/hooks/cal", body=body, headers={"X-Cal-Signature-256": signed(secret, body)})


class Calendly:
    """Calendly: https://developer.calendly.com/api-docs."""

    def made(self, uid: str = "one", at: datetime = NOW, **changes: Any) -> Sent:
        """Send that an appointment is made."""
        return self.sent(self.told("invitee.created", uid, at, **changes))

    def moved(self, uid: str, earlier: str, at: datetime) -> tuple[Sent, ...]:
        """Send that one takes the place of another."""
        return (
            self.made(uid, at, old_invitee=_invitee(earlier)),
            self.sent(
                self.told(
                    "invitee.canceled", earlier, at, status="canceled", rescheduled=True, new_invitee=_invitee(uid)
                )
            ),
        )

    def cancelled(self, uid: str = "one", at: datetime = NOW) -> Sent:
        """Send that one is cancelled."""
        by = {"canceled_by": "Ada", "reason": "No time", "canceler_type": "invitee"}
        return self.sent(self.told("invitee.canceled", uid, at, status="canceled", cancellation=by))

    def something_else(self) -> Sent:
        """Send what is no matter of appointments."""
        return self.sent({"event": "routing_form_submission.created", "created_at": NOW.isoformat(), "payload": {}})

    def by_address(self, email: str) -> Sent:
        """Send an appointment of somebody who has come without the link."""
        return self.made(email=email, tracking={"utm_content": None, "utm_source": None, "salesforce_uuid": None})

    def with_guests(self, *emails: str) -> Sent:
        """Send an appointment with several attendees, of whom the first booked it."""
        event = {"uri": _EVENT, "start_time": f"{STARTS_AT:%Y-%m-%dT%H:%M:%S.000000Z}"}
        guests = [{"email": email, "created_at": NOW.isoformat()} for email in emails[1:]]
        return self.made(email=emails[0], tracking={}, scheduled_event={**event, "event_guests": guests})

    def told(self, event: str, uid: str, at: datetime, **changes: Any) -> dict[str, Any]:
        """Return the content of a webhook."""
        about = {
            "uri": _invitee(uid),
            "event": _EVENT,
            "name": "Ada Lovelace",
            "email": "ada@elsewhere.example",
            "status": "active",
            "timezone": "Europe/London",
            "created_at": f"{at:%Y-%m-%dT%H:%M:%S.000000Z}",
            "rescheduled": False,
            "old_invitee": None,
            "new_invitee": None,
            "questions_and_answers": [],
            "tracking": {"utm_source": None, "utm_content": lead_id(), "utm_term": None, "salesforce_uuid": None},
            "scheduled_event": {"uri": _EVENT, "start_time": f"{STARTS_AT:%Y-%m-%dT%H:%M:%S.000000Z}"},
            **changes,
        }
        return {
            "event": event,
            "created_at": f"{at:%Y-%m-%dT%H:%M:%S.000000Z}",
            "created_by": "https://api.calendly.com/users/NORTH",
            "payload": about,
        }

    def sent(self, told: Any, secret: str = CALENDLY_SECRET, at: datetime = NOW) -> Sent:
        """Send anything, at a moment."""
        body, seconds = json.dumps(told).encode(), str(int(at.timestamp()))
        header = f"t={seconds},v1={signed(secret, seconds.encode() + b'.' + body)}"
        return Sent(path="/api/hooks/calendly", body=body, headers={"Calendly-Webhook-Signature": header})


class SavvyCal:
    """SavvyCal: https://developers.savvycal.com/webhooks."""

    def made(self, uid: str = "one", at: datetime = NOW, **changes: Any) -> Sent:
        """Send that an appointment is made."""
        return self.sent(self.told("event.created", uid, at, **changes))

    def moved(self, uid: str, at: datetime, starts_at: datetime) -> Sent:
        """Send that one has another time."""
        return self.sent(self.told("event.rescheduled", uid, at, start_at=f"{starts_at:%Y-%m-%dT%H:%M:%SZ}"))

    def cancelled(self, uid: str = "one", at: datetime = NOW) -> Sent:
        """Send that one is cancelled."""
        return self.sent(self.told("event.canceled", uid, at, state="canceled", cancel_reason="No time"))

    def requested(self, uid: str, at: datetime) -> Sent:
        """Send that an appointment awaits the owner's approval."""
        return self.sent(self.told("event.requested", uid, at, state="awaiting_approval"))

    def confirmed(self, uid: str, at: datetime) -> Sent:
        """Send that the owner approved it."""
        return self.sent(self.told("event.approved", uid, at, metadata={}))

    def rejected(self, uid: str, at: datetime) -> Sent:
        """Send that the owner declined it."""
        return self.sent(self.told("event.declined", uid, at, state="declined", metadata={}))

    def something_else(self) -> Sent:
        """Send what is no matter of appointments."""
        return self.sent({"type": "poll.response.created", "occurred_at": NOW.isoformat(), "payload": {}})

    def by_address(self, email: str) -> Sent:
        """Send an appointment of somebody who has come without the link."""
        return self.made(metadata={}, scheduler={"display_name": "Ada", "email": email})

    def with_guests(self, *emails: str) -> Sent:
        """Send an appointment with several attendees, of whom the first booked it."""
        organizer = {"display_name": "Studio North", "email": "hello@studio.example", "is_organizer": True}
        guests = [{"display_name": "Ada", "email": email, "is_organizer": False} for email in emails]
        return self.made(metadata={}, scheduler=guests[0], attendees=[organizer, *guests])

    def told(self, event: str, uid: str, at: datetime, **changes: Any) -> dict[str, Any]:
        """Return the content of a webhook."""
        person = {"id": "attendee_1", "display_name": "Ada", "email": "ada@elsewhere.example", "is_organizer": False}
        about = {
            "id": f"event_{uid}",
            "state": "confirmed",
            "summary": "Studio North and Ada",
            "start_at": f"{STARTS_AT:%Y-%m-%dT%H:%M:%SZ}",
            "end_at": f"{STARTS_AT + timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}",
            "created_at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
            "canceled_at": None,
            "link": {"id": "link_1", "name": "Intro", "slug": "intro"},
            "scheduler": person,
            "attendees": [{**person, "email": "hello@studio.example", "is_organizer": True}, person],
            "metadata": {"lead": lead_id()},
            **changes,
        }
        said = {"type": event, "id": "payload_1", "version": "2020-11-18", "occurred_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        return {**said, "payload": about}

    def sent(self, told: Any, secret: str = SAVVYCAL_SECRET) -> Sent:
        """Send anything."""
        body = json.dumps(told).encode()
        header = f"sha256={signed(secret, body).upper()}"
        return Sent(path="/api/hooks/savvycal", body=body, headers={"x-savvycal-signature": header})


_EVENT = "https://api.calendly.com/scheduled_events/INTRO"


def _invitee(uid: str) -> str:
    return f"{_EVENT}/invitees/{uid}"
