"""A stand-in for Cal.com, which sends the function the same webhooks when somebody books or cancels."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Request, redirect, render_template, request
from werkzeug.test import EnvironBuilder

from prequal.adapters.schedulers import Cal, sign
from prequal.web.app import Web

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

_LEAD = "metadata[lead]"


def make_scheduler(web: Web, secret: str) -> Blueprint:
    """Make the booking page; the secret signs its webhooks."""
    pages = Blueprint("scheduler", __name__)

    @pages.get("/booking")
    def show() -> str:
        tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT10:00}"
        return render_template("booking.html", booking={"uid": uuid.uuid4().hex, "starts": tomorrow, **request.args})

    @pages.post("/booking")
    def book() -> str | Response:
        booking = request.form
        body = _webhook_body(booking, datetime.now(UTC))
        hook = EnvironBuilder("/api/hooks/cal", method="POST", data=body, headers=[(Cal.header, sign(secret, body))])
        answer = web.respond(Request(hook.get_environ()))
        if answer.status_code != HTTPStatus.OK:
            return answer
        if booking["event"] == "BOOKING_CREATED":
            return render_template("booking.html", booking=booking, booked=True)
        prospect = [(name, booking[name]) for name in ("name", "email", _LEAD)]
        return redirect(f"/booking?{urlencode(prospect)}")

    return pages


def _webhook_body(booking: Mapping[str, str], now: datetime) -> bytes:
    payload = {
        "uid": booking["uid"],
        "startTime": f"{booking['starts']}Z",
        "attendees": [{"name": booking["name"], "email": booking["email"]}],
        "metadata": {"lead": booking[_LEAD]},
    }
    return json.dumps({"triggerEvent": booking["event"], "createdAt": now.isoformat(), "payload": payload}).encode()
