"""The cost of a lead in Firestore, which charges for each document read or written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.conftest import Tapped
from faults import parts
from prequal.adapters.outbox import OutboxMailer
from prequal.core.form import Grade
from prequal.core.lead import Booking, Status
from prequal.core.lead_filter import LeadFilter
from prequal.core.lifecycle import booked
from prequal.core.near_miss import Briefs
from prequal.owner.lookup import find_by_address
from prequal.services.ports import Captcha
from support import builders
from support.billing import bill_of, uses
from support.builders import NOW, Clock
from support.desk_client import open_desk

if TYPE_CHECKING:
    from werkzeug.test import TestResponse


def test_the_reads_and_writes_of_a_lead(tapped: Tapped, tmp_path: Path) -> None:
    """A first submission reads nothing and writes at most four documents; a replay reads one and writes none."""
    bills = {what: (bill.reads, bill.writes) for what, bill in uses(tapped.store, tapped.calls, tmp_path)}

    assert bills == {
        "submission, unqualified": (0, 2),
        "submission, qualified": (0, 4),
        "the same again": (1, 0),
        "submission, qualified, no script": (0, 4),
        "the same again, no script": (1, 0),
        "sending its two mails": (10, 8),
        "another attempt": (2, 3),
        "another attempt, no script": (3, 3),
        "looking at the link's page": (1, 0),
        "using the link": (2, 1),
    }


class Believer(Captcha):
    """A captcha that takes every token for a person's."""

    def find_token(self, submitted: Mapping[str, Any]) -> str:
        """Return the token."""
        return str(submitted.get("token", ""))

    def confirms(self, token: str, submission: str) -> bool:
        """Return True for any token and key."""
        return bool(token and submission)


def test_the_reads_and_writes_with_a_captcha(tapped: Tapped) -> None:
    """A captcha costs one read for each token; a held submission is written without its invitation.

    The network that a submission came from costs nothing.
    """
    store, calls = tapped
    intake = replace(parts.intake(store, Clock(), owner="owner@studio.example"), captcha=Believer())

    def billed(**fields: str) -> tuple[int, int]:
        calls.clear()
        intake.receive(builders.sent(**fields), "203.0.113.0/24")
        bill = bill_of(calls)
        return bill.reads, bill.writes

    assert billed(token="one") == (1, 4)
    assert billed(token="one") == (1, 0)
    assert billed(email="grace@example.com", token="two", **builders.UNQUALIFIED) == (1, 2)
    assert billed(email="joan@example.com") == (0, 3)


def test_the_reads_and_writes_of_a_near_miss(tapped: Tapped, tmp_path: Path) -> None:
    """A brief on a lead that is not invited is one more write, and its count one read and one write."""
    store, calls = tapped
    intake = parts.intake(store, Clock(), owner="owner@studio.example", briefs=Briefs.NEAR)
    worker = parts.delivery(store, OutboxMailer(tmp_path), Clock())
    worker.round.sender.budget.mailboxes.load_key()  # once in a process

    calls.clear()
    lead, _ = intake.receive(builders.sent(**builders.NEAR))
    assert (bill_of(calls).reads, bill_of(calls).writes) == (0, 3)
    [brief] = store.list_mails(lead.id)
    calls.clear()
    worker.deliver(brief.id)
    assert (bill_of(calls).reads, bill_of(calls).writes) == (5, 4)


