"""Webhooks over HTTP, signed as Standard Webhooks prescribe (https://www.standardwebhooks.com)."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import urlsplit

from prequal.adapters.http_post import post
from prequal.core.errors import TransportError, TransportUncertainError
from prequal.core.mail import Mail, Receipt
from prequal.core.text import one_line
from prequal.services.ports import Mailer

PREFIX = "whsec_"
_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookClient(Mailer):
    """Client of the owner's addresses. Everything but a 2xx is tried again, unless the address is gone."""

    #: `whsec_` and the key in base64, or else any text, whose bytes are the key.
    secret: str
    clock: Callable[[], datetime]
    #: Deadline of a request, the look-up of the host's address included.
    seconds: float = 15

    def send(self, mail: Mail) -> Receipt:
        """Post a message; its body is the same in every attempt, while time and signature are the attempt's."""
        host, message_id = urlsplit(mail.to).netloc, mail.content["id"]
        timestamp = str(int(self.clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "prequal",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(self.secret, message_id, timestamp, mail.message_bytes),
        }
        try:
            status, body = post(mail.to, mail.message_bytes, headers, self.seconds)
        except (OSError, HTTPException) as error:
            raise TransportUncertainError(
                f"{host} did not answer: {one_line(str(error)) or type(error).__name__}."
            ) from error
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            reply = one_line(body[: 4 * _SHOWN].decode(errors="replace"))[:_SHOWN]
            raise TransportError(f"{host} answered {status}: {reply}", permanent=status == HTTPStatus.GONE)
        return Receipt(message_id=message_id, accepted=(mail.to,), response=str(status))


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a message, of version 1."""
    key = b64decode(secret.removeprefix(PREFIX)) if secret.startswith(PREFIX) else secret.encode()
    signed = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{b64encode(signed).decode()}"
