"""Exports: files for other programs, and a workbook for reading."""

from __future__ import annotations

import csv
import gc
import io
import json
import os
import resource
import stat
import subprocess
import tracemalloc
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, redirect_stderr
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import openpyxl
import pytest

from prequal.cli.common import show_progress
from prequal.core.errors import PrequalError
from prequal.core.form import Form, form_from
from prequal.core.lead import Lead
from prequal.files import open_output, output_folder
from prequal.owner.exporter import Exporter, Format
from prequal.owner.xlsx_file import TooManyLeadsError, write_xlsx
from prequal.pages.labels import GRADE_COLOURS
from support import builders, commands, running
from support.builders import NOW
from support.commands import admit, store
from support.running import CHECKOUT

if TYPE_CHECKING:
    from click.testing import Result


def exported(kind: Format, leads: Sequence[Lead], forms: Mapping[str, Form] | None = None) -> bytes:
    """Return leads in a format."""
    out = io.BytesIO()
    Exporter(format=kind, forms=forms or {}).write(iter(leads), out)
    return out.getvalue()


def as_csv(leads: Sequence[Lead], *forms: Form) -> list[dict[str, str]]:
    """Return leads as the rows of a CSV file."""
    written = exported(Format.CSV, leads, {form.version: form for form in forms})
    return list(csv.DictReader(io.StringIO(written.decode(), newline="")))


def sheet(content: bytes, name: str = "All data") -> Any:
    """Return a sheet of a workbook."""
    return openpyxl.load_workbook(io.BytesIO(content))[name]


class TestJsonLines:
    def test_jsonl_is_as_the_schema_says(self, run: Callable[..., Result]) -> None:
        """Each line is valid by schema/lead.schema.json, and its reasons add up to the total."""
        admit(services=["design", "build"], pages=3, goals="=HYPERLINK()")
        admit(email="grace@example.com", **builders.UNQUALIFIED)
        schema = json.loads((CHECKOUT / "schema" / "lead.schema.json").read_text())

        leads = [json.loads(line) for line in run("export", "--format", "jsonl").stdout.splitlines()]

        assert len(leads) == 2
        for lead in leads:
            jsonschema.validate(lead, schema)
            assert sum(reason["points"] for reason in lead["score"]["reasons"]) == lead["score"]["total"]
        assert leads[0]["received_at"] == "2026-03-02T09:30:00.000Z"
        assert leads[0]["answers"]["goals"] == "=HYPERLINK()"


class TestColumns:
    def test_the_same_names_flattened(self, run: Callable[..., Result]) -> None:
        """One row per lead, one column per value; lists are readable in a cell."""
        admit(services=["design", "build"])
        admit(email="grace@example.com", pages=7, budget="below")

        first, second = csv.DictReader(io.StringIO(run("export").stdout))

        assert first["answers.services"] == "design; build"
        assert first["score.qualified"] == "true"
        assert first["score.reasons"].startswith("budget: around (+20); timeline: soon (+20); pages: no answer (+0)")
        assert first["score.reasons"].endswith("services: design, build (+15)")
        assert first["invitation.state"] == "pending"
        assert first["decision.by"] == ""
        assert second["score.ruled_out"] == "Cannot afford the starting price"
        assert second["answers.pages"] == "7"
        assert first.keys() == second.keys()

    def test_names_without_leads(self, run: Callable[..., Result]) -> None:
        """An empty store gives a table with a heading alone."""
        store().close()

        heading = run("export").stdout

        assert heading.startswith("id,form_id,form_version,status,name,email,company,website,language,score.method")
        assert heading.count("\n") == 1

    def test_every_question_that_was_asked_has_its_column(self) -> None:
        """Every question has its columns, answered or not; those of the newest form come first."""
        document = builders.document()
        document["questions"] = [question for question in document["questions"] if question["id"] != "timeline"]
        old, new = builders.form(), form_from(document)
        later = replace(builders.lead(), form_version=new.version)

        [first, _] = as_csv([builders.lead(), later], old, new)

        assert [name for name in first if name.startswith("answers.")] == [
            "answers.budget", "answers.budget.words", "answers.pages", "answers.services", "answers.services.words",
            "answers.goals", "answers.timeline", "answers.timeline.words",
        ]  # fmt: skip

    def test_answers_in_words(self, run: Callable[..., Result]) -> None:
        """The labels beside the ids are those of the form that scored the lead, in the owner's language."""
        admit(lang="fr", services=["design", "build"], pages=3)
        with closing(commands.store()) as leads:
            leads.save_form(builders.document())

        [row] = csv.DictReader(io.StringIO(run("export").stdout))

        assert (row["answers.budget"], row["answers.budget.words"]) == ("around", "About that")
        assert (row["answers.services"], row["answers.services.words"]) == ("design; build", "Design, Building")
        assert "answers.pages.words" not in row

    def test_words_carry_the_owners_figures(self) -> None:
        """A placeholder in a label is filled in, as the prospect saw it."""
        document = builders.document()
        document["questions"][0]["options"][1]["label"] = "About {starting_price}"
        form = form_from(document)

        [row] = as_csv([replace(builders.lead(), form_version=form.version)], form)

        assert row["answers.budget.words"] == "About €5,000"

    def test_an_option_that_is_gone_keeps_its_id(self) -> None:
        """An option that the form doesn't know keeps its id beside the labels of the others."""
        lead = replace(builders.lead(), answers={"services": ("seo", "build")})

        [row] = as_csv([lead], builders.form())

        assert row["answers.services.words"] == "seo, Building"

    def test_ids_alone_where_the_form_is_lost(self) -> None:
        """Without the form, only the labels are missing."""
        [row] = as_csv([builders.lead()])

        assert row["answers.budget"] == "around"
        assert not [name for name in row if name.endswith(".words")]


