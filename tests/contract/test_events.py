"""Events for the owner's webhooks, in every store: queued with their change, and erased with their lead."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from contract.conftest import Tapped
from faults import parts
from prequal.core.errors import StoreUnavailableError
from prequal.core.lead import Lead
from prequal.core.lifecycle import declined
from prequal.core.mail import Mail, MailKind, Receipt
from prequal.services.announcements import announcing
from prequal.services.ports import Erasure, Mailer, Store
from prequal.services.webhooks import Webhooks
from support import builders
from support.billing import bill_of
from support.builders import NOW, Clock

LEAD = builders.lead().id


class Recording(Mailer):
    """A transport that takes every message."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    def send(self, mail: Mail) -> Receipt:
        """Take the message."""
        self.sent.append(mail)
        return Receipt(message_id=mail.id, accepted=(mail.to,), response="204")


def test_every_change_becomes_messages_in_order_of_time(store: Store) -> None:
    """All that happened before a worker came is told to each address once, first things first."""
    clock, hooks, mailer = Clock(), Recording(), Recording()
    told = announcing(store, clock)
    intake = parts.intake(told, clock)
    intake.receive(builders.sent(submission_id="submission-1"))
    clock.forward(timedelta(seconds=1))
    told.change_lead(LEAD, lambda lead: (declined(lead, "No time", clock.now), ()))
    worker = parts.delivery(
        store, mailer, clock, webhooks=Webhooks(addresses=["https://a.example", "https://b.example"], transport=hooks)
    )

    for _ in range(2):
        worker.deliver_due()

    events = [json.loads(mail.message_bytes) for mail in hooks.sent if mail.to == "https://a.example"]
    assert [event["type"] for event in events] == ["lead.received", "lead.qualified", "lead.declined"]
    assert [event["data"]["status"] for event in events] == ["invited", "invited", "declined"]
    assert [mail.content["id"] for mail in hooks.sent if mail.to == "https://b.example"] == [
        event["id"] for event in events
    ]
    assert mailer.sent == []  # the invitation was withdrawn
    assert not store.list_due_mails(clock.now + timedelta(days=9), 9)


def test_an_event_is_queued_with_its_change_or_not_at_all(store: Store) -> None:
    """A change that fails queues no event, and neither does one that is sent again."""
    told = announcing(store, Clock())
    intake = parts.intake(told, Clock())
    for _ in range(2):
        intake.receive(builders.sent(submission_id="submission-1", **builders.UNQUALIFIED))

    def fail(_lead: Lead) -> tuple[Lead, list[Mail]]:
        raise StoreUnavailableError("as instructed")

    with pytest.raises(StoreUnavailableError):
        told.change_lead(LEAD, fail)

    [event] = store.list_mails(LEAD)
    assert (event.kind, event.content["types"]) == (MailKind.EVENT, ["lead.received"])


def test_an_erasure_takes_events_and_messages_along(store: Store) -> None:
    """Each holds the lead as it was."""
    clock = Clock()
    told = announcing(store, clock)
    parts.intake(told, clock).receive(builders.sent(submission_id="submission-1", **builders.UNQUALIFIED))
    webhooks = Webhooks(addresses=["https://a.example"], transport=Recording())
    parts.delivery(store, Recording(), clock, webhooks=webhooks).deliver_due()
    told.change_lead(LEAD, lambda lead: (declined(lead, "No time", NOW), ()))
    kept = [mail.message or "" for mail in store.list_mails(LEAD)]

    assert sum("Ada" in message for message in kept) == 2  # the message that was sent, and the event that was not
    assert store.erase_lead(LEAD) == Erasure(attempts=1, mails=3)
    assert store.list_mails(LEAD) == []


@pytest.mark.parametrize("answers", [builders.QUALIFIED, builders.UNQUALIFIED], ids=["qualified", "unqualified"])
def test_a_first_submission_costs_one_write_more(tapped: Tapped, answers: dict[str, str]) -> None:
    """It is one batch of creates, without a read, and with one event, whether or not the lead qualifies."""
    bills = []
    for number, store in enumerate((tapped.store, announcing(tapped.store, Clock()))):
        tapped.calls.clear()
        parts.intake(store, Clock()).receive(builders.sent(email=f"at{number}@example.com", **answers))
        bills.append(bill_of(tapped.calls))

    silent, told = bills
    assert told == replace(silent, writes=silent.writes + 1)
    assert (told.reads, told.calls) == (0, 1)
