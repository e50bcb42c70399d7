"""Network addresses."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address in a text, with or without a port; None where there is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A socket that serves both families writes an IPv4 client as ::ffff:127.0.0.1.
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def is_this_machine(host: str) -> bool:
    """Whether a host, as a URL's hostname or as an IP address, is this machine's own loopback interface."""
    address = parse_address(host)
    return address.is_loopback if address else host == "localhost" or host.endswith(".localhost")
