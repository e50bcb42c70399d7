"""The doctor, called to a healthy server on this machine, and to five that each have something."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from prequal.doctor import site
from prequal.doctor.visiting import visit
from support.running import Server, development_server, exported, free_port, prequal
from support.static_host import apart, hosted


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server as `make run` starts it."""
    with development_server(tmp_path_factory.mktemp("healthy")) as server:
        yield server


def examined(server: Server, url: str, **settings: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """Return the exit status of `prequal doctor`, and each check's verdict and words."""
    said = prequal(server.folder, "doctor", url, "--json", **settings)
    assert said.stderr == ""
    found: list[dict[str, str]] = json.loads(said.stdout)
    return said.returncode, {finding["check"]: (finding["verdict"], finding["words"]) for finding in found}


def test_a_healthy_server(healthy: Server) -> None:
    """Nothing is wrong with what `make run` serves, and looking at it stores nothing."""
    status, found = examined(healthy, healthy.url)

    assert status == 0
    assert {check for check, (verdict, _) in found.items() if verdict == "fine"} == {
        "page", "headers", "caching", "health", "versions", "clock", "submission", "links", "booking",
    }  # fmt: skip
    assert {check for check, (verdict, _) in found.items() if verdict != "fine"} == {"tls", "mail"}
    assert exported(healthy.folder) == []


def test_a_function_elsewhere(tmp_path: Path) -> None:
    """The function is looked for where the page says it is, and asked whether it answers the page's script."""
    with apart(tmp_path) as (page, function):
        status, found = examined(function, page)

    assert status == 0, found
    assert found["origin"] == ("fine", "The function answers the page's script.")


def test_a_function_that_knows_no_page_elsewhere(healthy: Server, tmp_path: Path) -> None:
    """A page that sends its answers to a function that wasn't told of it is found."""
    with hosted(tmp_path / "build/site") as page:
        built = prequal(tmp_path, "build", PREQUAL_PUBLIC_URL=page, PREQUAL_FUNCTION_URL=healthy.url)
        status, found = examined(healthy, page)

    assert (built.returncode, status) == (0, 1)
    assert found["health"][0] == "fine"
    assert found["origin"][1].startswith(f"The function does not answer scripts of {page}: give it the PREQUAL_PUBLIC")
    assert found["headers"][1].startswith("The page is sent without our Content-Security-Policy: give your host")


def test_for_people(healthy: Server) -> None:
    """Without --json, each check is a line with its mark."""
    said = prequal(healthy.folder, "doctor", healthy.url + "/").stdout

    assert "✓ health      The function answers.\n" in said
    assert "– tls         Nothing leaves this machine.\n" in said


@dataclass
class Answer:
    """What a server is about to answer."""

    path: str
    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


def _no_headers(answer: Answer) -> None:
    if not answer.path.startswith("/api/"):
        answer.headers = {"Content-Type": "text/html"}


def _no_function(answer: Answer) -> None:
    if answer.path.startswith(("/api/", "/b/")):
        answer.status, answer.headers, answer.body = 200, {"Content-Type": "text/html"}, b"<h1>Welcome</h1>"


def _other_form(answer: Answer) -> None:
    if answer.path == "/api/health":
        answer.body = json.dumps({**json.loads(answer.body), "form_version": "0123456789ab"}).encode()


def _late_clock(answer: Answer) -> None:
    if answer.path == "/api/health":
        late = datetime.now(UTC) - timedelta(minutes=10)
        answer.body = json.dumps({**json.loads(answer.body), "time": late.isoformat()}).encode()


def _broken_function(answer: Answer) -> None:
    if answer.path == "/api/leads":
        answer.status, answer.body = 500, b"{}"


@contextmanager
def ailing(server: Server, ails: Callable[[Answer], None]) -> Iterator[str]:
    """Serve what another server does, but with one thing wrong; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Pass it on."""
            connection = HTTPConnection("localhost", server.port)
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection.request(self.command, self.path, sent, {"Content-Type": self.headers.get("Content-Type", "")})
            response = connection.getresponse()
            answer = Answer(self.path, response.status, dict(response.headers), response.read())
            connection.close()
            ails(answer)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name not in ("Content-Length", "Transfer-Encoding", "Date", "Server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_GET  # noqa: N815, the library's

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://localhost:{port}"


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[int]:
    """Serve beside the block."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("ails", "check", "says"),
    [
        (_no_headers, "headers", "The page is sent without our Content-Security-Policy, Cross-Origin-Opener-Policy,"),
        (_no_function, "health", "/api/health answers 200, and not as the function does: let the host pass /api/"),
        (_other_form, "versions", "the function 0123456789ab: run prequal package, and deploy both."),
        (_late_clock, "clock", "The function's clock and this machine's are "),
        (_broken_function, "submission", "A submission without consent is answered with 500, not 422:"),
    ],
)
def test_what_is_wrong_is_found(healthy: Server, ails: Callable[[Answer], None], check: str, says: str) -> None:
    """Each illness is found, and said in a sentence that tells what to do."""
    with ailing(healthy, ails) as url:
        status, found = examined(healthy, url)

    assert status == 1
    assert found[check][0] == "wrong"
    assert says in found[check][1]


def test_nobody_there(healthy: Server) -> None:
    """Where nobody answers, that is all there is to say of it."""
    status, found = examined(healthy, f"http://localhost:{free_port()}")

    assert status == 1
    assert "does not answer: Connection refused. Check the address" in found["page"][1]
    assert "health" not in found


def test_no_page_to_book_at(healthy: Server) -> None:
    """A booking page that isn't there is found, its address having been filled in."""
    booking_url = f"{healthy.url}/nowhere?name={{name}}"

    _, found = examined(healthy, healthy.url, PREQUAL_BOOKING_URL=booking_url)

    assert found["booking"] == ("wrong", "The booking page answers 404: check PREQUAL_BOOKING_URL.")


@pytest.mark.parametrize(
    "url",
    [
        "studio.example",
        "https://[::1",
        "https://?studio.example",
        "https://studio.example:http",
        f"https://{'a' * 64}.example",
    ],
)
def test_not_an_address(tmp_path: Path, url: str) -> None:
    """What is no address is used wrongly."""
    said = prequal(tmp_path, "doctor", url)

    assert said.returncode == 2
    assert f"{url} is no address: write one like https://studio.example." in said.stderr


def test_a_certificate_that_nobody_trusts(healthy: Server, tmp_path: Path) -> None:
    """A certificate of one's own making is no certificate."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = _own_certificate(tmp_path).wrap_socket(server.socket, server_side=True)
    with serving(server) as port:
        _, found = examined(healthy, f"https://localhost:{port}")

    assert "has no valid certificate: self-signed certificate." in found["page"][1]


def _own_certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.mark.parametrize(
    ("days", "verdict", "says"),
    [(None, "wrong", "without TLS"), (3, "wrong", "see why it was not renewed"), (60, "fine", "is valid until")],
)
def test_how_long_a_certificate_lasts(healthy: Server, days: int | None, verdict: str, says: str) -> None:
    """No certificate, and one that is about to end, are wrong."""
    now = datetime.now(UTC)
    page = visit(f"{healthy.url}/")
    page = type(page)(
        status=page.status,
        headers=page.headers,
        body=page.body,
        certified_until=None if days is None else now + timedelta(days=days),
    )

    finding = site.check_tls(page, now)

    assert (finding.verdict.value, says in finding.words) == (verdict, True)
