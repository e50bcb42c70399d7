"""The headers under which every page is served, wherever it is served from."""

PAGE_HEADERS = {
    # Nothing but this site's own files, and no code or style within a page. What is allowed is what the pages use.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; manifest-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    # What people tell us doesn't travel in the clear, not even by an old link without TLS. For this host alone: what
    # else lives under its domain is not ours to decide. Browsers ignore it where there is no TLS, as on localhost.
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
