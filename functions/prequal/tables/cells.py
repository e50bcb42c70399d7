"""Rows of cells as a file has them, before they are a table."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from prequal.core.errors import PrequalError
from prequal.core.text import one_line, plain, without_invisible

_DASHES = re.compile("[-–—]*")
_FORCED_TEXT = re.compile(r'=\s*"(.*)"', re.DOTALL)  # ="15", by which a table keeps Excel from changing a cell
_GUARD = re.compile(r"'(?=[=+@-])")  # by which an export keeps it from calculating one
_SHOWN = 60  # characters
_SEARCHED = 50  # rows


class TableError(PrequalError):
    """Raised when a table can't be read, or lacks a column, a value or an outcome that is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of a file or a sheet that are not empty."""

    #: Clean cells by the row's line in the file, or its number in the sheet.
    cells: Mapping[int, Sequence[str]]
    #: The sheet's name.
    sheet: str = ""
    #: Whether the sheet is hidden.
    hidden: bool = False
    #: The first cell with a formula whose result is not in the file.
    uncalculated: str = ""
    #: The separator of a text file, in which a row may have lost or gained a cell; empty if cells have fixed places.
    separator: str = ""
    #: The numbers of the rows in which cells are merged.
    merged: Collection[int] = ()
    #: Sentences about cells that are not read as they seem.
    notes: Sequence[str] = ()

    def headings(self, outcome: str) -> int | None:
        """Return the number of the row that holds the headings: the first one with this, or None.

        Of several such rows that touch, as where headings are merged, it is the one with the most headings.
        """
        found: dict[int, int] = {}
        for number, row in [*self.cells.items()][:_SEARCHED]:
            if normalised(outcome) in map(normalised, row):
                found[number] = sum(map(bool, row))
            elif found:
                break
        return max(found, key=lambda number: found[number], default=None)


def normalised(text: str) -> str:
    """Return a text for comparison: case-folded, composed (NFC), with single spaces and the punctuation of ASCII."""
    return " ".join(plain(unicodedata.normalize("NFC", text)).casefold().split())


def shown(text: str) -> str:
    """Return a text as a message quotes it: one line, and not too long."""
    line = one_line(text[: 4 * _SHOWN])
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def listed(texts: Sequence[str]) -> str:
    """Return the first of these texts as a message lists them."""
    few = 12
    return ", ".join(map(shown, texts[:few])) + (", …" if len(texts) > few else "")


def clean(text: str) -> str:
    """Return a cell without surrounding blanks and marks that only programs need; one of dashes is empty."""
    text = without_invisible(text).strip()
    if forced := _FORCED_TEXT.fullmatch(text):
        text = forced[1].replace('""', '"').strip()
    return "" if _DASHES.fullmatch(text) else _GUARD.sub("", text, count=1) if text[0] == "'" else text
