"""SMTP connection with a deadline: neither a silent nor a dripping server holds its client longer."""

from __future__ import annotations

import io
import re
import smtplib
import socket
import ssl
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

# Each piece has the time of a step. A TLS record holds as much.
_PIECE = 16_384


class BoundedSMTP(smtplib.SMTP):
    """Client connection whose steps each end in `step_seconds`, and all of them by `ends_at`."""

    def __init__(
        self, host: str, port: int, *, implicit_tls: ssl.SSLContext | None, step_seconds: float, ends_at: float
    ) -> None:
        """Connect, with TLS from the first byte if there is a context for it."""
        self.step_seconds = step_seconds
        #: By the monotonic clock; it may be moved on for each mail.
        self.ends_at = ends_at
        self._implicit_tls = implicit_tls
        super().__init__(host, port)

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's reply."""
        if self.file is None and self.sock:
            self.file = io.BufferedReader(_BoundedReader(self, self.sock))
        return super().getreply()

    def send(self, s: ReadableBuffer | str) -> None:
        """Send a command or a message."""
        content = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        for start in range(0, len(content), _PIECE):
            if self.sock:
                self.sock.settimeout(self.seconds_left())
            super().send(content[start : start + _PIECE])

    def transmit(self, message: bytes, reply_seconds: float) -> tuple[int, bytes]:
        """Send the message itself and return the server's reply, which may take longer than other steps.

        smtplib's `data` can't tell whether the server had asked for the message when it hung up.
        """
        self.send(re.sub(rb"(?m)^\.", b"..", message) + b".\r\n")  # RFC 5321, 4.5.2
        step_seconds, self.step_seconds = self.step_seconds, reply_seconds
        try:
            return self.getreply()
        finally:
            self.step_seconds = step_seconds

    def seconds_left(self) -> float:
        """Return the time that the next step may take; TimeoutError if there is none."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the dialogue took too long")
        return min(left, self.step_seconds)

    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:  # noqa: ARG002, smtplib's
        """Connect to the first address that answers: Python's own timeout is one for each address."""
        failure: OSError | None = None
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                connection = socket.create_connection((str(address[0]), port), self.seconds_left())
            except OSError as error:
                failure = error
                continue
            return (
                self._implicit_tls.wrap_socket(connection, server_hostname=host) if self._implicit_tls else connection
            )
        raise failure or OSError("the host has no address")


class _BoundedReader(io.RawIOBase):
    """Reader of a connection's socket. A timeout of the socket alone would start anew with each byte."""

    def __init__(self, connection: BoundedSMTP, source: socket.socket) -> None:
        self._connection = connection
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._source.settimeout(self._connection.seconds_left())
        return self._source.recv_into(buffer)