class TestTimes:
    def test_the_owners_clock(self, run: Callable[..., Result]) -> None:
        """Each instant is there in UTC and in the owner's time zone, in summer and in winter."""
        admit(services=["build"])
        admit(datetime.fromisoformat("2026-07-02T22:30:00Z"), email="grace@example.com")

        winter, summer = csv.DictReader(io.StringIO(run("export", "--zone", "Europe/Paris").stdout))

        assert (winter["received_at"], winter["received_at.local"]) == (
            "2026-03-02T09:30:00.000Z",
            "2026-03-02 10:30:00",
        )
        assert (summer["received_at"], summer["received_at.local"]) == (
            "2026-07-02T22:30:00.000Z",
            "2026-07-03 00:30:00",
        )
        assert winter["invitation.expires_at.local"] == "2026-03-16 10:30:00"
        assert winter["invitation.opened_at.local"] == ""

    @pytest.mark.parametrize("zone", ["Europe/Atlantis", "Europe", "../etc"])
    def test_a_zone_that_is_not_there(self, run: Callable[..., Result], zone: str) -> None:
        """An unknown time zone is reported in one sentence."""
        result = run("export", "--zone", zone)

        assert result.exit_code == 2
        assert f"this is not a time zone: write one like Europe/Oslo instead of {zone!r}." in result.stderr


class TestCsv:
    def test_lines_end_as_rfc_4180_has_it(self) -> None:
        """Lines end in CR LF, and line breaks within a cell are quoted."""
        written = exported(Format.CSV, [builders.lead(goals="two\nlines")])

        assert written.count(b"\r\n") == 2
        assert b'"two\nlines"' in written

    @pytest.mark.parametrize(
        ("said", "written"),
        [
            ("=1+1", "'=1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\uff1d1+1", "'\uff1d1+1"),
            ("Hello;=1+1", "Hello;'=1+1"),
            ('Hello;"=1+1"', 'Hello;"\'=1+1"'),
            ("Hello\n=1+1;", "Hello\n'=1+1;"),
            ("Hello\n=1+1", "Hello\n'=1+1"),
            ("Hello\r=1+1", "Hello\r'=1+1"),
            ("a\t=1+1", "a\t'=1+1"),
            ("a=b - c; d+e@example.com", "a=b - c; d+e@example.com"),
        ],
    )
    def test_nothing_that_a_spreadsheet_runs(self, said: str, written: str) -> None:
        """A possible formula gets an apostrophe, also where a cell begins for programs that split elsewhere."""
        [row] = as_csv([replace(builders.lead(), name=said)])

        assert row["name"] == written

    def test_a_byte_order_mark(self, run: Callable[..., Result]) -> None:
        """--bom adds the mark, and changes nothing else."""
        admit()

        assert run("export", "--bom").stdout_bytes == b"\xef\xbb\xbf" + run("export").stdout_bytes

    def test_no_byte_order_mark_elsewhere(self, run: Callable[..., Result]) -> None:
        """--bom with another format is a usage error."""
        result = run("export", "--bom", "-o", "leads.jsonl")

        assert result.exit_code == 2
        assert "--bom is for csv alone: leave it out." in result.stderr


