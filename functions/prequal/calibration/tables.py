"""Tables of past clients: CSV as any spreadsheet writes it, and XLSX."""

import codecs
import csv
import io
import re
import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from prequal.core.errors import PrequalError

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

_DELIMITERS = "\t|;,"  # of equally fitting ones, the one that is rarer in words and numbers
_SAMPLE = 200  # rows, to choose the delimiter by
_NAMED_DELIMITER = re.compile(r"""(?i:"?sep=)([^"\r\n])"?[\r\n]""")  # a first line that only Excel writes
_LIKE_GROUPS = re.compile(r"-?\d+\.\d{3}")
_OF_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # ODS and XLSX, XLS


class TableError(PrequalError):
    """Raised when a table can't be read, or lacks a column, a value or an outcome that is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTable:
    """A table: columns of the same length by their headings. Cells are text without surrounding white space."""

    columns: Mapping[str, Sequence[str]]

    def column(self, name: str) -> Sequence[str]:
        """Return a column by its heading, in any case; TableError if there is none."""
        for heading, cells in self.columns.items():
            if normalised(heading) == normalised(name):
                return cells
        raise TableError(f"The table has no column {name}: it has {', '.join(self.columns)}.")


def normalised(text: str) -> str:
    """Return a text for comparison: case-folded, in composed form (NFC), with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def read_table(path: Path) -> ClientTable:
    """Read a file whose first row holds the headings.

    Raises:
        TableError: the file can't be read, or is no such table.
    """
    try:
        rows = _read_xlsx(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _read_csv(path)
    except OSError as error:
        raise TableError(f"{path} can't be read: {error.strerror or error}.") from error
    headings, *body = rows or [[]]
    if not any(headings):
        raise TableError(f"{path} is empty: its first row should name the columns.")
    compared = [normalised(name) for name in headings]
    twice = next((name for name in compared if name and compared.count(name) > 1), None)
    if twice:
        alike = dict.fromkeys(name for name in headings if normalised(name) == twice)
        raise TableError(f"{path} has two columns {' and '.join(alike)}: rename or remove one.")
    width = len(headings)
    padded = [[*row[:width], *[""] * (width - len(row))] for row in body]
    columns = list(zip(*padded, strict=True)) if padded else [()] * width
    return ClientTable(columns={name: cells for name, cells in zip(headings, columns, strict=True) if name})


def _read_csv(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    if content.startswith(_OF_SPREADSHEETS):
        raise TableError(f"{path} is not CSV: save it as CSV or XLSX.")
    text = _decode(content)
    named = _NAMED_DELIMITER.match(text)
    delimiter = named[1] if named else max(_DELIMITERS, key=lambda mark: _fit(_split(text, mark, _SAMPLE)[0]))
    rows, fault = _split(text, delimiter)
    if fault:
        raise TableError(f"{path} is no CSV {fault}: close or remove the quotation mark there, or save it as XLSX.")
    return rows[1:] if named else rows


def _decode(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # Excel's encoding where it writes no Unicode


def _split(text: str, delimiter: str, limit: int | None = None) -> tuple[list[list[str]], str]:
    """Split into rows that are not empty; return them, and the syntax error that ended this, if any."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    line = 1
    try:
        for row in islice(reader, limit):
            if any(cells := [cell.strip() for cell in row]):
                rows.append(cells)
            line = reader.line_num + 1
    except csv.Error as error:
        return rows, f"from line {line} on ({error})"
    return rows, ""


def _fit(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return the number of rows as wide as the headings, and that width; a single column is no fit."""
    width = len(rows[0]) if rows else 0
    return (sum(len(row) == width for row in rows), width) if width > 1 else (0, 0)


def _read_xlsx(path: Path) -> list[list[str]]:
    import openpyxl  # noqa: PLC0415, only such a table needs it

    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            sheet = book.worksheets[0]
            cast("ReadOnlyWorksheet", sheet).reset_dimensions()  # some programs write wrong ones
            rows = ([_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True))
            return [row for row in rows if any(row)]
    except (BadZipFile, ParseError, zlib.error, EOFError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise TableError(f"{path} is not an XLSX file, or is damaged: save it again, or as CSV.") from error


def _text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer():
            return str(int(cell))
        case float() if _LIKE_GROUPS.fullmatch(str(cell)):
            return f"{cell}0"  # so that 12.125 isn't taken for twelve thousand
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case _:
            return str(cell).strip()
