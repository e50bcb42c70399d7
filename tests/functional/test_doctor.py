"""The doctor, called to a healthy server on this machine, and to five that each have something."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from prequal.doctor.landing_page import check_tls
from prequal.doctor.visits import visit
from support.certificates import certificate
from support.running import Server, development_server, exported, free_port, prequal, serving
from support.static_host import apart, hosted


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server as `make run` starts it."""
    with development_server(tmp_path_factory.mktemp("healthy")) as server:
        yield server


def examine(server: Server, url: str, **settings: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """Return the exit status of `prequal doctor`, and the verdict and text of each check."""
    said = prequal(server.folder, "doctor", url, "--json", **settings)
    assert said.stderr == ""
    found: list[dict[str, str]] = json.loads(said.stdout)
    return said.returncode, {finding["check"]: (finding["verdict"], finding["words"]) for finding in found}


def test_a_healthy_server(healthy: Server) -> None:
    """The doctor finds no fault in what `make run` serves, and stores nothing there."""
    status, found = examine(healthy, healthy.url)

    assert status == 0
    assert {check for check, (verdict, _) in found.items() if verdict == "fine"} == {
        "page", "headers", "caching", "health", "versions", "clock", "address", "submission", "links", "desk",
        "booking",
    }  # fmt: skip
    assert {check for check, (verdict, _) in found.items() if verdict != "fine"} == {"site", "tls", "mail"}
    assert exported(healthy.folder) == []


def test_a_function_elsewhere(tmp_path: Path) -> None:
    """The function is examined at the address in the page, and its answer to the page's script is checked."""
    with apart(tmp_path) as (page, function):
        status, found = examine(function, page)

    assert status == 0, found
    assert found["origin"] == ("fine", "The function answers the page's script.")


def test_a_function_that_does_not_know_the_page(healthy: Server, tmp_path: Path) -> None:
    """A page whose function does not know it is a fault."""
    with hosted(tmp_path / "build/site") as page:
        built = prequal(tmp_path, "build", PREQUAL_PUBLIC_URL=page, PREQUAL_FUNCTION_URL=healthy.url)
        status, found = examine(healthy, page)

    assert (built.returncode, status) == (0, 1)
    assert found["health"][0] == "fine"
    assert found["origin"][1].startswith(f"The function does not answer scripts of {page}: give it the PREQUAL_PUBLIC")
    assert found["headers"][1].startswith("The page is sent without our Content-Security-Policy: give your host")


def test_for_people(healthy: Server) -> None:
    """Without --json, each check is a line with its mark."""
    said = prequal(healthy.folder, "doctor", healthy.url + "/").stdout

    assert "✓ health      The function answers.\n" in said
    assert "– tls         Requests don't leave this machine.\n" in said


@dataclass
class Answer:
    """An answer that a server is about to send."""

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
        late = datetime.now(UTC) - timedelta(days=3)
        answer.body = json.dumps({**json.loads(answer.body), "time": late.isoformat()}).encode()


def _broken_function(answer: Answer) -> None:
    if answer.path == "/api/leads":
        answer.status, answer.body = 500, b"{}"


def _no_desk(answer: Answer) -> None:
    if answer.path == "/desk/":
        answer.status, answer.body = 404, b"<h1>Nothing here</h1>"


def _open_desk(answer: Answer) -> None:
    if answer.path == "/desk/":
        answer.body = answer.body.replace(b"<main", b'<form action="/desk/search"></form><main')


def _kept_desk(answer: Answer) -> None:
    if answer.path == "/desk/":
        answer.headers["Cache-Control"] = "public, max-age=600"


def _old_function(answer: Answer) -> None:
    if answer.path == "/api/health":
        answer.body = b'{"status": "ok"}'


def _no_fault(_answer: Answer) -> None:
    pass


def _local_function(answer: Answer) -> None:
    answer.body = answer.body.replace(b'action="/api/leads"', b'action="http://localhost:1/api/leads"')


@contextmanager
def serving_with_fault(
    server: Server, fault: Callable[[Answer], None], forward: Callable[[str], str] = lambda _: ""
) -> Iterator[str]:
    """Serve the answers of another server with one fault in them; `forward` turns X-Forwarded-For into the next one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Forward the request."""
            connection = HTTPConnection("localhost", server.port)
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            forwarded = forward(self.headers.get("X-Forwarded-For", ""))
            headers = {"Content-Type": self.headers.get("Content-Type", ""), "X-Forwarded-For": forwarded}
            connection.request(self.command, self.path, sent, headers)
            response = connection.getresponse()
            answer = Answer(self.path, response.status, dict(response.headers), response.read())
            connection.close()
            fault(answer)
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


@pytest.mark.parametrize(
    ("fault", "check", "says"),
    [
        (_no_headers, "headers", "The page is sent without our Content-Security-Policy, Cross-Origin-Opener-Policy,"),
        (_no_function, "health", "/api/health answers 200, but not as the function does: let the host pass /api/"),
        (_other_form, "versions", "the function 0123456789ab: run prequal package, and deploy both."),
        (_late_clock, "clock", "The function's clock and this machine's differ by 259,20"),
        (_broken_function, "submission", "A submission without consent is answered with 500, not 422:"),
        (_no_desk, "desk", "/desk answers 404, but not as the desk does: let the host pass /desk on to it, or set"),
        (_open_desk, "desk", "The desk shows leads to a stranger: let no proxy keep its pages"),
        (_kept_desk, "desk", "The desk's pages arrive without Cache-Control: no-store"),
    ],
)
def test_faults_are_found(healthy: Server, fault: Callable[[Answer], None], check: str, says: str) -> None:
    """Each fault is found, and reported in a sentence that says what to do."""
    with serving_with_fault(healthy, fault) as url:
        status, found = examine(healthy, url)

    assert status == 1
    assert found[check][0] == "wrong"
    assert says in found[check][1]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (_no_fault, "The page was built for http://localhost:"),
        (_local_function, "The page sends the answers to the visitor's own machine, http://localhost:1:"),
    ],
)
def test_a_page_for_this_machine_on_a_public_host(healthy: Server, fault: Callable[[Answer], None], says: str) -> None:
    """A page that names this machine is a fault elsewhere, and the function is then examined at the site's address."""
    with serving_with_fault(healthy, fault) as url:
        status, found = examine(healthy, url.replace("localhost", "0.0.0.0"))  # noqa: S104, it leads here as well

    assert (status, found["site"][0]) == (1, "wrong")
    assert found["site"][1].startswith(says)
    assert found["health"][0] == "fine"


