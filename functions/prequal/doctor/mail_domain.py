"""The domain that mails come from: whether receivers have a reason to believe in them.

SPF (RFC 7208) says who may send for it, DKIM (RFC 6376) signs what is sent, DMARC (RFC 7489) says what to do with the
rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import dns.exception
import dns.resolver

from prequal.doctor.findings import Finding, fine, left_out, wrong

if TYPE_CHECKING:
    from dns.resolver import Resolver

# A key lies under a name of the sender's choice; these are the ones that mail providers choose.
_SELECTORS = (
    "default", "dkim", "mail", "google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3", "mx", "smtp", "pm",
    "mandrill", "mailjet", "brevo", "sendgrid", "zoho", "fm1", "fm2", "fm3", "protonmail", "ovhmo-selector-1",
)  # fmt: skip


def check_domain(domain: str, resolver: Resolver, selector: str | None = None) -> Iterator[Finding]:
    """Look up what a domain says of its mail; `selector` names its DKIM key, if that is known."""
    try:
        yield _spf(_texts(domain, resolver), domain)
        yield _dkim(domain, resolver, selector)
        yield _dmarc(_texts(f"_dmarc.{domain}", resolver), domain)
    except dns.exception.DNSException as error:
        yield left_out("mail", f"{domain} can't be looked up: {type(error).__name__}.")


def _spf(texts: Sequence[str], domain: str) -> Finding:
    records = [text for text in texts if text.lower().startswith("v=spf1")]
    if len(records) != 1:
        found = "no SPF record" if not records else f"{len(records)} SPF records, which counts as none"
        return wrong("spf", f"{domain} has {found}: add the one that your mail provider tells you.")
    if records[0].split()[-1].lower() in ("+all", "all"):
        return wrong("spf", f"{domain} lets everybody send for it: end its SPF record with ~all.")
    return fine("spf", f"{domain} says who sends its mail.")


def _dkim(domain: str, resolver: Resolver, selector: str | None) -> Finding:
    for name in (selector,) if selector else _SELECTORS:
        if any("p=" in text for text in _texts(f"{name}._domainkey.{domain}", resolver)):
            return fine("dkim", f"{domain} has a DKIM key, {name}.")
    if selector:
        return wrong("dkim", f"{domain} has no DKIM key {selector}: add the one that your mail provider tells you.")
    return left_out("dkim", f"{domain} has no DKIM key of a usual name: say its name with --dkim, or make sure of one.")


def _dmarc(texts: Sequence[str], domain: str) -> Finding:
    if any(text.lower().startswith("v=dmarc1") for text in texts):
        return fine("dmarc", f"{domain} says what to do with mail that is not its own.")
    return wrong("dmarc", f'{domain} has no DMARC record: add the TXT record _dmarc.{domain} with "v=DMARC1; p=none".')


def _texts(name: str, resolver: Resolver) -> Sequence[str]:
    try:
        return [b"".join(record.strings).decode(errors="replace") for record in resolver.resolve(name, "TXT")]
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
