"""The Firestore calls that docs/reference/permissions.md lists."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from functions_framework import create_app
from google.cloud import firestore

from faults.rest_wire import RestWire
from faults.wire import Call, Wire
from infra.permissions import firestore_calls
from infra.terraform import INFRA
from prequal.services.tokens import PAST_CLIENTS, Tokens
from support import builders
from support.running import UNQUALIFIED, link_in, outbox, prospect, write_entry_point

if TYPE_CHECKING:
    from werkzeug.test import Client

INDEXES = json.loads((INFRA / "firestore.indexes.json").read_text(encoding="utf-8"))
EXPIRING = {it["collectionGroup"] for it in INDEXES["fieldOverrides"] if it.get("ttl")}


class Cloud:
    """The functions on their own database, and a record of their calls."""

    def __init__(self, folder: Path, database: firestore.Client, called: set[str], lines: Mapping[str, str]) -> None:
        self.folder = folder
        #: A client whose calls are not recorded.
        self.database = database
        self._called = called
        self._lines = lines

    def function(self, name: str) -> Client:
        """Return a client of a function."""
        os.environ["FIRESTORE_EMULATOR_HOST"] = self._lines[name]
        app = create_app(name, write_entry_point(self.folder))  # type: ignore[no-untyped-call]
        client: Client = app.test_client()
        return client

    def called(self) -> set[str]:
        """Return the names of the recorded calls and clear the record."""
        called = set(self._called)
        self._called.clear()
        return called


@pytest.fixture
def cloud(emulator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Return a cloud with an empty database."""
    project, called = f"test-{uuid.uuid4().hex[:12]}", set[str]()

    def hear(call: Call) -> None:
        called.add(call.name)

    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator)
    with (
        closing(firestore.Client(project=project)) as database,
        Wire(emulator, heard=hear).serving() as grpc,
        RestWire(emulator, heard=hear).serving() as rest,
    ):
        for name, value in {
            "PREQUAL_STORE": f"firestore:{project}",
            "PREQUAL_MAIL": f"outbox:{tmp_path / '.prequal/outbox'}",
            "PREQUAL_SENDER": "Studio North <hello@studio.example>",
            "PREQUAL_BOOKING_URL": "https://cal.example/",
            "PREQUAL_SECRET": "a secret that is long",
        }.items():
            monkeypatch.setenv(name, value)
        yield Cloud(tmp_path, database, called, {"submit": rest, "desk": rest, "deliver": grpc, "sweep": grpc})


def test_each_function_makes_the_documented_calls(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a lead's lifecycle, each function makes exactly the Firestore calls of its documented row."""
    calls = {}
    submit, deliver, sweep = map(cloud.function, ("submit", "deliver", "sweep"))

    for answers in ({}, {}, UNQUALIFIED):  # a first submission, the same again, and another attempt
        submit.post("/api/leads", json=prospect("Ada") | answers)
    version = json.loads(submit.get("/api/health").text)["form_version"]
    submit.post("/api/progress", data=json.dumps({"form_version": version, "stage": 0}))
    calls["submit"] = cloud.called()
    [mail] = cloud.database.collection("mail").stream()
    deliver.post("/", headers=builders.event(cloud.database.project, f"mail/{mail.id}"))
    calls["deliver"] = cloud.called()
    [invitation] = outbox(cloud.folder)
    submit.get(urlsplit(link_in(invitation)).path)
    tokens = Tokens(secrets=["a secret that is long"], purpose=PAST_CLIENTS)
    link = f"/b/clients/{tokens.issue('web-design', datetime.now(UTC) + timedelta(days=1))}"
    assert submit.post(link, json=prospect("Mary")).status_code == 202
    calls["submit"] |= cloud.called()
    submit.post("/api/leads", json=prospect("Grace"))
    cloud.called()
    sweep.post("/")
    calls["sweep"] = cloud.called()
    assert len(outbox(cloud.folder)) == 2
    monkeypatch.setenv("PREQUAL_OWNER", "owner@studio.example")
    decide_at(cloud.function("desk"), cloud.folder)
    calls["desk"] = cloud.called()

    assert calls == {function: firestore_calls(function) for function in ("submit", "deliver", "sweep", "desk")}
    assert {it.id for it in cloud.database.collections()} == {"forms", *EXPIRING} - {"attempts"}
    for lead in cloud.database.collection("leads").list_documents():
        assert {it.id for it in lead.collections()} == {"attempts"}


def decide_at(desk: Client, folder: Path) -> None:
    """Sign in, look at everything, decline one lead, and erase another."""
    desk.post("/desk/sign-in")
    [mail] = [mail for mail in outbox(folder) if mail["To"] == "owner@studio.example"]
    body = mail.get_body(("plain",))
    assert body
    desk.post(urlsplit(re.findall(r"http\S+/desk/in/\S+", body.get_content())[0]).path)
    page = desk.get("/desk/").text
    token = re.findall('name="token" value="(.+?)"', page)[0]
    one, other = re.findall('class="who" href="(.+?)"', page)
    assert desk.get(one).status_code == 200
    for path, words in (
        ("/desk/search", {"text": "Ada"}),
        ("/desk/report", {}),
        (f"{one}/decline", {"text": "A competitor"}),
        (f"{other}/erase", {"sure": "yes"}),
    ):
        assert desk.post(path, data={"token": token, **words}).status_code in (200, 303)