def test_a_function_of_an_older_version(healthy: Server) -> None:
    """A function that doesn't report what it counts is no fault."""
    with serving_with_fault(healthy, _old_function) as url:
        _, found = examine(healthy, url)

    assert found["address"] == ("left out", "The function does not report whose address it counts.")


def test_the_address_that_counts_is_measured(tmp_path: Path) -> None:
    """The number of proxies is compared with the setting."""
    with (
        development_server(tmp_path, PREQUAL_HOPS="2") as server,
        serving_with_fault(server, _no_fault, lambda header: f"{header}, 203.0.113.8".removeprefix(", ")) as url,
    ):
        status, found = examine(server, url)

    assert (status, found["address"][0]) == (1, "wrong")
    assert "with the entries of 1, so that a visitor can make up an address: set PREQUAL_HOPS=1." in found["address"][1]


def test_no_answer(healthy: Server) -> None:
    """Without an answer, that is the only result for the site."""
    status, found = examine(healthy, f"http://localhost:{free_port()}")

    assert status == 1
    assert "does not answer: Connection refused. Check the address" in found["page"][1]
    assert "health" not in found


def test_missing_booking_page(healthy: Server) -> None:
    """A missing booking page is a fault; its placeholders are left out of the request."""
    booking_url = f"{healthy.url}/nowhere?name={{name}}"

    _, found = examine(healthy, healthy.url, PREQUAL_BOOKING_URL=booking_url)

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
    """An argument that is not an address is a usage error."""
    said = prequal(tmp_path, "doctor", url)

    assert said.returncode == 2
    assert f"{url} is no address: write one like https://studio.example." in said.stderr


def test_self_signed_certificate(healthy: Server, tmp_path: Path) -> None:
    """A self-signed certificate is a fault."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = certificate(tmp_path)[0].wrap_socket(server.socket, server_side=True)
    with serving(server) as port:
        _, found = examine(healthy, f"https://localhost:{port}")

    assert "has no valid certificate: self-signed certificate." in found["page"][1]


@pytest.mark.parametrize(
    ("days", "verdict", "says"),
    [(None, "wrong", "without TLS"), (3, "wrong", "find out why it was not renewed"), (60, "fine", "is valid until")],
)
def test_expiry_of_certificates(healthy: Server, days: int | None, verdict: str, says: str) -> None:
    """A missing certificate, and one that expires soon, are faults."""
    now = datetime.now(UTC)
    page = replace(visit(f"{healthy.url}/"), certificate_expiry=None if days is None else now + timedelta(days=days))

    result = check_tls(page, now)

    assert (result.status.value, says in result.text) == (verdict, True)
