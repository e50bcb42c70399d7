"""Distinct prospects who fill in the default form; every other one is qualified."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

QUALIFIED = {
    "work": "website",
    "provider": "nobody",
    "budget": "around",
    "timeline": "soon",
    "goals": "Our site dates from 2014 and nobody finds us with it.\nWe would like to be called by people nearby.",
}
UNQUALIFIED = {**QUALIFIED, "budget": "below"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A submission as it is sent."""

    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """A way in which browsers send a submission."""

    name: str
    media_type: str
    encode: Callable[[Mapping[str, str]], str]

    def posts(self, prospects: Iterator[Mapping[str, str]], number: int) -> Sequence[Post]:
        """Return the submissions of the next prospects."""
        sent = islice(prospects, number)
        return [Post(media_type=self.media_type, body=self.encode(fields).encode()) for fields in sent]


JSON = Encoding(name="JSON", media_type="application/json", encode=json.dumps)
FORM = Encoding(name="Form", media_type="application/x-www-form-urlencoded", encode=urlencode)


def prospect(number: int) -> Mapping[str, str]:
    """Return the fields that a prospect's browser sends; those with an even number are qualified."""
    return {
        "name": f"Ada Lovelace {number}",
        "email": f"ada.{number}@analytical.example",
        "company": "Analytical Engines",
        "website": "www.analytical.example",
        **(UNQUALIFIED if number % 2 else QUALIFIED),
        "consent": "yes",
        "lang": "en",
        "submission_id": f"benchmark-{number}",
        "utm_source": "newsletter",
        "utm_medium": "email",
        "referrer": "https://search.example/",
    }
