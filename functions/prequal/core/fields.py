"""Readers of a visitor's answers: each turns what a form or JSON sends into a value, or refuses it kindly."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any, NoReturn

import marshmallow as ma

from prequal.core.text import N_, Message, first_text, one_line, paragraphs, plain

_NOT_OFFERED = N_("Choose one of the answers that are offered.")
_NOT_A_NUMBER = N_("Enter one whole number in digits, like 12.")

# Far beyond any real figure, and within what every store, spreadsheet and browser holds exactly.
_LARGEST = 10**12
_DIGITS = 15
# Not a letter or a word for thousands or millions, as in 5 T€ or 5 MIO.
_CURRENCY = r"""(?:(?![KMT][$¢-¥\u20a0-\u20cf]|(?:MIO|MLN|MRD|TSD|TYS)\b)(?:
    [A-Z]{3}|[A-Z]{0,3}[$¢-¥\u20a0-\u20cf]|[円元원]|kr\.?|Fr\.?|Rs\.?|zł|Kč|\u0440\.?))"""
_ABOUT = r"(?i:[~≈]|ca\.?|circa|about|approx(?:\.|imately)?|env\.?|environ|ongeveer|około|ok\.|около|примерно)"
# A sign, digits with separators, and the unit.
_AMOUNT = rf"""
    (?: {_ABOUT} [ ]?)? (?P<sign> [+-]?) [ ]? (?: {_CURRENCY} [ ]?)?
    (?P<digits> \d (?: [\d.,'` ]* \d)?)
    (?: [.,] -{{1,2}} | [.,;!])?
    (?: [ ]? {_CURRENCY})?
    (?: [ ]? (?P<unit> [^\W\d_]{{3,}} \D* | [人名명] | of[ ]us))?
"""
# One kind of separator between thousands, and no cents.
_WHOLE = rf"""
    (?P<sign> [+-]?)
    (?P<digits>
        [1-9]\d{{0,2}} (?P<comma> [.,'` ]) \d{{3}} (?: (?P=comma) \d{{3}})* |  # 1.500.000
        [1-9]\d? (?: ,\d\d)+ ,\d{{3}} |  # 15,00,000, as in India
        \d{{1,{_DIGITS}}}
    )
    (?: (?! (?P=comma)) [.,] 0{{1,2}})?
"""
# Beginnings of words that make it another number, or leave open which.
_MULTIPLES = tuple(
    """
    thous mil billi hundre dozen grand lakh crore percent procent half and plus mrd mln mld cents centa pour douz
    honderd duizend dozijn tys tuzin setk setek lub albo
    tausend tsd mio mia teur keur meur тыс млн млрд милли сотен сотн десят дюж проц или
    """.split()  # noqa: SIM905, a list of fifty words is read more easily so
)
NUMBER_LENGTH = 100

# Up to four characters of a text may make one of its composed form.
_UNCOMPOSED = 4
UNTYPED_LENGTH = 300

_NO = frozenset({"false", "0", "no", "off", "null"})


class AnswerField(ma.fields.Field[Any]):
    """A marshmallow field around one of the readers below.

    An answer is empty when null, or something that `read` takes for empty was sent. It is then `empty`, or refused with
    the message `missing` if there is one. So is nothing, unless it has a meaning of its own, `unsent`.
    """

    def __init__(
        self, read: Callable[[object], Any], *, missing: str | None = None, empty: object = "", unsent: object = None
    ) -> None:
        super().__init__()
        self.read = read
        self.missing = missing
        self.empty = empty
        self.unsent = unsent

    def deserialize(self, value: Any, attr: str | None = None, data: object = None, **_: object) -> Any:  # noqa: ANN401, ARG002, the signature is marshmallow's
        """Return the answer; ValidationError when it is refused."""
        if value is ma.missing:
            value = self.unsent
        answer = self.empty if value is None else self.read(value)
        if answer == self.empty and self.missing is not None:
            refuse(self.missing)
        return answer


def refuse(sentence: str, **values: object) -> NoReturn:
    """Refuse an answer with a sentence for the visitor."""
    raise ma.ValidationError([Message(sentence, values)])


def line(value: object, *, max_length: int) -> str:
    """Read one line of text."""
    return _limited(one_line(_bounded(value, max_length)), max_length)


def lines(value: object, *, max_length: int) -> str:
    """Read text of several lines."""
    return _limited(paragraphs(_bounded(value, max_length)), max_length)


def note(value: object, *, max_length: int) -> str:
    """Read one line of text that isn't needed and must not cost a lead: the first of several, cut to its length.

    Anything but text is empty.
    """
    return one_line(first_text(value).strip()[: _UNCOMPOSED * max_length])[:max_length].strip()


def untyped(value: object) -> str:
    """Read one line of text that nobody typed."""
    return note(value, max_length=UNTYPED_LENGTH)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else refuse(N_("Write this as text."))


def _bounded(value: object, max_length: int) -> str:
    """Return a text that is short enough to be cleaned, which takes more time than to look at its length."""
    text = _text(value)
    if len(text) > _UNCOMPOSED * max_length:
        _limited(text, max_length)
    return text


def _limited(text: str, max_length: int) -> str:
    if len(text) > max_length:
        refuse(N_("Shorten this to %(max)d characters or fewer."), max=max_length)
    return text


def choice(value: object, *, options: Collection[str]) -> str:
    """Read the id of one option."""
    return value if isinstance(value, str) and value in {"", *options} else refuse(_NOT_OFFERED)


def choices(value: object, *, options: Sequence[str]) -> tuple[str, ...]:
    """Read the ids of several options; return each once, in the form's order."""
    sent = value if isinstance(value, list | tuple) else [value]
    offered = {"", *options}
    if not all(isinstance(option, str) and option in offered for option in sent):
        refuse(_NOT_OFFERED)
    chosen = set(sent)
    return tuple(option for option in options if option in chosen)


def whole_number(value: object, *, low: int | None, high: int | None) -> int | None:
    """Read a whole number, sent as one or as people type it: `1 500`, `1.500,00`, `€1’500.-` or `1,500 people`."""
    if isinstance(value, str):
        text = one_line(value.strip()[: NUMBER_LENGTH + 1])
        if not re.search(r"\w", text):  # a dash or a question mark in a field that may stay empty
            return None
        value = text if text.isdecimal() and len(text) <= _DIGITS else _typed_number(text)
    elif isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
        refuse(_NOT_A_NUMBER)
    number = int(value)
    least, most = -_LARGEST if low is None else low, _LARGEST if high is None else high
    if least <= number <= most:
        return number
    if low is not None and high is not None:
        refuse(N_("Enter a number from %(min)d to %(max)d."), min=low, max=high)
    if number < least:
        refuse(N_("Enter a number of %(min)d or more."), min=least)
    refuse(N_("Enter a number of %(max)d or less."), max=most)


def _typed_number(text: str) -> str:
    """Return the sign and the digits of a number with a unit, a currency or separators."""
    found = re.fullmatch(_WHOLE, amount(text), re.VERBOSE) or refuse(_NOT_A_NUMBER)
    return found["sign"] + re.sub(r"\D", "", found["digits"])


def amount(text: str) -> str:
    """Return the sign, the digits and the separators of a number, without its unit; empty if it is no number."""
    if len(text) > NUMBER_LENGTH:
        return ""
    found = re.fullmatch(_AMOUNT, plain(text).strip(), re.VERBOSE)
    if not found or (found["unit"] or "").casefold().startswith(_MULTIPLES):
        return ""
    return found["sign"] + found["digits"]


def consent(value: object, *, silence: bool = False) -> bool:
    """Read a ticked box, which may have any value: a yes unless each value that was sent is a plain no.

    A hidden field may send a no beside the yes of the box. `silence` is the meaning of empty values alone.
    """
    said = [item for item in (value if isinstance(value, list) else [value]) if not _is_blank(item)]
    return any(map(_is_yes, said)) if said else silence


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not plain(value).strip()


def _is_yes(value: object) -> bool:
    if isinstance(value, str):
        return plain(value).strip().casefold() not in _NO
    return isinstance(value, int | float) and bool(value)


def submission_id(value: object) -> str:
    """Read the id that lets a browser send the same submission again."""
    if not isinstance(value, str) or not re.fullmatch(r"(?:[A-Za-z0-9_-]{8,64})?", value):
        refuse(N_("A submission_id has 8 to 64 characters: letters, digits, _ and -."))
    return value
