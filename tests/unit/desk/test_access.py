"""Access to the desk: nothing without a session, and no change without a form of its own."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from werkzeug.http import parse_cookie

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.desk.sessions import COOKIE, LASTS, Session, Sessions
from support.builders import NOW
from support.desk_client import KEY
from unit.desk.conftest import DeskVisit

LEAD = "0" * 24
COOKIES = Sessions(KEY)
PAGES = ["/desk/", "/desk/form", f"/desk/leads/{LEAD}", "/desk/?status=won", "/desk/?start=", "/desk/?start=wrong"]
FORMS = [
    "/desk/search",
    "/desk/leave",
    "/desk/form",
    "/desk/form/change",
    "/desk/form/write",
    f"/desk/leads/{LEAD}/decline",
    f"/desk/leads/{LEAD}/erase",
]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_without_a_session(visit: DeskVisit, path: str) -> None:
    """Without a session every page says only how to get in."""
    visit.admit()
    answer = visit.client.get(path)
    assert answer.status_code == 403
    assert "Open the address" in answer.text
    assert "Ada" not in answer.text


@pytest.mark.parametrize("path", FORMS)
def test_no_form_without_a_session(visit: DeskVisit, path: str) -> None:
    """Without a session no form does anything, whatever token it sends."""
    lead = visit.admit()
    answer = visit.client.post(path.replace(LEAD, lead.id), data={"token": KEY, "text": "A reason", "sure": "yes"})
    assert answer.status_code == 403
    assert visit.lead(lead.id) == lead


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "x",
        KEY,
        COOKIES.cookie_of(Session("ours", NOW)),
        COOKIES.cookie_of(Session("ours", NOW + LASTS))[:-1],
        f"{COOKIES.cookie_of(Session('ours', NOW + LASTS))}x",
        Sessions("another secret").cookie_of(Session("theirs", NOW + LASTS)),
    ],
)
def test_no_other_cookie_opens_the_desk(visit: DeskVisit, cookie: str) -> None:
    """A cookie of another secret, an expired one, and one that was changed are none."""
    visit.client.set_cookie(COOKIE, cookie, path="/desk")
    assert visit.client.get("/desk/").status_code == 403


def test_a_session_ends_by_itself(desk: DeskVisit) -> None:
    """After its time, a session is none; until then it is."""
    desk.clock.forward(LASTS - timedelta(seconds=1))
    assert desk.client.get("/desk/").status_code == 200
    desk.clock.forward(timedelta(seconds=1))
    assert desk.client.get("/desk/").status_code == 403


def test_signing_out_ends_the_session(desk: DeskVisit) -> None:
    """Signing out takes the cookie away."""
    assert desk.send("/desk/leave").status_code == 303
    assert desk.client.get("/desk/").status_code == 403


def test_the_cookie_and_the_address(visit: DeskVisit) -> None:
    """The key leaves the address at once; scripts, other sites and other paths get no cookie."""
    answer = visit.client.get("/desk/", query_string={"start": KEY, "status": "won"})
    assert answer.headers["Location"] == "/desk/"
    attributes = {part.strip().partition("=")[0] for part in answer.headers["Set-Cookie"].split(";")[1:]}
    assert {"HttpOnly", "SameSite", "Path", "Max-Age"} <= attributes
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]
    assert "Path=/desk" in answer.headers["Set-Cookie"]
    assert KEY not in parse_cookie(answer.headers["Set-Cookie"])[COOKIE]


@pytest.mark.parametrize("token", [None, "", "wrong", KEY])
@pytest.mark.parametrize("path", FORMS)
def test_no_form_of_another_site(desk: DeskVisit, path: str, token: str | None) -> None:
    """A form without the session's own token changes nothing, and the session stays."""
    lead = desk.admit()
    data = {"text": "A reason", "sure": "yes", **({"token": token} if token is not None else {})}
    assert desk.client.post(path.replace(LEAD, lead.id), data=data).status_code == 403
    assert desk.lead(lead.id) == lead
    assert desk.client.get("/desk/").status_code == 200


def test_a_token_is_of_one_session(store: SqliteLeadStore) -> None:
    """The token of another browser's session is refused."""
    one, other = DeskVisit(store).sign_in(), DeskVisit(store).sign_in()
    page = one.client.get("/desk/").text
    token = page.partition('name="token" value="')[2].partition('"')[0]
    assert other.client.post("/desk/search", data={"token": token, "text": "Ada"}).status_code == 403
    assert one.client.post("/desk/search", data={"token": token, "text": "Ada"}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(desk: DeskVisit, method: str) -> None:
    """Requests of scanners and previews change nothing."""
    lead = desk.admit()
    for action in ("invite", "decline", "won", "note", "erase"):
        answer = desk.client.open(f"/desk/leads/{lead.id}/{action}?text=because&sure=yes", method=method)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "POST"
    assert desk.client.open("/desk/search?text=Ada", method=method).status_code == 405
    assert desk.lead(lead.id) == lead


def test_nobody_may_keep_or_frame_a_page(desk: DeskVisit) -> None:
    """Pages are not cached, framed, indexed or given a script of another site, and say nothing to other sites."""
    lead = desk.admit()
    for path in ("/desk/", f"/desk/leads/{lead.id}", "/desk/leads/unknown"):
        headers = desk.client.get(path).headers
        assert headers["Cache-Control"] == "private, no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex"


def test_other_names_of_this_machine_are_refused(desk: DeskVisit) -> None:
    """A site whose name leads to this machine gets nothing, with or without the cookie: DNS rebinding."""
    answer = desk.client.get("/desk/", base_url="http://evil.example:8090")
    assert answer.status_code == 403
    assert "localhost only" in answer.text


def test_the_log_has_ids_alone(desk: DeskVisit, caplog: pytest.LogCaptureFixture) -> None:
    """Each change is a line in the log, without name, address or words."""
    lead = desk.admit()
    with caplog.at_level(logging.INFO, logger="prequal"):
        desk.send("/desk/search", text="Lovelace")
        desk.send(f"/desk/leads/{lead.id}/note", text="Met at the fair")
        desk.send(f"/desk/leads/{lead.id}/decline", text="A competitor")
        desk.send(f"/desk/leads/{lead.id}/erase", sure="yes")
    said = caplog.text
    assert [line.partition('"action": ')[2].strip('"}') for line in said.splitlines() if "desk acted" in line] == [
        "note",
        "decline",
        "erase",
    ]
    assert not any(word in said for word in ("Lovelace", "Ada", "example.com", "fair", "competitor"))


def test_no_address_names_anybody(desk: DeskVisit) -> None:
    """No page, form or redirect of the desk has an address with a person's name or words: addresses end in logs."""
    lead = desk.admit(company="Engines", website="")
    page = f"/desk/leads/{lead.id}"
    answers = [
        desk.client.get("/desk/"),
        desk.client.get(page),
        desk.send("/desk/search", text="Lovelace"),
        desk.send(f"{page}/note", text="Met at the fair"),
        desk.send(f"{page}/decline", text="A competitor"),
        desk.send(f"{page}/erase", sure="yes"),
    ]
    addresses = [answer.headers.get("Location", "") for answer in answers]
    for answer in answers:
        addresses += re.findall('(?:href|action|src)="(?!mailto:|tel:|data:)([^"]+)"', answer.text)
    assert page in addresses
    assert not re.search("(?i)ada|lovelace|example|engines|fair|competitor", " ".join(addresses))
