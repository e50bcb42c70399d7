"""Clients of the function: which address of a request counts, and what it is counted by."""

from __future__ import annotations

import sys

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from prequal.web.client import UNKNOWN, client_address, client_key, client_network
from prequal.web.rate_limit import MAX_CLIENTS, RateLimiter


def request(forwarded: str | None, peer: str = "127.0.0.1") -> Request:
    """Return a request from a peer, with or without X-Forwarded-For."""
    headers = [] if forwarded is None else [("X-Forwarded-For", forwarded)]
    return Request(EnvironBuilder(headers=headers, environ_base={"REMOTE_ADDR": peer}).get_environ())


@pytest.mark.parametrize(
    ("hops", "forwarded", "counted"),
    [
        (2, "203.0.113.8, 10.0.0.1", "203.0.113.8/32"),
        (1, "203.0.113.8, 10.0.0.1", "10.0.0.1/32"),
        (1, "203.0.113.8", "203.0.113.8/32"),
        (2, "198.51.100.1, 203.0.113.8, 10.0.0.1", "203.0.113.8/32"),
        (2, "198.51.100.1,198.51.100.2,203.0.113.8,10.0.0.1", "203.0.113.8/32"),
        (3, "203.0.113.8, 10.0.0.2, 10.0.0.1", "203.0.113.8/32"),
        (2, "203.0.113.8", "203.0.113.8/32"),  # it came past one of the proxies
        (2, "2001:db8::1, 10.0.0.1", "2001:db8::/64"),
        (1, "forged, ", UNKNOWN),
        (1, "127.0.0.1", "127.0.0.1/32"),
    ],
)
def test_the_entry_of_the_first_trusted_proxy_counts(hops: int, forwarded: str, counted: str) -> None:
    """Entries are counted from the right, so that what a visitor sends in front of them changes nothing."""
    address = client_address(request(forwarded), hops)

    assert address is not None
    assert client_key(address) == counted


@pytest.mark.parametrize(("hops", "forwarded"), [(0, "203.0.113.8"), (0, None), (2, None), (2, ""), (2, "  ")])
def test_without_proxies_the_peer_counts(hops: int, forwarded: str | None) -> None:
    """The address of the connection counts where no proxy adds another; this very machine is not counted."""
    assert client_address(request(forwarded, peer="192.0.2.4"), hops) == "192.0.2.4"
    assert client_address(request(forwarded, peer="127.0.0.1"), hops) is None
    assert client_address(request(forwarded, peer="::ffff:127.0.0.1"), hops) is None


@pytest.mark.parametrize(
    ("address", "key", "network"),
    [
        ("203.0.113.8", "203.0.113.8/32", "203.0.113.0/24"),
        (" 203.0.113.8 ", "203.0.113.8/32", "203.0.113.0/24"),
        ("203.0.113.8:1234", "203.0.113.8/32", "203.0.113.0/24"),
        ("::ffff:203.0.113.8", "203.0.113.8/32", "203.0.113.0/24"),
        ("[::ffff:203.0.113.8]:443", "203.0.113.8/32", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("::1", "::/64", "::/48"),
    ],
)
def test_an_address_is_read_as_one(address: str, key: str, network: str) -> None:
    """However an address is written, it is one client: IPv4 by itself, IPv6 by the /64 that one customer has."""
    assert (client_key(address), client_network(address)) == (key, network)


@pytest.mark.parametrize(
    "garbage",
    ["", " ", "unknown", "_hidden", "a" * 8000, "203.0.113.256", "203.0.113.08", "203.0.113.8/24", "1.2.3.4.5", "[",
     "[]:1", "[2001:db8::1", "2001:db8::1::2", "203.0.113.8 198.51.100.1", "²⁰³.0.113.8", "\ud800", "%", "fe80::1%"],
)  # fmt: skip
def test_what_is_no_address_is_one_unknown_client(garbage: str) -> None:
    """Nobody gets a bucket of their own by spelling: all garbage together is one client."""
    known = "[2001:db8::1"  # an address all the same, of which the bracket is lost
    expected = ("2001:db8::/64", "2001:db8::/48") if garbage == known else (UNKNOWN, UNKNOWN)
    assert (client_key(garbage), client_network(garbage)) == expected


def test_a_network_of_addresses_is_one_client() -> None:
    """All addresses of one /64 share a bucket; the next /64 has its own."""
    limiter = RateLimiter()
    codes = [limiter.take(client_key(f"2001:db8::{number:x}"), 0) for number in range(1, 201)]

    assert [code == 0 for code in codes] == [True] * 10 + [False] * 190
    assert limiter.take(client_key("2001:db8:0:1::1"), 0) == 0


def test_long_headers_cost_no_memory() -> None:
    """Whatever is forged, a key is a short text, and the number of keys is bounded."""
    limiter = RateLimiter()
    for number in range(MAX_CLIENTS + 1000):
        forged = f"{number:05}" + "x" * 7900
        limiter.take(client_key(client_address(request(forged), 1) or ""), 0)
        limiter.take(client_key(f"2001:db8:{number // 65536:x}:{number % 65536:x}::%{forged}"), 0)

    assert len(limiter._buckets) == MAX_CLIENTS
    assert sum(map(sys.getsizeof, limiter._buckets)) < 2_000_000
