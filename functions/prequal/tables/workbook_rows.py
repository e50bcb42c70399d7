"""Rows of XLSX workbooks."""

import io
import re
import warnings
from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast
from xml.etree.ElementTree import iterparse
from zipfile import ZipFile

from prequal.tables.cells import Rows, TableError, clean

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet
    from openpyxl.worksheet.worksheet import Worksheet

# Excel's "Strict Open XML": openpyxl finds no sheet in it.
_STRICT = b"purl.oclc.org/ooxml/spreadsheetml"
_LIKE_GROUPS = re.compile(r"-?\d+\.\d{3}")
_LITERAL = re.compile(r'"[^"]*"|[\\_*].')  # parts of a number format that are shown as they are


def read_workbook(path: Path, content: bytes) -> Sequence[Rows]:
    """Return the sheets.

    Raises:
        TableError: the file is no workbook, or is damaged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are about looks
            strict = _is_strict(content)
            sheets = [] if strict else _read_sheets(content)
    except Exception as error:  # openpyxl has no exception of its own: a damaged file raises any of Python's
        raise TableError(f"{path} is not an XLSX file, or is damaged: save it again as XLSX, or as CSV.") from error
    if strict:
        raise TableError(f"{path} is in Excel's Strict format: save it as an ordinary XLSX file, or as CSV.")
    return sheets


def _is_strict(content: bytes) -> bool:
    with ZipFile(io.BytesIO(content)) as archive:
        books = [name for name in archive.namelist() if name.endswith("workbook.xml")]
        return any(_STRICT in archive.read(name) for name in books)


def _read_sheets(content: bytes) -> Sequence[Rows]:
    import openpyxl  # noqa: PLC0415, only such a table needs it

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    return [_read_sheet(cast("ReadOnlyWorksheet", sheet)) for sheet in book.worksheets]


def _read_sheet(sheet: "ReadOnlyWorksheet") -> Rows:
    merged, unknown = _scan(sheet)
    sheet.reset_dimensions()  # some programs write wrong ones
    rows = {
        number: [_text(cell.value, getattr(cell, "number_format", "")) for cell in row]
        for number, row in enumerate(cast("Worksheet", sheet).iter_rows(), start=1)
        if any(cell.value is not None for cell in row)
    }
    filled = set()
    for left, top, right, bottom in merged:
        value = rows.get(top, [])[left - 1 : left]
        below = [number for number in range(top + 1, bottom + 1) if number in rows] if value and value[0] else []
        for number in below:
            rows[number] += [""] * (left - len(rows[number]))
            rows[number][left - 1] = value[0]
        if below or right > left:
            filled.add(top)
    return Rows(
        cells={number: row for number, row in rows.items() if any(row)},
        sheet=sheet.title,
        hidden=sheet.sheet_state != "visible",
        uncalculated=unknown,
        merged=filled,
    )


def _scan(sheet: "ReadOnlyWorksheet") -> tuple[Sequence[tuple[int, int, int, int]], str]:
    """Return the merged ranges, and the first cell whose formula was never calculated: openpyxl tells neither.

    Raises:
        ValueError: cells are not in order, of which openpyxl would drop some.
    """
    from openpyxl.utils import range_boundaries  # noqa: PLC0415
    from openpyxl.utils.cell import coordinate_to_tuple  # noqa: PLC0415
    from openpyxl.xml.constants import SHEET_MAIN_NS  # noqa: PLC0415

    merged: list[tuple[int, int, int, int]] = []
    unknown, last, last_row = "", (0, 0), 0
    with sheet._get_source() as xml:  # type: ignore[attr-defined]  # noqa: SLF001, the only way to it
        for _, element in iterparse(xml):  # noqa: S314, the owner's own file; expat bounds what entities expand to
            place = element.get("r")
            match element.tag.removeprefix(f"{{{SHEET_MAIN_NS}}}"):
                case "c":
                    if place and last >= (last := coordinate_to_tuple(place)):
                        raise ValueError(place)
                    formula = element.find(f"{{{SHEET_MAIN_NS}}}f") is not None
                    value = element.findtext(f"{{{SHEET_MAIN_NS}}}v")
                    # A formula whose result is an empty text has the type str.
                    if formula and not value and element.get("t") != "str":
                        unknown = unknown or place or "?"
                case "row":
                    if place and (last_row >= int(place) or last_row < last[0] != int(place)):
                        raise ValueError(place)
                    last_row = int(place or last_row + 1)
                    element.clear()
                case "mergeCell":
                    merged.append(cast("tuple[int, int, int, int]", range_boundaries(element.get("ref", ""))))
    return merged, unknown


def _text(value: object, number_format: str) -> str:
    from openpyxl.utils.escape import unescape  # noqa: PLC0415, it writes line ends as _x000D_

    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float():
            # As many digits as Excel shows: 0.07 * 100 is 7, and not a trifle more.
            number = Decimal(f"{value:.15g}") * (100 if _is_percent(number_format) else 1)
            text = format(number.normalize(), "f")
            return f"{text}0" if _LIKE_GROUPS.fullmatch(text) else text  # 12.125 isn't twelve thousand
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case str():
            return clean(unescape(value))
        case _:
            return str(value)


@cache
def _is_percent(number_format: str) -> bool:
    """Return whether a number is shown a hundred times as large."""
    return "%" in _LITERAL.sub("", number_format)
