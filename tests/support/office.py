"""The LibreOffice that opens what is exported: found, or installed where there is none. `make test` runs this first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from support.chromium import apt, succeeds

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


class OfficeMissingError(Exception):
    """There is no LibreOffice."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A table as LibreOffice shows it: the text of each cell, and the formulas that it runs."""

    rows: Sequence[Sequence[str]]
    formulas: Sequence[str]


def find() -> str:
    """Return where it is; OfficeMissingError when it isn't anywhere."""
    office = shutil.which("soffice")
    if office is None:
        raise OfficeMissingError("LibreOffice is missing, which opens exported tables: install libreoffice-calc.")
    return office


def opened(table: Path, home: Path, *options: str) -> Opened:
    """Open a table with these options as somebody who has changed no others; their settings are made in `home`."""
    command = [find(), "--headless", f"-env:UserInstallation={home.as_uri()}", *options]
    subprocess.run(
        [*command, "--convert-to", "fods", "--outdir", str(table.parent), str(table)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    sheet = ET.parse(table.with_suffix(".fods")).getroot()  # noqa: S314, LibreOffice has written it
    rows = (list(_cells(row)) for row in sheet.iter(f"{_TABLE}table-row"))
    formulas = (cell.get(f"{_TABLE}formula") for cell in sheet.iter(f"{_TABLE}table-cell"))
    return Opened([row for row in rows if any(row)], [formula for formula in formulas if formula])


def _cells(row: ET.Element) -> Iterator[str]:
    for cell in row.iter(f"{_TABLE}table-cell"):
        text = "\n".join("".join(line.itertext()) for line in cell.iter(f"{_TEXT}p"))
        yield from [text] * int(cell.get(f"{_TABLE}number-columns-repeated", "1"))


def main() -> None:
    """Print where it is. Where it can't be had, say so; in CI, that is a failure."""
    if not shutil.which("soffice"):
        all(succeeds(command) for command in apt("libreoffice-calc-nogui"))
    try:
        print(find())
    except OfficeMissingError as missing:
        if os.environ.get("CI"):
            sys.exit(str(missing))
        print(f"{missing} Until then, the tests leave that out.")


if __name__ == "__main__":
    main()
