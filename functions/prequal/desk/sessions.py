"""Sessions of the owner: signed, and kept by the browser alone, in a cookie."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from prequal.core.mailbox import keyed_hash

# Firebase Hosting passes on no other cookie.
COOKIE = "__session"
LASTS = timedelta(hours=12)
_SALT = "prequal.desk.session"


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which the owner has signed in."""

    id: str
    expires_at: datetime


class Sessions:
    """Signer of sessions with one secret: another secret ends them all."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._serializer = URLSafeSerializer(secret, salt=_SALT)

    def begin(self, now: datetime) -> Session:
        """Return a new session."""
        return Session(secrets.token_hex(16), (now + LASTS).replace(microsecond=0))

    def cookie_of(self, session: Session) -> str:
        """Return the value of the cookie that holds a session."""
        return str(self._serializer.dumps([session.id, int(session.expires_at.timestamp())]))

    def read(self, cookie: str, now: datetime) -> Session | None:
        """Return the session that a cookie holds; None if it is not ours, or has expired."""
        try:
            session_id, expires = self._serializer.loads(cookie)
        except (BadSignature, ValueError):
            return None
        session = Session(session_id, datetime.fromtimestamp(expires, UTC))
        return session if session.expires_at > now else None

    def form_token(self, session: Session) -> str:
        """Return the token that each form of a session's pages sends along, and that no other site can know."""
        return keyed_hash(self._secret, f"desk form {session.id}")

    def accepts(self, session: Session, token: str) -> bool:
        """Return whether a form was sent from a page of this session."""
        return secrets.compare_digest(self.form_token(session).encode(), token.encode())
