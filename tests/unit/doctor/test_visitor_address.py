"""The check of the visitor's address, with the function's own view of it and real proxies before it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

import pytest
from flask import Flask, request
from werkzeug.serving import BaseWSGIServer, make_server

from prequal.doctor.results import CheckResult
from prequal.doctor.visitor_address import check_address
from prequal.doctor.visits import visit
from prequal.web.client import describe_client
from support.running import serving

# What a proxy writes into X-Forwarded-For, from what arrived in it.
Forward: TypeAlias = Callable[[str], str]
# Addresses of the visitor, of a proxy before another one, and of a visitor's machine at home.
VISITOR, PROXY, HOME = "93.184.216.34", "10.0.0.2", "192.168.1.5"


def appends(address: str) -> Forward:
    """Return a proxy that appends the address that it is called from."""
    return lambda header: f"{header}, {address}".removeprefix(", ")


def replaces(address: str) -> Forward:
    """Return a proxy that replaces what arrived."""
    return lambda _header: address


def passes_on(header: str) -> str:
    """Write a header only where none arrived."""
    return header or VISITOR


def forgets(_header: str) -> str:
    """Write none."""
    return ""


def function(hops: int) -> BaseWSGIServer:
    """Return a server that says what the function says about its client."""
    app = Flask("function")

    @app.get("/api/health")
    def health() -> str:
        return json.dumps({"client": describe_client(request, hops)})

    return make_server("127.0.0.1", 0, app, threaded=True)


def proxy(port: int, forward: Forward) -> ThreadingHTTPServer:
    """Return a proxy before a server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Forward the request."""
            forwarded = forward(self.headers.get("X-Forwarded-For", ""))
            connection = HTTPConnection("127.0.0.1", port)
            connection.request("GET", self.path, headers={"X-Forwarded-For": forwarded} if forwarded else {})
            answer = connection.getresponse().read()
            connection.close()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def check(hops: int, proxies: Sequence[Forward], own: str | None = None) -> CheckResult:
    """Return the result behind proxies, the visitor's nearest first, for a machine that has an address of its own."""
    with ExitStack() as stack:
        port = stack.enter_context(serving(function(hops)))
        for forward in reversed(proxies):
            port = stack.enter_context(serving(proxy(port, forward)))
        url = f"http://127.0.0.1:{port}"
        health = visit(f"{url}/api/health")
        return check_address(url, replace(health, own_address=own or health.own_address))


@pytest.mark.parametrize(
    ("hops", "proxies"),
    [(0, []), (1, [appends(VISITOR)]), (1, [replaces(VISITOR)]), (2, [appends(VISITOR), appends(PROXY)])],
)
def test_the_right_number_of_proxies(hops: int, proxies: Sequence[Forward]) -> None:
    """With each proxy counted, the visitor's address counts, and the result names the network that was seen."""
    result = check(hops, proxies)

    assert result.status.value == "fine"
    assert ("yours as 93.184.216.0/24" in result.text) == bool(proxies)


@pytest.mark.parametrize(
    ("hops", "proxies", "says"),
    [
        (0, [appends(VISITOR)], "so that all visitors count as one: set PREQUAL_HOPS=1."),
        (2, [appends(VISITOR)], "so that a visitor can make up an address: set PREQUAL_HOPS=1."),
        (1, [appends(VISITOR), appends(PROXY)], "so that all visitors count as one: set PREQUAL_HOPS=2."),
        (3, [appends(VISITOR), appends(PROXY)], "so that a visitor can make up an address: set PREQUAL_HOPS=2."),
        (1, [], "set PREQUAL_HOPS=0."),
    ],
)
def test_too_few_or_too_many(hops: int, proxies: Sequence[Forward], says: str) -> None:
    """A number that is too low or too high is found behind one proxy and behind two, and the right one is named."""
    result = check(hops, proxies)

    assert result.status.value == "wrong"
    assert says in result.text


@pytest.mark.parametrize(
    ("hops", "proxies", "own", "seen"),
    [
        # The proxy nearest to the function forgets what the one before it wrote.
        (1, [appends(VISITOR), replaces(PROXY)], HOME, "10.0.0.0/24"),
        (1, [appends(VISITOR), replaces("93.184.215.14")], VISITOR, "93.184.215.0/24"),
        (0, [forgets], HOME, "on the machine of the function"),
        (1, [forgets], HOME, "on the machine of the function"),
        (1, [replaces("unknown")], HOME, "unknown"),
    ],
)
def test_a_proxy_in_the_place_of_the_visitor(hops: int, proxies: Sequence[Forward], own: str, seen: str) -> None:
    """The number may be right, and the address nevertheless that of a proxy."""
    result = check(hops, proxies, own)

    assert result.status.value == "wrong"
    assert f"by the address of a proxy, {seen}, so that all count as one: let each proxy append" in result.text


@pytest.mark.parametrize(
    ("seen", "own"), [(VISITOR, VISITOR), (VISITOR, HOME), (VISITOR, "2606:2800:21f::1"), (HOME, HOME)]
)
def test_an_address_that_may_be_ours(seen: str, own: str) -> None:
    """Behind NAT, or over another protocol, any address from outside may be ours; in our own network, it is."""
    assert check(1, [appends(seen)], own).status.value == "fine"


def test_a_forged_address() -> None:
    """A proxy that passes on what the visitor wrote is a fault."""
    assert "let it replace the header, or append to it." in check(1, [passes_on]).text
