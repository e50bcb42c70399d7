"""Exports opened in LibreOffice: complete, and without running formulas."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from prequal.core.lead import Lead
from prequal.owner.exporter import Exporter, Format
from support import builders, office
from support.tools import leave_out

LEADS = 300
# What prospects may call themselves, in the hope that the owner's spreadsheet runs it.
NAMES = (
    '=HYPERLINK("https://evil.example","Ada")',
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "Ada;=1+1;",
    'Ada;"=1+1";',
    "Ada\n=1+1;\n+1+1",
    "Ada\n=1+1",
    'Ada\n"=1+1"',
    '",=1+1,"',
    "Zoë & <Łukasz>",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for LibreOffice's settings, or leave the test out where there is no LibreOffice."""
    if not office.find():
        leave_out("LibreOffice was not found: install libreoffice-calc to have exported tables opened.")
    return tmp_path_factory.mktemp("home")


def leads() -> Sequence[Lead]:
    """Return leads of every grade, whose names and wishes look like formulas."""
    made = (builders.lead(), builders.lead(services=["design", "build"]), builders.lead(**builders.UNQUALIFIED))
    return [
        replace(lead, name=name, email=f"{number}@example.com", answers={**lead.answers, "goals": name})
        for number, lead, name in zip(range(LEADS), cycle(made), cycle(NAMES), strict=False)
    ]


def export(kind: Format, path: Path) -> Path:
    """Export them to a file."""
    form = builders.form()
    with path.open("wb") as out:
        Exporter(format=kind, forms={form.version: form}, zone=ZoneInfo("Europe/Paris")).write(leads(), out)
    return path


def test_a_workbook(tmp_path: Path, home: Path) -> None:
    """A workbook has every row, dates as dates, and text unchanged."""
    table = office.opened(export(Format.XLSX, tmp_path / "leads.xlsx"), home)

    names, *rows = table.rows
    shown = [dict(zip(names, row, strict=False)) for row in rows]
    assert [row["email"] for row in shown] == [f"{number}@example.com" for number in range(LEADS)]
    assert [row["name"] for row in shown] == list(NAMES) * (LEADS // len(NAMES))
    assert (shown[0]["received_at"], shown[0]["received_at.local"]) == ("2026-03-02 09:30:00", "2026-03-02 10:30:00")
    assert shown[0]["answers.budget.words"] == "About that"
    assert table.formulas == []


def test_csv(tmp_path: Path, home: Path) -> None:
    """A CSV file has every row, and every cell is as in the file."""
    written = export(Format.CSV, tmp_path / "leads.csv")

    table = office.opened(written, home, "--infilter=CSV:44,34,76,1")

    with written.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    assert len(rows) == LEADS
    assert [row[: names.index("score.method")] for row in table.rows] == [
        row[: names.index("score.method")] for row in (names, *rows)
    ]
    assert table.formulas == []


def test_csv_split_at_semicolons(tmp_path: Path, home: Path) -> None:
    """No formula runs if LibreOffice splits at semicolons, so that cells begin elsewhere."""
    table = office.opened(export(Format.CSV, tmp_path / "leads.csv"), home, "--infilter=CSV:59,34,76,1")

    assert len(table.rows) > LEADS
    assert table.formulas == []
