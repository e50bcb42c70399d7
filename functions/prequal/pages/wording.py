"""Words by language: our translations (gettext), money, dates and durations, and the owner's placeholders."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency

from prequal.core.form import Form

CATALOGUES = Path(__file__).resolve().parents[1] / "locale"
DOMAIN = "prequal"
_DAYS_OF_YEAR = 365


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language; FileNotFoundError when it isn't there or wasn't compiled (`make`)."""
    with (CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def languages() -> list[str]:
    """Return the languages that have a catalogue."""
    return sorted(path.parents[1].name for path in CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


@cache
def amount(value: int, currency: str, language: str) -> str:
    """Format an amount of money without cents."""
    pattern = Locale.parse(language, sep="-").currency_formats["standard"].pattern.replace("0.00", "0")
    return format_currency(value, currency, format=pattern, locale=language, currency_digits=False)


def date(instant: datetime, language: str) -> str:
    """Format the day of an instant, in UTC, in words."""
    return format_date(instant, format="long", locale=language)


def moment(instant: datetime, language: str) -> str:
    """Format the day and the minute of an instant, in UTC."""
    return f"{format_datetime(instant, format='medium', locale=language)} UTC"


def duration(days: int, language: str) -> str:
    """Format a number of days, as years if they are whole."""
    unit: Literal["year", "day"] = "day" if days % _DAYS_OF_YEAR else "year"
    locale = Locale.parse(language, sep="-")
    # A longer unit would be used from `threshold` on: so high that it never is.
    return format_timedelta(timedelta(days=days), granularity=unit, threshold=days, locale=locale)


def language_tag(language: str) -> str:
    """Return a language with its most likely country, in the style of Open Graph: fr_FR."""
    likely = get_global("likely_subtags").get(language, language)
    locale = Locale.parse(likely.replace("-", "_"))
    return f"{locale.language}_{locale.territory}"


def language_name(code: str, language: str | None = None) -> str:
    """Return the name of a language in another one; by default in itself."""
    name = Locale.parse(code, sep="-").get_display_name(language or code) or code
    return name[:1].upper() + name[1:]


def placeholders(form: Form, language: str) -> dict[str, str]:
    """Return the values of the placeholders that the owner may write."""
    return _placeholder_values(form.starting_price, form.currency, form.business.name, language)


def mail_placeholders(content: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return the values of the placeholders in a queued mail's content."""
    price = content["price"]
    return _placeholder_values(price["amount"], price["currency"], content["business"]["name"], language)


def _placeholder_values(price: int, currency: str, business: str, language: str) -> dict[str, str]:
    return {"{starting_price}": amount(price, currency, language), "{business}": business}


def filled(words: Any, values: dict[str, str]) -> Any:  # noqa: ANN401, texts in lists and mappings, and nothing else changed
    """Return the owner's texts with the placeholders filled in, at any depth."""
    if isinstance(words, str):
        for placeholder, value in values.items():
            words = words.replace(placeholder, value)
        return words
    if isinstance(words, dict):
        return {key: filled(value, values) for key, value in words.items()}
    if isinstance(words, list):
        return [filled(value, values) for value in words]
    return words
