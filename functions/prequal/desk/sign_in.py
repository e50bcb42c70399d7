"""Sign-in by mail: a link to the owner's mailbox, for fifteen minutes, once, and in the browser that asked.

Nothing that signs in is stored: the link holds a signed token, and the browser a signed cookie that belongs to it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parseaddr

from itsdangerous import BadSignature, URLSafeSerializer

from prequal.core.errors import PrequalError
from prequal.core.mail import Delivery, Mail, MailKind
from prequal.core.mailbox import keyed_hash
from prequal.services.ports import Entry, Ledger, Mailer

LASTS = timedelta(minutes=15)
# Each link is a mail to the owner. One stranger can't use up the links of all.
_MOST_AN_HOUR = 24
_MOST_OF_A_NETWORK = 4
_HOUR = timedelta(hours=1)


class SignInError(PrequalError):
    """Raised when a link does not sign in; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Links by which the owner signs in."""

    secret: str
    ledger: Ledger
    mailer: Mailer
    render: Callable[[Mail], str]
    sender: str
    owner: str
    #: Of the mail.
    language: str
    business: str
    #: The address of the desk's link page, without the token.
    address: str
    clock: Callable[[], datetime]

    def ask(self, lead_id: str = "", network: str = "") -> str:
        """Mail a link, and return the value of the cookie that must come with it, and holds the lead to show then.

        `network` is that of the browser that asks; empty on this very machine.

        Raises:
            SignInError: too many were asked for, or there is no address.
            TransportError, TransportUncertainError: the mail was not accepted, or nobody knows.
        """
        if not self.owner:
            raise SignInError("No address is set for the link: set PREQUAL_OWNER to yours.")
        now = self.clock()
        if network:
            self._count(f"desk.links.{keyed_hash(self.secret, network)}", _MOST_OF_A_NETWORK, now)
        self._count("desk.links", _MOST_AN_HOUR, now)
        nonce = secrets.token_hex(16)
        ends = int((now + LASTS).timestamp())
        link = f"{self.address}/{self._links.dumps([self._hash(nonce), ends])}"
        self._send(link, now)
        return str(self._cookies.dumps([nonce, ends, lead_id]))

    def check(self, token: str, cookie: str) -> str:
        """Return the id of a link that would sign in, without using it; SignInError if it would not."""
        try:
            link_id, ends = self._links.loads(token)
        except (BadSignature, ValueError) as error:
            raise SignInError("This link is not one of ours: open it from the mail once more.") from error
        if ends <= self.clock().timestamp():
            raise SignInError("This link has expired, as it works for fifteen minutes: ask for another.")
        try:
            nonce, *_ = self._cookies.loads(cookie)
        except (BadSignature, ValueError):
            nonce = ""
        if not secrets.compare_digest(self._hash(nonce), link_id):
            raise SignInError("Open this link in the browser that asked for it, or ask for another here.")
        return str(link_id)

    def use(self, token: str, cookie: str) -> str:
        """Use a link up, and return the id of the lead to show, or an empty text.

        Raises:
            SignInError: it does not sign in, or was used before.
        """
        link_id, mark, now = self.check(token, cookie), secrets.token_hex(8), self.clock()
        used = self.ledger.change_entry(
            f"desk.link.{link_id}", lambda entry: entry or {"used_by": mark, "expire_at": now + LASTS}
        )
        if used["used_by"] != mark:
            raise SignInError("This link was used already: ask for another.")
        return "".join(self._cookies.loads(cookie)[2:])

    def _count(self, key: str, most: int, now: datetime) -> None:
        def add(entry: Entry) -> Entry:
            recent = [at for at in entry.get("asked_at", ()) if at > now - _HOUR]
            if len(recent) >= most:
                minutes = -((now - _HOUR - recent[0]) // timedelta(minutes=1))
                raise SignInError(f"Too many links were asked for: try again in {minutes} minutes.")
            return {"asked_at": [*recent, now], "expire_at": now + _HOUR}

        self.ledger.change_entry(key, add)

    def _send(self, link: str, now: datetime) -> None:
        mail = Mail(
            id=f"sign-in-{secrets.token_hex(8)}",
            lead_id="",
            kind=MailKind.SIGN_IN,
            to=parseaddr(self.owner)[1],
            sender=self.sender,
            reply_to=self.sender,
            language=self.language,
            created_at=now,
            content={"link": link, "business": self.business, "minutes": int(LASTS.total_seconds() // 60)},
            expire_at=now,
            delivery=Delivery(due_at=now),
        )
        self.mailer.send(replace(mail, message=self.render(mail)))

    def _hash(self, nonce: str) -> str:
        return keyed_hash(self.secret, f"desk link {nonce}")

    @property
    def _links(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt="prequal.desk.link")

    @property
    def _cookies(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt="prequal.desk.asked")
