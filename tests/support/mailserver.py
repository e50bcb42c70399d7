"""A real SMTP server on this machine, that does as it is told."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from support.running import PATIENCE, free_port

LOGIN, PASSWORD = "studio", "p@ss:word"


@dataclass
class Postbox:
    """The mails that a server got, and its answers: `says` by step (MAIL, RCPT, DATA); `hangs_up_after` a step."""

    says: dict[str, str] = field(default_factory=dict)
    hangs_up_after: str = ""
    envelopes: list[Any] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        """Return the mails that arrived."""
        return [message_from_bytes(envelope.original_content, policy=default) for envelope in self.envelopes]

    async def handle_MAIL(self, server: Any, _session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Answer the sender's address."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer("MAIL", server)

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Answer the recipient's address."""
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return self._answer("RCPT", server)

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take the mail."""
        answer = self._answer("DATA", server)
        if answer.startswith("250"):
            self.envelopes.append(envelope)
            self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return answer

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
        """Let the one login in."""
        right = isinstance(given, LoginPassword) and given == LoginPassword(LOGIN.encode(), PASSWORD.encode())
        self.logins.append(given.login.decode())
        return AuthResult(success=right, handled=False)

    def _answer(self, step: str, server: Any) -> str:
        if self.hangs_up_after == step:
            server.transport.abort()
        return self.says.get(step, "250 OK")


@contextmanager
def mail_server(postbox: Postbox, *, tls: ssl.SSLContext | None = None, implicit: bool = False) -> Iterator[int]:
    """Run a server; with `tls` it insists on encryption and a login. Returns its port."""
    options: dict[str, Any] = {}
    if tls:
        options = {"authenticator": postbox.authenticate}
        if implicit:
            options |= {"ssl_context": tls, "auth_require_tls": False}  # it can't see that it is within TLS
        else:
            options |= {"tls_context": tls, "require_starttls": True, "auth_required": True}
    port = free_port()
    controller = Controller(postbox, hostname="127.0.0.1", port=port, ready_timeout=PATIENCE, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server at 127.0.0.1 and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))
