"""Readers of a visitor's answers: each turns what a form or JSON sends into a value, or refuses it kindly."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any, NoReturn
from urllib.parse import urlsplit

import marshmallow as ma

from prequal.core.text import N_, Message, first_text, one_line, paragraphs

_NOT_OFFERED = N_("Choose one of the answers that are offered.")
_NOT_A_NUMBER = N_("Enter a whole number, like 12.")
_NOT_AN_ADDRESS = N_("Enter an email address in the correct form, like name@example.com.")
_NOT_A_WEBSITE = N_("Enter a web address in the correct form, like www.example.com.")

# Far beyond any real figure, and within what every store, spreadsheet and browser holds exactly.
_LARGEST = 10**12
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,']\d{3})+")

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# Most addresses are of a form that email-validator returns as it is: in lower case, not of a special use (RFC 6761).
# Importing it, which takes longer than all of our own modules together, is left to the others.
_PLAIN_ADDRESS = re.compile(
    r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]+(-[a-z0-9]+)*\.)+(?!(arpa|invalid|local|localhost|onion|test)$)[a-z]{2,}"
)
_PLAIN_LENGTH = 64  # the longest local part

UNTYPED_LENGTH = 300
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+\.?", re.ASCII)


class AnswerField(ma.fields.Field[Any]):
    """A marshmallow field around one of the readers below.

    An answer is empty when nothing, null, or something that `read` takes for empty was sent. It is then `empty`, or
    refused with the message `missing` if there is one.
    """

    def __init__(self, read: Callable[[object], Any], *, missing: str | None = None, empty: object = "") -> None:
        super().__init__()
        self.read = read
        self.missing = missing
        self.empty = empty

    def deserialize(self, value: Any, attr: str | None = None, data: object = None, **_: object) -> Any:  # noqa: ANN401, ARG002, the signature is marshmallow's
        """Return the answer; ValidationError when it is refused."""
        answer = self.empty if value is ma.missing or value is None else self.read(value)
        if answer == self.empty and self.missing is not None:
            _refuse(self.missing)
        return answer


def _refuse(sentence: str, **values: object) -> NoReturn:
    raise ma.ValidationError([Message(sentence, values)])


def line(value: object, *, max_length: int) -> str:
    """Read one line of text."""
    return _limited(one_line(_text(value)), max_length)


def lines(value: object, *, max_length: int) -> str:
    """Read text of several lines."""
    return _limited(paragraphs(_text(value)), max_length)


def untyped(value: object) -> str:
    """Read one line of text that nobody typed: it is cut to its length, and anything but text is empty."""
    return one_line(first_text(value))[:UNTYPED_LENGTH].strip()


def _text(value: object) -> str:
    return value if isinstance(value, str) else _refuse(N_("Write this as text."))


def _limited(text: str, max_length: int) -> str:
    if len(text) > max_length:
        _refuse(N_("Shorten this to %(max)d characters or fewer."), max=max_length)
    return text


def email_address(value: object) -> str:
    """Read an email address, normalised, an international domain in its ASCII form, which every mail server takes.

    Whether the address exists is left to the mail that is sent there.
    """
    text = one_line(_text(value))
    if not text:
        return ""
    if len(text) <= _PLAIN_LENGTH and _PLAIN_ADDRESS.fullmatch(text):
        return text
    import email_validator  # noqa: PLC0415, see above

    if "=?" in text:  # an encoded word (RFC 2047), which mail programs would read as another address
        _refuse(_NOT_AN_ADDRESS)
    try:
        address = email_validator.validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except email_validator.EmailNotValidError:
        _refuse(_NOT_AN_ADDRESS)
    return address.ascii_email or address.normalized


def web_address(value: object, *, max_length: int) -> str:
    """Read the address of a website, with or without https://."""
    text = line(value, max_length=max_length)
    if not text:
        return ""
    address = text if _SCHEME.match(text) else f"https://{text}"
    try:
        parts = urlsplit(address)
        host, _ = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # an impossible port, or, as a UnicodeError, an impossible host name
        _refuse(_NOT_A_WEBSITE)
    plain = parts.scheme in ("http", "https") and "@" not in parts.netloc and " " not in address
    return address if plain and _HOST.fullmatch(host) else _refuse(_NOT_A_WEBSITE)


def choice(value: object, *, options: Collection[str]) -> str:
    """Read the id of one option."""
    return value if isinstance(value, str) and value in {"", *options} else _refuse(_NOT_OFFERED)


def choices(value: object, *, options: Sequence[str]) -> tuple[str, ...]:
    """Read the ids of several options; return each once, in the form's order."""
    sent = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(option, str) and option in {"", *options} for option in sent):
        _refuse(_NOT_OFFERED)
    return tuple(option for option in options if option in sent)


def whole_number(value: object, *, low: int | None, high: int | None) -> int | None:
    """Read a whole number, sent as one or as people type it: `1 500`, `1.500`, `1,500` and `1'500` are the same."""
    if isinstance(value, str):
        value = "".join(value.split())
        if not value:
            return None
        value = re.sub(r"[.,']", "", value) if _GROUPED.fullmatch(value) else value
        if not re.fullmatch(r"[+-]?\d{1,15}", value):
            _refuse(_NOT_A_NUMBER)
    elif isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
        _refuse(_NOT_A_NUMBER)
    number = int(value)
    least, most = -_LARGEST if low is None else low, _LARGEST if high is None else high
    if least <= number <= most:
        return number
    if low is not None and high is not None:
        _refuse(N_("Enter a number from %(min)d to %(max)d."), min=low, max=high)
    if number < least:
        _refuse(N_("Enter a number of %(min)d or more."), min=least)
    _refuse(N_("Enter a number of %(max)d or less."), max=most)


def consent(value: object) -> bool:
    """Read a ticked box: any value but an empty one is a yes, and so is one yes among several values."""
    if isinstance(value, list):
        return any(map(consent, value))
    return bool(value.strip() if isinstance(value, str) else value)


def submission_id(value: object) -> str:
    """Read the id that lets a browser send the same submission again."""
    if not isinstance(value, str) or not re.fullmatch(r"(?:[A-Za-z0-9_-]{8,64})?", value):
        _refuse(N_("A submission_id has 8 to 64 characters: letters, digits, _ and -."))
    return value
