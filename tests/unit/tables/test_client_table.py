"""Tables as spreadsheets write them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from prequal.tables.cells import TableError
from prequal.tables.client_table import read_table


def write_file(path: Path, content: bytes) -> Path:
    """Write a file."""
    path.write_bytes(content)
    return path


def write_spreadsheet(path: Path, *rows: Sequence[object]) -> Path:
    """Write rows as XLSX."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(path)
    return path


def change_member(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Change a member of an archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, change(content) if name == part else content)


class TestCsv:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_any_delimiter(self, tmp_path: Path, delimiter: str) -> None:
        """Any common delimiter is recognised, also with a byte order mark and short rows."""
        text = (
            delimiter.join(["budget", "ended"]) + "\r\n" + delimiter.join([" around ", '"won"']) + "\r\nunsure\r\n\r\n"
        )

        table = read_table(write_file(tmp_path / "clients.csv", b"\xef\xbb\xbf" + text.encode()))

        assert table.columns == {"budget": ("around", "unsure"), "ended": ("won", "")}

    @pytest.mark.parametrize(
        ("text", "columns"),
        [
            ("Who, besides you, pays?;ended\nI do;won\n", {"Who, besides you, pays?": ("I do",), "ended": ("won",)}),
            ('"Who, besides you?";"ended"\r\nI;won\r\n', {"Who, besides you?": ("I",), "ended": ("won",)}),
            ('"Notes\n(long, old)";ended\nn;won\n', {"Notes\n(long, old)": ("n",), "ended": ("won",)}),
            ("Budget, EUR;ended\n1,5;won\n2,5;lost\n", {"Budget, EUR": ("1,5", "2,5"), "ended": ("won", "lost")}),
            ("Budget, EUR;Pages\n1,5;3\n", {"Budget, EUR": ("1,5",), "Pages": ("3",)}),
            ("who;what,ended,on\nI;a,won,1\n", {"who;what": ("I;a",), "ended": ("won",), "on": ("1",)}),
            ("sep=,\nwho;what,ended\na;b;c,won\n", {"who;what": ("a;b;c",), "ended": ("won",)}),
            ('"sep=;"\r\nwho,what;ended\r\na;won\r\n', {"who,what": ("a",), "ended": ("won",)}),
            ("ended\nwon\n", {"ended": ("won",)}),
        ],
    )
    def test_which_delimiter(self, tmp_path: Path, text: str, columns: dict[str, tuple[str, ...]]) -> None:
        """The delimiter is the one that makes most rows as wide as the headings, or the one that `sep=` names."""
        assert read_table(write_file(tmp_path / "clients.csv", text.encode())).columns == columns

    @pytest.mark.parametrize("mark", ["\u2028", "\x0b", "\x85", "\x0c", "\x1e"])
    def test_unicode_line_ends_are_part_of_a_cell(self, tmp_path: Path, mark: str) -> None:
        """A row ends at a line feed or carriage return, and at no other line end of Unicode's."""
        text = f"notes,ended\r\nnice{mark}client,won\r\nx,lost\r\n"
        table = read_table(write_file(tmp_path / "clients.csv", text.encode()))
        assert table.columns == {"notes": (f"nice{mark}client", "x"), "ended": ("won", "lost")}

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_any_line_end(self, tmp_path: Path, end: str) -> None:
        """Lines may end as on any system."""
        text = end.join(["budget,ended", 'around,"won ""big"", fast"', ""])
        table = read_table(write_file(tmp_path / "clients.csv", text.encode()))
        assert table.columns == {"budget": ("around",), "ended": ('won "big", fast',)}

    def test_the_encoding_of_old_spreadsheets(self, tmp_path: Path) -> None:
        """A file that is not UTF-8 is decoded as Windows-1252."""
        path = write_file(tmp_path / "clients.csv", "métier,ended\ncafé,won\n".encode("cp1252"))
        assert read_table(path).columns["métier"] == ("café",)

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_the_encoding_of_unicode_text(self, tmp_path: Path, encoding: str) -> None:
        """A file with the byte order mark of UTF-16 is decoded as that."""
        path = write_file(tmp_path / "clients.csv", "\ufeffmétier\tended\ncafé\twon\n".encode(encoding))
        assert read_table(path).columns == {"métier": ("café",), "ended": ("won",)}

    @pytest.mark.parametrize("rest", ["b,lost\n", 'b,lost\n"c, or d",won\n'])
    def test_an_unclosed_quotation_mark(self, tmp_path: Path, rest: str) -> None:
        """An unclosed quotation mark is an error that names its line."""
        path = write_file(tmp_path / "clients.csv", f'budget,ended\na,won\n"a,won\n{rest}'.encode())
        with pytest.raises(TableError, match=r"from line 3 on .*: close or remove the quotation mark there"):
            read_table(path)


