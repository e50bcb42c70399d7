"""The source of a lead: the link or site that led the visitor to the page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

DIRECT = "direct visits"
HIDDEN = "a link with an address in it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A visitor's origin: the parameters of the page's address, and the page before it."""

    source: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    referrer: str = ""


def source_name(source: Source) -> str:
    """Return the source that the link names, else the host of the referring page, else `DIRECT`.

    Some newsletters write the reader's email address into the link; it is replaced by `HIDDEN`.
    """
    named = source.source or source.utm_source
    if "@" in named:
        return HIDDEN
    return named or _host(source.referrer) or DIRECT


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:  # the browser sent no valid address
        return ""
