"""Tables as workbooks for Excel, LibreOffice and others. The same table gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO

from xlsxwriter import Workbook

from prequal.core.errors import PrequalError
from prequal.owner.reading_sheet import ReadingColumn
from prequal.owner.text_formats import FORMULA, Cell
from prequal.pages.labels import GRADE_COLOURS, INK

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# Limits of Excel: rows of a sheet, with the heading, and UTF-16 code units of a cell.
_MOST_ROWS = 1_048_576
_MOST_CHARACTERS = 32_767

_NARROWEST, _WIDEST = 8, 60  # in characters
_HEADING, _READ = 10, 30  # of columns to read, whose headings and texts have several lines
_A4 = 9  # xlsxwriter's number
_LINE_HEIGHT, _HIGHEST = 15, 405  # in points; Excel's limit is 409
_SAMPLED = 200  # rows that decide how wide a column is
_LARGE = 50_000  # rows, above which a sheet may be too large for ZIP without its 64-bit extension
_DATE_FORMAT = "yyyy-mm-dd hh:mm:ss"
_MINUTE_FORMAT = "yyyy-mm-dd hh:mm"
_CREATED = datetime(1980, 1, 1)  # noqa: DTZ001, a workbook's times have no zone

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class TooManyLeadsError(PrequalError):
    """Raised when there are more leads than a sheet has rows."""

    def __init__(self, count: int) -> None:
        super().__init__(f"A sheet holds {_MOST_ROWS - 1:,} leads, and there are {count:,}: export csv or jsonl.")


def write_xlsx(
    names: Sequence[str], rows: Iterable[Sequence[Cell]], count: int, reading: Sequence[ReadingColumn], out: BinaryIO
) -> None:
    """Write a table as a workbook of two sheets: one to read and to print, and one with all of its columns.

    Headings are frozen and have filters; dates and numbers have their types. Text is never a formula. It is cut where
    it is too long for a cell.

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
    headings = [column.heading for column in reading]

    def to_read(row: Sequence[Cell]) -> Sequence[Cell]:
        return [column.cell(row) for column in reading]

    leads = _sheet(workbook, "Leads", headings, count, headings.index("Grade"))
    widths = [*_widths(map(to_read, first), least=_HEADING, most=_READ)] or [_HEADING] * len(headings)
    for place, width in enumerate(widths):
        leads.set_column(place, place, width)
    # Bold letters are wider, and lines break between words.
    lines = max(2 * len(heading) // width + 1 for heading, width in zip(headings, widths, strict=True))
    leads.set_row(0, min(lines, 6) * _LINE_HEIGHT)
    leads.freeze_panes(1, headings.index("Name") + 1)
    leads.set_landscape()
    leads.set_paper(_A4)
    leads.fit_to_pages(1, 0)
    leads.repeat_rows(0)
    leads.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.4)
    data = _sheet(workbook, "All data", names, count, names.index("score.grade"))
    for place, width in enumerate(_widths([names, *first])):
        data.set_column(place, place, width)
    data.freeze_panes(1, 0)
    read, every = _Cells(workbook, leads, wraps=True), _Cells(workbook, data)
    read.write_heading(headings)
    every.write_heading(names)
    for number, row in enumerate(chain(first, rows), start=1):
        read.write_row(number, to_read(row))
        every.write_row(number, row)
    workbook.close()


def _sheet(workbook: Workbook, name: str, headings: Sequence[str], count: int, grade: int) -> Worksheet:
    sheet = workbook.add_worksheet(name)
    sheet.autofilter(0, 0, count, len(headings) - 1)
    _colour_grades(workbook, sheet, grade, count)
    return sheet


def _widths(rows: Iterable[Sequence[Cell]], least: int = _NARROWEST, most: int = _WIDEST) -> Iterator[int]:
    """Return the width of each column, in characters."""
    for column in zip(*rows, strict=True):
        longest = max(len(_DATE_FORMAT) if isinstance(cell, datetime) else len(str(cell)) for cell in column)
        yield min(max(longest, least), most) + 2


def _colour_grades(workbook: Workbook, sheet: Worksheet, column: int, last_row: int) -> None:
    for grade, colour in GRADE_COLOURS.items():
        look = workbook.add_format({"bold": True, "font_color": INK, "bg_color": colour.on_light, "border": 1})
        rule = {"type": "cell", "criteria": "==", "value": f'"{grade}"', "format": look}
        sheet.conditional_format(0, column, last_row, column, rule)


class _Cells:
    """Writer of cells, each in the style of its type."""

    def __init__(self, workbook: Workbook, sheet: Worksheet, *, wraps: bool = False) -> None:
        """Take a sheet; `wraps` breaks long texts and headings into lines."""
        self._sheet = sheet
        self._wraps = wraps

        def style(**looks: object) -> Format:
            return workbook.add_format({"valign": "top", **looks})

        aside = {"align": "left"} if wraps else {}  # so that numbers don't touch the text to their right
        self._ordinary = style(**aside)
        self._bold = style(bold=True, text_wrap=wraps)
        self._date = style(num_format=_MINUTE_FORMAT if wraps else _DATE_FORMAT, **aside)
        self._lines = style(text_wrap=True)
        # A quoted cell stays text even when the owner edits it.
        self._quoted = style(quote_prefix=True)

    def write_heading(self, names: Sequence[str]) -> None:
        for place, name in enumerate(names):
            self._sheet.write_string(0, place, name, self._bold)

    def write_row(self, number: int, row: Sequence[Cell]) -> None:
        lines = _lines(row, _READ if self._wraps else _WIDEST, wraps=self._wraps)
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
        if text.startswith(FORMULA):
            return self._quoted
        return self._lines if "\n" in text or (self._wraps and len(text) > _READ) else self._ordinary


def _lines(row: Sequence[Cell], width: int, *, wraps: bool) -> int:
    """Return the number of lines of the longest text with several lines, in columns of a width."""
    texts = [cell for cell in row if isinstance(cell, str) and ("\n" in cell or (wraps and len(cell) > width))]
    return max((sum(len(line) // width + 1 for line in text.split("\n")) for text in texts), default=1)


def _fitting(text: str) -> str:
    """Return the text with the characters that XML allows, cut to the length of a cell."""
    text = _NOT_XML.sub("\ufffd", text)
    units = text.encode("utf-16-le")
    if len(units) <= _MOST_CHARACTERS * 2:
        return text
    return units[: (_MOST_CHARACTERS - 1) * 2].decode("utf-16-le", "ignore") + "…"
