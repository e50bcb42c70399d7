"""Kept-alive HTTP connections to one server."""

from __future__ import annotations

import select
import ssl
from collections import deque
from collections.abc import Mapping
from functools import cached_property
from http.client import HTTPConnection, HTTPSConnection
from socket import socket
from urllib.parse import urlsplit


class Connections:
    """Pool of connections: one for each thread that calls at the same time. All use one TLS context.

    A request is sent once, whatever happens to its answer.
    """

    def __init__(self, address: str) -> None:
        self._address = urlsplit(address)
        self._idle: deque[HTTPConnection] = deque()

    def post(self, path: str, body: bytes, headers: Mapping[str, str], seconds: float) -> tuple[int, bytes]:
        """Post a body and return the status and body of the answer. `seconds` bounds each wait for the server.

        Raises:
            OSError, HTTPException: there is no answer, or a part of one; the request may have taken effect.
        """
        connection = self._take(seconds)
        try:
            connection.request("POST", path, body, dict(headers))
            response = connection.getresponse()
            answer = response.status, response.read()
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return answer

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _take(self, seconds: float) -> HTTPConnection:
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._new(seconds)
        connection.timeout = seconds
        if connection.sock and _has_ended(connection.sock):
            connection.close()  # the next request opens it again
        elif connection.sock:
            connection.sock.settimeout(seconds)
        return connection

    def _new(self, seconds: float) -> HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._address.scheme == "http":
            return HTTPConnection(host, port, timeout=seconds)
        return HTTPSConnection(host, port, timeout=seconds, context=self._tls)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def _has_ended(idle: socket) -> bool:
    """Return whether the server has closed an idle connection: there is something to read, which is its end."""
    poll = select.poll()
    poll.register(idle, select.POLLIN)
    return bool(poll.poll(0))
