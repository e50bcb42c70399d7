"""Tables of past clients, with notes on the cells that are not read as they seem."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prequal.tables.cells import Rows, TableError, listed, normalised, shown
from prequal.tables.csv_rows import read_csv
from prequal.tables.workbook_rows import read_workbook

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_START = 100  # bytes
_WORKBOOKS = (".xlsx", ".xlsm")
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTable:
    """A table: columns of the same length by their headings. Cells are text without surrounding white space."""

    columns: Mapping[str, Sequence[str]]
    #: Headings, as `normalised`, of which there are several, so that none of their columns can be used.
    repeated: Collection[str] = ()
    #: Sentences about cells that are not read as they seem.
    notes: Sequence[str] = ()

    def column(self, name: str) -> Sequence[str]:
        """Return a column by its heading, in any case; TableError if there is none, or more than one."""
        self.check_unique(name)
        for heading, cells in self.columns.items():
            if normalised(heading) == normalised(name):
                return cells
        raise TableError(f"The table has no column {name}: it has {listed([*self.columns])}.")

    def check_unique(self, name: str) -> None:
        """Raise TableError if several columns have this heading."""
        if normalised(name) in self.repeated:
            raise TableError(f"The table has two columns {shown(name)}: rename or remove one.")


def read_table(path: Path, outcome: str = "", *, sheet: str | None = None, words: Sequence[str] = ()) -> ClientTable:
    """Read a file in which the row of headings holds that of the outcome; without one, it is the first row.

    A workbook has the table on `sheet`, or on the only sheet with these headings. These `words` are likely in it.

    Raises:
        TableError: the file can't be read, or is no such table.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} can't be read: {error.strerror or error}.") from error
    if content.startswith(_OLE):
        raise TableError(f"{path} is an old XLS file, or has a password: save it as XLSX without one, or as CSV.")
    if content[:_START].lstrip().startswith(b"<"):
        raise TableError(f"{path} is a web page: open it in a spreadsheet, and save it as XLSX or CSV.")
    if content.startswith(_ZIP) or path.suffix.lower() in _WORKBOOKS:
        rows, notes = _choose_sheet(path, read_workbook(path, content), outcome, sheet)
    elif sheet is not None:
        raise TableError(f"{path} has no sheets: leave out --sheet.")
    else:
        rows, notes = read_csv(path, content, outcome, words), []
    if not rows.cells:
        raise TableError(f"{path} is empty: its first row should name the columns.")
    first = rows.headings(outcome) if outcome else None
    top = next(iter(rows.cells)) if first is None else first
    headings = rows.cells[top]
    below = {number: row for number, row in rows.cells.items() if number > top}
    body = {number: row for number, row in below.items() if row != headings}
    _check_widths(path, rows.separator, len(headings), body)
    names = Counter(map(normalised, filter(None, headings)))
    repeated = [name for name, count in names.items() if count > 1]
    padded = [[*row, *[""] * len(headings)] for row in body.values()]
    columns = {name: tuple(row[place] for row in padded) for place, name in enumerate(headings) if name}
    return ClientTable(
        columns={name: cells for name, cells in columns.items() if normalised(name) not in repeated},
        repeated=repeated,
        notes=[
            *notes,
            *rows.notes,
            *_notes(rows, top, body, len(below) - len(body)),
            *(f"There are several columns {shown(name)}: none was read." for name in repeated),
        ],
    )


def _choose_sheet(path: Path, sheets: Sequence[Rows], outcome: str, name: str | None) -> tuple[Rows, Sequence[str]]:
    """Return the sheet with this name, or the only visible one with the outcome, or the first; and notes on others."""
    if name is not None:
        found = [each for each in sheets if normalised(each.sheet) == normalised(name)]
        if not found:
            raise TableError(f"{path} has no sheet {name}: it has {listed([each.sheet for each in sheets])}.")
    else:
        found = [each for each in sheets if not each.hidden and outcome and each.headings(outcome) is not None]
    if len(found) > 1:
        names = listed([each.sheet for each in found])
        raise TableError(f"{path} has the column {outcome} on the sheets {names}: choose one with --sheet.")
    if not sheets:
        raise TableError(f"{path} has no sheet with cells: save it again as XLSX, or as CSV.")
    chosen = (found or sheets)[0]
    if chosen.uncalculated:
        raise TableError(
            f"{path} has a formula without its result in {chosen.sheet}!{chosen.uncalculated}: open the file in Excel "
            "or LibreOffice, and save it."
        )
    return chosen, [f"Of {len(sheets):,} sheets, only {shown(chosen.sheet)} was read."] if len(sheets) > 1 else []


def _check_widths(path: Path, separator: str, width: int, body: Mapping[int, Sequence[str]]) -> None:
    """Refuse a text with rows wider than the headings, unless each ends in separators behind which there is nothing."""
    wide = [number for number, row in body.items() if len(row) > width] if separator else []
    if wide and (len(wide) < len(body) or any(any(row[width:]) for row in body.values())):
        first = f"line {wide[0]} has" if len(wide) == 1 else f"{len(wide):,} lines, from line {wide[0]:,} on, have"
        raise TableError(
            f"{path}: {first} more cells than the {width:,} headings. Put each cell that holds a "
            f"{_SEPARATORS.get(separator, separator)} between quotation marks, or give every column a heading."
        )


def _notes(rows: Rows, top: int, body: Mapping[int, Sequence[str]], repeating: int) -> Iterator[str]:
    """Yield notes on skipped rows and columns, and on completed cells."""
    width = len(rows.cells[top])
    above = sum(number < top for number in rows.cells)
    if above:
        yield f"The headings are in row {top:,}; what is above them was not read."
    if repeating:
        yield f"Rows that repeat the headings were not read: {repeating:,}."
    nameless = [place for place in range(max(map(len, body.values()), default=0)) if not _at(rows.cells[top], place)]
    unread = [str(place + 1) for place in nameless if any(_at(row, place) for row in body.values())]
    if unread:
        yield f"Columns without a heading were not read: {', '.join(unread)} (counted from the left)."
    short = [number for number, row in body.items() if len(row) < width] if rows.separator else []
    if short:
        yield f"Rows that end before the last heading count as empty there: {len(short):,}, first in line {short[0]:,}."
    merged = [number for number in rows.merged if number > top]
    if merged:
        yield f"Merged cells count for each of their rows, and for their first column only: see row {min(merged):,}."


def _at(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""