class TestWorkbook:
    def test_a_table_to_work_with(self) -> None:
        """The heading is frozen, every column has a filter, and the names are those of CSV."""
        leads = [builders.lead(pages=12), builders.lead(email="grace@example.com", **builders.UNQUALIFIED)]

        table = sheet(exported(Format.XLSX, leads))

        assert (table.freeze_panes, table.auto_filter.ref) == ("A2", table.dimensions)
        assert [cell.value for cell in table[1]] == list(as_csv(leads)[0])
        assert table.max_row == 3
        assert all(cell.font.b for cell in table[1])

    def test_values_have_their_types(self) -> None:
        """Dates are dates and numbers are numbers."""
        names, values = sheet(exported(Format.XLSX, [builders.lead(pages=12)])).iter_rows(values_only=True)
        row = dict(zip(names, values, strict=True))

        assert (row["answers.pages"], row["score.total"]) == (12, 50)
        assert row["received_at"] == NOW.replace(tzinfo=None)
        assert row["invitation.expires_at"] - row["received_at"] == timedelta(days=14)
        assert (row["score.qualified"], row["decision.at"]) == ("true", None)

    def test_grades_are_coloured(self) -> None:
        """Each grade has the colour in which it is drawn everywhere."""
        table = sheet(exported(Format.XLSX, [builders.lead()]))
        [(places, rules)] = [(found.sqref, found.rules) for found in table.conditional_formatting]

        assert table[str(places).split(":")[0]].value == "score.grade"
        assert [rule.formula for rule in rules] == [['"hot"'], ['"warm"'], ['"cold"']]
        grounds = [f"#{rule.dxf.fill.bgColor.rgb[2:].lower()}" for rule in rules]
        assert grounds == [colour.on_light for colour in GRADE_COLOURS.values()]

    @pytest.mark.parametrize(
        ("said", "read"),
        [
            ("=1+1", "=1+1"),
            ("  <b>&amp;</b>\n", "  <b>&amp;</b>\n"),
            ("tab\tand \U0001f44d", "tab\tand \U0001f44d"),
            ("\x00\x1f\ufffe\ud800", "\ufffd\ufffd\ufffd\ufffd"),
            ("#REF!", "#REF!"),
            ("x" * 32_767, "x" * 32_767),
            ("x" * 32_768, "x" * 32_766 + "…"),
            ("\U0001f44d" * 16_384, "\U0001f44d" * 16_383 + "…"),
        ],
        ids=["formula", "markup", "beyond ASCII", "not XML", "error", "full", "too long", "too long in UTF-16"],
    )
    def test_text_stays_text(self, said: str, read: str) -> None:
        """Any text is read back as text, and none damages the file."""
        table = sheet(exported(Format.XLSX, [replace(builders.lead(), name=said)]))

        assert (table["E2"].value, table["E2"].data_type) == (read, "s")

    def test_a_formula_stays_text_when_it_is_edited(self) -> None:
        """A possible formula is marked as text, so that no edit turns it into one."""
        table = sheet(exported(Format.XLSX, [replace(builders.lead(), name="=1+1")]))

        assert (table["E2"].quotePrefix, table["F2"].quotePrefix) == (True, False)

    def test_what_looks_like_an_escape_is_none(self) -> None:
        """Text like _x0041_, which a spreadsheet would read as A, is escaped."""
        table = sheet(exported(Format.XLSX, [replace(builders.lead(), name="_x0041_ and _x")]))

        assert table["E2"].value == "_x005F_x0041_ and _x"

    def test_lines_are_seen(self) -> None:
        """A row is as high as its longest text has lines; other rows have the default height."""
        lead = builders.lead()
        goals = "We would like:\n" + "to be called, " * 10 + "\nsoon"

        table = sheet(exported(Format.XLSX, [lead, replace(lead, answers={"goals": goals})]))

        assert (table.row_dimensions[2].height, table.row_dimensions[3].height) == (None, 5 * 15)

    def test_a_sheet_to_read(self) -> None:
        """The workbook opens on the leads in words: the name stays in sight, and a page is as wide as the sheet."""
        document = builders.document()
        form = form_from(document)
        lead = builders.lead(company="Engines", utm_source="ads", goals="More orders.", services=["build"])
        book = openpyxl.load_workbook(io.BytesIO(exported(Format.XLSX, [lead], {form.version: form})))
        table: Any = book.active

        assert book.sheetnames == ["Leads", "All data"]
        assert (table.title, table.freeze_panes, table.print_title_rows) == ("Leads", "C2", "$1:$1")
        assert (table.page_setup.orientation, table.page_setup.fitToHeight) == ("landscape", 0)
        assert table.sheet_properties.pageSetUpPr.fitToPage
        headings, row = table.iter_rows(values_only=True)
        shown = dict(zip(headings, row, strict=True))
        assert list(shown)[:7] == ["Received", "Name", "Company", "Email", "Grade", "Total", "Status"]
        assert list(shown)[-3:] == ["Ruled out", "Source", "Outcome"]
        assert shown["Our projects start at €5,000. Were you prepared to spend that?"] == "About that"
        assert (shown["What do you need?"], shown["What should change?"]) == ("Building", "More orders.")
        assert (shown["Source"], shown["Outcome"], shown["Ruled out"]) == ("ads", None, None)

    def test_several_forms_have_a_column(self) -> None:
        """With forms of several ids, the sheet to read says which is whose."""
        forms = [form_from({**builders.document(), "id": name}) for name in ("web-design", "workshops")]
        table = sheet(exported(Format.XLSX, [builders.lead()], {form.version: form for form in forms}), "Leads")
        assert [cell.value for cell in table[1]][:3] == ["Received", "Name", "Form"]

    def test_memory_does_not_grow_with_the_rows(self, tmp_path: Path) -> None:
        """Three times as many leads, of several lines each, leave no more behind while they are written."""
        lead = builders.lead(goals="Nobody finds us.\nWe would like to be called.")

        def left_behind(count: int) -> int:
            used = 0

            def watch(rows: Iterable[Any], what: str) -> Iterable[Any]:
                nonlocal used
                yield from rows
                if "written" in what:
                    gc.collect()
                    used = tracemalloc.get_traced_memory()[0]

            tracemalloc.start()
            with (tmp_path / "leads.xlsx").open("wb") as out:
                Exporter(format=Format.XLSX, forms={}, watch=watch).write(repeat(lead, count), out)
            tracemalloc.stop()
            return used

        left_behind(20)  # what is imported and remembered at the first time
        assert left_behind(900) < left_behind(300) + 50_000

    def test_the_same_leads_are_the_same_bytes(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """A workbook holds no time of its creation."""
        admit()
        for name in ("one.xlsx", "two.xlsx"):
            run("export", "-o", name)

        assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
        assert (tmp_path / "one.xlsx").read_bytes() == run("export", "--format", "xlsx").stdout_bytes

    def test_more_leads_than_rows(self) -> None:
        """Too many leads are refused before anything is written."""
        out = io.BytesIO()

        with pytest.raises(TooManyLeadsError) as refusal:
            write_xlsx(["score.grade"], [], 1_048_576, [], out)

        assert str(refusal.value) == ("A sheet holds 1,048,575 leads, and there are 1,048,576: export csv or jsonl.")
        assert out.getvalue() == b""

    def test_not_on_a_terminal(self, tmp_path: Path) -> None:
        """A workbook is not printed on a terminal."""
        shown, terminal = os.openpty()
        command = [str(running.COMMAND), "export", "--format", "xlsx"]
        with os.fdopen(shown), os.fdopen(terminal) as out:
            done = subprocess.run(
                command,
                cwd=tmp_path,
                env=running.environment(),
                stdout=out,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )

        assert done.returncode == 2
        assert "A terminal can't show a workbook: name a file, like -o leads.xlsx." in done.stderr


class TestFiles:
    @pytest.mark.parametrize(
        ("arguments", "beginning"),
        [
            (["-o", "leads.CSV"], b"id,form_id"),
            (["-o", "leads.jsonl"], b'{"id": '),
            (["-o", "leads.xlsx"], b"PK"),
            (["-o", "leads"], b"id,form_id"),
            (["-o", "leads.xlsx", "--format", "jsonl"], b'{"id": '),
        ],
    )
    def test_the_name_tells_the_format(
        self, run: Callable[..., Result], tmp_path: Path, arguments: list[str], beginning: bytes
    ) -> None:
        """The file's name decides the format, unless --format does."""
        admit()

        result = run("export", *arguments)

        assert result.stderr == f"Wrote 1 lead to {arguments[1]}.\n"
        assert (tmp_path / arguments[1]).read_bytes().startswith(beginning)

    @pytest.mark.parametrize("name", ["leads.json", "leads.csv.gz"])
    def test_a_name_that_tells_no_format(self, run: Callable[..., Result], tmp_path: Path, name: str) -> None:
        """An unknown extension is refused, with the known ones."""
        result = run("export", "-o", name)

        assert result.exit_code == 2
        assert "end the file's name with .csv, .jsonl or .xlsx, or use --format." in " ".join(result.stderr.split())
        assert list(tmp_path.iterdir()) == []

    def test_permissions(self, tmp_path: Path) -> None:
        """A new file is readable by its owner alone; an existing one keeps its permissions."""
        path = tmp_path / "leads.csv"
        modes = []
        for content in (b"new", b"anew"):
            with open_output(path) as out:
                out.write(content)
            modes.append(stat.S_IMODE(path.stat().st_mode))
            path.chmod(0o664)

        assert (path.read_bytes(), modes) == (b"anew", [0o600, 0o664])

    @pytest.mark.parametrize("there", [True, False])
    def test_a_link_stays_one(self, tmp_path: Path, *, there: bool) -> None:
        """A symbolic link is followed, and stays a link."""
        (tmp_path / "folder").mkdir()
        target, link = tmp_path / "folder" / "leads.csv", tmp_path / "leads.csv"
        link.symlink_to(target)
        if there:
            target.touch()

        with open_output(link) as out:
            out.write(b"leads")

        assert (link.readlink(), target.read_bytes()) == (target, b"leads")
        assert output_folder(link) == target.parent

    @pytest.mark.parametrize("kind", list(Format))
    def test_a_pipe_stays_one(self, run: Callable[..., Result], tmp_path: Path, kind: Format) -> None:
        """A pipe or a device gets the same bytes, and is not replaced."""
        admit()
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as reading:
            result = run("export", "--format", kind.value, "-o", "pipe")
            read = reading.read()

        assert result.stderr == "Wrote 1 lead to pipe.\n"
        assert read == run("export", "--format", kind.value).stdout_bytes
        assert (pipe.is_fifo(), output_folder(pipe)) == (True, None)

    @pytest.mark.parametrize("kind", list(Format))
    def test_a_broken_export_leaves_no_file(self, run: Callable[..., Result], tmp_path: Path, kind: Format) -> None:
        """An export that fails leaves no file."""
        admit()
        (tmp_path / ".prequal" / "prequal.db").write_text("not a database" * 1000)

        result = run("export", "-o", f"leads.{kind}")

        assert result.exit_code == 1
        assert result.stderr == "The database .prequal/prequal.db can't be used: file is not a database.\n"
        assert [path.name for path in tmp_path.iterdir()] == [".prequal"]

    def test_a_folder_that_is_not_there(self, run: Callable[..., Result]) -> None:
        """A folder that doesn't exist is reported in one sentence."""
        admit()

        result = run("export", "-o", "nowhere/leads.csv")

        assert (result.exit_code, result.stderr) == (
            2,
            "nowhere/leads.csv can't be written: No such file or directory.\n",
        )

    @pytest.mark.parametrize(
        ("kind", "sentence"),
        [
            (Format.JSONL, "{folder}/leads can't be written: File too large."),
            (Format.CSV, "The leads need room in {folder} until they are written: File too large."),
        ],
    )
    def test_no_room(self, tmp_path: Path, kind: Format, sentence: str) -> None:
        """A full disk is reported in one sentence, and leaves no file."""
        export = Exporter(format=kind, forms={}, folder=tmp_path)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        try:
            with pytest.raises(PrequalError) as refusal, open_output(tmp_path / "leads") as out:
                export.write([builders.lead()], out)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

        assert str(refusal.value) == sentence.format(folder=tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_who_waits_is_told(self) -> None:
        """Progress is shown on a terminal once it takes long, and erased at the end."""

        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        with redirect_stderr(Terminal()) as terminal:
            assert list(show_progress("abc", "read", patience=0)) == ["a", "b", "c"]

        assert terminal.getvalue() == f"\r0 leads read\r{' ' * 12}\r"
