"""HTTP headers of every page, for the function and for each host of the site."""

from __future__ import annotations

from collections.abc import Mapping

# Only this site's own files, and no inline script or style: no more than the pages use.
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {files}; img-src {files}; manifest-src {files}; "
    "connect-src {both}; {frames}form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
)
# Turnstile's script, and the frame that it opens.
CAPTCHA_ORIGIN = "https://challenges.cloudflare.com"


def page_headers(*, site: str = "", function: str = "", leads_to: str = "", captcha: bool = False) -> Mapping[str, str]:
    """Return the headers of a page.

    `site` is the origin of the site, for a page that the function serves from another one. `function` is the origin of
    the function, for the pages of a site whose host doesn't forward to it. A form is posted to the function and
    redirected to the site, and browsers check both addresses against the page's policy. `leads_to` is the scheme of
    the booking page, for the one page whose form leads there: booking pages redirect to further hosts. `captcha`: the
    form asks Turnstile.
    """
    both = " ".join(filter(None, ["'self'", site or function]))
    files = site or "'self'"
    return {
        "Content-Security-Policy": _POLICY.format(
            files=files,
            scripts=f"{files} {CAPTCHA_ORIGIN}" if captcha else files,
            frames=f"frame-src {CAPTCHA_ORIGIN}; " if captcha else "",
            both=both,
            forms=f"{both} {leads_to}:" if leads_to else both,
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        # Answers never travel unencrypted, not even by an old link without TLS. For this host alone: other hosts of
        # its domain are not ours to decide on. Browsers ignore it where there is no TLS, as on localhost.
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
    }


# A page may change at any time; an asset's address changes with its content.
PAGE_CACHING = "no-cache"
ASSET_CACHING = "public, max-age=31536000, immutable"
# Answers of the function are for one visitor, and a page that is missing may be there a minute later.
NO_CACHING = "no-store"

# A booking link is a secret, which the booking page must not see.
NO_REFERRER = "no-referrer"
