"""The owner's decisions and other commands on leads."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prequal.core.lead import lead_id as id_of
from prequal.core.mail import MailKind
from support import builders, commands
from support.builders import NOW
from support.commands import admit

if TYPE_CHECKING:
    from click.testing import Result

    Run = Callable[..., Result]

ENVIRON = {
    "PREQUAL_FORM": "form.json",
    "PREQUAL_SECRET": "a secret of thirty-two characters and more",
    "PREQUAL_SENDER": "Studio North <hello@studio.example>",
    "PREQUAL_BOOKING_URL": "https://cal.example/north",
}


@pytest.fixture
def decide(run: Run, tmp_path: Path) -> Run:
    """Return a function that runs `prequal leads` in a folder with a form and all settings."""
    (tmp_path / "form.json").write_text(json.dumps(builders.document()), encoding="utf-8")
    return lambda *arguments: run("leads", *arguments, **ENVIRON)


def exported(decide: Run, lead_id: str) -> dict[str, Any]:
    """Return a lead as JSON."""
    lead: dict[str, Any] = json.loads(decide("show", lead_id, "--json").stdout)
    return lead


def test_the_owner_invites_an_unqualified_lead(decide: Run) -> None:
    """An unqualified lead that the owner invites gets an invitation, and the reason is stored."""
    lead_id = admit(budget="below")

    result = decide("invite", lead_id[:6], "--reason", "A friend of Grace’s")

    assert result.stdout == "Ada Lovelace: invited; the mail goes out with the next sweep.\n"
    lead = exported(decide, lead_id)
    assert (lead["status"], lead["score"]["qualified"], lead["invitation"]["state"]) == ("invited", False, "pending")
    assert (lead["decision"]["verdict"], lead["decision"]["reason"]) == ("invite", "A friend of Grace’s")
    with closing(commands.store()) as store:
        assert [mail.kind for mail in store.list_mails(lead_id)] == [MailKind.INVITATION]


def test_bookings_and_outcomes_are_noted(decide: Run) -> None:
    """A booking and an outcome that the owner notes are stored and shown."""
    lead_id = admit(datetime.now(UTC))

    assert decide("booked", lead_id).stdout == "Ada Lovelace: booked.\n"
    assert json.loads(decide("outcome", lead_id, "won", "--json").stdout)["outcome"] == "won"

    described = decide("show", lead_id).stdout
    assert "Status:   won" in described
    assert "booked" in described


def test_an_illegal_step_is_refused(decide: Run) -> None:
    """An illegal step changes nothing, and the error names the statuses that allow it."""
    lead_id = admit(budget="below")

    refused = decide("outcome", lead_id, "won")

    assert refused.exit_code == 1
    assert refused.stderr == (
        f"Lead {lead_id} is received and can't be won. "
        "Only a lead that is invited, opened, booked, expired, offered or lost can.\n"
    )
    assert exported(decide, lead_id)["status"] == "received"


def test_a_decision_needs_a_reason(decide: Run) -> None:
    """Declining without a reason is a usage error."""
    lead_id = admit()

    refused = decide("decline", lead_id)

    assert refused.exit_code == 2
    assert "--reason" in refused.stderr
    assert decide("decline", lead_id, "--reason", "A competitor").stdout == "Ada Lovelace: declined.\n"
    assert exported(decide, lead_id)["status"] == "declined"


def test_a_booked_lead_is_not_booked_by_hand(decide: Run) -> None:
    """A booking by hand does not replace an existing one."""
    lead_id = admit(services=["build"])
    decide("booked", lead_id)

    again = decide("booked", lead_id)

    assert again.exit_code == 1
    assert "is booked and can't be booked" in again.stderr


def test_erasing_by_address(decide: Run) -> None:
    """Erasing an address deletes its lead with attempts and mails, and reports their numbers."""
    lead_id = admit(submission_id="number-one")
    admit(NOW + timedelta(days=1), submission_id="number-two")
    other = admit(email="grace@example.com")

    result = decide("erase", "ADA@example.com")

    assert result.stdout == f"Erased lead {lead_id}. Attempts: 2; mails: 1.\n"
    assert [json.loads(line)["id"] for line in decide("list", "--json").stdout.splitlines()] == [other]
    again = decide("erase", "ada@example.com")
    assert (again.exit_code, again.stderr) == (
        2,
        "No lead has the address ada@example.com: prequal leads list shows them all.\n",
    )


def test_erasing_by_address_from_every_form(decide: Run) -> None:
    """Erasing an address deletes its leads of the current form and of each that the store keeps, and no others."""
    with closing(commands.store()) as store:
        store.save_form({**builders.document(), "id": "former"})
        for form_id in ("web-design", "former"):
            lead, attempt = builders.admitted()
            lead = replace(lead, id=id_of(form_id, lead.email), form_id=form_id)
            store.admit(lead, attempt, [], lambda existing: (existing, ()))

    result = decide("erase", "Ada@Example.com", "--json")

    assert {json.loads(line)["erased"] for line in result.stdout.splitlines()} == {
        id_of("web-design", "ada@example.com"),
        id_of("former", "ada@example.com"),
    }
    assert decide("list", "--json").stdout == ""


def test_erasing_by_address_without_a_form(decide: Run, tmp_path: Path) -> None:
    """Erasing an address fails with the form's error if no form can be read, and names no address as unknown."""
    admit()
    (tmp_path / "form.json").unlink()

    refused = decide("erase", "ada@example.com")

    assert refused.exit_code == 2
    assert "form.json" in refused.stderr
    assert "No lead has the address" not in refused.stderr


