"""The development server's application: the built site, the function, the inbox, the desk, and a booking page."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Flask, Request, Response, abort, redirect, render_template, request
from werkzeug.test import EnvironBuilder

from prequal.adapters.schedulers import Cal, sign
from prequal.desk.app import Desk
from prequal.serving.app import is_file, make_public_app
from prequal.serving.desk_server import add_desk, refuse_other_hosts
from prequal.web.app import Web

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

# A mail may have any looks, but may not load or run anything.
_MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_LEAD = "metadata[lead]"


def make_app(web: Web, desk: Desk, site: Path, outbox: Path, cal_secret: str) -> Flask:
    """Make the application; `site` is the folder of the built site, `outbox` that of the sent mails."""
    app = make_public_app("prequal.dev", web, site)
    _add_scheduler(app, web, cal_secret)
    refuse_other_hosts(app, "prequal dev")
    add_desk(app, desk)

    @app.get("/inbox/")
    def inbox() -> str:
        newest_first = sorted(outbox.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
        return render_template("inbox.html", mails=[(path.stem, _load_mail(path)) for path in newest_first])

    @app.get("/inbox/<mail_id>")
    def mail(mail_id: str) -> str:
        message = _load_mail(outbox / f"{mail_id}.eml")
        return render_template("mail.html", id=mail_id, mail=message, text=_body(message, "plain"))

    @app.get("/inbox/<mail_id>/html")
    def mail_html(mail_id: str) -> Response:
        html = _body(_load_mail(outbox / f"{mail_id}.eml"), "html")
        # Links open outside the frame, as they open outside a mail program.
        html = html.replace("<head>", '<head><base target="_top">', 1)
        return Response(html, mimetype="text/html", headers={"Content-Security-Policy": _MAIL_POLICY})

    return app


def _add_scheduler(app: Flask, web: Web, secret: str) -> None:
    """Add a stand-in for Cal.com, which sends the function the same webhooks, signed with the secret."""

    @app.get("/booking")
    def show() -> str:
        tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT10:00}"
        return render_template("booking.html", booking={"uid": uuid.uuid4().hex, "starts": tomorrow, **request.args})

    @app.post("/booking")
    def book() -> str | AnyResponse:
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


def _webhook_body(booking: Mapping[str, str], now: datetime) -> bytes:
    payload = {
        "uid": booking["uid"],
        "startTime": f"{booking['starts']}Z",
        "attendees": [{"name": booking["name"], "email": booking["email"]}],
        "metadata": {"lead": booking[_LEAD]},
    }
    return json.dumps({"triggerEvent": booking["event"], "createdAt": now.isoformat(), "payload": payload}).encode()


def _load_mail(path: Path) -> EmailMessage:
    if not is_file(path):
        abort(404)
    return message_from_bytes(path.read_bytes(), policy=modern)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return part.get_content() if part else ""
