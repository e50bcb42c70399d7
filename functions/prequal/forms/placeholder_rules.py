"""Rules for placeholders in the owner's texts, and for amounts that are written out in their place."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from babel.numbers import get_currency_name, get_currency_symbol

from prequal.analysis.faults import Faults, Where
from prequal.analysis.form_analysis import Analysis
from prequal.core.form import Form
from prequal.forms.form_file import visible_texts
from prequal.pages.wording import USUAL, languages, placeholders

_PLACEHOLDER = re.compile(r"\{\w*\}")
_AMOUNT = re.compile(r"\{\s*amount\b[^{}]*\}")
_GOOD_AMOUNT = re.compile(r"\{amount:[0-9]{1,12}\}")
# Digits in groups of three as any language writes them, or without groups; thousands may be a letter.
_NUMBER = r"(?:\d{1,3}(?:[\s.,'’]\d{3})+|\d+)(?![.,]?\d)(?:\s?k(?!\w))?"


def broken_placeholders(analysis: Analysis) -> Faults:
    """Find amounts that are not written as placeholders are, and usual amounts of a form that names none."""
    return broken_in(form_strings(analysis), analysis.form)


def unknown_placeholders(analysis: Analysis) -> Faults:
    """Find placeholders that nothing fills in."""
    return unknown_in(form_strings(analysis), analysis.form)


def written_amounts(analysis: Analysis) -> Faults:
    """Find amounts in the form's currency that are written out in a text."""
    written = _written_amount(analysis.form.currency)
    for where, text in form_strings(analysis):
        for found in written.finditer(text):
            number = int("".join(filter(str.isdecimal, found[0])))
            thousands = re.search(r"\d\s?k(?!\w)", found[0], re.IGNORECASE)
            what = f"“{found[0]}” stays as it is when your currency or prices change"
            yield where, f"{what}: write {{amount:{number * 1000 if thousands else number}}}."


def form_strings(analysis: Analysis) -> Iterator[tuple[Where, str]]:
    """Yield every text of the form file that visitors read, each language by itself."""
    return (string for where, text in visible_texts(analysis.document) for string in strings(text, where))


def strings(text: object, where: Where = ()) -> Iterator[tuple[Where, str]]:
    """Yield every string of a text, which may be one per language, and a list of several."""
    if isinstance(text, str):
        yield where, text
    elif isinstance(text, list | dict):
        for key, item in text.items() if isinstance(text, dict) else enumerate(text):
            yield from strings(item, (*where, key))


def broken_in(texts: Iterable[tuple[Where, str]], form: Form) -> Faults:
    """Find placeholders that can't be filled in, although they are known."""
    for where, text in texts:
        for name in _AMOUNT.findall(text):
            if not _GOOD_AMOUNT.fullmatch(name):
                yield where, f"{name} is not an amount: write it with digits alone, like {{amount:5000}}."
        if form.usual is None:
            for name in filter(text.__contains__, USUAL):
                what_to_do = "add what most projects come to, like usual: [5000, 12000]"
                yield where, f"The form names no amounts for {name}: {what_to_do}."


def unknown_in(texts: Iterable[tuple[Where, str]], form: Form) -> Faults:
    """Find placeholders that are not known."""
    known = [*placeholders(form, form.default_language).named, "{amount:5000}"]
    for where, text in texts:
        for name in _PLACEHOLDER.findall(text):
            if name not in (*known, *USUAL, "{amount}"):
                yield where, f"Visitors would read {name} as it is: write one of {', '.join(known)}, or remove it."


@cache
def _written_amount(currency: str) -> re.Pattern[str]:
    """Return the pattern of a number beside the currency's code, symbol or one-word name in any of our languages."""
    names = {currency}
    for language in languages():
        counted = (get_currency_name(currency, count, language) for count in (1, 2, 5))
        names |= {get_currency_symbol(currency, language), *(name for name in counted if name.isalpha())}
    unit = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"(?<![\w.,:]){_NUMBER}[\s-]?(?:{unit})(?!\w)|(?<!\w)(?:{unit})\s?{_NUMBER}", re.IGNORECASE)
