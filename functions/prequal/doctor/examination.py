"""All checks of a deployment, in the order in which they are worth reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prequal.core.form import Form
from prequal.core.network import is_this_machine
from prequal.doctor import function, landing_page
from prequal.doctor.booking_pages import check_booking_pages
from prequal.doctor.desk_entry import check_desk
from prequal.doctor.mail_domain import check_domain
from prequal.doctor.results import CheckResult, failed, skipped
from prequal.doctor.visitor_address import check_address
from prequal.doctor.visits import UnreachableError, visit

if TYPE_CHECKING:
    from dns.resolver import Resolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """An examination of the deployment behind a site."""

    #: The address of the site, without a slash at its end.
    url: str
    #: The sender of the mails; empty where it isn't known.
    sender: str = ""
    #: The booking page of the settings; empty where it isn't known.
    booking_url: str = ""
    #: The origin of the desk; empty where it is the function's.
    desk_origin: str = ""
    #: Those of the site; none where they aren't known.
    forms: Sequence[Form] = ()
    dkim_selector: str | None = None

    def run(self, resolver: Resolver, clock: Callable[[], datetime]) -> Iterator[CheckResult]:
        """Run all checks. After a request without an answer, the site's other checks are left out."""
        on_this_machine = is_this_machine(urlsplit(self.url).hostname or "")
        try:
            yield from self._check_site(clock, on_this_machine=on_this_machine)
        except UnreachableError as error:
            yield failed("page", f"{error} Check the address, and that the site is deployed.")
        yield from check_booking_pages(self.booking_url, self.forms)
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        if on_this_machine:
            yield skipped("mail", "Mail doesn't leave this machine.")
        elif domain:
            yield from check_domain(domain, resolver, self.dkim_selector)
        else:
            yield skipped("mail", "PREQUAL_SENDER is not set here.")

    def _check_site(self, clock: Callable[[], datetime], *, on_this_machine: bool) -> Iterator[CheckResult]:
        home = visit(f"{self.url}/")
        yield landing_page.check_page(home)
        if on_this_machine:
            yield skipped("site", "Only this machine can open this address.")
            yield skipped("tls", "Requests don't leave this machine.")
        else:
            yield landing_page.check_site(home, self.url)
            yield landing_page.check_tls(home, clock())
        yield landing_page.check_headers(home)
        yield landing_page.check_caching(home, self.url)
        other_origin = landing_page.function_origin(home)
        if not on_this_machine and is_this_machine(urlsplit(other_origin).hostname or ""):
            other_origin = ""  # a fault of the page, reported above; it tells nothing about the function
        function_url = other_origin or self.url
        health = visit(f"{function_url}/api/health", headers={"Origin": self.url})
        yield function.check_health(health)
        if other_origin:
            yield function.check_origin(health, self.url)
        yield function.check_versions(home, health, self.url)
        yield function.check_clock(health, clock())
        yield check_address(function_url, health)
        yield function.check_submission(function_url)
        yield function.check_link(function_url)
        yield check_desk(f"{self.desk_origin or function_url}/desk")
