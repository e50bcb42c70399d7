"""Tables of past clients: CSV as any spreadsheet writes it, and XLSX."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

from prequal.core.errors import MissingExtraError, PrequalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_DELIMITERS = ",;\t|"


class TableError(PrequalError):
    """A table can't be read, or lacks something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns by their headings, all of the same length; every cell as text without white space around it."""

    columns: Mapping[str, Sequence[str]]
    length: int

    def column(self, name: str) -> Sequence[str]:
        """Return a column by its heading, in whatever case; TableError when there is none."""
        for heading, cells in self.columns.items():
            if heading.casefold() == name.strip().casefold():
                return cells
        raise TableError(f"The table has no column {name}: it has {', '.join(self.columns)}.")


def read_table(path: Path) -> Table:
    """Read a file whose first row is the headings.

    Raises:
        TableError: it can't be read, or is no such table.

    """
    try:
        rows = _xlsx(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv(path)
    except OSError as error:
        raise TableError(f"{path} can't be read: {error.strerror or error}.") from error
    headings, *body = [row for row in rows if any(row)] or [[]]
    if not any(headings):
        raise TableError(f"{path} is empty: its first row should name the columns.")
    named = [name for name in headings if name]
    twice = {name for name in named if named.count(name) > 1}
    if twice:
        raise TableError(f"{path} has two columns {min(twice)}: rename or remove one.")
    width = len(headings)
    padded = [[*row[:width], *[""] * (width - len(row))] for row in body]
    columns = list(zip(*padded, strict=True)) if padded else [()] * width
    return Table(
        columns={name: cells for name, cells in zip(headings, columns, strict=True) if name}, length=len(padded)
    )


def _csv(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # what Excel writes where it writes no Unicode
    heading = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=heading.count)
    try:
        return [
            [cell.strip() for cell in row] for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise TableError(f"{path} is not a table: {error}.") from error


def _xlsx(path: Path) -> list[list[str]]:
    try:
        import openpyxl  # noqa: PLC0415, only such a table needs it
        from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtraError(error.name or "") from error
    from zipfile import BadZipFile  # noqa: PLC0415

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError) as error:
        raise TableError(f"{path} is not an XLSX file: save it anew, or as CSV.") from error
    try:
        rows: Iterable[Iterable[object]] = book.worksheets[0].iter_rows(values_only=True)
        return [[_text(cell) for cell in row] for row in rows]
    finally:
        book.close()


def _text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case _:
            return str(cell).strip()
