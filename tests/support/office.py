"""The LibreOffice that opens exported tables."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from support.running import PATIENCE

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A table as LibreOffice shows it: the text of each cell, and the formulas that it runs."""

    rows: Sequence[Sequence[str]]
    formulas: Sequence[str]


def find() -> str | None:
    """Return the path of LibreOffice, or None where it isn't installed."""
    return shutil.which("soffice")


def opened(table: Path, home: Path, *options: str) -> Opened:
    """Open a table with these options, and otherwise LibreOffice's defaults; it keeps its settings in `home`.

    Of several sheets it is the last.
    """
    command = [find() or "soffice", "--headless", f"-env:UserInstallation={home.as_uri()}", *options]
    subprocess.run(
        [*command, "--convert-to", "fods", "--outdir", str(table.parent), str(table)],
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    book = ET.parse(table.with_suffix(".fods")).getroot()  # noqa: S314, LibreOffice has written it
    *_, sheet = book.iter(f"{_TABLE}table")
    rows = (list(_cells(row)) for row in sheet.iter(f"{_TABLE}table-row"))
    formulas = (cell.get(f"{_TABLE}formula") for cell in sheet.iter(f"{_TABLE}table-cell"))
    return Opened([row for row in rows if any(row)], [formula for formula in formulas if formula])


def _cells(row: ET.Element) -> Iterator[str]:
    for cell in row.iter(f"{_TABLE}table-cell"):
        text = "\n".join("".join(line.itertext()) for line in cell.iter(f"{_TEXT}p"))
        yield from [text] * int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
