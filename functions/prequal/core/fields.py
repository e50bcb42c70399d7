"""The marshmallow fields of a visitor's answers: each reads what a form or JSON sends, and says kindly what is wrong.

A field is *empty* when nothing, null, or only white space was sent; `missing` is the message for that, or None where
the field is optional.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar, NoReturn
from urllib.parse import urlsplit

import email_validator
import marshmallow as ma

from prequal.core.text import N_, Message, first_text, one_line, paragraphs

_NOT_TEXT = N_("Write this as text.")
_NOT_OFFERED = N_("Choose one of the answers that are offered.")
_NOT_A_NUMBER = N_("Enter a whole number, like 12.")
_NOT_AN_ADDRESS = N_("Enter an email address in the correct form, like name@example.com.")
_NOT_A_WEBSITE = N_("Enter a web address in the correct form, like www.example.com.")
_NOT_AN_ID = N_("A submission_id has 8 to 64 characters: letters, digits, _ and -.")
_TOO_LONG = N_("Shorten this to %(max)d characters or fewer.")
_OUT_OF_RANGE = N_("Enter a number from %(min)d to %(max)d.")
_TOO_LOW = N_("Enter a number of %(min)d or more.")
_TOO_HIGH = N_("Enter a number of %(max)d or less.")

# Far beyond any real figure, and within what every store, spreadsheet and browser holds exactly.
_LARGEST = 10**12
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,']\d{3})+")

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+\.?", re.ASCII)


class _Field(ma.fields.Field[Any]):
    """A field that may be empty, and then is missing or not."""

    empty: ClassVar[object] = ""

    def __init__(self, *, missing: str | None = None) -> None:
        super().__init__()
        self.missing = missing

    def deserialize(self, value: Any, attr: str | None = None, data: object = None, **_: object) -> Any:  # noqa: ANN401, ARG002, the signature is marshmallow's
        read = self.empty if value is ma.missing or value is None else self._read(value)
        if read == self.empty and self.missing is not None:
            refuse(self.missing)
        return read

    def _read(self, value: object) -> Any:  # noqa: ANN401, each field has its own type
        raise NotImplementedError


def refuse(sentence: str, **values: object) -> NoReturn:
    """Raise what marshmallow collects: one message of ours."""
    raise ma.ValidationError([Message(sentence, values)])


def _text(value: object) -> str:
    return value if isinstance(value, str) else refuse(_NOT_TEXT)


class Line(_Field):
    """One line of text, of at most `max_length` characters; longer is refused.

    With `cut` nothing is refused: it is cut, the first of several counts, and what is no text is empty.
    """

    def __init__(self, *, max_length: int, cut: bool = False, missing: str | None = None) -> None:
        super().__init__(missing=missing)
        self.max_length = max_length
        self.cut = cut

    def _read(self, value: object) -> str:
        if self.cut:
            return one_line(first_text(value))[: self.max_length].strip()
        text = one_line(_text(value))
        return text if len(text) <= self.max_length else refuse(_TOO_LONG, max=self.max_length)


class Paragraphs(_Field):
    """Text of several lines, of at most `max_length` characters."""

    def __init__(self, *, max_length: int, missing: str | None = None) -> None:
        super().__init__(missing=missing)
        self.max_length = max_length

    def _read(self, value: object) -> str:
        text = paragraphs(_text(value))
        return text if len(text) <= self.max_length else refuse(_TOO_LONG, max=self.max_length)


class Address(_Field):
    """An email address, normalised, with an international domain in its ASCII form, which every mail server takes.

    Whether the address exists is for the mail to find out.
    """

    def _read(self, value: object) -> str:
        text = one_line(_text(value))
        if not text:
            return ""
        if "=?" in text:  # an encoded word (RFC 2047), which mail programs would read as another address
            refuse(_NOT_AN_ADDRESS)
        try:
            address = email_validator.validate_email(text, check_deliverability=False, allow_smtputf8=False)
        except email_validator.EmailNotValidError:
            refuse(_NOT_AN_ADDRESS)
        return address.ascii_email or address.normalized


class WebAddress(Line):
    """The address of a website, with or without https://."""

    def _read(self, value: object) -> str:
        text = super()._read(value)
        if not text:
            return ""
        address = text if _SCHEME.match(text) else f"https://{text}"
        try:
            parts = urlsplit(address)
            host, _ = (parts.hostname or "").encode("idna").decode(), parts.port
        except ValueError:  # of an impossible port; UnicodeError, of an impossible host name, is one too
            refuse(_NOT_A_WEBSITE)
        plain = parts.scheme in ("http", "https") and "@" not in parts.netloc and " " not in address
        return address if plain and _HOST.fullmatch(host) else refuse(_NOT_A_WEBSITE)


class Choice(_Field):
    """One of the options, by its id."""

    def __init__(self, options: Sequence[str], *, missing: str | None = None) -> None:
        super().__init__(missing=missing)
        self.options = frozenset(options)

    def _read(self, value: object) -> str:
        return value if isinstance(value, str) and value in {"", *self.options} else refuse(_NOT_OFFERED)


class Choices(_Field):
    """Some of the options, by their ids: in the form's order, each once."""

    empty: ClassVar[object] = ()

    def __init__(self, options: Sequence[str], *, missing: str | None = None) -> None:
        super().__init__(missing=missing)
        self.options = tuple(options)

    def _read(self, value: object) -> tuple[str, ...]:
        sent = value if isinstance(value, list | tuple) else [value]
        if not all(isinstance(option, str) and option in {"", *self.options} for option in sent):
            refuse(_NOT_OFFERED)
        return tuple(option for option in self.options if option in sent)


class WholeNumber(_Field):
    """A whole number, as a number or as people type one: `1 500`, `1.500`, `1,500` and `1'500` are the same."""

    empty: ClassVar[object] = None

    def __init__(self, low: int | None, high: int | None, *, missing: str | None = None) -> None:
        super().__init__(missing=missing)
        self.low = low
        self.high = high

    def _read(self, value: object) -> int | None:
        if isinstance(value, str):
            value = "".join(value.split())
            if not value:
                return None
            value = re.sub(r"[.,']", "", value) if _GROUPED.fullmatch(value) else value
            if not re.fullmatch(r"[+-]?\d{1,15}", value):
                refuse(_NOT_A_NUMBER)
        elif isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
            refuse(_NOT_A_NUMBER)
        return self._within_range(int(value))

    def _within_range(self, number: int) -> int:
        low = -_LARGEST if self.low is None else self.low
        high = _LARGEST if self.high is None else self.high
        if low <= number <= high:
            return number
        if self.low is not None and self.high is not None:
            refuse(_OUT_OF_RANGE, min=low, max=high)
        return refuse(_TOO_LOW, min=low) if number < low else refuse(_TOO_HIGH, max=high)


class Consent(_Field):
    """A ticked box: any value but an empty one, or a plain no."""

    empty: ClassVar[object] = False

    def _read(self, value: object) -> bool:
        if isinstance(value, list):
            return any(map(self._read, value))
        return bool(value.strip() if isinstance(value, str) else value)


class SubmissionId(_Field):
    """The id by which a browser can send the same submission again."""

    def _read(self, value: object) -> str:
        text = value if isinstance(value, str) else refuse(_NOT_AN_ID)
        return text if re.fullmatch(r"(?:[A-Za-z0-9_-]{8,64})?", text) else refuse(_NOT_AN_ID)
