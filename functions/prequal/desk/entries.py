"""Ways into the desk: what a browser without a session is answered."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from prequal import log
from prequal.core.errors import TransportError, TransportUncertainError
from prequal.core.lead import is_lead_id
from prequal.desk import answers, sign_in
from prequal.desk.sessions import COOKIE, LASTS, Session, Sessions
from prequal.desk.sign_in import SignIn, SignInError
from prequal.services.tokens import pasted_token
from prequal.web.client import client_address, client_network

if TYPE_CHECKING:
    from flask import Request, Response

START = "start"
_UNSENT = "The mail server did not take the link: try again in some minutes. The log says why."
#: The path of the links in mails, within the desk.
LINKS = "/in"


class Entry(Protocol):
    """A way into the desk."""

    def admit(self, request: Request, now: datetime) -> Response:
        """Answer a request that has no session."""


@dataclass(frozen=True, slots=True)
class StartAddress:
    """The entry on the owner's machine: an address with a token, which only the terminal shows."""

    sessions: Sessions
    token: str

    def admit(self, request: Request, now: datetime) -> Response:
        """Begin a session if the address holds the token; otherwise say where the address is."""
        given = request.args.get(START, "")
        if not secrets.compare_digest(self.token.encode(), given.encode()):
            return answers.message(
                "This desk is locked",
                "Open the address that prequal desk printed in the terminal: it holds the key for this browser.",
                status=403,
                out=True,
            )
        response = answers.redirect(request.path)
        keep_session(response, self.sessions, self.sessions.begin(now), secure=False)
        return response


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedLink:
    """The entry from anywhere: a link in a mail to the owner. Opening it shows a button, and the button signs in."""

    sessions: Sessions
    sign_in: SignIn
    business: str
    #: Whether browsers reach the desk over TLS.
    secure: bool
    #: The number of trusted proxies that append to X-Forwarded-For.
    hops: int

    def admit(self, request: Request, now: datetime) -> Response:
        """Answer a request that has no session: offer a link, mail it, or sign in with it.

        A lead's page that was asked for is shown in the end: the forms, and then the browser's cookie, keep its id.
        """
        path, asked = request.path.removeprefix("/desk").rstrip("/"), request.cookies.get(COOKIE, "")
        is_form, lead_id = request.method == "POST", _asked_lead(path, request)
        try:
            if is_form and path == "/sign-in":
                return self._mail_link(request, lead_id)
            if path.startswith(f"{LINKS}/"):
                token = pasted_token(path.removeprefix(f"{LINKS}/"))
                return self._enter(token, asked, now) if is_form else self._offer_entry(token, asked)
        except SignInError as error:
            return self._offer_link(lead_id, str(error), HTTPStatus.FORBIDDEN)
        except (TransportError, TransportUncertainError) as error:
            log.desk_link_unsent(error)  # strangers need not know what the mail server said
            return self._offer_link(lead_id, _UNSENT, HTTPStatus.SERVICE_UNAVAILABLE)
        return self._offer_link(lead_id, "", HTTPStatus.FORBIDDEN if is_form else HTTPStatus.OK)

    def _offer_link(self, lead_id: str, fault: str, status: HTTPStatus) -> Response:
        return answers.page("sign_in.html", status=status, business=self.business, fault=fault, lead_id=lead_id)

    def _mail_link(self, request: Request, lead_id: str) -> Response:
        # The page of another site could fill the mailbox, and its answer's cookie would end a session.
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise SignInError("Press the button on this page: another site has asked for a link.")
        address = client_address(request, self.hops)
        cookie = self.sign_in.ask(lead_id, client_network(address) if address else "")
        log.desk_link_asked()
        text = "Open it in this browser within fifteen minutes. It may have landed among the junk mail."
        response = answers.message("The link is on its way", text, status=200, business=self.business, out=True)
        _keep(response, cookie, sign_in.LASTS, secure=self.secure)
        return response

    def _offer_entry(self, token: str, asked: str) -> Response:
        self.sign_in.check(token, asked)
        return answers.page("enter.html", business=self.business)

    def _enter(self, token: str, asked: str, now: datetime) -> Response:
        lead_id = self.sign_in.use(token, asked)
        log.desk_entered()
        response = answers.redirect(f"/desk/leads/{lead_id}" if lead_id else "/desk/")
        keep_session(response, self.sessions, self.sessions.begin(now), secure=self.secure)
        return response


def _asked_lead(path: str, request: Request) -> str:
    """Return the id of the lead whose page, or one of its forms, was asked for, or is kept by the form; else empty."""
    page = re.fullmatch(r"/leads/([^/]+)(?:/.*)?", path)
    lead_id = page[1] if page else request.args.get("lead", "")
    return lead_id if is_lead_id(lead_id) else ""


def keep_session(response: Response, sessions: Sessions, session: Session, *, secure: bool) -> None:
    """Have the browser keep a session; `secure` sends it over TLS only."""
    _keep(response, sessions.cookie_of(session), LASTS, secure=secure)


def _keep(response: Response, value: str, lasts: timedelta, *, secure: bool) -> None:
    response.set_cookie(COOKIE, value, max_age=lasts, path="/desk", secure=secure, httponly=True, samesite="Lax")
