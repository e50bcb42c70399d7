"""Header fields of mails, whose text decodes to the same characters everywhere (RFC 5322, RFC 2047).

Python's own folding loses or adds characters in versions that are still in use: 3.11.7, 3.12.1 and 3.13.0.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import parseaddr, quote

from prequal.core.errors import MailContentError

# The longest line with an encoded word; a word itself has a space less.
_LINE = 76
_FRAME = len("=?utf-8?q??=")
# A line of another kind should be no longer.
_LONGEST_LINE = 78
_FOLD = "\r\n "
_PRINTABLE = re.compile(r"[!-~]+(?: [!-~]+)*")
_ATOMS = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?: [\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_ADDRESS = re.compile(r"[!-~]+@[!-~]+")
# Of an encoded word anywhere in a header (RFC 2047, 5).
_LITERAL = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def text_field(name: str, text: str) -> str:
    """Return a field with any text.

    Raises:
        MailContentError: the text holds a line break, or half a character.
    """
    _refuse_line_breaks(name, text)
    line = f"{name}: {text}"
    if _PRINTABLE.fullmatch(text) and "=?" not in text and len(line) <= _LONGEST_LINE:
        return line
    return f"{name}: {_encoded(name, text)}"


def mailbox_field(name: str, mailbox: str) -> str:
    """Return a field with one address, with or without a display name, which may be an encoded word already.

    Raises:
        MailContentError: the address can't be written, or could hide another header.
    """
    _refuse_line_breaks(name, mailbox)
    display, address = parseaddr(mailbox)
    # Only a display name may be an encoded word, which could hide line breaks and further headers in an address.
    if not _ADDRESS.fullmatch(address) or "=?" in address:
        raise MailContentError(f"The mail can't be written: {name} holds no plain address.")
    if not display:
        return f"{name}: {address}"
    display = _decoded(display)
    _refuse_line_breaks(name, display)
    phrase = display if _ATOMS.fullmatch(display) else f'"{quote(display)}"'
    if not _PRINTABLE.fullmatch(display) or "=?" in display or len(f"{name}: {phrase}") > _LONGEST_LINE:
        phrase = _encoded(name, display)
    line = f"{name}: {phrase} <{address}>"
    return line if len(line.rpartition(_FOLD)[2]) < _LONGEST_LINE else f"{name}: {phrase}{_FOLD}<{address}>"


def _refuse_line_breaks(name: str, text: str) -> None:
    if set("\r\n") & set(text):
        raise MailContentError(f"The mail can't be written: {name} holds a line break.")


def _decoded(phrase: str) -> str:
    if "=?" not in phrase:
        return phrase
    try:
        return str(make_header(decode_header(phrase)))
    except (HeaderParseError, LookupError, ValueError):  # it only looks like an encoded word
        return phrase


def _encoded(name: str, text: str) -> str:
    """Return text as encoded words, one a line, in the shorter of the two encodings."""
    letter, encode = min(("q", _quoted), ("b", _base64), key=lambda kind: len(kind[1](text)))
    pieces = _pieces(text, encode, first=_LINE - len(f"{name}: ") - _FRAME, others=_LINE - 1 - _FRAME)
    return _FOLD.join(f"=?utf-8?{letter}?{encode(piece)}?=" for piece in pieces)


def _pieces(text: str, encode: Callable[[str], str], *, first: int, others: int) -> Iterator[str]:
    """Yield pieces of whole characters, each as long as its encoding has room."""
    piece, room = "", first
    for character in text:
        if len(encode(piece + character)) > room:
            yield piece
            piece, room = "", others
        piece += character
    if piece:
        yield piece


def _quoted(text: str) -> str:
    return "".join(
        chr(byte) if byte in _LITERAL else "_" if byte == ord(" ") else f"={byte:02X}" for byte in text.encode()
    )


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()
