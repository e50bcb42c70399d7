"""Sign-in by a link in a mail: once, for fifteen minutes, in the browser that asked."""

from __future__ import annotations

import logging
import re
from contextlib import closing
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from prequal.adapters.outbox import OutboxMailer
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.errors import TransportError
from prequal.core.mail import Mail, Receipt
from prequal.desk.app import Desk
from prequal.desk.entries import LINKS, MailedLink
from prequal.desk.sessions import COOKIE, Sessions
from prequal.desk.sign_in import LASTS, SignIn
from prequal.pages.mails import render_mail
from prequal.pages.zone import UTC_ZONE
from prequal.services.ports import Mailer as MailerPort
from prequal.serving.desk_server import add_desk
from support import builders

SECRET = "a secret that is long"
SITE = "https://studio.example"


class Owner:
    """An owner with a mailbox, and any number of browsers at the desk of a store."""

    def __init__(self, folder: Path, store: SqliteLeadStore, owner: str = "Ada <owner@studio.example>") -> None:
        self.mailbox, self.clock, self.mailer = folder / "mailbox", builders.Clock(), Mailer(folder / "mailbox")
        form, sessions = builders.form(), Sessions(SECRET)
        sign_in = SignIn(
            secret=SECRET,
            ledger=store,
            mailer=self.mailer,
            render=render_mail,
            sender="Studio North <hello@studio.example>",
            owner=owner,
            language="en",
            business=form.business.name,
            address=f"{SITE}/desk{LINKS}",
            clock=self.clock,
        )
        desk = Desk(
            business=form.business.name,
            leads=store,
            decisions=None,
            load_forms=lambda _versions: {form.version: form},
            sessions=sessions,
            entry=MailedLink(sessions=sessions, sign_in=sign_in, business=form.business.name, secure=True, hops=1),
            zone=UTC_ZONE,
            clock=self.clock,
            load_documents=lambda: {form.id: builders.document()},
        )
        self.app = Flask("prequal.desk", static_folder=None)
        add_desk(self.app, desk)

    def browser(self) -> Client:
        """Return a browser of its own."""
        return Client(self.app)

    def links(self) -> list[str]:
        """Return the paths of the links in the mailbox, the oldest first."""
        mails = sorted(self.mailbox.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        texts = [message_from_bytes(path.read_bytes(), policy=modern).get_body(("plain",)) for path in mails]
        return [re.findall(rf"{SITE}(\S+)", text.get_content())[0] for text in texts if text]


class Mailer(MailerPort):
    """A mail server that can be switched off."""

    def __init__(self, mailbox: Path) -> None:
        self.works, self._outbox = True, OutboxMailer(mailbox)

    def send(self, mail: Mail) -> Receipt:
        """Deliver a mail, or refuse it."""
        if not self.works:
            raise TransportError("The mail server can't be used: 554 Relay access denied", permanent=False)
        return self._outbox.send(mail)


@pytest.fixture
def owner(tmp_path: Path, store: SqliteLeadStore) -> Owner:
    """Return an owner."""
    return Owner(tmp_path, store)


def ask(browser: Client) -> TestResponse:
    """Ask for a link."""
    return get(browser, "/desk/sign-in", method="POST")


def get(browser: Client, path: str, method: str = "GET") -> TestResponse:
    """Request a path over TLS."""
    return browser.open(path, base_url=SITE, method=method)


def is_in(browser: Client) -> bool:
    """Whether a browser sees the leads."""
    return "<h1>Leads</h1>" in get(browser, "/desk/").text


def test_a_link_signs_in_by_its_button(owner: Owner) -> None:
    """Opening the link shows a button; pressing it signs in."""
    browser = owner.browser()
    assert "Mail me a link" in get(browser, "/desk/").text
    assert "on its way" in ask(browser).text
    [link] = owner.links()
    assert "Sign in</button>" in get(browser, link).text
    assert not is_in(browser)
    assert get(browser, link, "POST").headers["Location"] == "/desk/"
    assert is_in(browser)
    assert get(browser, link).headers["Location"] == "/desk/"


def test_a_link_from_a_mail_is_kept_through_sign_in(owner: Owner) -> None:
    """Who asked for a lead's page is shown it once signed in, and its forms lead to it as well."""
    lead = "0123456789abcdef01234567"
    for path, method in ((f"/desk/leads/{lead}", "GET"), (f"/desk/leads/{lead}/note", "POST")):
        browser = owner.browser()
        offered = get(browser, path, method)
        [action] = re.findall(r'<form method="post" action="([^"]+)"', offered.text)
        assert action == f"/desk/sign-in?lead={lead}"
        get(browser, action, "POST")
        assert get(browser, owner.links()[-1], "POST").headers["Location"] == f"/desk/leads/{lead}"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "../inbox/", "0123456789ABCDEF01234567", "x" * 24, "%0d%0aX:1"],
)
def test_sign_in_leads_to_no_other_page(owner: Owner, wanted: str) -> None:
    """Only the id of a lead is kept: whatever else is asked for, sign-in leads to the list."""
    browser = owner.browser()
    assert "?lead" not in get(browser, f"/desk/leads/{wanted}").text
    get(browser, f"/desk/sign-in?lead={wanted}", "POST")
    assert get(browser, owner.links()[-1], "POST").headers["Location"] == "/desk/"


