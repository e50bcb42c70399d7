"""Ways into the desk: what a browser without a session is answered."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from prequal.desk import answers
from prequal.desk.sessions import COOKIE, LASTS, Session, Sessions

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Request, Response

START = "start"


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
            )
        response = answers.redirect(request.path)
        keep_session(response, self.sessions, self.sessions.begin(now), secure=False)
        return response


def keep_session(response: Response, sessions: Sessions, session: Session, *, secure: bool) -> None:
    """Have the browser keep a session; `secure` sends it over TLS only."""
    response.set_cookie(
        COOKIE,
        sessions.cookie_of(session),
        max_age=LASTS,
        path="/desk",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )
