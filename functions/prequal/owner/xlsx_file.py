"""A table as a workbook for Excel, LibreOffice and the like (Office Open XML, ECMA-376).

It is written here as text: openpyxl would take several times as long. The same table gives the same bytes.
"""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, product
from string import ascii_uppercase
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from prequal.core.errors import PrequalError
from prequal.owner import xlsx_parts as parts
from prequal.owner.csv_file import FORMULA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

    from prequal.owner.rows import Cell

# What a sheet holds, its heading included, and a cell, in units of UTF-16 (Excel specifications and limits).
_MOST_ROWS = 1_048_576
_MOST_CHARACTERS = 32_767

_NARROWEST, _WIDEST = 8, 60  # in characters
_HIGHEST = 405  # in points, somewhat less than a row can be
_LOOKED_AT = 200  # rows, to see how wide a column should be
_LARGE = 50_000  # rows, beyond which a sheet may have more bytes than the archive's ordinary headers can tell
_OLDEST = (1980, 1, 1, 0, 0, 0)  # the time of every file in the archive
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_DAY = timedelta(days=1)

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # which spreadsheets would take for one
_SPECIAL = re.compile(f"[&<>]|{_LIKE_AN_ESCAPE.pattern}|{_NOT_XML.pattern}")


class TooManyLeadsError(PrequalError):
    """More leads than a sheet has rows."""

    def __init__(self, count: int) -> None:
        super().__init__(f"A sheet holds {_MOST_ROWS - 1:,} leads, and there are {count:,}: export csv or jsonl.")


def write_xlsx(names: Sequence[str], rows: Iterable[Sequence[Cell]], count: int, out: BinaryIO) -> None:
    """Write a table of so many rows as one sheet, with a heading that stays, filters, and dates and numbers as such.

    Text stays text, whatever it looks like; longer than a cell can hold, it is cut.

    Raises:
        TooManyLeadsError: they don't fit on a sheet.

    """
    if count >= _MOST_ROWS:
        raise TooManyLeadsError(count)
    rows = iter(rows)
    first = list(islice(rows, _LOOKED_AT))
    columns = list(islice(_columns(), len(names)))
    grades = columns[names.index("score.grade")]
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.around_the_sheet(columns[-1], count + 1).items():
            archive.writestr(_file(name), content)
        with archive.open(_file(parts.SHEET), "w", force_zip64=count > _LARGE) as sheet:
            sheet.write(parts.before_the_rows(_widths([names, *first])).encode())
            heading = [_text(f"{column}1", name, parts.BOLD) for column, name in zip(columns, names, strict=True)]
            sheet.write(_row(1, 1, heading))
            for number, row in enumerate(chain(first, rows), start=2):
                cells = [_cell(f"{column}{number}", cell) for column, cell in zip(columns, row, strict=True)]
                sheet.write(_row(number, _lines(row), cells))
            sheet.write(parts.after_the_rows(columns[-1], count + 1, grades).encode())


def _file(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _OLDEST)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _columns() -> Iterator[str]:
    """Return what a sheet calls its columns: A to Z, then AA to ZZ, and so on."""
    for length in (1, 2, 3):
        yield from map("".join, product(ascii_uppercase, repeat=length))


def _widths(rows: Iterable[Sequence[Cell]]) -> Iterator[int]:
    """Return how many characters wide each column should be."""
    for column in zip(*rows, strict=True):
        longest = max(len(parts.DATE_FORMAT) if isinstance(cell, datetime) else len(str(cell)) for cell in column)
        yield min(max(longest, _NARROWEST), _WIDEST) + 2


def _lines(row: Sequence[Cell]) -> int:
    """Return how many lines the longest text needs, of those that have several."""
    texts = [cell.split("\n") for cell in row if isinstance(cell, str) and "\n" in cell]
    return max((sum(len(line) // _WIDEST + 1 for line in lines) for lines in texts), default=1)


def _row(number: int, lines: int, cells: Iterable[str]) -> bytes:
    height = f' ht="{min(lines * parts.LINE_HEIGHT, _HIGHEST)}" customHeight="1"' if lines > 1 else ""
    return f'<row r="{number}"{height}>{"".join(cells)}</row>'.encode()


def _cell(place: str, cell: Cell) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str):
        style = parts.QUOTED if cell.startswith(FORMULA) else parts.LINES if "\n" in cell else parts.ORDINARY
        return _text(place, cell, style)
    if isinstance(cell, datetime):
        return f'<c r="{place}" s="{parts.DATE}"><v>{(cell.replace(tzinfo=UTC) - _EPOCH) / _DAY}</v></c>'
    return f'<c r="{place}"><v>{cell}</v></c>'


def _text(place: str, text: str, style: int) -> str:
    if len(text) * 2 > _MOST_CHARACTERS:
        text = _cut(text)
    if _SPECIAL.search(text):
        text = escape(_NOT_XML.sub("\ufffd", _LIKE_AN_ESCAPE.sub("_x005F_", text)))
    spaces = ' xml:space="preserve"' if text != text.strip() else ""
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t{spaces}>{text}</t></is></c>'


def _cut(text: str) -> str:
    units = text.encode("utf-16-le", "replace")
    if len(units) <= _MOST_CHARACTERS * 2:
        return text
    return units[: (_MOST_CHARACTERS - 1) * 2].decode("utf-16-le", "ignore") + "…"
