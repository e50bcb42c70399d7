"""A table as CSV (RFC 4180), for any program."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import BinaryIO

from prequal.core.text import instant_text
from prequal.owner.rows import Cell

# What some spreadsheet runs at the beginning of a cell (OWASP, CSV injection).
FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
# Where a spreadsheet separates by semicolons, as French, Dutch, Polish and Russian ones do, a semicolon or a line break
# within our cell begins another, quoted or not.
_RUN_AS_FORMULA = re.compile(f'(?:^|[;\t\r\n])"*(?=[{re.escape("".join(FORMULA))}])')


def write_csv(names: Sequence[str], rows: Iterable[Sequence[Cell]], out: BinaryIO, *, bom: bool) -> None:
    """Write a table in UTF-8, with the byte order mark that Excel knows it by, or without."""
    if bom:
        out.write(BOM_UTF8)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(names)
    table.writerows([_text(cell) for cell in row] for row in rows)
    text.detach()


def harmless(text: str) -> str:
    """Return what no spreadsheet runs: an apostrophe stands before whatever it could take for a formula."""
    if text.startswith(FORMULA) or ";" in text or "\n" in text or "\t" in text or "\r" in text:
        return _RUN_AS_FORMULA.sub(r"\g<0>'", text)
    return text


def _text(cell: Cell) -> str | int | None:
    if isinstance(cell, str):
        return harmless(cell) if cell else cell
    if isinstance(cell, datetime):
        return instant_text(cell) if cell.tzinfo else cell.isoformat(" ", "seconds")
    return cell
