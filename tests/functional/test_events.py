"""The deployed functions `deliver` and `sweep`, as functions-framework runs them, on the emulator."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from functions_framework import create_app

from prequal.core.lead import InvitationState
from support import builders
from support.emulating import EmulatedStore
from support.running import write_entry_point

if TYPE_CHECKING:
    from werkzeug.test import Client


class Cloud:
    """A Firestore database with one qualified lead whose invitation waits, and the functions for it."""

    def __init__(self, store: EmulatedStore, project: str, folder: Path) -> None:
        self.store = store
        self.project = project
        self.outbox = folder / "outbox"
        self.source = write_entry_point(folder)
        now = datetime.now(UTC) - timedelta(days=8)  # before the week of any digest has ended
        lead, attempt = builders.admitted(now)
        self.mail = builders.composer().invitation(lead, now)
        store.admit(lead, attempt, [self.mail], lambda existing: (existing, ()))

    def function(self, name: str) -> Client:
        """Return a client of a deployed function."""
        app = create_app(name, self.source)  # type: ignore[no-untyped-call]
        client: Client = app.test_client()
        return client

    def event(self, document: str) -> dict[str, str]:
        """Return the headers of an event of this database."""
        return builders.event(self.project, document)

    @property
    def sent(self) -> list[str]:
        """Return the ids of the mails that went out."""
        return [path.stem for path in self.outbox.glob("*.eml")]


@pytest.fixture
def cloud(emulator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Return a cloud of its own."""
    project = f"test-{uuid.uuid4().hex[:12]}"
    for name, value in {
        "FIRESTORE_EMULATOR_HOST": emulator,
        "PREQUAL_STORE": f"firestore:{project}",
        "PREQUAL_MAIL": f"outbox:{tmp_path / 'outbox'}",
        "PREQUAL_SENDER": "Studio North <hello@studio.example>",
        "PREQUAL_BOOKING_URL": "https://cal.example/",
        "PREQUAL_SECRET": "a secret that is long",
    }.items():
        monkeypatch.setenv(name, value)
    with closing(EmulatedStore(project)) as store:
        yield Cloud(store, project, tmp_path)


def test_an_event_sends_its_mail(cloud: Cloud) -> None:
    """The event of a created document sends that mail; its body isn't looked at."""
    event = cloud.event(f"mail/{cloud.mail.id}")

    answer = cloud.function("deliver").post("/", data=b"\x0a\xff not protobuf", headers=event)

    assert answer.status_code == 200
    assert cloud.sent == [cloud.mail.id]
    (lead,) = cloud.store.iter_leads()
    assert lead.invitation is not None
    assert lead.invitation.state is InvitationState.SENT


def test_an_event_that_comes_again_sends_nothing(cloud: Cloud) -> None:
    """Events come at least once; the mail goes out once."""
    function = cloud.function("deliver")
    for _ in range(3):
        assert function.post("/", headers=cloud.event(f"mail/{cloud.mail.id}")).status_code == 200
    (sent,) = cloud.outbox.glob("*.eml")
    first = sent.stat().st_mtime_ns

    assert function.post("/", headers=cloud.event(f"mail/{cloud.mail.id}")).status_code == 200

    assert sent.stat().st_mtime_ns == first


def test_an_event_of_a_mail_that_is_gone_is_nothing(cloud: Cloud) -> None:
    """A mail that was erased meanwhile is no error, which would only come back."""
    assert cloud.function("deliver").post("/", headers=cloud.event("mail/gone")).status_code == 200
    assert cloud.sent == []


def test_what_is_no_event_is_refused(cloud: Cloud) -> None:
    """Requests that are no events are answered with 400."""
    assert cloud.function("deliver").post("/", json={"hello": "you"}).status_code == 400


def test_a_sweep_finishes_what_is_due(cloud: Cloud) -> None:
    """The sweeper sends what no event has, and says how much."""
    function = cloud.function("sweep")

    first, second = function.post("/"), function.post("/")
    steps = ("reminded", "briefed", "debriefed", "expired", "removed")
    nothing = dict.fromkeys(("sent", "put_off", "given_up", *steps), 0)

    assert json.loads(first.data) == {**nothing, "sent": 1}
    assert json.loads(second.data) == nothing
    assert cloud.sent == [cloud.mail.id]


def test_an_event_sends_a_digest(cloud: Cloud) -> None:
    """The event of a digest sends it like any other mail, though it goes with no lead."""
    builders.weekly_digest(cloud.store, lambda: datetime.now(UTC)).run()
    (mail_id,) = set(cloud.store.list_due_mails(datetime.now(UTC), 9)) - {cloud.mail.id}

    answer = cloud.function("deliver").post("/", headers=cloud.event(f"mail/{mail_id}"))

    assert answer.status_code == 200
    assert cloud.sent == [mail_id]


def test_a_sweep_writes_the_digest(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """With somebody to read it, the sweeper writes and sends one digest."""
    monkeypatch.setenv("PREQUAL_OWNER", "owner@studio.example")
    function = cloud.function("sweep")

    counts = [json.loads(function.post("/").data)["sent"] for _ in range(2)]

    assert counts == [2, 0]
    assert f"digest-web-design-{datetime.now(UTC):%G-w%V}" in cloud.sent
