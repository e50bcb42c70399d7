"""A receiver of webhooks on this machine, which may fail in every way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

from support.running import serving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Failure(Enum):
    """A failure of a receiver, before it has processed a message or after."""

    REFUSES = "refuses"
    HANGS = "hangs"
    HANGS_UP = "hangs up"
    LOSES = "processes, and hangs up"
    LOSES_BY_ERROR = "processes, and says that it failed"

    @property
    def is_late(self) -> bool:
        """Return whether the message was processed, which its sender can't know."""
        return self in (Failure.LOSES, Failure.LOSES_BY_ERROR)


@dataclass(frozen=True, slots=True)
class Received:
    """A message that was processed."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """Return the body, parsed."""
        event: dict[str, Any] = json.loads(self.body)
        return event

    def is_signed(self, secret: str | bytes = SECRET) -> bool:
        """Return whether the official library makes the same signature, whatever the message's age."""
        at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
        signature = Webhook(secret).sign(self.headers["webhook-id"], at, self.body.decode())
        return signature == self.headers["webhook-signature"]


@dataclass(slots=True)
class Receiver:
    """The state of the server."""

    url: str = ""
    processed: list[Received] = field(default_factory=list)
    #: Of every request, until it is taken back.
    failure: Failure | None = None
    #: Status and headers of every answer that is no failure.
    answer: tuple[int, dict[str, str]] = (204, {})
    #: Ends what hangs.
    released: threading.Event = field(default_factory=threading.Event)

    def types(self, path: str = "/") -> list[str]:
        """Return the types of the events that an address got, in their order."""
        return [each.event["type"] for each in self.processed if each.path == path]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Serve for the length of the block."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Process a message, or fail."""
            failure = state.failure
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if failure is Failure.HANGS:
                state.released.wait()
            if failure in (Failure.HANGS, Failure.HANGS_UP):
                return
            if failure is None or failure.is_late:
                headers = {name.lower(): value for name, value in self.headers.items()}
                state.processed.append(Received(self.path, headers, body))
            if failure is Failure.LOSES:
                return
            status, answer = (503, {}) if failure else state.answer
            self.send_response(status)
            for name, value in answer.items():
                self.send_header(name, value)
            self.end_headers()
            if status >= 300:
                self.wfile.write(b"<h1>Not\r\nnow</h1>" + b"!" * 100_000)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(server) as port:
        state.url = f"http://127.0.0.1:{port}"
        try:
            yield state
        finally:
            state.released.set()
