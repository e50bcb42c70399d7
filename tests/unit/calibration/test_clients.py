"""Reading past clients from tables as owners have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import openpyxl
import pytest

import builders
from prequal.calibration.cells import reader
from prequal.calibration.clients import from_leads
from prequal.calibration.columns import matching
from prequal.calibration.design import UNKNOWN, Unknown
from prequal.calibration.tables import TableError, read_table
from prequal.core.form import form_from
from unit.calibration import past

if TYPE_CHECKING:
    from pathlib import Path

    from prequal.core.form import Form, Question


def question(name: str, form: Form | None = None) -> Question:
    """Return a question of the builders' form."""
    found = (form or builders.form()).question(name)
    assert found is not None
    return found


class TestTables:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_any_delimiter(self, tmp_path: Path, delimiter: str) -> None:
        """A CSV file is read whatever separates its cells, byte order mark and short rows included."""
        path = tmp_path / "clients.csv"
        text = (
            delimiter.join(["budget", "ended"]) + "\r\n" + delimiter.join([" around ", '"won"']) + "\r\nunsure\r\n\r\n"
        )
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())

        table = read_table(path)

        assert table.columns == {"budget": ("around", "unsure"), "ended": ("won", "")}
        assert table.length == 2

    def test_the_encoding_of_old_spreadsheets(self, tmp_path: Path) -> None:
        """What isn't UTF-8 is read as Windows writes it."""
        path = tmp_path / "clients.csv"
        path.write_bytes("métier,ended\ncafé,won\n".encode("cp1252"))
        assert read_table(path).columns["métier"] == ("café",)

    def test_xlsx(self, tmp_path: Path) -> None:
        """The first sheet of an XLSX file is read: numbers, dates and truths as text."""
        path = tmp_path / "clients.xlsx"
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (["pages", "on", "ended"], [40.0, datetime(2026, 1, 2), True], [1.5, None, "won"]):  # noqa: DTZ001, as Excel has it
            sheet.append(row)
        book.save(path)

        assert read_table(path).columns == {"pages": ("40", "1.5"), "on": ("2026-01-02", ""), "ended": ("true", "won")}

    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("none.csv", None, "can't be read"),
            ("empty.csv", b"", "is empty"),
            ("twice.csv", b"a,a\n1,2\n", "two columns a"),
            ("not.xlsx", b"a,b\n", "is not an XLSX file"),
        ],
    )
    def test_what_is_no_table(self, tmp_path: Path, name: str, content: bytes | None, sentence: str) -> None:
        """What can't be read is one sentence."""
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(TableError, match=sentence):
            read_table(path)


class TestCells:
    @pytest.mark.parametrize("cell", ["around", "AROUND", "About  that", "about that"])
    def test_an_option_by_id_or_label(self, cell: str) -> None:
        """An option goes by its id and by its labels, in any case."""
        assert reader(question("budget"), [])(cell) == "around"

    def test_a_label_in_any_language(self) -> None:
        """A label of any of the form's languages will do."""
        document = builders.document()
        document["questions"][0]["options"][1]["label"] = {"en": "About that", "fr": "À peu près"}
        assert reader(question("budget", form_from(document)), [])("à peu près") == "around"

    def test_what_is_no_answer(self) -> None:
        """Nothing is no answer; what is none of the options is unknown."""
        read = reader(question("budget"), [])
        assert read("") is None
        assert read("a million") is UNKNOWN

    @pytest.mark.parametrize(
        ("cells", "numbers"),
        [
            (["12", "1 500", "1’500"], [12, 1500, 1500]),
            (["1.500", "12.000"], [1500, 12000]),
            (["1.861", "0.3", "-4"], [2, 1, -4]),
            (["2,5", "7"], [3, 7]),
        ],
    )
    def test_numbers(self, cells: list[str], numbers: list[int]) -> None:
        """Numbers are read as their column writes them; a fraction belongs to the band of the next whole number."""
        read = reader(question("pages"), cells)
        assert [read(cell) for cell in cells] == numbers

    def test_no_number(self) -> None:
        """Words in a column of numbers are unknown."""
        assert isinstance(reader(question("pages"), ["many"])("many"), Unknown)


