"""Tables as CRMs, spreadsheets and people leave them: read as their plain twins, or refused with a true sentence."""

from __future__ import annotations

import json
import random
import re
import warnings
from collections.abc import Callable, Sequence
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from prequal.calibration import presentation
from prequal.calibration.pipeline import calibrate
from prequal.calibration.verdict import Verdict
from prequal.tables.cells import TableError
from unit.calibration import writing
from unit.tables.test_client_table import change_member, write_file

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

ROWS = writing.plain_rows(random.Random(7), 60)  # noqa: S311, no secret
HEADINGS = list(ROWS[0])
TABLE = [HEADINGS, *([*row.values()] for row in ROWS)]
PAGES = HEADINGS.index("pages")
SERVICES = HEADINGS.index("services")


def text(table: Sequence[Sequence[str]], mark: str = ",") -> str:
    """Return rows as text, without any quotation mark."""
    return "".join(mark.join(row) + "\n" for row in table)


def changed(place: int, change: Callable[[str], str]) -> list[list[str]]:
    """Return the table with a change of each cell in a column that isn't empty."""
    rows = [[change(cell) if at == place and cell else cell for at, cell in enumerate(row)] for row in TABLE[1:]]
    return [HEADINGS, *rows]


def truth(tmp_path: Path) -> object:
    """Return the reading of the plain twin."""
    plain = writing.read(write_file(tmp_path / "truth.csv", text(TABLE).encode()))
    assert plain
    assert writing.words(plain) == []
    return writing.reading(plain)


def workbook(path: Path, change: Callable[[Worksheet], object] = lambda _: None) -> Path:
    """Write the table as XLSX, with its numbers as numbers, and change the sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in TABLE:
        sheet.append([int(cell) if cell.isdigit() else cell or None for cell in row])
    change(sheet)
    book.save(path)
    return path


@pytest.mark.parametrize(
    "number",
    ["{} €", "€{:,}", "EUR {:,}.00", "{},-", '="{}"', "CHF {}.–", "{} %", "{} pages", "ca. {}"],
)
def test_money_and_units(tmp_path: Path, number: str) -> None:
    """A number may have a currency, a unit, cents or the marks of a program."""
    table = changed(PAGES, lambda cell: '"' + number.format(int(cell)).replace('"', '""') + '"')
    found = writing.read(write_file(tmp_path / "clients.csv", text(table).encode()))
    assert found
    assert (writing.reading(found), found.unmatched) == (truth(tmp_path), {})


def test_two_equal_headings(tmp_path: Path) -> None:
    """Two equal headings that no question uses are no fault, but a note; two of a question are refused."""
    table = [["Notes", "notes", *TABLE[0]], *(["a", "b", *row] for row in TABLE[1:])]
    path = write_file(tmp_path / "clients.csv", text(table).encode())
    found = writing.read(path)
    assert found
    assert writing.reading(found) == truth(tmp_path)
    assert found.notes == ["There are several columns notes: none was read."]

    write_file(path, text([["pages", *TABLE[0]], *(["3", *row] for row in TABLE[1:])]).encode())
    with pytest.raises(TableError, match="two columns pages: rename or remove one"):
        writing.read_or_raise(path)


def test_a_cell_of_any_length(tmp_path: Path) -> None:
    """A cell may be longer than the standard library reads by default."""
    table = [["notes", *TABLE[0]], *(["x" * 140_000 if row is TABLE[9] else "", *row] for row in TABLE[1:])]
    found = writing.read(write_file(tmp_path / "clients.csv", text(table).encode()))
    assert found
    assert writing.reading(found) == truth(tmp_path)


@pytest.mark.parametrize("joint", [", ", ",", ";", "; ", "\n", " | ", " / ", '", "'])
def test_answers_whose_labels_hold_the_separator(tmp_path: Path, joint: str) -> None:
    """Several answers in a cell are told apart even if their labels hold what separates them."""

    def answer(cell: str) -> str:
        chosen = joint.join(writing.OPTIONS[part][1] for part in cell.split(";"))
        return '"' + (f'"{chosen}"' if '"' in joint else chosen).replace('"', '""') + '"'

    found = writing.read(write_file(tmp_path / "clients.csv", text(changed(SERVICES, answer)).encode()))
    assert found
    assert (writing.reading(found), found.unmatched) == (truth(tmp_path), {})


def test_rows_wider_than_the_headings(tmp_path: Path) -> None:
    """Rows that a comma in a number made wider are refused: their outcome would be another cell."""
    path = write_file(tmp_path / "clients.csv", text(changed(PAGES, lambda cell: f"{int(cell):,}")).encode())
    with pytest.raises(TableError, match=r"lines, from line .* on, have more cells than the 5 headings. Put each"):
        writing.read_or_raise(path)


def test_narrow_and_nameless(tmp_path: Path) -> None:
    """Rows that end early, rows that repeat the headings, and columns without a heading are noted."""
    table = [["", *HEADINGS], *(["1", *row] for row in TABLE[1:]), ["", *HEADINGS], ["1", "around"]]
    found = writing.read(write_file(tmp_path / "clients.csv", text(table).encode()))
    assert found
    assert writing.reading(found) == truth(tmp_path)
    assert found.notes == [
        "Rows that repeat the headings were not read: 1.",
        "Columns without a heading were not read: 1 (counted from the left).",
        "Rows that end before the last heading count as empty there: 1, first in line 63.",
    ]


@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1250", "cp1252", "mac_roman"])
def test_encodings(tmp_path: Path, code: str) -> None:
    """UTF-16 needs no byte order mark; another encoding than Unicode is chosen by the form's words, with a note."""
    place = HEADINGS.index("timeline") if code == "cp1250" else 0
    labels = {"around": '"À peu près, oui"', "unsure": "Je ne sais pas", "rushed": "Później", "soon": "Cet été"}
    content = text(changed(place, lambda cell: labels[cell]))
    found = writing.read(write_file(tmp_path / "clients.csv", content.encode(code)))
    assert found
    assert (writing.reading(found), found.unmatched) == (truth(tmp_path), {})
    assert bool(found.notes) is not code.startswith("utf")


