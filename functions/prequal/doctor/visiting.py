"""Visits of a site: one request each, no redirect followed, and every failure one sentence."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPSConnection
from socket import socket
from typing import Any
from urllib.parse import urlsplit

from prequal.core.errors import PrequalError

_SECONDS = 15
_LIMIT = 2_000_000


class UnreachableError(PrequalError):
    """Nobody answers there, or not as a web server does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What was answered. `certified_until` is when the server's certificate ends; None without TLS."""

    status: int
    headers: HTTPMessage
    body: str
    certified_until: datetime | None

    def json(self) -> dict[str, Any]:
        """Return the body's JSON object; empty when it is none."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


def visit(url: str, post: object = None, origin: str = "") -> Visit:
    """Ask for a page, or post something as JSON; as a script of the site at `origin` does, if that is given.

    Raises:
        UnreachableError: there is no answer.

    """
    parts = urlsplit(url)
    connection = (HTTPSConnection if parts.scheme == "https" else HTTPConnection)(parts.netloc, timeout=_SECONDS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        if post is None:
            connection.request("GET", path, headers={"Origin": origin} if origin else {})
        else:
            connection.request("POST", path, json.dumps(post), {"Content-Type": "application/json"})
        certified_until = _end_of_certificate(connection.sock)
        response = connection.getresponse()
        body = response.read(_LIMIT).decode(errors="replace")
        return Visit(status=response.status, headers=response.headers, body=body, certified_until=certified_until)
    except ssl.SSLCertVerificationError as error:
        raise UnreachableError(f"{parts.netloc} has no valid certificate: {error.verify_message}.") from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnreachableError(f"{parts.netloc} does not answer: {reason}.") from error
    finally:
        connection.close()


def _end_of_certificate(connected: socket) -> datetime | None:
    certificate = connected.getpeercert() if isinstance(connected, ssl.SSLSocket) else None
    ends = (certificate or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None