def test_erasing_as_json(decide: Run) -> None:
    """--json reports an erasure as JSON."""
    lead_id = admit()

    erased = json.loads(decide("erase", lead_id[:8], "--json").stdout)

    assert erased == {"erased": lead_id, "attempts": 1, "mails": 1, "past_client": False}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([], {"ada", "grace", "linus"}),
        (["--status", "invited"], {"ada", "linus"}),
        (["--grade", "cold"], {"grace"}),
        (["--source", "ads"], {"linus"}),
        (["--since", "2026-03-03"], {"grace", "linus"}),
        (["--since", "2026-03-03", "--grade", "hot"], {"linus"}),
    ],
)
def test_lists_can_be_filtered(decide: Run, filters: list[str], found: set[str]) -> None:
    """Only the leads that match all filters are listed."""
    admit(email="ada@example.com", source="a-friend")
    admit(NOW + timedelta(days=1), email="grace@example.com", **builders.UNQUALIFIED)
    admit(NOW + timedelta(days=2), email="linus@example.com", pages=30, utm_source="ads")

    listed = [json.loads(line)["email"] for line in decide("list", *filters, "--json").stdout.splitlines()]

    assert {address.partition("@")[0] for address in listed} == found


def test_a_lead_is_shown_in_words(decide: Run) -> None:
    """A lead is shown with the labels of its questions and answers, and the changes of later attempts."""
    lead_id = admit(budget="unsure", submission_id="number-one")
    admit(NOW + timedelta(hours=1), submission_id="number-two")

    described = decide("show", lead_id).stdout

    assert "  +20  Our projects start at €5,000. Were you prepared to spend that?\n       About that\n" in described
    assert "answered: cold, 25\n" in described
    assert "Were you prepared to spend that? Not sure → About that\n" in described


def test_an_old_lead_is_shown_by_its_own_form(decide: Run, tmp_path: Path) -> None:
    """A lead is shown with the labels of the form version by which it was scored."""
    lead_id = admit()
    with closing(commands.store()) as store:
        store.save_form(builders.document())
    changed = builders.document()
    changed["questions"][0]["label"] = "What have you got?"
    (tmp_path / "form.json").write_text(json.dumps(changed), encoding="utf-8")

    assert "Were you prepared to spend that?" in decide("show", lead_id).stdout
