"""All the checks of a deployment, in the order in which they are worth reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prequal.core.network import is_this_machine
from prequal.doctor import function, site
from prequal.doctor.findings import Finding, left_out, wrong
from prequal.doctor.mail_domain import check_domain
from prequal.doctor.visiting import UnreachableError, visit

if TYPE_CHECKING:
    from dns.resolver import Resolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What to look at: a site's address, and as far as they are known, whom mail comes from and where to book."""

    url: str
    sender: str = ""
    booking_url: str = ""
    dkim_selector: str | None = None

    @property
    def _host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def findings(self, resolver: Resolver, clock: Callable[[], datetime]) -> Iterator[Finding]:
        """Look at everything. Where nobody answers, nothing further is asked of them."""
        try:
            yield from self._site_and_function(clock)
        except UnreachableError as error:
            yield wrong("page", f"{error} Check the address, and that it is deployed.")
        if self.booking_url:
            yield function.check_booking(self.booking_url)
        else:
            yield left_out("booking", "PREQUAL_BOOKING_URL is not set here.")
        yield from self._mail(resolver)

    def _site_and_function(self, clock: Callable[[], datetime]) -> Iterator[Finding]:
        page = visit(f"{self.url}/")
        yield site.check_page(page)
        if is_this_machine(self._host):
            yield left_out("tls", "Nothing leaves this machine.")
        else:
            yield site.check_tls(page, clock())
        yield site.check_headers(page)
        yield from site.check_caching(page, self.url)
        elsewhere = site.function_elsewhere(page)
        function_url = elsewhere or self.url
        health = visit(f"{function_url}/api/health", origin=self.url)
        yield function.check_health(health)
        if elsewhere:
            yield function.check_origin(health, self.url)
        yield function.check_versions(page, health)
        yield function.check_clock(health, clock())
        yield function.check_submission(function_url)
        yield function.check_link(function_url)

    def _mail(self, resolver: Resolver) -> Iterator[Finding]:
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        if is_this_machine(self._host):
            yield left_out("mail", "Nobody receives mail from this machine.")
        elif domain:
            yield from check_domain(domain, resolver, self.dkim_selector)
        else:
            yield left_out("mail", "PREQUAL_SENDER is not set here.")
