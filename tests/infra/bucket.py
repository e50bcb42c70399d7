"""A bucket of Cloud Storage, as far as Terraform's state needs one."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_OBJECT = re.compile(r"(?:/storage/v1/b)?/[^/]+/(?:o/)?(.+)")


class Bucket:
    """The objects by name, and the address to reach them at."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.objects: dict[str, bytes] = {}


@contextmanager
def serve_bucket() -> Iterator[Bucket]:
    """Serve an empty bucket, whatever it is called."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        bucket = server.bucket = Bucket(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield bucket
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, objects = unquote(urlsplit(self.path).path), self._objects
        if path.endswith("/o"):
            self._answer(200, {"items": [_describe(name) for name in objects]})
            return
        found = _OBJECT.fullmatch(path)
        if not found or found[1] not in objects:
            self._answer(404, {"error": {"code": 404}})
        elif path.startswith("/storage/"):
            self._answer(200, _describe(found[1]))
        else:
            self._answer(200, objects[found[1]])

    def do_POST(self) -> None:
        body = b"".join(self._read_chunks())
        query = parse_qs(urlsplit(self.path).query)
        [name] = query["name"]
        if query.get("ifGenerationMatch") == ["0"] and name in self._objects:
            self._answer(412, {"error": {"code": 412}})
            return
        # Two parts, the second of which is the object.
        [boundary] = re.findall(r'boundary="?([^";]+)', self.headers["content-type"])
        part = body.split(f"--{boundary}".encode())[2]
        self._objects[name] = part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
        self._answer(200, _describe(name))

    def do_DELETE(self) -> None:
        found = _OBJECT.fullmatch(unquote(urlsplit(self.path).path))
        if found:
            self._objects.pop(found[1], None)
        self._answer(204, b"")

    def log_message(self, *_: object) -> None:
        """Write no log."""

    def _read_chunks(self) -> Iterator[bytes]:
        """Read a body whose length is not known beforehand."""
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    @property
    def _objects(self) -> dict[str, bytes]:
        bucket: Bucket = self.server.bucket  # type: ignore[attr-defined]
        return bucket.objects

    def _answer(self, status: int, content: Any) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("x-goog-generation", "1")
        self.end_headers()
        self.wfile.write(body)


def _describe(name: str) -> dict[str, str]:
    return {"name": name, "bucket": "prequal", "generation": "1", "metageneration": "1"}
