"""Cleaning of text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given

from prequal.core.text import one_line, paragraphs
from unit import strategies


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Ada\r\nBcc: everyone@example.com", "Ada Bcc: everyone@example.com"),
        ("Ada\x0bBcc: x\x85Cc: y\u2028To: z\u2029.", "Ada Bcc: x Cc: y To: z ."),
        ("  Ada \t Lovelace ", "Ada Lovelace"),
        ("Ada\x00\x1b[31m\x7f", "Ada [31m"),
        ("Ada\u202ecod.exe\u202c", "Adacod.exe"),
        ("\u2066Ada\u2069", "Ada"),
        ("Zoe\u0308", "Zoë"),
        ("Zoe\u202a\u0308", "Zoë"),
        ("Ada\ud800", "Ada"),
        ("Ada\ue000\U000e0fff", "Ada"),
        ("👩\u200d💻 Ada", "👩\u200d💻 Ada"),  # what joins emoji and scripts stays
        ("\u200b \u2060", ""),  # there is nothing to see
        ("", ""),
    ],
)
def test_one_line(text: str, clean: str) -> None:
    """A line has no line breaks, control characters, direction marks or lone surrogates, and is in NFC."""
    assert one_line(text) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("One\r\ntwo\rthree\nfour", "One\ntwo\nthree\nfour"),
        ("One\x0btwo\x0cthree\x85four\u2028five\u2029six", "One\ntwo\nthree\nfour\nfive\nsix"),
        ("\n\nOne\n\n  two  \n", "One\n\n  two"),
        ("One\ttwo\x00", "One two"),
        ("\u202bOne", "One"),
    ],
)
def test_paragraphs(text: str, clean: str) -> None:
    """Paragraphs keep their lines, with one kind of line end, and no other control characters."""
    assert paragraphs(text) == clean


@given(strategies.any_text)
@example("e\u202a\u0301")
@example("\u0301\x00\u0301")
def test_cleaned_text_is_safe(text: str) -> None:
    """Cleaned text can be stored, shown, and put into a header."""
    for clean in (one_line(text), paragraphs(text)):
        assert unicodedata.is_normalized("NFC", clean)
        assert not {unicodedata.category(character) for character in clean.replace("\n", "")} & {"Cc", "Cs", "Co", "Cn"}
        assert clean == clean.strip()
        clean.encode()
    assert len(one_line(text).splitlines()) <= 1


@given(strategies.any_text)
@example("e\u202a\u0301")
def test_cleaning_is_idempotent(text: str) -> None:
    """Clean text stays the same."""
    assert one_line(one_line(text)) == one_line(text)
    assert paragraphs(paragraphs(text)) == paragraphs(text)
