"""A stand-in for Cal.com: whoever books or cancels there, it tells the function as Cal.com does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Request, redirect, render_template, request
from werkzeug.test import EnvironBuilder

from prequal.adapters.schedulers import Cal, sign
from prequal.web.app import Web

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

_LEAD = "metadata[lead]"


def scheduler(web: Web, secret: str) -> Blueprint:
    """Return its page; what it tells is signed with this secret."""
    pages = Blueprint("scheduler", __name__)

    @pages.get("/booking")
    def choose() -> str:
        tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT10:00}"
        return render_template("booking.html", booking={"uid": uuid.uuid4().hex, "starts": tomorrow, **request.args})

    @pages.post("/booking")
    def tell() -> str | Response:
        booking = request.form
        body = _told(booking, datetime.now(UTC))
        sent = EnvironBuilder("/api/hooks/cal", method="POST", data=body, headers=[(Cal.header, sign(secret, body))])
        answer = web.respond(Request(sent.get_environ()))
        if answer.status_code != 200:  # noqa: PLR2004, OK
            return answer
        if booking["event"] == "BOOKING_CREATED":
            return render_template("booking.html", booking=booking, booked=True)
        prospect = [(name, booking[name]) for name in ("name", "email", _LEAD)]
        return redirect(f"/booking?{urlencode(prospect)}")

    return pages


def _told(booking: Mapping[str, str], now: datetime) -> bytes:
    about = {
        "uid": booking["uid"],
        "startTime": f"{booking['starts']}Z",
        "attendees": [{"name": booking["name"], "email": booking["email"]}],
        "metadata": {"lead": booking[_LEAD]},
    }
    return json.dumps({"triggerEvent": booking["event"], "createdAt": now.isoformat(), "payload": about}).encode()
