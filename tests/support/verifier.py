"""Turnstile's verifier on this machine: each token is good for one submission, which may ask again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from support.running import serving

SECRET = "0x4AAA-the-secret-of-the-widget"
VALID = "valid"


@dataclass(slots=True)
class Verifier:
    """The server's state."""

    url: str = ""
    #: The requests that came.
    asked: list[dict[str, str]] = field(default_factory=list)
    #: The answer to every request, as status and body, in place of a verdict.
    answer: tuple[int, bytes] | None = None
    #: Nothing is answered before this is set; `drips` sends a byte at a time meanwhile.
    released: threading.Event = field(default_factory=threading.Event)
    drips: bool = False
    _used: dict[str, str] = field(default_factory=dict)

    def judge(self, asked: dict[str, str]) -> dict[str, Any]:
        """Return the verdict, as Cloudflare documents it."""
        if asked.get("secret") != SECRET:
            return {"success": False, "error-codes": ["invalid-input-secret"]}
        token, key = asked["response"], asked["idempotency_key"]
        if not token.startswith(VALID):
            return {"success": False, "error-codes": ["invalid-input-response"]}
        if self._used.setdefault(token, key) != key:
            return {"success": False, "error-codes": ["timeout-or-duplicate"]}
        return {"success": True, "error-codes": [], "hostname": "studio.example"}


@contextmanager
def verifier() -> Iterator[Verifier]:
    """Serve for the length of the block."""
    state = Verifier()
    state.released.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Answer a request, once the state lets it."""
            asked = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            state.asked.append(asked)
            if state.drips:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not state.released.wait(0.05 if state.drips else None):
                self.wfile.write(b"X-Slow: 1\r\n")
            status, body = state.answer or (200, json.dumps(state.judge(asked)).encode())
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(server) as port:
        state.url = f"http://127.0.0.1:{port}/turnstile/v0/siteverify"
        try:
            yield state
        finally:
            state.released.set()
