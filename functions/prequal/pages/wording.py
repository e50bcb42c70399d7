"""Words by language: our translations (gettext), money, dates and durations, and the owner's placeholders."""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_timedelta
from babel.numbers import format_currency

from prequal.core.form import Form, Voice
from prequal.core.text import N_

CATALOGUES = Path(__file__).resolve().parents[1] / "locale"
DOMAIN = "prequal"
#: The placeholders of what most projects come to, from and to.
USUAL = ("{usual_from}", "{usual_to}")
_DAYS_OF_YEAR = 365
# Spaces at which no line ends: around punctuation in French, after words of one letter and before a dash in Polish and
# Russian.
_BOUND_SPACES = {
    "fr": re.compile(r" (?=[:;?!»])|(?<=«) "),
    "pl": re.compile(r"(?<=\b[aiouwz]) (?=\S)| (?=– )", re.IGNORECASE),
    "ru": re.compile(r"(?<=\b[авикосу]) (?=\S)| (?=— )", re.IGNORECASE),
}
# Languages that write 5000, but 12 000 (minimumGroupingDigits of CLDR), which Babel doesn't tell.
_GROUPS_FROM_FIVE_DIGITS = frozenset({"pl"})
_FIVE_DIGITS = 10_000
_PLACEHOLDER = re.compile(r"\{(?:\w+|amount:(?P<amount>[0-9]{1,12}))\}", re.ASCII)


class _Catalogue(gettext.GNUTranslations):
    """Our sentences in one language."""

    def gettext(self, message: str) -> str:
        """Return the translation of a sentence."""
        return _bound(super().gettext(message), self.info()["language"])

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the translation of a sentence with a number."""
        return _bound(super().ngettext(msgid1, msgid2, n), self.info()["language"])


class _FirstPersonSingular(_Catalogue):
    """The same in the words of one person: sentences that say "we" have a twin of the context "I"."""

    def gettext(self, message: str) -> str:
        """Return the twin of a sentence, or else its translation."""
        twin = self.pgettext(Voice.ONE, message)
        return super().gettext(message) if twin == message else _bound(twin, self.info()["language"])


@cache
def catalogue(language: str, voice: str = Voice.WE) -> gettext.NullTranslations:
    """Return the catalogue of a language; FileNotFoundError when it isn't there or wasn't compiled (`make`)."""
    kind = _FirstPersonSingular if voice == Voice.ONE else _Catalogue
    with (CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        return kind(file)


def _bound(text: str, language: str) -> str:
    """Return a text with no-break spaces where its language asks for them. No address has a space to be changed."""
    spaces = _BOUND_SPACES.get(language)
    return spaces.sub("\u00a0", text) if spaces else text


def languages() -> list[str]:
    """Return the languages that have a catalogue."""
    return sorted(path.parents[1].name for path in CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


@cache
def amount(value: int, currency: str, language: str) -> str:
    """Format an amount of money without cents."""
    pattern = Locale.parse(language, sep="-").currency_formats["standard"].pattern.replace("0.00", "0")
    grouped = value >= _FIVE_DIGITS or language not in _GROUPS_FROM_FIVE_DIGITS
    return format_currency(
        value, currency, format=pattern, locale=language, currency_digits=False, group_separator=grouped
    )


def date(instant: datetime, language: str) -> str:
    """Format the day of an instant, in UTC, in words."""
    return format_date(instant, format="long", locale=language)


def duration(days: int, language: str) -> str:
    """Format a number of days, as years if they are whole."""
    unit: Literal["year", "day"] = "day" if days % _DAYS_OF_YEAR else "year"
    locale = Locale.parse(language, sep="-")
    # A longer unit would be used from `threshold` on: so high that it never is.
    return format_timedelta(timedelta(days=days), granularity=unit, threshold=days, locale=locale)


@cache  # Babel compares the names of all languages
def language_tag(language: str) -> str:
    """Return a language with its most likely country, in the style of Open Graph: fr_FR."""
    likely = get_global("likely_subtags").get(language, language)
    locale = Locale.parse(likely.replace("-", "_"))
    return f"{locale.language}_{locale.territory}"


@cache
def language_name(code: str, language: str | None = None) -> str:
    """Return the name of a language in another one; by default in itself."""
    name = Locale.parse(code, sep="-").get_display_name(language or code) or code
    return name[:1].upper() + name[1:]


@dataclass(frozen=True, slots=True)
class Placeholders:
    """Values of the placeholders that the owner may write, in the reader's number and currency style."""

    #: By the placeholder, such as {business}.
    named: Mapping[str, str]
    currency: str
    language: str

    def fill(self, text: str) -> str:
        """Return a text with the placeholders filled in; an unknown one stays as it is."""
        return _PLACEHOLDER.sub(self._value, _bound(text, self.language))

    def _value(self, found: re.Match[str]) -> str:
        if found["amount"]:
            return amount(int(found["amount"]), self.currency, self.language)
        return self.named.get(found[0], found[0])


def placeholders(form: Form, language: str) -> Placeholders:
    """Return the values of the placeholders in the owner's texts."""
    return _placeholders(form.starting_price, form.usual, form.currency, form.business.name, language)


def mail_placeholders(content: Mapping[str, Any], language: str) -> Placeholders:
    """Return the values of the placeholders in a queued mail's content."""
    price = content["price"]
    usual = price.get("usual")  # which older mails lack
    return _placeholders(price["amount"], usual, price["currency"], content["business"]["name"], language)


def _placeholders(price: int, usual: Sequence[int] | None, currency: str, business: str, language: str) -> Placeholders:
    sums = {"{starting_price}": price, **dict(zip(USUAL, usual or (), strict=False))}
    named = {placeholder: amount(value, currency, language) for placeholder, value in sums.items()}
    return Placeholders({**named, "{business}": business}, currency, language)


def invitation_subject(words: Mapping[str, str], business: str, language: str) -> str:
    """Return the subject of invitation and reminder, on one line: the owner's, or ours, which says whose it is."""
    ours = catalogue(language).gettext(N_("%(business)s: choose a time to talk")) % {"business": business}
    return " ".join(words.get("subject", ours).splitlines())


def filled(words: Any, values: Placeholders) -> Any:  # noqa: ANN401, texts in lists and mappings, and nothing else changed
    """Return the owner's texts with the placeholders filled in, at any depth."""
    if isinstance(words, str):
        return values.fill(words)
    if isinstance(words, dict):
        return {key: filled(value, values) for key, value in words.items()}
    if isinstance(words, list):
        return [filled(value, values) for value in words]
    return words
