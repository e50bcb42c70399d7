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


def first_text(value: object) -> str:
    """Return a value that was sent, or the first of a list, if it is text; else an empty string."""
    first = next(iter(value), "") if isinstance(value, list) else value
    return first if isinstance(first, str) else ""


def one_line(text: str) -> str:
    """Return the text on one line: no control characters, no line breaks, single spaces, NFC."""
    plain = text.isascii() and text.isprintable()  # as most texts are, which saves looking at each character
    return " ".join((text if plain else paragraphs(text)).split())


def paragraphs(text: str) -> str:
    """Return the text in NFC, stripped, with its lines but no other control characters; empty if nothing is visible."""
    text = _LINE_ENDS.sub("\n", text)
    if not text.replace("\n", "").isprintable():
        kept = (
            character if character == "\n" or unicodedata.category(character) not in _NOT_TEXT else " "
            for character in _DIRECTION.sub("", text)
        )
        text = "".join(kept)
    # Composed last: a character that was removed may have stood between a letter and its accent.
    text = unicodedata.normalize("NFC", text).strip()
    return text if any(not c.isspace() and unicodedata.category(c) != "Cf" for c in text) else ""


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