def test_an_encoding_by_the_currency(tmp_path: Path) -> None:
    """A Polish spreadsheet of a form without Polish words is known by its currency."""
    content = text(changed(PAGES, lambda cell: f"{cell} zł"))
    found = writing.read(write_file(tmp_path / "clients.csv", content.encode("cp1250")))
    assert found
    assert (writing.reading(found), found.unmatched) == (truth(tmp_path), {})


def test_damaged_encodings(tmp_path: Path) -> None:
    """Half a character of UTF-16, and text with nulls, are refused; a broken character of UTF-8 is noted."""
    path = tmp_path / "clients.csv"
    for content in (text(TABLE).encode("utf-16")[:-1], text(TABLE).encode("utf-32"), b"\0" + text(TABLE).encode()):
        with pytest.raises(TableError, match=r"damaged.*: save it again as CSV UTF-8, or as XLSX"):
            writing.read_or_raise(write_file(path, content))
    notes = [["Notes", *HEADINGS], *(["ééé", *row] for row in TABLE[1:])]
    found = writing.read(write_file(path, text(notes).encode().replace(b"\xc3\xa9", b"\xc3", 1)))
    assert found
    assert found.notes == ["Characters that are no UTF-8 were not read: 1. Save the file again as CSV UTF-8."]


def test_a_cell_that_swallowed_rows(tmp_path: Path) -> None:
    """A quotation mark that opened in one row and closed in another is noted."""
    table = [["Notes", *TABLE[0]], *(["n", *row] for row in TABLE[1:])]
    table[3][0], table[5][0] = '"n', 'n"'
    found = writing.read(write_file(tmp_path / "clients.csv", text(table).encode()))
    assert found
    assert found.notes == ["Line 4: a cell in quotation marks holds whole rows; check these marks."]


@pytest.mark.parametrize("number_format", ["0%", "0.00 %", "[Red]0%;-0%"])
def test_percentages_of_a_workbook(tmp_path: Path, number_format: str) -> None:
    """A cell that shows 15 % is 15; a percent sign that is only text changes nothing."""

    def change(sheet: Worksheet) -> None:
        for row in range(2, sheet.max_row + 1):
            cell = sheet.cell(row, PAGES + 1)
            if isinstance(cell.value, int):
                cell.value, cell.number_format = (cell.value / 100, number_format) if row % 2 else (cell.value, '0"%"')

    found = writing.read(workbook(tmp_path / "clients.xlsx", change))
    assert found
    assert (writing.reading(found), writing.words(found)) == (truth(tmp_path), [])


def test_a_title_above_the_headings(tmp_path: Path) -> None:
    """The headings are in the first row with that of the outcome; a note says so, also for a text."""

    def change(sheet: Worksheet) -> None:
        sheet.insert_rows(1, 2)
        sheet.cell(1, 1).value = "Clients 2025"
        sheet.merge_cells("A1:E1")

    titled = text([["Clients 2025, all"], [""], *TABLE], "\t")
    for path in (
        workbook(tmp_path / "clients.xlsx", change),
        write_file(tmp_path / "clients.csv", titled.encode()),
    ):
        found = writing.read(path)
        assert found
        assert writing.reading(found) == truth(tmp_path)
        assert found.notes == ["The headings are in row 3; what is above them was not read."]


