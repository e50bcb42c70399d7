"""Clients of the function: their addresses, and what they are counted by."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

from prequal.core.network import is_this_machine, parse_address

if TYPE_CHECKING:
    from flask import Request

# Whatever can't be read as an address is one client, so that nobody has as many as they can spell.
UNKNOWN = "unknown"


def client_address(request: Request, hops: int) -> str | None:
    """Return the client's address as it came, or None for a client on this very machine.

    Each of the `hops` trusted proxies appends the address of its own client to X-Forwarded-For, so that all before
    their entries is the client's own word.
    """
    forwarded = _forwarded(request)
    if hops and forwarded:
        return forwarded.rsplit(",", hops)[-hops:][0]
    peer = request.remote_addr or ""
    return None if is_this_machine(peer) else peer


def client_key(address: str) -> str:
    """Return the IPv4 address or IPv6 /64, the smallest network that one customer gets."""
    return _network(address, 32, 64)


def client_network(address: str) -> str:
    """Return the IPv4 /24 or IPv6 /48, the smallest networks that are routed apart."""
    return _network(address, 24, 48)


def describe_client(request: Request, hops: int) -> Mapping[str, object]:
    """Return the evidence for the client's address, for `prequal doctor` to compare with the truth."""
    forwarded, address = _forwarded(request), client_address(request, hops)
    return {
        "forwarded": forwarded.count(",") + 1 if forwarded else 0,
        "hops": hops,
        "network": None if address is None else client_network(address),
    }


def _forwarded(request: Request) -> str:
    return request.headers.get("X-Forwarded-For", "").strip()


def _network(address: str, ipv4_length: int, ipv6_length: int) -> str:
    parsed = parse_address(address)
    if parsed is None:
        return UNKNOWN
    # By its number: an IPv6 address may name a zone, which is any text.
    if parsed.version == 4:  # noqa: PLR2004, IPv4
        return str(IPv4Network((int(parsed), ipv4_length), strict=False))
    return str(IPv6Network((int(parsed), ipv6_length), strict=False))
