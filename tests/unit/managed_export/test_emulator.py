"""Agreement with Google's emulator: it reads an export as we do, and we read its export of our leads."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from prequal.cli import main
from prequal.core.lead import Lead
from prequal.core.lifecycle import resubmitted
from prequal.firestore_values import GeoPoint, Reference, Value, Vector
from prequal.managed_export.document import rest_document
from prequal.managed_export.reader import read_documents
from prequal.owner.exported_leads import ExportedLeads
from support import builders
from support.builders import NOW
from support.emulating import EmulatedStore
from support.exporting import ask, comparable, record, write_export

EXPORTS = Path(__file__).parents[2] / "exports"
OTHERS = os.environ.get("PREQUAL_TEST_EXPORTS", "")
LEADS = 24
WITH_DOCUMENTS = [
    *(EXPORTS / name for name in ("alltypes", "types-nested", "named-database")),
    *(path.parents[2] for path in sorted(Path(OTHERS).glob("*/*/*/*.export_metadata")) if OTHERS),
]


@pytest.mark.parametrize("export", WITH_DOCUMENTS, ids=lambda path: path.name)
def test_google_reads_the_same(emulator: str, export: Path) -> None:
    """After importing an export, the emulator has the same documents, types included."""
    assert as_google_reads(emulator, export) == as_we_read(export)


def test_google_imports_our_writers_exports(emulator: str, tmp_path: Path) -> None:
    """The emulator imports the exports that these tests write, with every type of value and many blocks."""
    fields: dict[str, Value] = {
        "array": [True, None, 1, 2.5, "text", b"bytes", NOW, GeoPoint(0.0, -1.5), {"map": [{}]}],
        "empty": [],
        "reference": Reference("other-project", "(default)", ("a", "b", "c", "d")),
        "vector": Vector([1.0, 2.0]),
        "long": "x" * 100_000,
    }
    project = f"demo-{uuid.uuid4().hex[:8]}"
    made = (record(f"c/{number}/s/{number}", {**fields, "n": number}, project) for number in range(30))
    export = write_export(tmp_path / "made", made)

    assert as_google_reads(emulator, export) == as_we_read(export)


@pytest.fixture(scope="module")
def folder(emulator: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with a managed export, with settings that name its database."""
    project, here = f"test-{uuid.uuid4().hex[:12]}", tmp_path_factory.mktemp("here")
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("FIRESTORE_EMULATOR_HOST", emulator)
        settings.setenv("PREQUAL_STORE", f"firestore:{project}")
        settings.chdir(here)
        with closing(EmulatedStore(project)) as store:
            fill_with_leads(store)
            store.save_form(builders.document())
            store.add_visits(builders.visit_counts("2026-03-02", stage_3=2), NOW)
            store.add_visits(builders.visit_counts("2026-03-01"), NOW)
        body = {"database": f"projects/{project}/databases/(default)", "export_directory": str(here)}
        ask(emulator, f"/emulator/v1/projects/{project}:export", {**body, "export_name": "export"})
        yield here


