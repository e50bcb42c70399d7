"""The pages: whether they are there, and sent as they should be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urljoin

from prequal.doctor.findings import Finding, fine, left_out, wrong
from prequal.doctor.visiting import Visit, visit
from prequal.pages.headers import ASSET_CACHING, PAGE_CACHING, page_headers

_FORM_VERSION = re.compile(r'name="form_version" value="(\w+)"')
_FUNCTION = re.compile(r'action="(https?://[^"/]+)/api/leads"')
_ASSET = re.compile(r'"((?:https?://[^"/]+)?/assets/[^"]+\.css)"')
_SOON = timedelta(days=14)


def form_version(page: Visit) -> str | None:
    """Return the version of the form on a page, if it has one."""
    found = _FORM_VERSION.search(page.body)
    return found[1] if found else None


def function_elsewhere(page: Visit) -> str:
    """Return the origin that a page sends its answers to, empty if that is its own."""
    found = _FUNCTION.search(page.body)
    return found[1] if found else ""


def check_page(page: Visit) -> Finding:
    """Whether the page with the form is there."""
    if page.status != 200:  # noqa: PLR2004, a page that is there
        return wrong("page", f"The page answers {page.status}: deploy build/site, which prequal build writes.")
    if form_version(page) is None:
        return wrong("page", "There is a page, but not prequal's form on it: deploy build/site.")
    return fine("page", f"The page is there, with the form's version {form_version(page)}.")


def check_tls(page: Visit, now: datetime) -> Finding:
    """Whether what people tell travels in the open, now or soon."""
    if page.certified_until is None:
        return wrong("tls", "The page is served without TLS: give the address with https://, or get a certificate.")
    if page.certified_until < now + _SOON:
        return wrong("tls", f"The certificate ends on {page.certified_until:%Y-%m-%d}: see why it was not renewed.")
    return fine("tls", f"The certificate is valid until {page.certified_until:%Y-%m-%d}.")


def check_headers(page: Visit) -> Finding:
    """Whether the page is sent with our headers."""
    missing = list(_differing(page, page_headers(function=function_elsewhere(page))))
    if missing:
        return wrong("headers", f"The page is sent without our {', '.join(missing)}: {_TELL_HOST}.")
    return fine("headers", "The page is sent with all its headers.")


def check_caching(page: Visit, url: str) -> Iterator[Finding]:
    """Whether browsers ask for pages anew, and keep what never changes."""
    asset = _ASSET.search(page.body)
    # Hosts word it differently; what counts is that a page is asked for anew.
    caching = page.headers.get("Cache-Control", "")
    if not re.search(r"no-cache|no-store|max-age=0\b", caching):
        yield wrong(
            "caching", f"Pages are sent with Cache-Control: {caching or 'nothing'}, not {PAGE_CACHING}: {_TELL_HOST}."
        )
    elif asset is None:
        yield left_out("caching", "The page names no style sheet.")
    else:
        yield _asset(visit(urljoin(url, asset[1])), asset[1])


def _asset(asset: Visit, path: str) -> Finding:
    if asset.status != 200:  # noqa: PLR2004, a file that is there
        return wrong("caching", f"{path} answers {asset.status}: deploy all of build/site at once.")
    if "immutable" not in asset.headers.get("Cache-Control", ""):
        return wrong("caching", f"Assets are sent without Cache-Control: {ASSET_CACHING}: {_TELL_HOST}.")
    return fine("caching", "Pages are asked for anew, assets kept.")


def _differing(page: Visit, headers: Mapping[str, str]) -> Iterator[str]:
    for name, value in headers.items():
        if page.headers.get(name, "").replace(" ", "") != value.replace(" ", ""):
            yield name


_TELL_HOST = "give your host the headers that prequal build writes for it"