class TestXlsx:
    def test_cells(self, tmp_path: Path) -> None:
        """The first sheet of an XLSX file is read, with numbers, dates and booleans as text."""
        path = write_spreadsheet(
            tmp_path / "clients.xlsx",
            ("pages", "on", "ended"),
            (40.0, datetime(2026, 1, 2), True),  # noqa: DTZ001, as Excel has it
            (1.5, None, "won"),
        )
        assert read_table(path).columns == {"pages": ("40", "1.5"), "on": ("2026-01-02", ""), "ended": ("true", "won")}

    def test_fractions(self, tmp_path: Path) -> None:
        """A number with three decimals can't be mistaken for one with grouped digits."""
        path = write_spreadsheet(tmp_path / "clients.xlsx", ("pages", "ended"), (12.125, "won"), (-1.25, "lost"))
        assert read_table(path).columns["pages"] == ("12.1250", "-1.25")

    def test_wrong_dimensions(self, tmp_path: Path) -> None:
        """All cells are read even if the sheet states a wrong size."""
        path = write_spreadsheet(tmp_path / "clients.xlsx", ("pages", "ended"), (40, "won"))
        change_member(path, "xl/worksheets/sheet1.xml", lambda sheet: sheet.replace(b'ref="A1:B2"', b'ref="A1"'))
        assert read_table(path).columns == {"pages": ("40",), "ended": ("won",)}

    @pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
    def test_cut_off(self, tmp_path: Path, part: str) -> None:
        """A damaged file is an error in one sentence."""
        path = write_spreadsheet(tmp_path / "clients.xlsx", ("pages", "ended"), (40, "won"))
        change_member(path, part, lambda content: content[: len(content) // 2])
        with pytest.raises(TableError, match="is not an XLSX file, or is damaged: save it again as XLSX, or as CSV"):
            read_table(path)

    @pytest.mark.parametrize("start", range(40, 4800, 340))
    def test_overwritten(self, tmp_path: Path, start: int) -> None:
        """A file with overwritten bytes is read correctly, or is an error in one sentence."""
        path = write_spreadsheet(tmp_path / "clients.xlsx", ("pages", "ended"), (40, "won"))
        content = path.read_bytes()
        path.write_bytes(content[:start] + bytes(100) + content[start + 100 :])
        try:
            table = read_table(path)
        except TableError as error:
            assert "is not an XLSX file, or is damaged" in str(error)  # noqa: PT017, one or the other
        else:
            assert table.columns == {"pages": ("40",), "ended": ("won",)}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("none.csv", None, "can't be read"),
        ("empty.csv", b"", "is empty"),
        ("clients.xls", b"\n<html><table>", "is a web page: open it in a spreadsheet, and save it as XLSX or CSV"),
        ("not.xlsx", b"a,b\n", "is not an XLSX file"),
        ("clients.ods", b"PK\x03\x04...", "is not an XLSX file, or is damaged: save it again as XLSX, or as CSV"),
        ("clients.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as XLSX without one, or as CSV"),
    ],
)
def test_invalid_tables(tmp_path: Path, name: str, content: bytes | None, sentence: str) -> None:
    """A file that is no table is an error in one sentence."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TableError, match=sentence):
        read_table(path)
