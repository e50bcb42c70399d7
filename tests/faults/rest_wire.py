"""A proxy between the REST transport and the emulator that disturbs calls."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from faults.wire import SLOW_SECONDS, Call, Trouble, Wire
from prequal.adapters.firestore.grpc_transport import GrpcTransport
from prequal.adapters.firestore.rest_transport import RestTransport
from support.emulating import AnyTransport
from support.running import PATIENCE

_NAMES = {"batchGet": "BatchGetDocuments", "runQuery": "RunQuery", "commit": "Commit"}


class RestWire:
    """A server that forwards each call and reports it to `heard`; `trouble` returns its disturbance by its name.

    A lost answer, and one that breaks off, end the connection. With `tls`, the server speaks TLS.
    """

    def __init__(
        self,
        emulator: str,
        trouble: Callable[[str], Trouble | None] = lambda _name: None,
        heard: Callable[[Call], object] = lambda _call: None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.emulator = emulator
        self.trouble = trouble
        self.heard = heard
        self.over = threading.Event()
        #: Connections that were accepted.
        self.connections = 0
        #: The credentials of each call.
        self.authorizations: list[str] = []
        self._tls = tls

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[str]:
        """Run the server at a port, by default a free one, and return its address."""
        server = _Server(self, port, self._tls)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            self.over.set()
            server.shutdown()
            server.server_close()
            thread.join()


#: Each transport with its wire.
WIRES: Mapping[str, tuple[AnyTransport, type[Wire | RestWire]]] = {
    "grpc": (GrpcTransport, Wire),
    "rest": (RestTransport, RestWire),
}


def _error(code: int, status: str) -> bytes:
    return json.dumps({"error": {"code": code, "status": status, "message": "as instructed"}}).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a kept-alive connection may stay open

    def __init__(self, wire: RestWire, port: int, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.wire = wire
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """Report nothing: clients that give up, or distrust the certificate, are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        """Count the connection."""
        super().setup()
        self.server.wire.connections += 1

    def do_POST(self) -> None:
        """Forward a call, or disturb it."""
        wire = self.server.wire
        wire.authorizations.append(self.headers["Authorization"])
        request = self.rfile.read(int(self.headers["Content-Length"]))
        name = _NAMES[self.path.rpartition(":")[2]]
        trouble = wire.trouble(name)
        if trouble is Trouble.REFUSED:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, _error(503, "UNAVAILABLE"))
            return
        if trouble is Trouble.UNINDEXED:
            self._answer(HTTPStatus.BAD_REQUEST, b"[%b]" % _error(400, "FAILED_PRECONDITION"))
            return
        if trouble is Trouble.SILENT:
            wire.over.wait()
            self.close_connection = True
            return
        if trouble is Trouble.SLOW:
            wire.over.wait(SLOW_SECONDS)
        status, content = self._forward(request)
        answer = json.loads(content)
        answers = answer if isinstance(answer, list) else [answer]
        wire.heard(Call(name, json.loads(request), answers if status == HTTPStatus.OK else []))
        if trouble is Trouble.ANSWER_LOST:
            self.close_connection = True
        elif trouble is Trouble.GARBLED:
            self._answer(status, b"<h1>Bad Gateway</h1>")
        elif trouble is Trouble.BROKEN_OFF:
            self._answer(status, content, sent=len(content) // 2)
        else:
            self._answer(status, content)
            self.close_connection = trouble is Trouble.CLOSES

    def _forward(self, request: bytes) -> tuple[int, bytes]:
        with closing(HTTPConnection(self.server.wire.emulator, timeout=PATIENCE)) as emulator:
            headers = {"Content-Type": self.headers["Content-Type"], "Authorization": "Bearer owner"}
            emulator.request("POST", self.path, request, headers)
            response = emulator.getresponse()
            return response.status, response.read()

    def _answer(self, status: int, content: bytes, sent: int | None = None) -> None:
        """Answer; only the first `sent` bytes of the content before the connection ends."""
        self.close_connection = sent is not None
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:sent])

    def log_message(self, *_: object) -> None:
        """Log nothing."""
