"""The headers under which every page is served, wherever it is served from."""

from __future__ import annotations

from collections.abc import Mapping

# Nothing but this site's own files, and no code or style within a page. What is allowed is what the pages use.
_POLICY = (
    "default-src 'none'; script-src {files}; style-src {files}; img-src {files}; manifest-src {files}; "
    "connect-src {both}; form-action {both}; base-uri 'none'; frame-ancestors 'none'"
)


def page_headers(*, site: str = "", function: str = "") -> Mapping[str, str]:
    """Return the headers of a page.

    `site` and `function` are origins: of the site for a page that the function answers elsewhere, of the function for
    the pages of a site whose host doesn't lead there. Answers go to the one and their sender on to the other, and a
    browser asks the page's policy for both.
    """
    both = " ".join(filter(None, ["'self'", site or function]))
    return {
        "Content-Security-Policy": _POLICY.format(files=site or "'self'", both=both),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        # What people tell us doesn't travel in the clear, not even by an old link without TLS. For this host alone:
        # what else lives under its domain is not ours to decide. Browsers ignore it where there is no TLS, as on
        # localhost.
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
    }


# A page may change at any time; an asset's address changes with its content.
PAGE_CACHING = "no-cache"
ASSET_CACHING = "public, max-age=31536000, immutable"
# What the function answers, and what isn't there, is kept by nobody: it is one visitor's, or there a minute later.
NO_CACHING = "no-store"

# A booking link is a secret, of which the booking page is told nothing.
NO_REFERRER = "no-referrer"
