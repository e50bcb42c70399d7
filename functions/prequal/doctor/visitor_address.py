"""Check of the visitor's address: the function limits submissions by it, and should see ours."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from prequal.doctor.results import CheckResult, failed, passed, skipped
from prequal.doctor.visits import Visit, visit

# An address that nobody has (RFC 5737), and its network.
_FORGED, _FORGED_NETWORK = "192.0.2.1", "192.0.2.0/24"
# Proxies have such addresses, and visitors from outside don't: RFC 6890.
_INSIDE = [
    ip_network(network)
    for network in (
        *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
]


def check_address(url: str, health: Visit) -> CheckResult:
    """Check that the function takes the entry of X-Forwarded-For that holds our address, and not one that we forge."""
    client = health.json().get("client")
    if not isinstance(client, dict):
        return skipped("address", "The function does not report whose address it counts.")
    hops, entries, seen = int(client.get("hops", 0)), int(client.get("forwarded", 0)), client.get("network")
    if entries in (0, hops) and _is_a_proxys(seen, health.own_address):
        problem = f"Visitors are counted by the address of a proxy, {seen or 'on the machine of the function'}"
        remedy = "let each proxy append to X-Forwarded-For, and set PREQUAL_HOPS to their number"
        return failed("address", f"{problem}, so that all count as one: {remedy}.")
    if hops != entries:
        problem = f"PREQUAL_HOPS is {hops}, but X-Forwarded-For arrives with the entries of {entries}"
        harm = "all visitors count as one" if hops < entries else "a visitor can make up an address"
        return failed("address", f"{problem}, so that {harm}: set PREQUAL_HOPS={entries}.")
    forged = visit(f"{url}/api/health", headers={"X-Forwarded-For": _FORGED}).json().get("client")
    if isinstance(forged, dict) and forged.get("network") == _FORGED_NETWORK:
        problem = "A proxy passes on the X-Forwarded-For that a visitor makes up"
        return failed("address", f"{problem}: let it replace the header, or append to it.")
    yours = f", yours as {seen}" if seen else ""
    return passed("address", f"Submissions are limited by the visitor's address{yours}, whatever X-Forwarded-For says.")


def _is_a_proxys(seen: str | None, own: str) -> bool:
    """Whether the function surely saw a proxy instead of us. Behind NAT, we don't know our own address."""
    ours = ip_address(own.partition("%")[0])
    if seen is None:  # a client on the function's own machine
        return not ours.is_loopback
    try:
        network = ip_network(seen)
    except ValueError:  # what the entry holds is no address
        return True
    if ours in network:
        return False
    if any(network.network_address in inside for inside in _INSIDE):
        return True
    return ours.is_global and ours.version == network.version
