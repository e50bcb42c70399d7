"""An SMTP server that sends a reply byte by byte, or line by line, without end."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum

from support.running import PATIENCE

_PAUSE = 0.05
# It must have an end, or a client that waits for ever would stop the tests.
_PIECES = 600
# A TLS record that is longer than all pieces.
_RECORD = b"\x16\x03\x03\x3f\xff"


class Outcome(Enum):
    """End of the dialogue: before the step, by the client at the step, or at the last piece."""

    NOT_REACHED = "not reached"
    CLIENT_LEFT = "client left"
    EXHAUSTED = "exhausted"


@dataclass
class DrippingServer:
    """A server for one connection, which drips at `step`: connect, handshake, a command, or message."""

    step: str
    piece: bytes
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    outcome: Outcome = field(default=Outcome.NOT_REACHED, init=False)
    _connection: socket.socket = field(init=False)

    @contextmanager
    def serving(self) -> Iterator[int]:
        """Run the server and return its port."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            thread = threading.Thread(target=self._serve, args=(listening,))
            thread.start()
            yield listening.getsockname()[1]
            thread.join(PATIENCE)

    def _serve(self, listening: socket.socket) -> None:
        self._connection, _ = listening.accept()
        with suppress(OSError):
            if self.implicit:
                self._encrypt()
            self._talk()
        self._connection.close()

    def _encrypt(self) -> None:
        assert self.tls
        if self.step == "handshake":
            self._connection.sendall(_RECORD)
            self._drip(b"\0")
        self._connection = self.tls.wrap_socket(self._connection, server_side=True)

    def _talk(self) -> None:
        self._reply("connect", b"220 here\r\n")
        while line := self._read_until(b"\n"):
            command = line.split()[0].decode().upper()
            if command == "STARTTLS":
                self._connection.sendall(b"220 go on\r\n")
                self._encrypt()
            elif command == "DATA":
                self._reply("DATA", b"354 go on\r\n")
                self._read_until(b"\r\n.\r\n")
                self._reply("message", b"250 well\r\n")
            else:
                self._reply(command, b"250-here\r\n250 STARTTLS\r\n" if command == "EHLO" else b"250 OK\r\n")

    def _reply(self, step: str, reply: bytes) -> None:
        if step == self.step:
            self._drip(self.piece)
        self._connection.sendall(reply)

    def _drip(self, piece: bytes) -> None:
        self.outcome = Outcome.CLIENT_LEFT
        for _ in range(_PIECES):
            self._connection.sendall(piece)
            time.sleep(_PAUSE)
        self.outcome = Outcome.EXHAUSTED

    def _read_until(self, ending: bytes) -> bytes:
        heard = b""
        while not heard.endswith(ending):
            received = self._connection.recv(1)
            if not received:
                return b""
            heard += received
        return heard
