"""Leads as lines of JSON, described by `schema/lead.schema.json`, and tables as CSV (RFC 4180)."""

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO, TypeAlias

from prequal.core.exported_lead import lead_json
from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.core.text import instant_text

Cell: TypeAlias = "str | int | datetime | None"
"""A value in a table. A datetime without a time zone is in the owner's."""

# Some spreadsheets take a cell that begins with one of these for a formula (OWASP, CSV injection).
FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
# Where a spreadsheet splits at semicolons, as French, Dutch, Polish and Russian ones do, a semicolon or a line break
# within a cell begins another cell, quoted or not.
_SEPARATOR = re.compile("[;\t\r\n]")
_CELL_START = re.compile(f'(?:^|{_SEPARATOR.pattern})"*(?=[{re.escape("".join(FORMULA))}])')


def write_json_lines(leads: Iterable[Lead], forms: Mapping[str, Form], out: BinaryIO) -> int:
    """Write one object per line, given the forms by version; return the number of leads."""
    count = 0
    for count, lead in enumerate(leads, start=1):  # noqa: B007, the last one is the number
        out.write(f"{lead_json(lead, forms.get(lead.form_version))}\n".encode())
    return count


def write_csv(names: Sequence[str], rows: Iterable[Sequence[Cell]], out: BinaryIO, *, bom: bool) -> None:
    """Write a table in UTF-8, if asked with the byte order mark by which Excel recognises it."""
    if bom:
        out.write(BOM_UTF8)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(names)
    table.writerows([_text(cell) for cell in row] for row in rows)
    text.detach()


def _text(cell: Cell) -> str | int | None:
    if isinstance(cell, str):
        if cell.startswith(FORMULA) or _SEPARATOR.search(cell):
            return _CELL_START.sub(r"\g<0>'", cell)  # an apostrophe makes it text for every spreadsheet
        return cell
    if isinstance(cell, datetime):
        return instant_text(cell) if cell.tzinfo else cell.isoformat(" ", "seconds")
    return cell
