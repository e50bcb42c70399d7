"""Where leads came from, as one word each."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from prequal.core.answers import Source

DIRECT = "direct visits"
HIDDEN = "a link with an address in it"


def source_of(source: Source) -> str:
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