def test_sheets(tmp_path: Path) -> None:
    """The sheet with the outcome is read, and named; of two, the owner has to choose."""
    path = tmp_path / "clients.xlsx"

    def change(sheet: Worksheet) -> None:
        sheet.title = "Clients"
        assert sheet.parent
        sheet.parent.create_sheet("Read me", 0).append(["How to read this"])
        sheet.parent.create_sheet("Old").append(["result", "budget"])
        sheet.parent["Old"].sheet_state = "hidden"

    found = writing.read(workbook(path, change))
    assert found
    assert writing.reading(found) == truth(tmp_path)
    assert found.notes == ["Of 3 sheets, only Clients was read."]

    book = openpyxl.load_workbook(path)
    book["Old"].sheet_state = "visible"
    book.save(path)
    with pytest.raises(TableError, match="has the column result on the sheets Clients, Old: choose one with --sheet"):
        writing.read_or_raise(path)
    chosen = writing.read(path, "clients")
    assert chosen
    assert writing.reading(chosen) == truth(tmp_path)
    with pytest.raises(TableError, match="has no sheet New: it has Read me, Clients, Old"):
        writing.read_or_raise(path, "New")


def test_merged_cells(tmp_path: Path) -> None:
    """A merged cell counts for each of its rows, with a note."""

    def change(sheet: Worksheet) -> None:
        result = HEADINGS.index("result") + 1
        top = next(row for row in range(2, 60) if sheet.cell(row, result).value == sheet.cell(row + 1, result).value)
        sheet.merge_cells(start_row=top, end_row=top + 1, start_column=result, end_column=result)

    found = writing.read(workbook(tmp_path / "clients.xlsx", change))
    assert found
    assert writing.reading(found) == truth(tmp_path)
    assert "Merged cells count for each of their rows" in found.notes[0]


def test_formulas_without_results(tmp_path: Path) -> None:
    """A formula that no program calculated would be an empty cell: it is refused."""
    path = workbook(tmp_path / "clients.xlsx", lambda sheet: sheet.cell(3, 3, "=1+2"))
    with pytest.raises(TableError, match=r"formula without its result in Sheet!C3: open the file in Excel or Libre"):
        writing.read_or_raise(path)


def test_the_strict_format(tmp_path: Path) -> None:
    """A workbook in Excel's Strict format is refused by its name, as openpyxl finds no sheet in it."""
    path = workbook(tmp_path / "clients.xlsx")
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"):
        for kind in (b"spreadsheetml/", b"officeDocument/"):
            ordinary, strict = (
                b"http://schemas.openxmlformats.org/%b2006/" % kind,
                b"http://purl.oclc.org/ooxml/" + kind,
            )
            change_member(path, part, methodcaller("replace", ordinary, strict))
    with pytest.raises(TableError, match="in Excel's Strict format: save it as an ordinary XLSX file, or as CSV"):
        writing.read_or_raise(path)


def test_no_warning_of_a_library(tmp_path: Path) -> None:
    """A workbook without styles is read without openpyxl's warning."""
    path = workbook(tmp_path / "clients.xlsx")
    empty = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    change_member(path, "xl/styles.xml", lambda _: empty)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = writing.read(path)
    assert found
    assert writing.reading(found) == truth(tmp_path)


@pytest.mark.parametrize(("unread", "verdict"), [(1, Verdict.PROVISIONAL), (2, Verdict.NOT_CALIBRATED)])
def test_unread_cells_are_part_of_the_verdict(tmp_path: Path, unread: int, verdict: Verdict) -> None:
    """The verdict says how much of a column was not read; nothing is learned from one that mostly was not."""
    odd = iter(range(1_000_000))
    table = changed(PAGES, lambda cell: f"{cell}k\x1b" if next(odd) % 3 < unread else cell)
    found = writing.read(write_file(tmp_path / "clients.csv", text(table).encode()))
    assert found
    result = calibrate(writing.FORM, found)
    count, filled = found.unread["pages"], found.filled["pages"]
    assert f"Cells that were not read: {count} of {filled} in pages." in result.explanation
    assert ("leave it out with --map 'pages='" in result.explanation) is (unread == 2)
    assert (result.verdict is Verdict.NOT_CALIBRATED) is (verdict is Verdict.NOT_CALIBRATED)
    document = json.loads(json.dumps(presentation.as_json(result)))
    assert (document["unread"]["pages"]["cells"], document["unread"]["pages"]["of"]) == (count, filled)
    assert document["others"] == {"lost": sum(row["result"] == "lost" for row in ROWS)}
    # Only those of headings, which are ours.
    assert set(re.findall(r"\x1b.{0,3}", presentation.as_text(result))) <= {"\x1b[1m", "\x1b[0m"}
