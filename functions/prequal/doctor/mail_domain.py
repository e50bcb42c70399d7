"""Checks of the sender's domain, by which receivers decide whether to trust its mail.

SPF (RFC 7208) names the servers that may send for it, DKIM (RFC 6376) signs its mail, DMARC (RFC 7489) says what to do
with mail that neither proves to come from the sender's domain. prequal gives the sender's address as the return path,
which SPF examines, so that SPF speaks about the sender's domain unless a provider replaces that address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import dns.exception
import dns.resolver

from prequal.core.mailbox import LARGE_PROVIDERS
from prequal.doctor.results import CheckResult, failed, passed, skipped
from prequal.doctor.spf import check_spf

if TYPE_CHECKING:
    from dns.resolver import Resolver

# The selector of a DKIM key is the sender's choice; mail providers choose these.
_SELECTORS = (
    "default", "dkim", "mail", "google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3", "mx", "smtp", "pm",
    "mandrill", "mailjet", "brevo", "sendgrid", "zoho", "fm1", "fm2", "fm3", "protonmail", "ovhmo-selector-1",
)  # fmt: skip
# An empty key is a revoked one.
_KEY = re.compile(r"(?:^|;)\s*p=\s*[^;\s]")


def check_domain(domain: str, resolver: Resolver, selector: str | None = None) -> Iterator[CheckResult]:
    """Look up a domain's mail records; `selector` names its DKIM key, if that is known."""
    if domain in LARGE_PROVIDERS:
        condition = f"Mail from {domain} is proven only if it leaves through that provider's own server"
        yield skipped("mail", f"{condition}: name that one in PREQUAL_MAIL, or send from a domain of your own.")
        return
    look_up = partial(_lookup_texts, resolver)
    try:
        yield check_spf(domain, look_up)
        organisation, policies = _find_policies(domain, look_up)
        yield _check_dkim(domain, organisation, policies, look_up, selector)
        yield _check_dmarc(domain, organisation, policies)
    except dns.exception.DNSException as error:
        yield skipped("mail", f"{domain} can't be looked up: {type(error).__name__}.")


def _find_policies(domain: str, look_up: Callable[[str], Sequence[str]]) -> tuple[str, Sequence[Mapping[str, str]]]:
    """Return the DMARC records of a domain or of the nearest one above it, and that domain, which is then its owner's.

    Receivers look at the domain and at the organisation's. The latter is not known from outside, but it has the record.
    """
    labels = domain.split(".")
    for name in (".".join(labels[start:]) for start in range(len(labels) - 1)):
        texts = [text for text in look_up(f"_dmarc.{name}") if text.lower().startswith("v=dmarc1")]
        if texts:
            return name, [dict(re.findall(r"(\w+)\s*=\s*([^;\s]*)", text.lower())) for text in texts]
    return domain, ()


def _check_dkim(
    domain: str,
    organisation: str,
    policies: Sequence[Mapping[str, str]],
    look_up: Callable[[str], Sequence[str]],
    selector: str | None,
) -> CheckResult:
    """Look for a key of the sender's domain, or of the organisation's, whose signature counts for it unless adkim=s."""
    for owner in dict.fromkeys((domain, organisation)):
        for name in (selector,) if selector else _SELECTORS:
            if not any(_KEY.search(text) for text in look_up(f"{name}._domainkey.{owner}")):
                continue
            if owner == domain:
                return passed("dkim", f"{domain} has a DKIM key, {name}.")
            if any(policy.get("adkim") == "s" for policy in policies):
                problem = f"The DKIM key {name} is {owner}'s, but its DMARC record wants {domain}'s own (adkim=s)"
                return failed("dkim", f"{problem}: have your provider sign as {domain}, or remove adkim=s.")
            return passed("dkim", f"{owner} has a DKIM key, {name}, which counts for {domain} too.")
    if selector:
        return failed("dkim", f"{domain} has no DKIM key {selector}: add the one that your mail provider names.")
    return skipped("dkim", f"{domain} has no DKIM key under a usual name: give its name with --dkim, or add one.")


def _check_dmarc(domain: str, organisation: str, policies: Sequence[Mapping[str, str]]) -> CheckResult:
    if len(policies) > 1:
        problem = f"{organisation} has {len(policies)} DMARC records, which counts as none"
        return failed("dmarc", f"{problem}: leave one of them.")
    if not policies:
        remedy = f'add the TXT record _dmarc.{domain} with "v=DMARC1; p=none"'
        return failed("dmarc", f"{domain} has no DMARC record: {remedy}.")
    says = f"{organisation} says what to do with mail that is not its own"
    unseen = (
        "Whether your provider proves yours can't be seen from outside: look for dmarc=pass in the headers of a brief"
    )
    return passed("dmarc", f"{says}. {unseen}.")


def _lookup_texts(resolver: Resolver, name: str) -> Sequence[str]:
    try:
        return [b"".join(record.strings).decode(errors="replace") for record in resolver.resolve(name, "TXT")]
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
