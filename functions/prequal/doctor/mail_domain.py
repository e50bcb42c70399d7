"""Checks of the sender's domain, by which receivers decide whether to trust its mail.

SPF (RFC 7208) names the servers that may send for it, DKIM (RFC 6376) signs its mail, DMARC (RFC 7489) says what to do
with other mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import dns.exception
import dns.resolver

from prequal.doctor.results import CheckResult, failed, passed, skipped

if TYPE_CHECKING:
    from dns.resolver import Resolver

# The selector of a DKIM key is the sender's choice; mail providers choose these.
_SELECTORS = (
    "default", "dkim", "mail", "google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3", "mx", "smtp", "pm",
    "mandrill", "mailjet", "brevo", "sendgrid", "zoho", "fm1", "fm2", "fm3", "protonmail", "ovhmo-selector-1",
)  # fmt: skip


def check_domain(domain: str, resolver: Resolver, selector: str | None = None) -> Iterator[CheckResult]:
    """Look up a domain's mail records; `selector` names its DKIM key, if that is known."""
    try:
        yield _check_spf(_lookup_texts(domain, resolver), domain)
        yield _check_dkim(domain, resolver, selector)
        yield _check_dmarc(_lookup_texts(f"_dmarc.{domain}", resolver), domain)
    except dns.exception.DNSException as error:
        yield skipped("mail", f"{domain} can't be looked up: {type(error).__name__}.")


def _check_spf(texts: Sequence[str], domain: str) -> CheckResult:
    records = [text for text in texts if text.lower().startswith("v=spf1")]
    if len(records) != 1:
        number = "no SPF record" if not records else f"{len(records)} SPF records, which counts as none"
        return failed("spf", f"{domain} has {number}: add the one that your mail provider names.")
    if records[0].split()[-1].lower() in ("+all", "all"):
        return failed("spf", f"{domain} lets everybody send for it: end its SPF record with ~all.")
    return passed("spf", f"{domain} names the servers that send its mail.")


def _check_dkim(domain: str, resolver: Resolver, selector: str | None) -> CheckResult:
    for name in (selector,) if selector else _SELECTORS:
        if any("p=" in text for text in _lookup_texts(f"{name}._domainkey.{domain}", resolver)):
            return passed("dkim", f"{domain} has a DKIM key, {name}.")
    if selector:
        return failed("dkim", f"{domain} has no DKIM key {selector}: add the one that your mail provider names.")
    return skipped("dkim", f"{domain} has no DKIM key under a usual name: give its name with --dkim, or add one.")


def _check_dmarc(texts: Sequence[str], domain: str) -> CheckResult:
    if any(text.lower().startswith("v=dmarc1") for text in texts):
        return passed("dmarc", f"{domain} says what to do with mail that is not its own.")
    return failed("dmarc", f'{domain} has no DMARC record: add the TXT record _dmarc.{domain} with "v=DMARC1; p=none".')


def _lookup_texts(name: str, resolver: Resolver) -> Sequence[str]:
    try:
        return [b"".join(record.strings).decode(errors="replace") for record in resolver.resolve(name, "TXT")]
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