def test_a_scanner_opens_the_link_first(owner: Owner) -> None:
    """Looking at a link, from anywhere and as often as one likes, leaves it for the owner."""
    browser, scanner = owner.browser(), owner.browser()
    ask(browser)
    [link] = owner.links()
    for _ in range(3):
        get(scanner, link)
        get(scanner, link, "HEAD")
        get(scanner, link, "POST")
    assert not is_in(scanner)
    get(browser, link, "POST")
    assert is_in(browser)


def test_another_browser_stays_out(owner: Owner) -> None:
    """A link is of no use in another browser, even in one that asked for a link of its own."""
    browser, other = owner.browser(), owner.browser()
    ask(browser)
    ask(other)
    first, second = owner.links()
    answer = get(other, first, "POST")
    assert (answer.status_code, "browser that asked" in answer.text) == (403, True)
    get(browser, second, "POST")
    assert not is_in(other)
    assert not is_in(browser)
    get(other, second, "POST")
    assert is_in(other)


def test_a_link_works_once(owner: Owner) -> None:
    """A used link signs nobody in again, not even in the browser that asked."""
    browser, again = owner.browser(), owner.browser()
    ask(browser)
    asked = browser.get_cookie(COOKIE, "studio.example", "/desk")
    assert asked is not None
    again.set_cookie(COOKIE, asked.value, domain="studio.example", path="/desk")
    [link] = owner.links()
    get(browser, link, "POST")
    answer = get(again, link, "POST")
    assert (answer.status_code, "used already" in answer.text) == (403, True)
    assert not is_in(again)


def test_a_link_expires(owner: Owner) -> None:
    """After fifteen minutes a link is none."""
    browser = owner.browser()
    ask(browser)
    [link] = owner.links()
    owner.clock.forward(LASTS)
    answer = get(browser, link, "POST")
    assert (answer.status_code, "has expired" in answer.text) == (403, True)
    assert not is_in(browser)


@pytest.mark.parametrize("token", ["x", "WyIwIiwyMDAwMDAwMDAwXQ.x", "a/b", "%00", "x" * 3000])
def test_a_made_up_link(owner: Owner, token: str) -> None:
    """A link that is not ours says what to do."""
    browser = owner.browser()
    ask(browser)
    for method in ("GET", "POST"):
        assert get(browser, f"/desk/in/{token}", method).status_code in (403, 404)
    assert not is_in(browser)


def test_a_cookie_that_waits_is_no_session(owner: Owner) -> None:
    """The cookie of the browser that asked opens nothing by itself."""
    browser = owner.browser()
    ask(browser)
    assert not is_in(browser)
    assert get(browser, "/desk/leads/" + "0" * 24, "POST").status_code in (403, 405)


def test_the_cookies_are_for_this_site_and_tls_alone(owner: Owner) -> None:
    """Both cookies are out of reach of scripts, other sites and other paths, and travel over TLS alone."""
    browser = owner.browser()
    asked = ask(browser)
    entered = get(browser, owner.links()[0], "POST")
    for answer in (asked, entered):
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__session=")
        assert all(
            part in cookie for part in ("; Secure", "; HttpOnly", "; Path=/desk", "; SameSite=Lax", "; Max-Age=")
        )
        assert "Domain" not in cookie


