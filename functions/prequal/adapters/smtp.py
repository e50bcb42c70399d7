"""Mail over SMTP, encrypted wherever it leaves the machine."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Literal, TypeAlias

from prequal.adapters.mime import as_bytes, message_id
from prequal.core.errors import TransportError, TransportUncertainError
from prequal.core.mail import Mail, Receipt

Encryption: TypeAlias = Literal["starttls", "implicit", "none"]
"""Begun in the clear and encrypted before anything is said; encrypted from the first byte; or not at all."""


# RFC 5321, 4.2.1
_YES = range(200, 300)
_GO_ON = range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """A Mailer for one SMTP server.

    It waits `step_seconds` for each step of the talk, and `verdict_seconds` for what the server says of the mail, which
    it may want to examine first. All steps together stay below a mail's lease.
    """

    host: str
    port: int
    encryption: Encryption
    login: str = ""
    password: str = ""
    context: ssl.SSLContext | None = None
    step_seconds: float = 5
    verdict_seconds: float = 30

    def send(self, mail: Mail) -> Receipt:
        """Hand the mail to the server.

        Only what the server says of this mail can be final: a refused login is for the owner to put right.
        """
        # smtplib's own exceptions are OSErrors too.
        try:
            server = self._connected()
        except (OSError, UnicodeError) as error:
            raise TransportError(f"The mail server can't be used: {_reason(error)}", permanent=False) from error
        try:
            code, answer = self._handed_over(server, mail)
        except smtplib.SMTPResponseException as error:
            permanent = error.smtp_code >= 500  # noqa: PLR2004, RFC 5321, 4.2.1: a 5xx stays no
            raise TransportError(f"The mail server refused: {_reason(error)}", permanent=permanent) from error
        except UnicodeError as error:
            raise TransportError(f"The mail can't be handed over: {_reason(error)}", permanent=False) from error
        finally:
            server.close()
        return Receipt(message_id=message_id(mail), accepted=(mail.to,), response=f"{code} {_words(answer)}")

    def _handed_over(self, server: smtplib.SMTP, mail: Mail) -> tuple[int, bytes]:
        try:
            _raise_for(*server.mail(_address(mail.sender)))
            _raise_for(*server.rcpt(_address(mail.to)))
            _raise_for(*server.docmd("DATA"), accepted=_GO_ON)
        except smtplib.SMTPResponseException:
            raise
        except OSError as error:
            raise TransportError(f"The mail server hung up: {_reason(error)}", permanent=False) from error
        try:
            _raise_for(*(verdict := self._verdict(server, as_bytes(mail))))
        except smtplib.SMTPResponseException:
            raise
        except OSError as error:
            raise TransportUncertainError(f"The mail server did not confirm the mail: {_reason(error)}") from error
        with suppress(OSError):  # a goodbye that fails changes nothing
            server.quit()
        return verdict

    def _verdict(self, server: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
        """Send the mail itself and return what the server says of it.

        smtplib's `data` would do, but for telling whether the server had asked for the mail when it hung up.
        """
        server.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")  # RFC 5321, 4.5.2
        self._wait(server, self.verdict_seconds)
        verdict = server.getreply()
        self._wait(server, self.step_seconds)
        return verdict

    @staticmethod
    def _wait(server: smtplib.SMTP, seconds: float) -> None:
        if server.sock:
            server.sock.settimeout(seconds)

    def _connected(self) -> smtplib.SMTP:
        if self.encryption == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.step_seconds, context=self._tls()
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.step_seconds)
        try:
            if self.encryption == "starttls":
                server.starttls(context=self._tls())
            if self.login:
                server.login(self.login, self.password)
            server.ehlo_or_helo_if_needed()
        except (OSError, UnicodeError):
            server.close()
            raise
        return server

    def _tls(self) -> ssl.SSLContext:
        return self.context or ssl.create_default_context()


def _raise_for(code: int, answer: bytes, accepted: range = _YES) -> None:
    if code not in accepted:
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
