"""Source of a lead."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

DIRECT = "direct visits"
HIDDEN = "a link with an address in it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Origin of a visitor, as named by the address of the page."""

    source: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    referrer: str = ""


def source_name(source: Source) -> str:
    """Return the source that the link named, or else the site that led here.

    Some newsletters write the reader's address into the link: that is not told.
    """
    named = source.source or source.utm_source
    if "@" in named:
        return HIDDEN
    return named or _host(source.referrer) or DIRECT


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:  # whatever a browser sent
        return ""
