"""Ways into the desk that are none: everything that a stranger can send, to the desk as it is deployed."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from itsdangerous import URLSafeSerializer
from werkzeug.test import Client

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.bootstrap_desk import build_desk
from prequal.bootstrap_store import utc_now
from prequal.compiled import Compiled, CompiledForm
from prequal.config.settings import Settings
from prequal.core.lead import Lead
from prequal.desk.sessions import COOKIE, Session, Sessions
from prequal.services.tokens import PAST_CLIENTS, Tokens
from prequal.serving.desk_server import add_desk
from support import builders

FIRST, SECOND = "the first secret is long", "the second secret is long"
OWNER, SITE = "owner@studio.example", "https://studio.example"
SOON = utc_now() + timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A request of a stranger; `LEAD` stands for the lead's id."""

    path: str = "/desk/leads/LEAD"
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    #: The value of the session's cookie.
    cookie: Callable[[Lead], str] | str = ""
    data: Mapping[str, str] | None = None


def session_by(secret: str, session: Session) -> str:
    """Return the cookie of a session by a secret."""
    return Sessions(secret).cookie_of(session)


def unsigned(*values: object) -> str:
    """Return the content of a cookie that nobody has signed."""
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def booking_link(lead: Lead) -> str:
    """Return the token that the prospect has in a mail."""
    return Tokens(secrets=[FIRST]).issue(lead.id, SOON)


OURS = session_by(FIRST, Session("ours", SOON))
BODY, SIGNATURE = OURS.rsplit(".", 1)
WAYS = {
    "no cookie": Attempt(),
    "the list": Attempt(path="/desk/"),
    "the list without its slash": Attempt(path="/desk"),
    "the list by a filter": Attempt(path="/desk/?status=received&after="),
    "the report": Attempt(path="/desk/report"),
    "the past clients": Attempt(path="/desk/clients"),
    "a head": Attempt(method="HEAD"),
    "more slashes": Attempt(path="/desk//leads/LEAD"),
    "a way round": Attempt(path="/desk/in/../leads/LEAD"),
    "a way round, encoded": Attempt(path="/desk/in/%2e%2e/leads/LEAD"),
    "a style's ending": Attempt(path="/desk/leads/LEAD.css"),
    "a style's ending behind": Attempt(path="/desk/leads/LEAD/x.css"),
    "capitals": Attempt(path="/DESK/leads/LEAD"),
    "another method": Attempt(method="PUT", data={"token": "x"}),
    "a method in a header": Attempt(method="POST", headers={"X-HTTP-Method-Override": "GET"}),
    "a path in a header": Attempt(
        path="/desk/desk.css", headers={"X-Original-URL": "/desk/", "X-Rewrite-URL": "/desk/"}
    ),
    "the start key of a terminal": Attempt(path=f"/desk/?start={FIRST}"),
    "a cookie in the address": Attempt(path=f"/desk/?{COOKIE}={OURS}"),
    "a password": Attempt(headers={"Authorization": f"Bearer {FIRST}"}),
    "this machine's address": Attempt(headers={"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"}),
    "this machine's name": Attempt(headers={"Host": "localhost", "X-Forwarded-Host": "localhost"}),
    "a proxy's word": Attempt(headers={"X-Goog-Authenticated-User-Email": OWNER, "X-Forwarded-User": OWNER}),
    "the secret": Attempt(cookie=FIRST),
    "the owner": Attempt(cookie=OWNER),
    "a long cookie": Attempt(cookie="x" * 50_000),
    "no signature": Attempt(cookie=unsigned("ours", int(SOON.timestamp()))),
    "an empty signature": Attempt(cookie=f"{BODY}."),
    "another content": Attempt(cookie=f"{unsigned('ours', 4_000_000_000)}.{SIGNATURE}"),
    "half a signature": Attempt(cookie=OURS[:-8]),
    "the second secret": Attempt(cookie=session_by(SECOND, Session("ours", SOON))),
    "another secret": Attempt(cookie=session_by("one that a stranger made up", Session("ours", SOON))),
    "a session that has ended": Attempt(cookie=session_by(FIRST, Session("ours", utc_now()))),
    "a session signed for another purpose": Attempt(
        cookie=str(URLSafeSerializer(FIRST, salt="prequal.desk.asked").dumps(["ours", int(SOON.timestamp())]))
    ),
    "a booking link": Attempt(cookie=booking_link),
    "a booking link as a link that signs in": Attempt(path="/desk/in/BOOKING", method="POST"),
    "a form's token": Attempt(cookie=Sessions(FIRST).form_token(Session("ours", SOON))),
    "the cookie of another name": Attempt(headers={"Cookie": f"session={OURS}; __Session={OURS}"}),
    "a search": Attempt(path="/desk/search", method="POST", data={"text": "Ada"}),
    "an invitation": Attempt(path="/desk/leads/LEAD/invite", method="POST", data={"text": "x"}),
    "a decision with a token": Attempt(
        path="/desk/leads/LEAD/decline",
        method="POST",
        data={"text": "x", "token": Sessions(FIRST).form_token(Session("ours", SOON))},
    ),
    "an erasure": Attempt(path="/desk/leads/LEAD/erase", method="POST", data={"sure": "yes"}),
    "a report to be made": Attempt(path="/desk/report", method="POST"),
}


