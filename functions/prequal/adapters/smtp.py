"""Mail over SMTP, encrypted wherever it leaves the machine."""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Literal, TypeAlias

from prequal.adapters.smtp_connection import BoundedSMTP
from prequal.adapters.smtp_replies import Stage, is_final
from prequal.core.errors import TransportError, TransportUncertainError
from prequal.core.mail import Mail, Receipt
from prequal.services.ports import Mailer

Encryption: TypeAlias = Literal["starttls", "implicit", "none"]
"""Upgraded to TLS before anything is sent; TLS from the first byte; or none."""


# Positive completion and positive intermediate replies: RFC 5321, 4.2.1.
_COMPLETED = range(200, 300)
_CONTINUE = range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer(Mailer):
    """A Mailer for one SMTP server."""

    host: str
    port: int
    encryption: Encryption
    login: str = ""
    password: str = ""
    context: ssl.SSLContext | None = None
    #: Timeout of each step of the dialogue.
    step_seconds: float = 5
    #: Timeout of the reply to the mail itself, which the server may want to examine first.
    reply_seconds: float = 30
    #: Time for all steps about one mail, connecting included. It stays below a mail's lease.
    dialogue_seconds: float = 50

    def send(self, mail: Mail) -> Receipt:
        """Send a mail over a connection of its own."""
        with self.session() as session:
            return session.send(mail)

    @contextmanager
    def session(self) -> Iterator[Mailer]:
        """Send all mails over one connection, or the next where the server ends it."""
        session = _Session(self)
        try:
            yield session
        finally:
            session.close()

    def connect(self, ends_at: float) -> BoundedSMTP:
        """Return a connection that is ready for a mail; TransportError if there is none.

        Nothing here is about the mail: a refused login is for the owner to put right.
        """
        # smtplib's own exceptions are OSErrors too.
        try:
            return self._connect(ends_at)
        except (OSError, UnicodeError) as error:
            raise TransportError(f"The mail server can't be used: {_reason(error)}", permanent=False) from error

    def _connect(self, ends_at: float) -> BoundedSMTP:
        tls = None if self.encryption == "none" else self.context or ssl.create_default_context()
        implicit_tls = tls if self.encryption == "implicit" else None
        server = BoundedSMTP(
            self.host, self.port, implicit_tls=implicit_tls, step_seconds=self.step_seconds, ends_at=ends_at
        )
        try:
            if self.encryption == "starttls":
                server.starttls(context=tls)
            if self.login:
                server.login(self.login, self.password)
            server.ehlo_or_helo_if_needed()
        except (OSError, UnicodeError):
            server.close()
            raise
        return server


class _Session(Mailer):
    """Mails over one connection, which is made for the first of them."""

    def __init__(self, mailer: SmtpMailer) -> None:
        self._mailer = mailer
        self._server: BoundedSMTP | None = None

    def send(self, mail: Mail) -> Receipt:
        ends_at = time.monotonic() + self._mailer.dialogue_seconds
        try:
            server = self._announce_again(mail, ends_at) or self._announce(mail, ends_at)
            try:
                code, reply = server.transmit(mail.message_bytes, self._mailer.reply_seconds)
            except OSError as error:
                raise TransportUncertainError(f"The mail server did not confirm the mail: {_reason(error)}") from error
            _require(Stage.MESSAGE, (code, reply))
        except (TransportError, TransportUncertainError) as error:
            # A server that refused one mail for good takes others. In any other state the connection is no use.
            if not (isinstance(error, TransportError) and error.permanent):
                self.close()
            raise
        return Receipt(message_id=mail.message_id, accepted=(mail.to,), response=f"{code} {_one_line(reply)}")

    def close(self) -> None:
        """Say goodbye, if the server still listens."""
        if self._server:
            with suppress(OSError):  # a failing goodbye changes nothing
                self._server.quit()
            self._server.close()
            self._server = None

    def _announce(self, mail: Mail, ends_at: float) -> BoundedSMTP:
        self._server = self._mailer.connect(ends_at)
        _send_envelope(self._server, mail)
        return self._server

    def _announce_again(self, mail: Mail, ends_at: float) -> BoundedSMTP | None:
        """Announce a further mail on the connection that is there, if it is still good.

        Servers end connections that were idle or had enough mails, in several ways and before they have the message: of
        what they say, only a final refusal of this mail counts.
        """
        if self._server is None:
            return None
        self._server.ends_at = ends_at
        try:
            _send_envelope(self._server, mail, again=True)
        except TransportError as error:
            if error.permanent:
                raise
            self.close()
        return self._server


def _send_envelope(server: BoundedSMTP, mail: Mail, *, again: bool = False) -> None:
    """Send sender and recipient, until the server asks for the message."""
    try:
        if again:
            _require(Stage.SENDER, server.rset())
        _require(Stage.SENDER, server.mail(_address(mail.sender)))
        _require(Stage.RECIPIENT, server.rcpt(_address(mail.to)))
        _require(Stage.MESSAGE, server.docmd("DATA"), _CONTINUE)
    except OSError as error:
        raise TransportError(f"The mail server hung up: {_reason(error)}", permanent=False) from error
    except UnicodeError as error:
        raise TransportError(f"The mail can't be handed over: {_reason(error)}", permanent=False) from error


def _require(stage: Stage, reply: tuple[int, bytes], accepted: range = _COMPLETED) -> None:
    code, text = reply
    if code not in accepted:
        permanent = is_final(stage, code, text)
        raise TransportError(f"The mail server refused: {code} {_one_line(text)}", permanent=permanent)


def _address(header: str) -> str:
    return getaddresses([header])[0][1]


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_one_line(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _one_line(reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())
