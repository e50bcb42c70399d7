"""The commands that read an export: inspect, leads and export."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from prequal.cli import main
from prequal.core.documents import attempt_document, lead_document
from prequal.core.errors import UnreadableDocumentError
from support import builders
from support.builders import NOW
from support.exporting import PART, comparable, record, write_export

EXPORTS = Path(__file__).parents[2] / "exports"


def run(*arguments: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Return an export with two leads, an attempt, and a document of something else."""
    lead, attempt = builders.admitted(NOW, email="ada@example.com")
    other = builders.lead(NOW, email="grace@example.com")
    return write_export(
        tmp_path / "export",
        [
            record(f"leads/{lead.id}/attempts/{attempt.id}", attempt_document(attempt)),
            record(f"leads/{other.id}", {**lead_document(other), "note": None}),
            record(f"leads/{lead.id}", {**lead_document(lead), "note": "by another program"}),
            record("leads/x/attempts/y/leads/z", {"n": 1}),
        ],
    )


class TestInspect:
    def test_in_words(self, export: Path) -> None:
        """The words show the collections with their documents, and the number of values of each type for each field."""
        lines = run("inspect", export).stdout.splitlines()

        assert lines[0] == "4 documents in 3 collections of demo-prequal/(default)."
        assert [line for line in lines if line and not line.startswith(" ")][1:] == [
            "leads: 2",
            "leads/*/attempts: 1",
            "leads/*/attempts/*/leads: 1",
        ]
        assert ["note", "null", "1,", "string", "1"] in [line.split() for line in lines]

    def test_as_json(self, export: Path) -> None:
        """--json has the same figures for other programs."""
        found = json.loads(run("inspect", export, "--json").stdout)

        assert (found["databases"], found["documents"]) == (["demo-prequal/(default)"], 4)
        assert found["collections"]["leads"]["documents"] == 2
        assert found["collections"]["leads"]["fields"]["note"] == {"string": 1, "null": 1}
        assert found["collections"]["leads"]["fields"]["received_at"] == {"timestamp": 2}

    def test_every_type_has_its_name(self) -> None:
        """Each type of value has Firestore's name; a vector is called a vector."""
        fields = json.loads(run("inspect", EXPORTS / "alltypes", "--json").stdout)["collections"]["all_types"]["fields"]

        kinds = {kind for counts in fields.values() for kind in counts}
        assert kinds == {
            *("array", "boolean", "bytes", "double", "geoPoint", "integer"),
            *("map", "null", "reference", "string", "timestamp", "vector"),
        }

    def test_an_empty_export(self) -> None:
        """An export of an empty database is valid."""
        assert run("inspect", EXPORTS / "empty").stdout == "0 documents in 0 collections.\n"
        assert run("inspect", EXPORTS / "empty", "--dump").stdout == ""

    @pytest.mark.parametrize("name", ["alltypes", "types-nested", "named-database"])
    def test_dump(self, name: str) -> None:
        """--dump prints one document per line, in the REST API's JSON."""
        lines = run("inspect", EXPORTS / name, "--dump").stdout.splitlines()

        expected = (EXPORTS / name / "documents.jsonl").read_text().splitlines()
        assert sorted(json.dumps(comparable(json.loads(line))) for line in lines) == sorted(expected)

    def test_unicode_line_ends_are_escaped(self, tmp_path: Path) -> None:
        """Unicode's line ends are escaped, so that every program sees one document per line."""
        export = write_export(tmp_path / "export", [record("c/d", {"text": "one\u2028two\x85three"})])

        [line] = run("inspect", export, "--dump").stdout.splitlines()

        assert json.loads(line)["fields"] == {"text": {"stringValue": "one\u2028two\x85three"}}


class TestLeads:
    def test_leads_are_read_in_the_order_of_the_stores(self, export: Path) -> None:
        """Leads are sorted by time and then by id; other documents are ignored."""
        leads = [json.loads(line) for line in run("leads", "list", "--from", export, "--json").stdout.splitlines()]

        assert {lead["email"] for lead in leads} == {"ada@example.com", "grace@example.com"}
        assert [lead["id"] for lead in leads] == sorted(lead["id"] for lead in leads)

    def test_one_lead(self, export: Path) -> None:
        """A lead of an export is shown with its attempts, by its id or a prefix of it."""
        lead_id = builders.lead(email="ada@example.com").id

        for named in (lead_id, lead_id[:6]):
            assert "answered: warm, 40" in run("leads", "show", named, "--from", export).stdout
        assert run("leads", "show", "nobody", "--from", export).stderr.startswith("There is no lead nobody")

    @pytest.mark.parametrize(
        "changes",
        [
            {"status": None},
            {"status": "married"},
            {"received_at": "yesterday"},
            {"score": []},
            {"score": {}},
            {"answers": "none"},
            {"id": "another"},
            {"schema_version": "one"},
        ],
    )
    def test_a_malformed_lead(self, tmp_path: Path, changes: Mapping[str, Any]) -> None:
        """A document among the leads that prequal did not write is a sentence with its id; the others are there."""
        good, broken = builders.lead(), builders.lead(email="grace@example.com")
        document = {**lead_document(broken), **changes}
        leads = [record(f"leads/{broken.id}", document), record(f"leads/{good.id}", lead_document(good))]
        export = write_export(tmp_path / "export", leads)

        result = run("export", "--format", "jsonl", "--from", export)

        assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [good.id]
        assert (result.exit_code, result.stderr) == (1, f"{UnreadableDocumentError(f'Lead {broken.id}')}\n")

    def test_the_same_lead_twice(self, tmp_path: Path) -> None:
        """An export with two documents of the same name is refused."""
        lead = builders.lead()
        export = write_export(tmp_path / "export", [record(f"leads/{lead.id}", lead_document(lead))] * 2)

        assert run("leads", "list", "--from", export).exit_code == 2


class TestDamage:
    @pytest.mark.parametrize(
        "command",
        [["inspect"], ["inspect", "--json"], ["inspect", "--dump"], ["export", "--from"], ["leads", "list", "--from"]],
    )
    def test_a_damaged_export_is_one_sentence_and_nothing_else(self, export: Path, command: list[str]) -> None:
        """Any damage, even in the last byte, prints the error and nothing else."""
        output = (export / PART).with_name("output-0")
        output.write_bytes(output.read_bytes()[:-1])

        result = run(*command, export)

        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"{output}: corrupt or truncated: a record is longer than the rest of its block.\n"

    def test_no_file_is_left_of_a_damaged_export(self, export: Path, tmp_path: Path) -> None:
        """A damaged export leaves an existing file unchanged, and no other file."""
        (export / PART).with_name("output-0").write_bytes(b"nothing")
        (tmp_path / "leads.csv").write_text("before")

        assert run("export", "--from", export, "-o", tmp_path / "leads.csv").exit_code == 2

        assert (tmp_path / "leads.csv").read_text() == "before"
        assert {path.name for path in tmp_path.iterdir()} == {"export", "leads.csv"}
