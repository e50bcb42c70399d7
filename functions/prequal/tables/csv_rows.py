"""Rows of text files: CSV as any spreadsheet or CRM writes it."""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from prequal.tables.cells import Rows, TableError, clean

_DELIMITERS = "\t|;,"  # of equally fitting ones, the one that is rarer in words and numbers
_SAMPLE = 200  # rows, to choose the delimiter by
_NAMED_DELIMITER = re.compile(r"""(?i:"?sep=)([^"\r\n])"?[\r\n]""")  # a first line that only Excel writes
# What spreadsheets write where it is not Unicode, by the language of the system; the first, if nothing tells.
_OLD_ENCODINGS = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "mac_roman", "mac_latin2")
_CURRENCIES = ("zł", "Kč")  # which tell the encoding of a table without the form's words
_CSV_LIMIT = 131_072  # characters in a cell, to the standard library
_REPLACED = "\ufffd"


def read_csv(path: Path, content: bytes, outcome: str, words: Sequence[str]) -> Rows:
    """Split a text into rows; the heading `outcome` helps to choose the separator, and these words the encoding.

    Raises:
        TableError: the content is no text, or not written as CSV has to be.
    """
    text, note = _decode(path, content, words)
    if "\0" in text:
        raise TableError(f"{path} is no text, or is damaged: save it again as CSV UTF-8, or as XLSX.")
    named = _NAMED_DELIMITER.match(text)
    body, above = (text[named.end() :].removeprefix("\n"), 1) if named else (text, 0)
    delimiter = named[1] if named else max(_DELIMITERS, key=lambda mark: _fit(_split(text, mark, _SAMPLE)[0], outcome))
    rows, fault = _split(body, delimiter)
    if fault:
        line = fault[0] + above
        raise TableError(
            f"{path} is no CSV from line {line} on ({fault[1]}): close or remove the quotation mark there, "
            "or save it as XLSX."
        )
    found = Rows(cells={line + above: row for line, row in rows.items()}, separator=delimiter)
    swallowed = _swallowed(found, outcome)
    notes = [
        note,
        f"Line {swallowed}: a cell in quotation marks holds whole rows; check these marks." if swallowed else "",
    ]
    return Rows(cells=found.cells, separator=delimiter, notes=[*filter(None, notes)])


def _decode(path: Path, content: bytes, words: Sequence[str]) -> tuple[str, str]:
    """Return the text, and a note if it was guessed."""
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16"), ""
        even, odd = content[::2].count(0), content[1::2].count(0)
        if even or odd:  # UTF-16 without a byte order mark, if it is text at all
            return content.decode("utf-16-le" if odd > even else "utf-16-be"), ""
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is damaged: save it again as CSV UTF-8, or as XLSX.") from error
    text = content.decode("utf-8-sig", errors="replace")
    if _REPLACED not in text:
        return text, ""
    faults = text.count(_REPLACED)
    if sum(character > "\x7f" for character in text) > 2 * faults:
        return text, f"Characters that are no UTF-8 were not read: {faults:,}. Save the file again as CSV UTF-8."
    telling = [word for word in (*words, *_CURRENCIES) if not word.isascii()]
    texts = {encoding: content.decode(encoding, errors="replace") for encoding in _OLD_ENCODINGS}
    encoding = max(_OLD_ENCODINGS, key=lambda name: sum(word in texts[name] for word in telling))
    note = f"The file is not in UTF-8, and was read as {encoding}: if letters look wrong, save it again as CSV UTF-8."
    return texts[encoding], note


def _split(text: str, delimiter: str, limit: int | None = None) -> tuple[dict[int, list[str]], tuple[int, str] | None]:
    """Return the rows that are not empty by their first line, and the line and the kind of a syntax error, if any."""
    csv.field_size_limit(max(len(text), _CSV_LIMIT))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: dict[int, list[str]] = {}
    line = 1
    try:
        for row in islice(reader, limit):
            if any(cells := [clean(cell) for cell in row]):
                rows[line] = cells
            line = reader.line_num + 1
    except csv.Error as error:
        return rows, (line, str(error))
    return rows, None


def _fit(rows: dict[int, list[str]], outcome: str) -> tuple[bool, int, int]:
    """Return whether there is this heading, the number of rows as wide as it, and that width; one column is no fit."""
    headings = Rows(cells=rows).headings(outcome) if outcome else None
    width = len(rows[headings or next(iter(rows))]) if rows else 0
    fitting = sum(len(row) == width for row in rows.values())
    return (headings is not None, fitting, width) if width > 1 else (False, 0, 0)


def _swallowed(rows: Rows, outcome: str) -> int | None:
    """Return the line of the first cell with as many separators as that many whole lines have."""
    headings = rows.headings(outcome)
    width = len(rows.cells[headings]) if headings else 0
    for line, row in rows.cells.items() if width > 1 else ():
        for cell in row:
            ends = max(cell.count("\n"), cell.count("\r"))
            if ends and cell.count(rows.separator) == ends * (width - 1):
                return line
    return None