class TestColumns:
    def test_by_id_label_and_export(self) -> None:
        """A column is a question's by its id, its label in any language, or its name in our own export."""
        row = {"BUDGET": "around", "By when?": "soon", "answers.pages": "3", "ended": "won"}
        found = matching(builders.form(), past.table([row]), [], ["ended"])
        assert found.certain == {"budget": "BUDGET", "timeline": "By when?", "pages": "answers.pages"}

    def test_what_looks_alike_is_proposed(self) -> None:
        """A column that is named alike, or holds the answers, is proposed and not taken."""
        rows = [
            {"Budgets": "?", "When": "Next week", "ended": "won"},
            {"Budgets": "!", "When": "This season", "ended": "won"},
        ]
        found = matching(builders.form(), past.table(rows), [], ["ended"])
        assert found.certain == {}
        assert found.proposed == {"budget": "Budgets", "timeline": "When"}

    def test_the_owner_decides(self) -> None:
        """What the owner says goes; a column mapped to nothing is left out."""
        row = {"budget": "around", "x": "soon", "timeline": "soon"}
        found = matching(builders.form(), past.table([row]), ["x=timeline", "budget="], [])
        assert found.certain == {"timeline": "x"}

    @pytest.mark.parametrize("mapped", ["x", "nowhere=budget", "budget=nothing"])
    def test_a_mapping_that_is_none(self, mapped: str) -> None:
        """A mapping of what isn't there is one sentence."""
        with pytest.raises(TableError, match=r"--map .*: write COLUMN=QUESTION with one of"):
            matching(builders.form(), past.table([{"budget": "around"}]), [mapped], [])


class TestClients:
    def test_who_is_left_out_and_why(self) -> None:
        """Rows without an outcome, open ones, unanswered ones and too young ones are counted by their reason."""
        ages = [1, 100, 100, 100, 100]
        rows = [
            {"budget": "around", "ended": "won"},
            {"budget": "around", "ended": "won"},
            {"budget": "unsure", "ended": ""},
            {"budget": "", "ended": "lost"},
            {"budget": "unsure", "ended": "talking"},
        ]
        for row, age in zip(rows, ages, strict=True):
            row["on"] = (builders.NOW - timedelta(days=age)).date().isoformat()

        found = past.clients(rows, bad=["lost"], date="on", cycle=timedelta(days=30))

        assert found.good.tolist() == [True]
        assert found.left_out == {
            "too young to tell": 1,
            "ended is empty": 1,
            "no question is answered": 1,
            "ended is open": 1,
        }

    def test_knock_outs_stay_outside(self) -> None:
        """Clients whom an answer rules out are set aside, and the answer has no column."""
        rows = [*past.rows(30), {**past.rows(1)[0], "budget": "below", "ended": "won"}]
        found = past.clients(rows)
        assert len(found.good) == 30
        assert (found.ruled_out, found.ruled_out_good) == (1, 1)
        assert [choice.id for choice in found.blocks[0].choices if choice] == ["around", "unsure"]  # type: ignore[union-attr]

    def test_strange_cells_are_told(self) -> None:
        """Cells that are no answer are counted by question."""
        rows = past.rows(20)
        rows[3]["timeline"] = rows[4]["timeline"] = "whenever"
        assert past.clients(rows).strange == {"timeline": {"whenever": 2}}

    def test_an_outcome_that_never_came(self) -> None:
        """If no row is good by the value given, the values that there are are named."""
        with pytest.raises(TableError, match="No row's ended is paid: it is "):
            past.clients(past.rows(20), good=["paid"])

    def test_a_date_that_is_none(self) -> None:
        """Dates are written in one way, which the sentence shows."""
        with pytest.raises(TableError, match="31/3/26 is no date"):
            past.clients([{**past.rows(1)[0], "ended": "won", "on": "31/3/26"}], date="on")

    def test_from_leads(self) -> None:
        """Leads with an outcome are past clients; others are counted."""
        from dataclasses import replace  # noqa: PLC0415

        lead = builders.lead(pages=40, services=["design"])
        leads = [
            replace(lead, id="a", outcome="won"),
            replace(lead, id="b", outcome="lost"),
            replace(lead, id="c"),
            replace(lead, id="d", outcome="won", form_id="another"),
            replace(lead, id="e", outcome="won", received_at=datetime.now(UTC)),
        ]

        found = from_leads(builders.form(), leads, timedelta(days=1), builders.NOW + timedelta(days=30))

        assert found.good.tolist() == [True, False]
        assert found.left_out == {"no outcome yet": 1, "another form": 1, "too young to tell": 1}
        assert [block.question.id for block in found.blocks] == ["budget", "timeline", "pages", "services"]
