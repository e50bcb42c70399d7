"""Text: cleaning of input, and messages to be translated later."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

# These characters turn the direction of the text around them: a name could disguise a whole line of a table or mail.
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_NOT_TEXT = {"Cc", "Cs", "Co", "Cn"}  # control, surrogate, private use, unassigned
# Unicode's property Default_Ignorable_Code_Point, the marks of annotations and of objects, which dictation leaves
# behind, and the blank of braille.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Compiled when a text first needs them, which most don't.
_INVISIBLE = f"[{_UNSEEN}]"
_BLANKS = f"[\\s{_UNSEEN}]*"
# Full-width characters, and the apostrophes, dashes, minus signs and thousands separators of typography.
_PLAIN = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | str.maketrans(
    "\u2018\u2019\u02bc\u02d9\u2032\u00b4\u2010\u2011\u2012\u2013\u2014\u2212\u3002\uff61\ufe6b\u066c",
    "''''''------..@,",
)
# Unicode's limit for a stream-safe text (UAX 15).
_MOST_MARKS = 30


def first_text(value: object) -> str:
    """Return a value that was sent, or the first of a list, if it is text; else an empty string."""
    first = next(iter(value), "") if isinstance(value, list) else value
    return first if isinstance(first, str) else ""


def one_line(text: str) -> str:
    """Return the text on one line: no control characters, no line breaks, single spaces, NFC."""
    simple = text.isascii() and text.isprintable()  # as most texts are, which saves looking at each character
    return " ".join((text if simple else paragraphs(text)).split())


def paragraphs(text: str) -> str:
    """Return the text in NFC, with its lines but no other control characters, and nothing invisible at its ends."""
    text = _LINE_ENDS.sub("\n", text)
    if not text.replace("\n", "").isprintable():
        kept = (
            character if character == "\n" or unicodedata.category(character) not in _NOT_TEXT else " "
            for character in _DIRECTION.sub("", text)
        )
        text = "".join(kept)
    # Composed last: a character that was removed may have stood between a letter and its accent.
    text = unicodedata.normalize("NFC", _without_piles(text))
    # From both ends by a match at the start, as a search for the end takes a time that is quadratic in runs of blanks.
    begin, end = (re.match(_BLANKS, way).end() for way in (text, text[::-1]))  # type: ignore[union-attr]
    return text[begin : len(text) - end]


def without_invisible(text: str) -> str:
    """Return the text without the characters that show nothing, wherever they are."""
    return text if text.isascii() else re.sub(_INVISIBLE, "", text)


def plain(text: str) -> str:
    """Return the text without invisible characters, and with full-width and typographic characters as in ASCII."""
    return without_invisible(text).translate(_PLAIN)


def _without_piles(text: str) -> str:
    """Return the text with at most `_MOST_MARKS` marks on a letter: CPython's sorting of them takes quadratic time."""
    if max(text, default="") < "\u0300":  # the first of the marks
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def instant_text(instant: datetime, timespec: str = "milliseconds") -> str:
    """Return an instant in UTC as RFC 3339 has it, with Z; `timespec` is that of `datetime.isoformat`."""
    return instant.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for a person whose language isn't known yet."""

    #: In English: the key in the catalogues.
    sentence: str
    #: Values of its placeholders.
    values: Mapping[str, object] = field(default_factory=dict)

    def translate(self, gettext: Callable[[str], str]) -> str:
        """Return the sentence in the language of a catalogue."""
        return gettext(self.sentence) % self.values if self.values else gettext(self.sentence)


def N_(sentence: str) -> str:  # noqa: N802, gettext's own name for it
    """Mark a sentence for extraction into the catalogues, and return it as it is."""
    return sentence


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 lead" or "1,000 leads", for the owner."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
