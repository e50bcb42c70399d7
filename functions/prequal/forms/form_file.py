"""The form file: reading it, or refusing it with every fault at once, each with its place and what to do.

Beyond the JSON Schema there are rules by which the parts of a form must agree with each other. Each rule looks only at
parts that conform to the schema. So its faults can be reported together with the schema's, and none is reported twice.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from prequal.analysis.faults import Faults, Where
from prequal.analysis.score_rules import unordered_grades
from prequal.core.booking_page import parse_booking_url, unknown_answers
from prequal.core.form import DEFAULT_VALID_DAYS, published
from prequal.core.web_address import AddressError
from prequal.forms.conditions import condition_faults, follower_faults
from prequal.forms.document_parts import mappings, part
from prequal.forms.schema_faults import load_schema, schema_faults, unknown_key
from prequal.forms.yaml_files import YamlFile, read_yaml
from prequal.pages import wording

_CONDITIONS = {"if", "ask_if"}


def read_form(path: Path) -> dict[str, Any]:
    """Return the document of a form file, without its examples and silences; FaultyFileError with every fault."""
    return published(read_form_file(path).content)


def read_form_file(path: Path) -> YamlFile:
    """Return a form file with the places of its values; FaultyFileError with every fault."""
    file = read_yaml(path)
    refuse_faults(file)
    return file


def refuse_faults(file: YamlFile) -> None:
    """Raise FaultyFileError with every fault of a form file, if it has any."""
    file.refuse([*schema_faults("form", file, file.content), *disagreements(file.content)])


def disagreements(document: object) -> Faults:
    """Find the parts of a document that contradict another."""
    if not isinstance(document, dict):
        return
    for rule in (_languages, _currency, _phone, _usual, _grades, _learned, _reminder, _texts_in_no_language, _silences):
        yield from rule(document)
    yield from condition_faults(document)
    yield from follower_faults(document)
    yield from _booking_addresses(document)
    yield from _repeated_ids(document, ("questions",), "question")
    for where, question in mappings(document, ("questions",)):
        yield from _repeated_ids(question, (*where, "options"), "option")
        yield from _bounds(question, where)
        yield from _bands(question, where)


def _languages(document: Mapping[str, Any]) -> Faults:
    supported = wording.languages()
    for index, language in enumerate(part(document, "languages", list) or []):
        if _is_language(language) and language not in supported:
            try:
                Locale.parse(language, sep="-")
            except (ValueError, UnknownLocaleError):
                yield ("languages", index), f"{language} is not a language: write an ISO 639 code, like en."
            else:
                named = ", ".join(supported)
                yield ("languages", index), f"There is no catalogue for {language} yet: use {named}, or add one."


def _currency(document: Mapping[str, Any]) -> Faults:
    currency = document.get("currency")
    pattern = load_schema("form")["properties"]["currency"]["pattern"]
    if isinstance(currency, str) and re.search(pattern, currency) and currency not in _currencies():
        yield ("currency",), f"No country uses {currency} today: write an ISO 4217 code, like EUR."


@cache
def _currencies() -> Collection[str]:
    """Return the currencies that are legal tender somewhere today: not historical ones, metals and funds."""
    everywhere = chain.from_iterable(get_global("territory_currencies").values())
    return {currency for currency, _since, until, is_tender in everywhere if is_tender and until is None}


def _phone(document: Mapping[str, Any]) -> Faults:
    """Find a question in the way of the contact field: older forms may have one, as the field is off by default."""
    if (part(document, "contact", dict) or {}).get("phone", "off") != "off":
        for where, question in mappings(document, ("questions",)):
            if question.get("id") == "phone":
                what_to_do = "give the question another id, or write phone: off"
                yield (*where, "id"), f"The contact field is called phone, too: {what_to_do}."


def _repeated_ids(holder: Mapping[str, Any], where: Where, what: str) -> Faults:
    seen = set()
    for place, item in mappings(holder, where):
        if isinstance(name := item.get("id"), str):
            if name in seen:
                yield (*place, "id"), f"Another {what} has the id {name} already: give this one its own."
            seen.add(name)


def _bounds(question: Mapping[str, Any], where: Where) -> Faults:
    low, high = part(question, "min", int), part(question, "max", int)
    if low is not None and high is not None and low > high:
        yield (*where, "min"), f"No number is both at least {low} and at most {high}: exchange min and max."


def _bands(question: Mapping[str, Any], where: Where) -> Faults:
    bands = list(mappings(question, (*where, "bands")))
    if len(bands) != len(part(question, "bands", list) or []):
        return
    previous: int | None = None
    for place, band in bands:
        bound = part(band, "up_to", int)
        is_last = band is bands[-1][1]
        if bound is None:
            if not is_last and "up_to" not in band:
                yield place, "Only the last band is without up_to: add up_to here."
            continue
        if previous is not None and bound <= previous:
            yield (*place, "up_to"), f"Bands are in ascending order: write a number above {previous}."
        previous = bound
        high = part(question, "max", int)
        if is_last and (high is None or high > bound):
            yield place, f"Numbers above {bound} would have no points: add a last band without up_to."


def _usual(document: Mapping[str, Any]) -> Faults:
    usual = part(document, "usual", list) or []
    if [type(amount) for amount in usual] == [int, int] and usual[0] > usual[1]:
        yield ("usual", 0), f"The first amount is above the second: write [{usual[1]}, {usual[0]}]."


def _grades(document: Mapping[str, Any]) -> Faults:
    grades = part(part(document, "scoring", dict) or {}, "grades", dict) or {}
    hot, warm = part(grades, "hot", int), part(grades, "warm", int)
    if hot is not None and warm is not None:
        yield from unordered_grades(hot, warm)


def _learned(document: Mapping[str, Any]) -> Faults:
    learned = part(part(document, "scoring", dict) or {}, "learned", str) or ""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", learned, re.ASCII):  # anything else is refused by the schema
        try:
            date.fromisoformat(learned)
        except ValueError:
            yield ("scoring", "learned"), "The calendar has no such day: write one like 2026-01-31."


def _reminder(document: Mapping[str, Any]) -> Faults:
    invitation = {"valid_days": DEFAULT_VALID_DAYS, **(part(document, "invitation", dict) or {})}
    remind_after, valid = part(invitation, "remind_after_days", int), part(invitation, "valid_days", int)
    if remind_after is not None and valid is not None and remind_after >= valid:
        where = ("invitation", "remind_after_days")
        yield where, f"The reminder must come before the link expires: write a number below {valid}."


def _booking_addresses(document: Mapping[str, Any]) -> Faults:
    """Find addresses of booking pages that can't be used, by the rules of PREQUAL_BOOKING_URL, or filled in."""
    questions = [str(question.get("id")) for _, question in mappings(document, ("questions",))]
    for where, entry in mappings(document, ("booking",)):
        address = part(entry, "url", str)
        if address is None or not re.search(load_schema("form")["$defs"]["web_address"]["pattern"], address):
            continue
        try:
            parse_booking_url(address)
        except AddressError as error:
            yield (*where, "url"), f"This address {error}."
        for question in unknown_answers(address, questions):
            yield (*where, "url"), f"In {{answers.{question}}}, {unknown_key(question, questions)}"


