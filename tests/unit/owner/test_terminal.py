"""Leads as text for a terminal."""

from __future__ import annotations

from dataclasses import replace
from unicodedata import east_asian_width

import click
import pytest

from prequal.core.form import Grade
from prequal.owner.terminal import coloured, table
from support import builders


def columns(line: str) -> int:
    """Return the number of columns that a line takes in a terminal."""
    return sum(2 if east_asian_width(letter) in {"W", "F"} else 1 for letter in click.unstyle(line))


@pytest.mark.parametrize(
    ("width", "name"),
    [
        (65, "山田太…"),
        (66, "山田太郎…"),
        (82, "山田太郎 <ada@example.co…"),
        (83, "山田太郎 <ada@example.com>"),
        (None, "山田太郎 <ada@example.com>"),
    ],
)
def test_wide_letters(width: int | None, name: str) -> None:
    """A line with double-width characters is cut at the terminal's edge."""
    [_, line] = table([replace(builders.lead(), name="山田太郎")], width)

    assert width is None or columns(line) <= width
    assert click.unstyle(line).split("  ")[-1] == name


def test_grades_in_colour() -> None:
    """A hot lead is yellow, as on the report's charts; a cold one has the terminal's own colour."""
    assert [coloured(grade, grade) for grade in Grade] == ["\x1b[33mhot\x1b[0m", "\x1b[36mwarm\x1b[0m", "cold"]