def fill_with_leads(store: EmulatedStore) -> None:
    """Admit prospects of many kinds: several at the same instant, repeats, with and without an invitation."""
    for number in range(LEADS):
        answers = builders.UNQUALIFIED if number % 3 else {"services": ["design", "build"], "pages": number + 1}
        name = ("Zoë =1+1", "Łukasz\nNowak", "Анна", '"quoted", and more')[number % 4]
        lead, attempt = builders.admitted(
            NOW + timedelta(minutes=number // 4), email=f"{number}@example.com", name=name, **answers
        )
        mails = [builders.composer().invitation(lead, NOW)] if lead.invitation else []
        store.admit(lead, attempt, mails, lambda existing: (existing, ()))
    for hours in (1, 2):
        again, attempt = builders.admitted(NOW + timedelta(hours=hours), email="0@example.com", goals=f"Try {hours}")

        def after(existing: Lead, again: Lead = again) -> tuple[Lead, tuple[()]]:
            return resubmitted(existing, again), ()

        store.admit(again, attempt, [], after)


def test_visits_are_read_alike(folder: Path) -> None:
    """The counts of visits are those of the store, in the order of days."""
    with closing(ExportedLeads(folder / "export")) as exported:
        assert [(counts.day, counts.counts) for counts in exported.iter_visits()] == [
            ("2026-03-01", {"stage_0": 1}),
            ("2026-03-02", {"stage_3": 2}),
        ]
        assert [counts.day for counts in exported.iter_visits("2026-03-02")] == ["2026-03-02"]


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "xlsx"])
def test_an_export_gives_the_same_bytes_as_the_store(folder: Path, kind: str) -> None:
    """`prequal export` writes the same bytes from the store and from a managed export of it."""
    of_store = run("export", "--format", kind, "-o", "store")
    of_export = run("export", "--format", kind, "-o", "managed", "--from", "export")

    assert [of_store.stderr, of_export.stderr] == [f"Wrote {LEADS} leads to {name}.\n" for name in ("store", "managed")]
    assert (folder / "managed").read_bytes() == (folder / "store").read_bytes()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", [["list"], ["list", "--json"], ["show"], ["show", "--json"]])
def test_leads_are_shown_alike(command: Sequence[str]) -> None:
    """`prequal leads` lists and shows the same from the store and from an export of it, attempts included."""
    ids = [builders.lead(email="0@example.com").id[:8]] if "show" in command else []

    of_store = run("leads", *command, *ids)
    of_export = run("leads", *command, *ids, "--from", "export")

    assert (of_export.exit_code, of_export.stdout) == (0, of_store.stdout)
    assert of_export.stdout.count("answered:") == (3 if command == ["show"] else 0)


def test_a_restored_export_is_the_store_again(emulator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export restores what was lost: leads, attempts, past clients, and mails still to be sent."""
    project = f"test-{uuid.uuid4().hex[:12]}"
    database = {"database": f"projects/{project}/databases/(default)"}
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator)
    with closing(EmulatedStore(project)) as store:
        fill_with_leads(store)
        store.save_past_client(builders.past_client())
        before = [(lead, store.list_attempts(lead.id), store.list_mails(lead.id)) for lead in store.iter_leads()]
        exporting = {**database, "export_directory": str(tmp_path), "export_name": "export"}
        ask(emulator, f"/emulator/v1/projects/{project}:export", exporting)
        with closing(ExportedLeads(tmp_path / "export")) as exported:
            assert list(exported.iter_past_clients()) == [builders.past_client()]
        for lead, _, _ in before:
            store.erase_lead(lead.id)
        store.erase_lead(builders.past_client().id)
        assert list(store.iter_leads()) == []

        [overall] = (tmp_path / "export").glob("*.overall_export_metadata")
        ask(emulator, f"/emulator/v1/projects/{project}:import", {**database, "export_directory": str(overall)})

        assert [
            (lead, store.list_attempts(lead.id), store.list_mails(lead.id)) for lead in store.iter_leads()
        ] == before
        assert list(store.iter_past_clients()) == [builders.past_client()]
        assert len(store.list_due_mails(NOW, 99)) == sum(len(mails) for _, _, mails in before)


def as_we_read(export: Path) -> list[str]:
    """Return an export's documents as text that can be compared."""
    return sorted(json.dumps(comparable(rest_document(document))) for document in read_documents(export))


def as_google_reads(emulator: str, export: Path) -> list[str]:
    """Return the emulator's documents after importing it, in the same form."""
    name = next(read_documents(export)).name
    database = f"projects/{name.project}/databases/{name.database}"
    [overall] = export.glob("*.overall_export_metadata")
    wanted = {"database": database, "export_directory": str(overall)}
    ask(emulator, f"/emulator/v1/projects/{name.project}:import", wanted)
    query = {"structuredQuery": {"from": [{"allDescendants": True}]}}
    answers = ask(emulator, f"/v1/{database}/documents:runQuery", query)
    return sorted(json.dumps(comparable(answer["document"])) for answer in answers)
