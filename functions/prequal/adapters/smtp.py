"""Mail over SMTP, encrypted wherever it leaves the machine."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Literal, TypeAlias

from prequal.core.errors import TransportError, TransportUncertainError
from prequal.core.mail import Mail, Receipt

Encryption: TypeAlias = Literal["starttls", "implicit", "none"]
"""Upgraded to TLS before anything is sent; TLS from the first byte; or none."""


# Positive completion and positive intermediate replies: RFC 5321, 4.2.1.
_COMPLETED = range(200, 300)
_CONTINUE = range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """A Mailer for one SMTP server. Its timeouts together stay below a mail's lease."""

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

    def send(self, mail: Mail) -> Receipt:
        """Send a mail.

        Only a refusal of this very mail can be permanent: a refused login is for the owner to put right.

        Raises:
            TransportError: the server certainly didn't accept the mail.
            TransportUncertainError: the server may have accepted it.
        """
        # smtplib's own exceptions are OSErrors too.
        try:
            server = self._connect()
        except (OSError, UnicodeError) as error:
            raise TransportError(f"The mail server can't be used: {_reason(error)}", permanent=False) from error
        transmitting = False
        try:
            _require(server.mail(_address(mail.sender)))
            _require(server.rcpt(_address(mail.to)))
            _require(server.docmd("DATA"), _CONTINUE)
            transmitting = True
            code, reply = _require(self._transmit(server, mail.message_bytes))
            with suppress(OSError):  # a failing goodbye changes nothing
                server.quit()
        except smtplib.SMTPResponseException as error:
            permanent = error.smtp_code >= 500  # noqa: PLR2004, RFC 5321, 4.2.1: a 5xx is permanent
            raise TransportError(f"The mail server refused: {_reason(error)}", permanent=permanent) from error
        except OSError as error:
            if transmitting:
                raise TransportUncertainError(f"The mail server did not confirm the mail: {_reason(error)}") from error
            raise TransportError(f"The mail server hung up: {_reason(error)}", permanent=False) from error
        except UnicodeError as error:
            raise TransportError(f"The mail can't be handed over: {_reason(error)}", permanent=False) from error
        finally:
            server.close()
        return Receipt(message_id=mail.message_id, accepted=(mail.to,), response=f"{code} {_one_line(reply)}")

    def _connect(self) -> smtplib.SMTP:
        tls = None if self.encryption == "none" else self.context or ssl.create_default_context()
        if self.encryption == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.step_seconds, context=tls)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.step_seconds)
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

    def _transmit(self, server: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
        """Send the mail itself and return the server's reply.

        smtplib's `data` can't tell whether the server had asked for the mail when it hung up.
        """
        server.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")  # RFC 5321, 4.5.2
        if server.sock:
            server.sock.settimeout(self.reply_seconds)
        reply = server.getreply()
        if server.sock:
            server.sock.settimeout(self.step_seconds)
        return reply


def _require(reply: tuple[int, bytes], accepted: range = _COMPLETED) -> tuple[int, bytes]:
    if reply[0] not in accepted:
        raise smtplib.SMTPResponseException(*reply)
    return reply


def _address(header: str) -> str:
    return getaddresses([header])[0][1]


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_one_line(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _one_line(reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())
