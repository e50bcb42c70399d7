"""A host of static sites as good ones are: compressed with brotli, cached by the rules, under the page's headers.

It leads what is for the function to the function.
"""

from __future__ import annotations

import mimetypes
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.weight import with_brotli
from prequal.pages.headers import ASSET_CACHING, FOR_EVERY_ORIGIN, PAGE_CACHING, page_headers
from support.running import Server, development_server, serving


@contextmanager
def hosted(
    folder: Path, function: Callable[[], int] | None = None, headers: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Serve a folder, which may be filled later, and return its address; `function` returns the function's port."""
    answer = partial(_Answer, folder, function, headers or page_headers())
    with serving(_Host(("127.0.0.1", 0), answer)) as port:
        yield f"http://localhost:{port}"


@contextmanager
def apart(folder: Path) -> Iterator[tuple[str, Server]]:
    """Serve the page at a host that leads nowhere, and the function; return the page's address, and the function."""
    function = development_server(folder)
    with hosted(function.site, headers=page_headers(function=function.url)) as page:
        addresses = {"PREQUAL_PUBLIC_URL": page, "PREQUAL_FUNCTION_URL": function.url}
        function.environ = {**function.environ, **addresses}
        with function:
            yield page, function


class _Host(ThreadingHTTPServer):
    def handle_error(self, *request: Any) -> None:
        """Say nothing of visitors who leave before they have their answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*request)


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(
        self, folder: Path, function: Callable[[], int] | None, headers: Mapping[str, str], *arguments: object
    ) -> None:
        self._folder = folder
        self._function = function
        self._headers = headers
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a file: a folder's is its index.html, and what isn't there is 404.html."""
        path = urlsplit(self.path).path
        if path.startswith("/api/") and self._function:
            self._lead_on(self._function())
            return
        file = self._folder / path.lstrip("/")
        file = file / "index.html" if path.endswith("/") else file
        found = file.is_file()
        file = file if found else self._folder / "404.html"
        content = file.read_bytes()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", mimetypes.guess_type(file.name)[0] or "application/octet-stream")
        is_asset = path.startswith("/assets/")
        self.send_header("Cache-Control", ASSET_CACHING if is_asset else PAGE_CACHING)
        for header in {**self._headers, **(FOR_EVERY_ORIGIN if is_asset else {})}.items():
            self.send_header(*header)
        self.send_header("Vary", "Accept-Encoding")
        if "br" in self.headers.get("Accept-Encoding", ""):
            self.send_header("Content-Encoding", "br")
            content = with_brotli(content)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        """Lead what is sent to the function."""
        if self._function:
            self._lead_on(self._function())
        else:
            self.send_error(405)

    def _lead_on(self, port: int) -> None:
        connection = HTTPConnection("127.0.0.1", port)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.getheader("Content-Type", ""))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_told: object) -> None:
        """Say nothing."""
