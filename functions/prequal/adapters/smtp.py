"""Mail over SMTP, encrypted wherever it leaves the machine."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.utils import getaddresses
from typing import TYPE_CHECKING, Literal, TypeAlias

from prequal.adapters.mime import as_bytes, message_id
from prequal.core.errors import TransportError, TransportUncertainError
from prequal.core.mail import Receipt

if TYPE_CHECKING:
    from prequal.core.mail import Mail

# For each step of the talk with the server, and for its verdict on the mail, which it may want to examine first. All
# steps together stay below a mail's lease.
_STEP_SECONDS = 5
_VERDICT_SECONDS = 30


Encryption: TypeAlias = Literal["starttls", "implicit", "none"]
"""Begun in the clear and encrypted before anything is said; encrypted from the first byte; or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """A Mailer for one SMTP server."""

    host: str
    port: int
    encryption: Encryption
    login: str = ""
    password: str = ""
    context: ssl.SSLContext | None = None

    def send(self, mail: Mail) -> Receipt:
        """Hand the mail to the server.

        Only what the server says of this mail can be final: a refused login is for the owner to put right.
        """
        # smtplib's own exceptions are OSErrors too.
        try:
            server = self._connected()
        except OSError as error:
            raise TransportError(f"The mail server can't be used: {_reason(error)}", permanent=False) from error
        try:
            code, answer = self._handed_over(server, mail)
        except smtplib.SMTPResponseException as error:
            permanent = error.smtp_code >= 500  # noqa: PLR2004, RFC 5321, 4.2.1: a 5xx stays no
            raise TransportError(f"The mail server refused: {_reason(error)}", permanent=permanent) from error
        finally:
            server.close()
        return Receipt(message_id=message_id(mail), accepted=(mail.to,), response=f"{code} {_words(answer)}")

    def _handed_over(self, server: smtplib.SMTP, mail: Mail) -> tuple[int, bytes]:
        try:
            _raise_for(*server.mail(_address(mail.sender)))
            _raise_for(*server.rcpt(_address(mail.to)))
        except smtplib.SMTPResponseException:
            raise
        except OSError as error:
            raise TransportError(f"The mail server hung up: {_reason(error)}", permanent=False) from error
        if server.sock:
            server.sock.settimeout(_VERDICT_SECONDS)
        try:
            _raise_for(*(taken := server.data(as_bytes(mail))))
        except smtplib.SMTPResponseException:
            raise
        except OSError as error:
            raise TransportUncertainError(f"The mail server did not confirm the mail: {_reason(error)}") from error
        with suppress(OSError):  # a goodbye that fails changes nothing
            server.quit()
        return taken

    def _connected(self) -> smtplib.SMTP:
        if self.encryption == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=_STEP_SECONDS, context=self._tls())
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=_STEP_SECONDS)
        try:
            if self.encryption == "starttls":
                server.starttls(context=self._tls())
            if self.login:
                server.login(self.login, self.password)
            server.ehlo_or_helo_if_needed()
        except OSError:
            server.close()
            raise
        return server

    def _tls(self) -> ssl.SSLContext:
        return self.context or ssl.create_default_context()


def _raise_for(code: int, answer: bytes) -> None:
    if code >= 300:  # noqa: PLR2004, RFC 5321, 4.2.1: a 2xx is yes
        raise smtplib.SMTPResponseException(code, answer)


def _address(header: str) -> str:
    return getaddresses([header])[0][1]


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_words(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _words(answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())
