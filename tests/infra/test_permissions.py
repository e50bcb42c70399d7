"""The Firestore calls that docs/permissions.md lists."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from functions_framework import create_app
from google.cloud import firestore

from infra.permissions import firestore_calls
from infra.recording import recorded
from infra.terraform import INFRA
from support import builders
from support.running import UNQUALIFIED, link_in, outbox, prospect, write_entry_point

if TYPE_CHECKING:
    from werkzeug.test import Client

INDEXES = json.loads((INFRA / "firestore.indexes.json").read_text(encoding="utf-8"))
EXPIRING = {it["collectionGroup"] for it in INDEXES["fieldOverrides"] if it.get("ttl")}


class Cloud:
    """The functions on their own database, and a record of their calls."""

    def __init__(self, folder: Path, project: str, called: set[str]) -> None:
        self.folder = folder
        self.project = project
        self._called = called

    def function(self, name: str) -> Client:
        """Return a client of a function."""
        app = create_app(name, write_entry_point(self.folder))  # type: ignore[no-untyped-call]
        client: Client = app.test_client()
        return client

    @property
    def database(self) -> firestore.Client:
        """Return a client of the database."""
        return firestore.Client(project=self.project)

    def called(self) -> set[str]:
        """Return the names of the recorded calls and clear the record."""
        called = set(self._called)
        self._called.clear()
        return called


@pytest.fixture
def cloud(emulator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Return a cloud with an empty database."""
    project = f"test-{uuid.uuid4().hex[:12]}"
    with recorded(emulator) as (address, called):
        for name, value in {
            "FIRESTORE_EMULATOR_HOST": address,
            "PREQUAL_STORE": f"firestore:{project}",
            "PREQUAL_MAIL": f"outbox:{tmp_path / '.prequal/outbox'}",
            "PREQUAL_SENDER": "Studio North <hello@studio.example>",
            "PREQUAL_BOOKING_URL": "https://cal.example/",
            "PREQUAL_SECRET": "a secret",
        }.items():
            monkeypatch.setenv(name, value)
        yield Cloud(tmp_path, project, called)


def test_each_function_makes_the_documented_calls(cloud: Cloud) -> None:
    """Over a lead's lifecycle, each function makes exactly the Firestore calls of its documented row."""
    calls = {}
    submit, deliver, sweep = map(cloud.function, ("submit", "deliver", "sweep"))

    for answers in ({}, {}, UNQUALIFIED):  # a first submission, the same again, and another attempt
        submit.post("/api/leads", json=prospect("Ada") | answers)
    calls["submit"] = cloud.called()
    [mail] = cloud.database.collection("mail").stream()
    cloud.called()
    deliver.post("/", headers=builders.event(cloud.project, f"mail/{mail.id}"))
    calls["deliver"] = cloud.called()
    [invitation] = outbox(cloud.folder)
    submit.get(urlsplit(link_in(invitation)).path)
    calls["submit"] |= cloud.called()
    submit.post("/api/leads", json=prospect("Grace"))
    cloud.called()
    sweep.post("/")
    calls["sweep"] = cloud.called()

    assert len(outbox(cloud.folder)) == 2
    assert calls == {function: firestore_calls(function) for function in ("submit", "deliver", "sweep")}
    assert {it.id for it in cloud.database.collections()} == {"forms", *EXPIRING} - {"attempts"}
    for lead in cloud.database.collection("leads").list_documents():
        assert {it.id for it in lead.collections()} == {"attempts"}
