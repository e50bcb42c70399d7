"""An SMTP server that fails at a given step, and a client with a short timeout."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, BinaryIO

from prequal.adapters.smtp import SmtpMailer
from prequal.adapters.smtp_connection import BoundedSMTP
from support.running import PATIENCE

# The client checks at this interval whether the server hangs or the machine is only busy.
_SECONDS = 0.1

STEPS = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "message", "accepted", "QUIT")
"""Steps in their order; `message`: the mail has arrived; `accepted`: it is stored, and only the reply is missing."""


class Manner(Enum):
    """A server's failure: a temporary refusal, a permanent one, silence, or a closed connection."""

    REFUSES = "refuses"
    FORBIDS = "forbids"
    HANGS = "hangs"
    HANGS_UP = "hangs up"


class SurlyServer:
    """A mail server that fails at `step`, unless that is empty."""

    def __init__(self, step: str = "", manner: Manner = Manner.REFUSES) -> None:
        self.step = step
        self.manner = manner
        self.accepted: list[bytes] = []
        self.hanging = threading.Event()
        self._over = threading.Event()

    @contextmanager
    def serving(self) -> Iterator[int]:
        """Run the server and return its port."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port: int = listening.getsockname()[1]
            thread = threading.Thread(target=self._serve, args=(listening,))
            thread.start()
            try:
                yield port
            finally:
                self._over.set()
                with socket.create_connection(("127.0.0.1", port)):  # wakes it up
                    thread.join()

    def _serve(self, listening: socket.socket) -> None:
        while True:
            connection, _ = listening.accept()
            with connection:
                if self._over.is_set():
                    return
                with suppress(OSError), connection.makefile("rb") as heard:
                    self._talk(heard, connection.sendall)

    def _talk(self, heard: BinaryIO, say: Callable[[bytes], None]) -> None:
        if not self._passes("connect", heard, say):
            return
        say(b"220 here\r\n")
        while line := heard.readline():
            step = line[:4].decode().upper()
            if not self._passes(step, heard, say):
                return
            if step == "DATA":
                say(b"354 go on\r\n")
                mail = b"".join(iter(heard.readline, b".\r\n"))
                if not self._passes("message", heard, say):
                    return
                self.accepted.append(mail)
                if not self._passes("accepted", heard, say):
                    return
            say(b"221 bye\r\n" if step == "QUIT" else b"250 well\r\n")

    def _passes(self, step: str, heard: BinaryIO, say: Callable[[bytes], None]) -> bool:
        if step != self.step:
            return True
        match self.manner:
            case Manner.REFUSES:
                say(b"451 not now\r\n")
            case Manner.FORBIDS:
                say(b"550 not ever\r\n")
            case Manner.HANGS:
                self.hanging.set()
                heard.read()  # until the client gives up
                self.hanging.clear()
            case Manner.HANGS_UP:
                pass
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class HastyMailer(SmtpMailer):
    """The real client, which gives up as soon as its server hangs."""

    server: SurlyServer

    def _connect(self, ends_at: float) -> BoundedSMTP:
        client = _HastySMTP(self.server, self.host, self.port, ends_at)
        try:
            client.ehlo_or_helo_if_needed()
        except OSError:
            client.close()
            raise
        return client


class _HastySMTP(BoundedSMTP):
    def __init__(self, server: SurlyServer, host: str, port: int, ends_at: float) -> None:
        self._server = server
        super().__init__(host, port, implicit_tls=None, step_seconds=PATIENCE, ends_at=ends_at)

    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:  # noqa: ARG002
        connection = _HastySocket(socket.AF_INET, socket.SOCK_STREAM)
        connection.server = self._server
        connection.settimeout(_SECONDS)
        connection.connect((host, port))
        return connection


class _HastySocket(socket.socket):
    server: SurlyServer

    def settimeout(self, _value: float | None) -> None:
        super().settimeout(_SECONDS)

    def recv_into(self, *arguments: Any) -> int:
        while True:
            try:
                return super().recv_into(*arguments)
            except TimeoutError:
                if self.server.hanging.is_set():
                    raise


def hasty(port: int, server: SurlyServer) -> HastyMailer:
    """Return such a client of a server on this machine."""
    return HastyMailer(host="127.0.0.1", port=port, encryption="none", server=server, dialogue_seconds=PATIENCE)