def _silences(document: Mapping[str, Any]) -> Faults:
    seen = set()
    for where, entry in mappings(document, ("silence",)):
        silenced = entry.get("warning"), entry.get("at")
        if all(isinstance(key, str) for key in silenced) and silenced in seen:
            yield where, "Another entry silences this warning already: remove one of them."
        seen.add(silenced if all(isinstance(key, str) for key in silenced) else None)


def _texts_in_no_language(document: Mapping[str, Any]) -> Faults:
    languages = [language for language in part(document, "languages", list) or [] if _is_language(language)]
    if not languages or not set(languages) <= set(wording.languages()):
        return
    texts = [(where, text) for where, text in texts_by_language(document) if text and all(map(_is_language, text))]
    lacking = [where for where, text in texts if not text.keys() & set(languages)]
    if len(lacking) > 1 and len(lacking) == len(texts):
        yield (
            ("languages",),
            f"No text is in {' or '.join(languages)}: list the language of the texts, or translate them.",
        )
    else:
        for where in lacking:
            yield where, f"This text is in none of the form's languages: add {languages[0]}."


def texts_by_language(document: object) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    """Return the place of every text that is written by language, with the text."""
    return ((where, text) for where, text in visible_texts(document) if isinstance(text, dict))


def is_text(where: Where) -> bool:
    """Whether a value of a form file is free text, and not an id, a number or one of several words."""
    texts = {"label", "help", "reveals", "prepare", "rules_out", "name", "reason"}
    return not texts.isdisjoint(where) and not _CONDITIONS.intersection(where)


def visible_texts(value: object, where: Where = ()) -> Iterator[tuple[Where, Any]]:
    """Yield the place of every text that visitors read, with the text: one per language, or one for all."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from visible_texts(item, (*where, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            is_text = key in ("label", "help", "reveals", "text") and not isinstance(item, list)
            if is_text or key in ("prepare", "thanks_url"):
                yield (*where, key), item
            elif key not in _CONDITIONS:
                yield from visible_texts(item, (*where, key))


def _is_language(value: object) -> bool:
    return isinstance(value, str) and re.search(load_schema("form")["$defs"]["language"]["pattern"], value) is not None