def ask_from(owner: Owner, address: str) -> TestResponse:
    """Ask for a link from an address."""
    headers = {"X-Forwarded-For": f"192.0.2.1, {address}"}
    return owner.browser().post("/desk/sign-in", base_url=SITE, headers=headers)


def test_links_are_limited(owner: Owner) -> None:
    """Nobody fills the owner's mailbox, and one network can't use up the links: a refusal says when to return."""
    for _ in range(4):
        assert ask_from(owner, "198.51.100.7").status_code == 200
    refused = ask_from(owner, "198.51.100.8")
    assert (refused.status_code, "try again in 60 minutes" in refused.text) == (403, True)
    for network in range(20):
        assert ask_from(owner, f"203.0.{network}.7").status_code == 200
    refused = ask_from(owner, "203.0.113.7")
    assert (refused.status_code, "try again in 60 minutes" in refused.text) == (403, True)
    assert len(owner.links()) == 24
    owner.clock.forward(timedelta(hours=1))
    assert ask_from(owner, "198.51.100.7").status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_other_site_asks_for_links(owner: Owner, site: str) -> None:
    """The page of another site neither has links mailed nor ends a session."""
    browser = owner.browser()
    ask(browser)
    get(browser, owner.links()[0], "POST")
    asked = owner.browser().post("/desk/sign-in", base_url=SITE, headers={"Sec-Fetch-Site": site})
    assert (asked.status_code, "another site has asked" in asked.text) == (403, True)
    assert "Set-Cookie" not in asked.headers
    assert len(owner.links()) == 1
    assert is_in(browser)


def test_a_mail_that_is_not_sent_is_said(owner: Owner, caplog: pytest.LogCaptureFixture) -> None:
    """If the mail server refuses, the page says so, but not why; the log does, and the browser gets no cookie."""
    owner.mailer.works = False
    answer = ask(owner.browser())
    assert (answer.status_code, "did not take the link: try again" in answer.text) == (503, True)
    assert "Relay access denied" not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Retry-After"] == "60"
    assert '"severity": "ERROR", "message": "desk link unsent", "cause": "TransportError"' in caplog.text


def test_without_an_address_nobody_signs_in(tmp_path: Path, store: SqliteLeadStore) -> None:
    """Without PREQUAL_OWNER the page says what to set."""
    assert "set PREQUAL_OWNER" in ask(Owner(tmp_path, store, owner="").browser()).text


def test_nothing_that_signs_in_is_stored_or_logged(
    tmp_path: Path, owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the store nor the log has the token, the cookie, or the owner's address."""
    browser = owner.browser()
    with caplog.at_level(logging.INFO, logger="prequal"):
        ask(browser)
        get(browser, owner.links()[0], "POST")
    cookie = browser.get_cookie(COOKIE, "studio.example", "/desk")
    assert cookie is not None
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("leads.db*"))
    for secret in (owner.links()[0].rpartition("/")[2], cookie.value, "owner@studio.example"):
        assert secret.encode() not in stored
        assert secret not in caplog.text
    assert "desk link asked" in caplog.text
    assert "desk entered" in caplog.text


def test_two_at_once_use_a_link_once(tmp_path: Path, owner: Owner) -> None:
    """Of two requests with one link, at whatever moment, one signs in."""
    browser = owner.browser()
    ask(browser)
    [link] = owner.links()
    cookie = browser.get_cookie(COOKIE, "studio.example", "/desk")
    assert cookie is not None
    token = link.rpartition("/")[2]
    with closing(SqliteLeadStore(tmp_path / "leads.db")) as other:
        sign_in = Owner(tmp_path, other).app  # another process, with the same store
        second = Client(sign_in)
        second.set_cookie(COOKIE, cookie.value, domain="studio.example", path="/desk")
        results = {get(browser, link, "POST").status_code, get(second, f"/desk/in/{token}", "POST").status_code}
    assert results == {303, 403}
