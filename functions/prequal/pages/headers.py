"""HTTP headers of every page, for the function and for each host of the site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

POLICY = "Content-Security-Policy"
# The end of the policy of a page that no site may show in a frame.
UNFRAMED = "; frame-ancestors 'none'"

# Only this site's own files, and no inline script or style: no more than the pages use.
_SOURCES = (
    "default-src 'none'; script-src {scripts}; style-src {files}; font-src {files}; img-src {files}; "
    "manifest-src {files}; connect-src {both}; {frames}form-action {forms}; base-uri 'none'"
)
# Turnstile's script, and the frame that it opens.
CAPTCHA_ORIGIN = "https://challenges.cloudflare.com"


def page_headers(
    *,
    site: str = "",
    function: str = "",
    leads_to: Iterable[str] = (),
    captcha: bool = False,
    frames: Iterable[str] = (),
) -> Mapping[str, str]:
    """Return the headers of a page.

    `site` is the origin of the site, for a page that the function serves from another one. `function` is the origin of
    the function, for the pages of a site whose host doesn't forward to it. A form is posted to the function and
    redirected to the site, and browsers check both addresses against the page's policy. `leads_to` are the other places
    that a form is redirected to: the origins of the owner's thank-you pages, or the scheme of the booking page, as
    booking pages redirect to further hosts. `captcha`: the form asks Turnstile. `frames` are the origins of the sites
    that may show the page in a frame.
    """
    both = " ".join(filter(None, ["'self'", site or function]))
    files = site or "'self'"
    return {
        POLICY: _SOURCES.format(
            files=files,
            scripts=f"{files} {CAPTCHA_ORIGIN}" if captcha else files,
            frames=f"frame-src {CAPTCHA_ORIGIN}; " if captcha else "",
            both=both,
            forms=" ".join([both, *leads_to]),
        )
        + (f"; frame-ancestors {' '.join(frames)}" if frames else UNFRAMED),
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
# Browsers load fonts across origins only with leave: a function on another host answers with the page, too.
FOR_EVERY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
# Answers of the function are for one visitor, and a page that is missing may be there a minute later.
# The network that serves Firebase's sites passes by its caches what is private, and may not know no-store.
NO_CACHING = "private, no-store"

# A booking link is a secret, which the booking page must not see.
NO_REFERRER = "no-referrer"

# The owner's pages, which nobody else may see, keep or frame.
DESK_HEADERS = {
    "Cache-Control": NO_CACHING,
    POLICY: "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'" + UNFRAMED,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": NO_REFERRER,
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
