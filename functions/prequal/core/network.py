"""Network addresses."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address


def is_this_machine(host: str) -> bool:
    """Whether a host, as a URL's hostname or as an IP address, is this machine's own loopback interface."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    # A socket that serves both families writes an IPv4 client as ::ffff:127.0.0.1.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