@pytest.fixture
def stranger(store: SqliteLeadStore, tmp_path: Path) -> Client:
    """Return a browser at the desk as it is deployed."""
    settings = Settings(
        {
            "PREQUAL_SENDER": "Studio North <hello@studio.example>",
            "PREQUAL_OWNER": OWNER,
            "PREQUAL_BOOKING_URL": "https://cal.example/",
            "PREQUAL_PUBLIC_URL": SITE,
            "PREQUAL_MAIL": f"outbox:{tmp_path / 'mailbox'}",
            "PREQUAL_SECRET": f"{FIRST},{SECOND}",
        }
    )
    parts = CompiledForm(document=builders.document(), form=builders.form(), content={}, suggestions=())
    app = Flask("prequal.desk", static_folder=None)
    add_desk(app, build_desk(settings, Compiled(forms=[parts], assets={}, picture=""), store))
    return Client(app, use_cookies=False)


def send(stranger: Client, lead: Lead, way: Attempt) -> tuple[int, str, str]:
    """Make an attempt, and return status, body and the cookie that it got."""
    cookie = way.cookie if isinstance(way.cookie, str) else way.cookie(lead)
    path = way.path.replace("LEAD", lead.id).replace("BOOKING", booking_link(lead))
    headers = {**({"Cookie": f"{COOKIE}={cookie}"} if cookie else {}), **way.headers}
    answer = stranger.open(path, base_url=SITE, method=way.method, headers=headers, data=way.data)
    return answer.status_code, answer.text, answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_it_is_no_way_in(stranger: Client, store: SqliteLeadStore, way: Attempt) -> None:
    """It shows nothing of a lead, gives no session, and changes nothing."""
    lead, attempt = builders.admitted()
    store.admit(lead, attempt, [], lambda existing: (existing, ()))

    status, body, cookie = send(stranger, lead, way)

    assert status in (200, 308, 403, 404, 405)
    assert not any(words in body for words in ("Ada", "example.com", "/desk/search"))
    assert cookie == ""
    assert store.find_lead(lead.id) == lead
    assert list(store.list_mails(lead.id)) == []


def test_a_session_is_the_way_in(stranger: Client, store: SqliteLeadStore) -> None:
    """The same request with a session shows the lead: the attempts above fail for want of one alone."""
    lead, attempt = builders.admitted()
    store.admit(lead, attempt, [], lambda existing: (existing, ()))

    assert "Ada" in send(stranger, lead, Attempt(cookie=OURS))[1]


def test_it_has_the_link_for_past_clients(stranger: Client) -> None:
    """A session sees the link that the function of the same settings takes, and until when it works."""
    page = send(stranger, builders.lead(), Attempt(path="/desk/clients", cookie=OURS))[1]

    [token] = re.findall(rf'href="{SITE}/b/clients/([^"]+)"', page)
    form_id, until = Tokens(secrets=[FIRST], purpose=PAST_CLIENTS).read(token)
    assert form_id == "web-design"
    assert timedelta(days=30) <= until - utc_now() + timedelta(minutes=1) < timedelta(days=31, minutes=1)
    assert f"until the end of {until.day} " in page


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "Origin", "Referer"])
def test_the_link_leads_to_the_desk_and_to_the_owner(stranger: Client, tmp_path: Path, header: str) -> None:
    """Whatever a request says, the link is mailed to the owner alone, and leads to the address of the settings."""
    asked = stranger.post(
        "/desk/sign-in?to=eve@evil.example",
        base_url=SITE,
        headers={header: "host=evil.example" if header == "Forwarded" else "evil.example"},
        data={"email": "eve@evil.example", "to": "eve@evil.example", "owner": "eve@evil.example"},
    )

    [mail] = (path.read_text() for path in (tmp_path / "mailbox").glob("*.eml"))
    assert asked.status_code == 200
    assert f"To: {OWNER}\n" in mail.replace("\r\n", "\n")
    assert f"{SITE}/desk/in/" in mail.replace("=\n", "")
    assert "evil.example" not in mail + asked.text
