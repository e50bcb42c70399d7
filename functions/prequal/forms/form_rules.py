"""What a form must hold to beyond its JSON Schema: the parts must agree with each other.

Each rule looks only at parts that are as the schema has them, so that it can speak up beside the schema's own faults,
and never about the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from prequal.core.form import DEFAULT_VALID_DAYS
from prequal.forms.yaml_files import Where
from prequal.pages import catalogues

_CURRENCY = re.compile("[A-Z]{3}")
_LANGUAGE = re.compile("[a-z]{2,3}(-[A-Z]{2})?")


def faults(document: object) -> Iterator[tuple[Where, str]]:
    """Return the places of the document that don't agree with another, and what to do."""
    if not isinstance(document, dict):
        return
    yield from _languages(document)
    yield from _currency(document)
    yield from _repeated_ids(document, ("questions",), "question")
    for where, question in _mappings(document, ("questions",)):
        yield from _repeated_ids(question, (*where, "options"), "option")
        yield from _bounds(question, where)
        yield from _bands(question, where)
    yield from _grades(document)
    yield from _reminder(document)
    yield from _texts_of_other_languages(document)


def _languages(document: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    spoken = catalogues.languages()
    for index, language in enumerate(_list(document, "languages")):
        if not _is_language(language):
            continue
        try:
            Locale.parse(language, sep="-")
        except (ValueError, UnknownLocaleError):
            yield ("languages", index), f"{language} is no language: write its ISO 639 code, like en."
            continue
        if language not in spoken:
            named = ", ".join(spoken)
            yield (
                ("languages", index),
                f"There is no catalogue for {language} yet: use {named}, or add one.",
            )


def _currency(document: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    currency = document.get("currency")
    if isinstance(currency, str) and _CURRENCY.fullmatch(currency) and currency not in _currencies():
        yield ("currency",), f"Nobody pays in {currency} today: write the ISO 4217 code of a currency, like EUR."


@cache
def _currencies() -> Collection[str]:
    """Return the currencies that are legal tender somewhere today, not those of history, metals and funds."""
    everywhere = chain.from_iterable(get_global("territory_currencies").values())
    return {currency for currency, _since, until, is_tender in everywhere if is_tender and until is None}


def _repeated_ids(holder: Mapping[str, Any], where: Where, what: str) -> Iterator[tuple[Where, str]]:
    ids = [item.get("id") if isinstance(item, dict) else None for item in _list(holder, str(where[-1]))]
    times = Counter(item for item in ids if isinstance(item, str))
    for index, item in enumerate(ids):
        if isinstance(item, str) and times[item] > 1 and ids.index(item) != index:
            yield (*where, index, "id"), f"Another {what} has the id {item} already: give this one its own."


def _bounds(question: Mapping[str, Any], where: Where) -> Iterator[tuple[Where, str]]:
    low, high = _int(question, "min"), _int(question, "max")
    if low is not None and high is not None and low > high:
        yield (*where, "min"), f"No number is both at least {low} and at most {high}: exchange min and max."


def _bands(question: Mapping[str, Any], where: Where) -> Iterator[tuple[Where, str]]:
    bands = [band for _, band in _mappings(question, ("bands",))]
    if len(bands) != len(_list(question, "bands")):
        return
    previous: int | None = None
    for index, band in enumerate(bands):
        place = (*where, "bands", index)
        bound = _int(band, "up_to")
        last = index == len(bands) - 1
        if bound is None:
            if not last and "up_to" not in band:
                yield place, "Only the last band is without up_to: add up_to here."
            continue
        if previous is not None and bound <= previous:
            yield (*place, "up_to"), f"Bands go upwards: write a number above {previous}."
        previous = bound
        high = _int(question, "max")
        if last and (high is None or high > bound):
            yield place, f"Numbers above {bound} would have no points: add a last band without up_to."


def _grades(document: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    grades = _mapping(_mapping(document, "scoring"), "grades")
    hot, warm = _int(grades, "hot"), _int(grades, "warm")
    if hot is not None and warm is not None and hot <= warm:
        yield ("scoring", "grades", "hot"), f"Hot must take more than warm: write a number above {warm}."


def _reminder(document: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    invitation = _mapping(document, "invitation")
    remind_after, valid = _int(invitation, "remind_after_days"), _int(invitation, "valid_days")
    valid = DEFAULT_VALID_DAYS if valid is None and "valid_days" not in invitation else valid
    if remind_after is not None and valid is not None and remind_after >= valid:
        yield (
            ("invitation", "remind_after_days"),
            f"The reminder must come before the link ends: write a number below {valid}.",
        )


def _texts_of_other_languages(document: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    languages = [language for language in _list(document, "languages") if _is_language(language)]
    if not languages:
        return
    for where, words in texts(document):
        if words and not words.keys() & set(languages):
            yield where, f"This text is in none of the form's languages: add {languages[0]}."
        for language in filter(_is_language, words.keys() - set(languages)):
            yield (*where, language), f"{language} is not one of the form's languages: add it there, or remove it here."


def texts(document: object) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    """Return every text that is written by language."""
    return ((where, words) for where, words in words_of(document) if isinstance(words, dict))


def words_of(value: object, where: Where = ()) -> Iterator[tuple[Where, Any]]:
    """Return everything that visitors read, as it is written: by language or once for all."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from words_of(item, (*where, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("label", "help", "reveals", "prepare"):
                yield (*where, key), item
            else:
                yield from words_of(item, (*where, key))


def _is_language(value: object) -> bool:
    return isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None


def _mappings(holder: Mapping[str, Any], where: Where) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    for index, item in enumerate(_list(holder, str(where[-1]))):
        if isinstance(item, dict):
            yield (*where, index), item


def _list(holder: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = holder.get(key)
    return value if isinstance(value, list) else []


def _mapping(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def _int(holder: Mapping[str, Any], key: str) -> int | None:
    value = holder.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
