"""A real SMTP server on this machine, that does as it is told."""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from support.running import PATIENCE, free_port

LOGIN, PASSWORD = "studio", "p@ss:word"


@dataclass
class Postbox:
    """The mails that a server got, and its answers: `says` by step (MAIL, RCPT, DATA); `hangs_up_after` a step.

    It gives other answers than 250 only after `mails_each` mails on one connection.
    """

    says: dict[str, str] = field(default_factory=dict)
    hangs_up_after: str = ""
    mails_each: int = 0
    #: Numbers of mails by the client's end of each connection.
    peers: Counter[Any] = field(default_factory=Counter)
    envelopes: list[Any] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        """Return the mails that arrived."""
        return [message_from_bytes(envelope.original_content, policy=default) for envelope in self.envelopes]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Answer the sender's address."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer("MAIL", server, session)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Answer the recipient's address."""
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return self._answer("RCPT", server, session)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take the mail."""
        answer = self._answer("DATA", server, session)
        if answer.startswith("250"):
            self.envelopes.append(envelope)
            self.peers[session.peer] += 1
            self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return answer

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
        """Let the one login in."""
        right = isinstance(given, LoginPassword) and given == LoginPassword(LOGIN.encode(), PASSWORD.encode())
        self.logins.append(given.login.decode())
        return AuthResult(success=right, handled=False)

    def _answer(self, step: str, server: Any, session: Any) -> str:
        if self.peers[session.peer] < self.mails_each:
            return "250 OK"
        if self.hangs_up_after == step:
            server.transport.abort()
        return self.says.get(step, "250 OK")


@contextmanager
def mail_server(
    postbox: Postbox, *, tls: ssl.SSLContext | None = None, implicit: bool = False, port: int = 0
) -> Iterator[int]:
    """Run a server; with `tls` it insists on encryption and a login. Returns its port."""
    options: dict[str, Any] = {}
    if tls:
        options = {"authenticator": postbox.authenticate}
        if implicit:
            options |= {"ssl_context": tls, "auth_require_tls": False}  # it can't see that it is within TLS
        else:
            options |= {"tls_context": tls, "require_starttls": True, "auth_required": True}
    port = port or free_port()
    controller = Controller(postbox, hostname="127.0.0.1", port=port, ready_timeout=PATIENCE, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
