"""The lifecycle of a lead on each store, through the page, the mail, the scheduler and the owner's commands."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.errors import IllegalStepError
from prequal.core.lead import Booking, Lead, Status
from prequal.core.lifecycle import LIFECYCLE, Step, declined, ended
from prequal.services.booking_recorder import BookingNews, BookingRecorder
from prequal.services.mailboxes import Mailboxes
from prequal.services.owner_decisions import OwnerDecision, OwnerInvitation
from prequal.services.ports import Store
from support import builders
from support.builders import NOW, Clock
from support.emulating import EmulatedStore
from support.exporting import ask
from support.running import link_in, outbox
from support.scheduling import Cal
from support.world import PUBLIC_URL, World

if TYPE_CHECKING:
    from click.testing import Result

REASON = "Grace speaks well of her"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The owner's commands, run in a folder with a form and all settings."""

    run: Callable[..., Result]
    folder: Path
    store: str

    def run_command(self, *arguments: str) -> str:
        """Run a command that succeeds and return its output."""
        result = self.run(
            *arguments,
            PREQUAL_FORM="form.json",
            PREQUAL_STORE=self.store,
            PREQUAL_SECRET="a secret that is long",
            PREQUAL_PUBLIC_URL=PUBLIC_URL,
            PREQUAL_SENDER="Studio North <hello@studio.example>",
            PREQUAL_BOOKING_URL="https://cal.example/north",
        )
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def status(self) -> str:
        """Return the status of the only lead."""
        status: str = json.loads(self.run_command("leads", "list", "--json"))["status"]
        return status

    def link(self) -> str:
        """Send the invitation and return the path of its booking link."""
        self.run_command("deliver")
        [invitation] = outbox(self.folder)
        return urlsplit(link_in(invitation)).path


@pytest.fixture
def owner(any_store: Store, run: Callable[..., Result], tmp_path: Path) -> Owner:
    """Return the owner's commands on a store."""
    (tmp_path / "form.json").write_text(json.dumps(builders.document()), encoding="utf-8")
    named = f"firestore:{any_store.project}" if isinstance(any_store, EmulatedStore) else "sqlite:prequal.db"
    return Owner(run=run, folder=tmp_path, store=named)


def test_the_whole_lifecycle(any_store: Store, owner: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lead is received, invited by the owner, opened, booked, cancelled, booked again, won, and erased."""
    world = World(any_store)
    world.clock.now = datetime.now(UTC)
    client = world.client(tmp_path, monkeypatch)

    client.post("/api/leads", data=builders.sent(**builders.UNQUALIFIED))
    assert owner.status() == "received"
    [lead] = any_store.iter_leads()

    owner.run_command("leads", "invite", lead.id, "--reason", REASON)
    assert owner.status() == "invited"

    assert client.post(owner.link()).status_code == 303
    assert owner.status() == "opened"

    for message, status, history in (
        (Cal().made("one", world.clock.now + timedelta(minutes=10)), "booked", "booked, for"),
        (Cal().cancelled("one", world.clock.now + timedelta(minutes=20)), "invited", "cancelled"),
        (Cal().made("two", world.clock.now + timedelta(minutes=30)), "booked", "booked, for"),
    ):
        assert message.to(client).status_code == 200
        assert owner.status() == status
        shown = owner.run_command("leads", "show", lead.id)
        assert history in shown
        assert ("the link expires" in shown) == (status != "booked")

    owner.run_command("leads", "outcome", lead.id, "won")
    assert owner.status() == "won"
    assert lead.email.encode() in stored_bytes(any_store, tmp_path / "before")

    owner.run_command("leads", "erase", lead.id)
    assert owner.run_command("leads", "list", "--json") == ""
    left = stored_bytes(any_store, tmp_path / "after")
    for trace in (lead.id, lead.name, lead.email, REASON):
        assert trace.encode() not in left


def test_illegal_steps_change_nothing(any_store: Store) -> None:
    """A step that the lifecycle does not allow is refused and changes nothing in the store."""
    lead, attempt = builders.admitted()
    any_store.admit(lead, attempt, [], lambda existing: (existing, ()))
    made = Booking(id="one", booked_at=NOW)
    cancelled = replace(made, cancelled_at=NOW)
    forms, clock = builders.lead_forms(), Clock()
    decision = OwnerDecision(store=any_store, clock=clock)
    invitation = OwnerInvitation(
        forms=forms, store=any_store, mailboxes=Mailboxes(ledger=any_store), composer=builders.composer(), clock=clock
    )
    recorder = BookingRecorder(form_ids=list(forms.in_use), store=any_store, clock=clock)
    steps: dict[Step, Callable[[], object]] = {
        Step.INVITE: lambda: invitation.send(lead.id, REASON),
        Step.DECLINE: lambda: decision.apply(lead.id, lambda lead, now: declined(lead, REASON, now)),
        Step.BOOK: lambda: recorder.record(news(made)),
        Step.CANCEL: lambda: recorder.record(news(cancelled)),
        Step.WIN: lambda: decision.apply(lead.id, lambda lead, now: ended(lead, Status.WON, now)),
        Step.LOSE: lambda: decision.apply(lead.id, lambda lead, now: ended(lead, Status.LOST, now)),
    }
    # A cancellation may arrive before its booking, and a booking twice.
    quiet = {(Step.CANCEL, status) for status in LIFECYCLE[Step.BOOK][0]} | {(Step.BOOK, Status.BOOKED)}

    for status in Status:
        before = in_status(any_store, lead, status)
        for step, take in steps.items():
            if status not in LIFECYCLE[step][0] and (step, status) not in quiet:
                with pytest.raises(IllegalStepError):
                    take()
        assert any_store.find_lead(lead.id) == before
    assert any_store.list_mails(lead.id) == []


def in_status(store: Store, lead: Lead, status: Status) -> Lead:
    """Store a lead with another status and return it."""
    changed = replace(lead, status=status)
    store.change_lead(lead.id, lambda _lead: (changed, ()))
    return changed


def news(booking: Booking) -> BookingNews:
    """Return a scheduler's message about the lead's appointment."""
    return BookingNews(lead_id="", email="ada@example.com", booking=booking)


def stored_bytes(store: Store, folder: Path) -> bytes:
    """Return a store's whole content as bytes: a managed export of Firestore, or SQLite's files."""
    folder.mkdir()
    if isinstance(store, SqliteLeadStore):
        return b"".join(path.read_bytes() for path in folder.parent.glob("prequal.db*"))
    assert isinstance(store, EmulatedStore)
    database = f"projects/{store.project}/databases/(default)"
    body = {"database": database, "export_directory": str(folder), "export_name": "export"}
    ask(os.environ["FIRESTORE_EMULATOR_HOST"], f"/emulator/v1/projects/{store.project}:export", body)
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
