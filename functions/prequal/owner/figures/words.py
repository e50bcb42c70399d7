"""What figures are of, in words: sources, and answers that rule out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prequal.pages.wording import filled, placeholders

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prequal.core.answers import Source
    from prequal.core.form import Form

DIRECT = "direct visits"
OTHERS = "others"
_HIDDEN = "a link with an address in it"


def source_of(source: Source) -> str:
    """Return the source that the link named, or else the site that led here.

    Some newsletters write the reader's address into the link: that is not told.
    """
    named = source.source or source.utm_source
    if "@" in named:
        return _HIDDEN
    return named or _host(source.referrer) or DIRECT


def answers_with(reason: str, forms: Iterable[Form]) -> Sequence[str]:
    """Return the answers that rule out for this reason, as the owner reads them."""
    words = {
        filled(option.label[form.default_language], placeholders(form, form.default_language)): None
        for form in forms
        for question in form.questions
        for option in question.options
        if option.rules_out == reason
    }
    return list(words)


def capitalised(words: str) -> str:
    """Return words as a sentence begins."""
    return words[:1].upper() + words[1:]


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:  # whatever a browser sent
        return ""
