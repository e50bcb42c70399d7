"""Tables as workbooks for Excel, LibreOffice and others. The same table gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO

from xlsxwriter import Workbook

from prequal.core.errors import PrequalError
from prequal.owner.text_formats import FORMULA, Cell
from prequal.pages.labels import GRADE_COLOURS, INK

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# Limits of Excel: rows of a sheet, with the heading, and UTF-16 code units of a cell.
_MOST_ROWS = 1_048_576
_MOST_CHARACTERS = 32_767

_NARROWEST, _WIDEST = 8, 60  # in characters
_LINE_HEIGHT, _HIGHEST = 15, 405  # in points; Excel's limit is 409
_SAMPLED = 200  # rows that decide how wide a column is
_LARGE = 50_000  # rows, above which a sheet may be too large for ZIP without its 64-bit extension
_DATE_FORMAT = "yyyy-mm-dd hh:mm:ss"
_CREATED = datetime(1980, 1, 1)  # noqa: DTZ001, a workbook's times have no zone

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class TooManyLeadsError(PrequalError):
    """Raised when there are more leads than a sheet has rows."""

    def __init__(self, count: int) -> None:
        super().__init__(f"A sheet holds {_MOST_ROWS - 1:,} leads, and there are {count:,}: export csv or jsonl.")


def write_xlsx(names: Sequence[str], rows: Iterable[Sequence[Cell]], count: int, out: BinaryIO) -> None:
    """Write a table as one sheet with a frozen heading, filters, and typed dates and numbers.

    Text is never a formula. It is cut where it is too long for a cell.

    Raises:
        TooManyLeadsError: they don't fit on a sheet; nothing was written.
    """
    if count >= _MOST_ROWS:
        raise TooManyLeadsError(count)
    rows = iter(rows)
    first = list(islice(rows, _SAMPLED))
    # Each row goes to the disk: memory use doesn't grow with the table.
    workbook = Workbook(out, {"constant_memory": True, "remove_timezone": True})
    workbook.set_properties({"created": _CREATED})
    if count > _LARGE:
        workbook.use_zip64()
    sheet = workbook.add_worksheet("Leads")
    for place, width in enumerate(_widths([names, *first])):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, count, len(names) - 1)
    _colour_grades(workbook, sheet, names.index("score.grade"), count)
    cells = _Cells(workbook, sheet)
    cells.write_heading(names)
    for number, row in enumerate(chain(first, rows), start=1):
        cells.write_row(number, row)
    workbook.close()


def _widths(rows: Iterable[Sequence[Cell]]) -> Iterator[int]:
    """Return the width of each column, in characters."""
    for column in zip(*rows, strict=True):
        longest = max(len(_DATE_FORMAT) if isinstance(cell, datetime) else len(str(cell)) for cell in column)
        yield min(max(longest, _NARROWEST), _WIDEST) + 2


def _colour_grades(workbook: Workbook, sheet: Worksheet, column: int, last_row: int) -> None:
    for grade, colour in GRADE_COLOURS.items():
        look = workbook.add_format({"bold": True, "font_color": INK, "bg_color": colour.on_light, "border": 1})
        rule = {"type": "cell", "criteria": "==", "value": f'"{grade}"', "format": look}
        sheet.conditional_format(0, column, last_row, column, rule)


class _Cells:
    """Writer of cells, each in the style of its type."""

    def __init__(self, workbook: Workbook, sheet: Worksheet) -> None:
        self._sheet = sheet

        def style(**looks: object) -> Format:
            return workbook.add_format({"valign": "top", **looks})

        self._ordinary = style()
        self._bold = style(bold=True)
        self._date = style(num_format=_DATE_FORMAT)
        self._lines = style(text_wrap=True)
        # A quoted cell stays text even when the owner edits it.
        self._quoted = style(quote_prefix=True)

    def write_heading(self, names: Sequence[str]) -> None:
        for place, name in enumerate(names):
            self._sheet.write_string(0, place, name, self._bold)

    def write_row(self, number: int, row: Sequence[Cell]) -> None:
        lines = _lines(row)
        if lines > 1:
            self._sheet.set_row(number, min(lines * _LINE_HEIGHT, _HIGHEST))
        for place, cell in enumerate(row):
            match cell:
                case None | "":
                    pass
                case str():
                    self._sheet.write_string(number, place, _fitting(cell), self._style(cell))
                case datetime():
                    self._sheet.write_datetime(number, place, cell, self._date)
                case _:
                    self._sheet.write_number(number, place, cell, self._ordinary)
        # The row before is on the disk by now. Its height would stay in memory, for pictures, and there are none.
        for heights in (self._sheet.row_info, self._sheet.row_sizes):
            heights.pop(number - 1, None)

    def _style(self, text: str) -> Format:
        return self._quoted if text.startswith(FORMULA) else self._lines if "\n" in text else self._ordinary


def _lines(row: Sequence[Cell]) -> int:
    """Return the number of lines of the longest text with several lines."""
    texts = [cell.split("\n") for cell in row if isinstance(cell, str) and "\n" in cell]
    return max((sum(len(line) // _WIDEST + 1 for line in lines) for lines in texts), default=1)


def _fitting(text: str) -> str:
    """Return the text with the characters that XML allows, cut to the length of a cell."""
    text = _NOT_XML.sub("\ufffd", text)
    units = text.encode("utf-16-le")
    if len(units) <= _MOST_CHARACTERS * 2:
        return text
    return units[: (_MOST_CHARACTERS - 1) * 2].decode("utf-16-le", "ignore") + "…"
