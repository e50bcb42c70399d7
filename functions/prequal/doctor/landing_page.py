"""Checks of the landing page: it exists, and is sent with the right headers."""

import re
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from prequal.core.network import is_this_machine
from prequal.doctor.results import CheckResult, failed, passed, skipped
from prequal.doctor.visits import Visit, visit
from prequal.pages.headers import ASSET_CACHING, PAGE_CACHING, POLICY, UNFRAMED, page_headers

_FORM_VERSION = re.compile(r'name="form_version" value="(\w+)"')
_FUNCTION = re.compile(r'action="(https?://[^"/]+)/api/leads[/"]')
_STYLE_SHEET = re.compile(r'"((?:https?://[^"/]+)?/assets/[^"]+\.css)"')
# The addresses by which a page names itself, in the default language and in the others.
_OWN_URL = re.compile(
    r'<(?:link rel="(?:canonical|alternate)"|meta property="og:url")[^>]*\b(?:href|content)="(https?://[^"/]+)'
)
# The owner's own thank-you page.
_THANKS = re.compile(r'data-thanks="(https?://[^"/]+)')
_CAPTCHA = 'class="cf-turnstile"'
_RENEWAL_MARGIN = timedelta(days=14)
_CONFIGURE_HOST = "give your host the headers that prequal build writes for it"


def form_version(page: Visit) -> str | None:
    """Return the version of the form on a page, if it has one."""
    match = _FORM_VERSION.search(page.body)
    return match[1] if match else None


def function_origin(page: Visit) -> str:
    """Return the origin that a page posts its form to; empty where that is its own."""
    match = _FUNCTION.search(page.body)
    return match[1] if match else ""


def check_page(page: Visit) -> CheckResult:
    """Check that the page exists and has the form."""
    if page.status != HTTPStatus.OK:
        return failed("page", f"The page answers {page.status}: deploy build/site, which prequal build writes.")
    if form_version(page) is None:
        return failed("page", "There is a page, but prequal's form is not on it: deploy build/site.")
    return passed("page", f"The page exists, with version {form_version(page)} of the form.")


def check_site(page: Visit, url: str) -> CheckResult:
    """Check that the page was built for the address at which it is."""
    function, build = function_origin(page), "run prequal package, and deploy both"
    if is_this_machine(urlsplit(function).hostname or ""):
        problem = f"The page sends the answers to the visitor's own machine, {function}"
        return failed("site", f"{problem}: correct PREQUAL_FUNCTION_URL or leave it out, {build}.")
    origins = {match[1] for match in _OWN_URL.finditer(page.body)}
    if not origins:
        return skipped("site", "The page does not name its own address.")
    for origin in sorted(origins):
        if _in_ascii(origin) != _in_ascii(url):
            problem = f"The page was built for {origin}, and links in mails lead there"
            return failed("site", f"{problem}: check that address, or set PREQUAL_PUBLIC_URL={url}, {build}.")
    return passed("site", "The page was built for this address.")


def _in_ascii(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return parts.scheme, (parts.hostname or "").encode("idna").decode(), port


def check_tls(page: Visit, now: datetime) -> CheckResult:
    """Check that the page is encrypted, with a certificate that doesn't expire soon."""
    expiry = page.certificate_expiry
    if expiry is None:
        return failed("tls", "The page is served without TLS: give the address with https://, or get a certificate.")
    if expiry < now + _RENEWAL_MARGIN:
        return failed("tls", f"The certificate expires on {expiry:%Y-%m-%d}: find out why it was not renewed.")
    return passed("tls", f"The certificate is valid until {expiry:%Y-%m-%d}.")


def check_headers(page: Visit) -> CheckResult:
    """Check that the page is sent with our headers, whatever white space a host puts in them."""
    own = set(_OWN_URL.findall(page.body))
    thanks = sorted(set(_THANKS.findall(page.body)) - own)
    headers = {**page_headers(function=function_origin(page), leads_to=thanks, captcha=_CAPTCHA in page.body)}
    if page.headers.get("X-Frame-Options") == "DENY":
        # Some hosts send this instead, where other pages may be in a frame: see hosting.netlify.
        headers[POLICY] = headers[POLICY].removesuffix(UNFRAMED)
    missing = [
        name for name, value in headers.items() if page.headers.get(name, "").replace(" ", "") != value.replace(" ", "")
    ]
    if missing:
        return failed("headers", f"The page is sent without our {', '.join(missing)}: {_CONFIGURE_HOST}.")
    return passed("headers", "The page is sent with all its headers.")


def check_caching(page: Visit, url: str) -> CheckResult:
    """Check that browsers revalidate pages, and keep assets."""
    caching = page.headers.get("Cache-Control", "")
    # Hosts word it differently; any of these makes browsers revalidate.
    if not re.search(r"no-cache|no-store|max-age=0\b", caching):
        problem = f"Pages are sent with Cache-Control: {caching or 'nothing'}, not {PAGE_CACHING}"
        return failed("caching", f"{problem}: {_CONFIGURE_HOST}.")
    match = _STYLE_SHEET.search(page.body)
    if match is None:
        return skipped("caching", "The page names no style sheet.")
    asset = visit(urljoin(url, match[1]))
    if asset.status != HTTPStatus.OK:
        return failed("caching", f"{match[1]} answers {asset.status}: deploy all of build/site at once.")
    if "immutable" not in asset.headers.get("Cache-Control", ""):
        return failed("caching", f"Assets are sent without Cache-Control: {ASSET_CACHING}: {_CONFIGURE_HOST}.")
    return passed("caching", "Browsers revalidate pages, and keep assets.")