def test_the_reads_and_writes_of_a_call(tapped: Tapped, tmp_path: Path) -> None:
    """Between its three steps, a call costs nothing; its two mails are sent like any other."""
    store, calls = tapped
    clock = Clock()
    lead, attempt = builders.admitted()
    lead = booked(lead, Booking(id="one", booked_at=NOW, starts_at=NOW + timedelta(days=3, hours=2)), NOW)
    store.admit(lead, attempt, [], lambda existing: (existing, ()))
    worker, follow_up = parts.delivery(store, OutboxMailer(tmp_path), clock), builders.follow_up(store, clock)
    follow_up.forms.load()  # once in a process
    worker.round.sender.budget.mailboxes.load_key()

    bills = []
    for hours in (50, 22, 24, 24):  # a day ahead, on the morning, on the next, and when nothing is due any more
        clock.forward(timedelta(hours=hours))
        calls.clear()
        follow_up.run()
        bill = bill_of(calls)
        due = [mail.id for mail in store.list_mails(lead.id) if mail.delivery.due_at]
        calls.clear()
        for mail_id in due:
            worker.deliver(mail_id)
        bills.append((bill.reads + bill_of(calls).reads, bill.writes + bill_of(calls).writes))
    assert bills == [(2, 1), (6, 5), (6, 5), (1, 0)]


def test_the_reads_of_lists_and_searches(tapped: Tapped) -> None:
    """A list reads the leads that it shows, an empty one counts as one read; a search by address reads one a form."""
    store, calls = tapped
    for day in range(9):
        fields = builders.UNQUALIFIED if day % 3 else {}
        lead, attempt = builders.admitted(NOW + timedelta(days=day), email=f"{day}@example.com", **fields)
        store.admit(lead, attempt, [], lambda existing: (existing, ()))

    def reads(act: Callable[[], object]) -> int:
        calls.clear()
        act()
        return bill_of(calls).reads

    def listed(**conditions: Any) -> int:
        return reads(lambda: list(store.iter_leads(LeadFilter(**conditions))))

    assert listed() == 9
    assert listed(since=NOW + timedelta(days=9)) == 1
    assert listed(since=NOW + timedelta(days=7)) == 2
    assert listed(status=Status.INVITED) == 3
    assert listed(status=Status.INVITED, grade=Grade.COLD) == 1
    assert listed(grade=Grade.COLD, since=NOW + timedelta(days=4)) == 4
    assert listed(source="ads", since=NOW + timedelta(days=4)) == 5
    assert reads(lambda: store.list_newest(LeadFilter(), 4)) == 4
    assert reads(lambda: store.list_newest(LeadFilter(grade=Grade.COLD, form="web-design"), 4)) == 4
    assert reads(lambda: find_by_address(store, "4@EXAMPLE.com", {"web-design", "former"})) == 2
    assert reads(lambda: store.find_by_booking("one")) == 1


def test_the_reads_of_the_desk(tapped: Tapped) -> None:
    """A page of the list reads the leads that it shows, and once the stored forms; a search reads every lead once.

    A report reads the visits too, a document a day.
    """
    store, calls = tapped
    for day in range(60):
        lead, attempt = builders.admitted(NOW + timedelta(days=day), email=f"{day}@example.com")
        store.admit(lead, attempt, [], lambda existing: (existing, ()))
    store.save_form(builders.document())
    desk = open_desk(store)

    def reads(act: Callable[[], TestResponse]) -> tuple[int, str]:
        calls.clear()
        answer = act()
        return bill_of(calls).reads, answer.text

    first, page = reads(lambda: desk.client.get("/desk/"))
    older = re.search('href="(/desk/[^"]+)" rel="next"', page)
    assert older

    assert first == 50 + 1
    assert reads(lambda: desk.client.get("/desk/"))[0] == 50
    assert reads(lambda: desk.client.get(older[1]))[0] == 10
    assert reads(lambda: desk.client.get("/desk/?status=won&grade=hot"))[0] == 1
    form = {"token": desk.token(), "text": "59@example.com"}
    for expected in (60, 0):
        read, found = reads(lambda: desk.client.post("/desk/search", data=form))
        assert (read, "60 leads read" in found) == (expected, True)
    store.add_visits(builders.visit_counts(), NOW)
    store.save_past_client(builders.past_client())
    assert reads(lambda: desk.client.post("/desk/report", data=form))[0] == 60 + 1 + 1
    assert reads(lambda: desk.client.get("/desk/report"))[0] == 0
