"""Visits of a site: one HTTP request each, no redirect followed, and every failure one sentence."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPSConnection
from socket import socket
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from prequal.core.errors import PrequalError

_TIMEOUT_SECONDS = 15
_MAX_BYTES = 2_000_000


class UnreachableError(PrequalError):
    """Raised when a host doesn't answer, or doesn't answer as a web server does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The answer to a request."""

    status: int
    headers: HTTPMessage
    body: str
    #: The expiry of the server's certificate; None without TLS.
    certificate_expiry: datetime | None
    #: The IP address of our end of the connection, which may not be the one that the server saw.
    own_address: str

    def json(self) -> dict[str, Any]:
        """Return the body's JSON object, or an empty one where the body is something else."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


def visit(url: str, post: object = None, headers: Mapping[str, str] = MappingProxyType({})) -> Visit:
    """Get a page, or post JSON.

    Raises:
        UnreachableError: there was no answer.
    """
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.netloc, timeout=_TIMEOUT_SECONDS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        if post is None:
            connection.request("GET", path, headers=headers)
        else:
            connection.request("POST", path, json.dumps(post), {"Content-Type": "application/json"})
        certificate_expiry, own_address = _certificate_expiry(connection.sock), connection.sock.getsockname()[0]
        response = connection.getresponse()
        return Visit(
            status=response.status,
            headers=response.headers,
            body=response.read(_MAX_BYTES).decode(errors="replace"),
            certificate_expiry=certificate_expiry,
            own_address=own_address,
        )
    except ssl.SSLCertVerificationError as error:
        raise UnreachableError(f"{parts.netloc} has no valid certificate: {error.verify_message}.") from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnreachableError(f"{parts.netloc} does not answer: {reason}.") from error
    finally:
        connection.close()


def _certificate_expiry(connected: socket) -> datetime | None:
    certificate = connected.getpeercert() if isinstance(connected, ssl.SSLSocket) else None
    expiry = (certificate or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(expiry), UTC) if isinstance(expiry, str) else None
