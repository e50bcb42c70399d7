"""Table of figures, each with its baseline and their ratio."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """A line of the table."""

    what: str
    figure: str
    beside: str = ""
    ratio: str = ""


class Section(NamedTuple):
    """Lines that belong together."""

    title: str
    rows: Sequence[Row]


_HEAD = Row("", "prequal", "beside", "ratio")


def table(sections: Sequence[Section]) -> str:
    """Return the sections as text in columns."""
    rows = [_HEAD, *(row for section in sections for row in section.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(_HEAD, widths)]
    for section in sections:
        lines += ["", section.title, *(_line(row, widths) for row in section.rows)]
    return "\n".join(lines)


def _line(row: Row, widths: Sequence[int]) -> str:
    what, *others = widths
    figures = (cell.rjust(width) for cell, width in zip(row[1:], others, strict=True))
    return "  ".join(["", row.what.ljust(what), *figures]).rstrip()


def milliseconds(seconds: float) -> str:
    """Write a duration."""
    return f"{_rounded(seconds * 1000, 3)} ms"


def per_second(rate: float) -> str:
    """Write a rate per second."""
    return f"{_rounded(rate, 3)} /s"


def size(length: int) -> str:
    """Write an exact number of bytes."""
    return f"{length:,} B"


def mebibytes(length: int) -> str:
    """Write a number of bytes to a tenth of a mebibyte."""
    return f"{length / 2**20:,.1f} MiB"


def times(ratio: float, digits: int = 2) -> str:
    """Write a ratio, by default with two significant digits, since more are mostly noise."""
    return f"{_rounded(ratio, digits)} x"


def _rounded(value: float, digits: int) -> str:
    """Write a positive number to a number of significant digits."""
    decimals = digits - 1 - math.floor(math.log10(value))
    return f"{round(value, decimals):,.{max(decimals, 0)}f}"
