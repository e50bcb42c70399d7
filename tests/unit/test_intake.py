"""Mails that an admission queues."""

from __future__ import annotations

from datetime import timedelta

import pytest

from faults import parts
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.answers import TRAP
from prequal.core.mail import MailKind
from prequal.core.near_miss import Briefs
from support import builders
from support.builders import NOW, Clock
from support.mails import read


def test_a_qualified_lead_queues_the_invitation_and_the_owners_brief(store: SqliteLeadStore) -> None:
    """The admission of a qualified lead queues its invitation and a brief to the owner; they are due at once."""
    lead, _ = parts.intake(store, Clock(), owner="owner@studio.example").receive(builders.sent())

    queued = {mail.kind: (mail.to, mail.delivery.due_at) for mail in store.list_mails(lead.id)}
    assert queued == {
        MailKind.INVITATION: ("ada@example.com", NOW),
        MailKind.BRIEF: ("owner@studio.example", NOW),
    }


def test_an_unqualified_lead_queues_no_mail(store: SqliteLeadStore) -> None:
    """The admission of an unqualified lead queues no mail."""
    intake = parts.intake(store, Clock(), owner="owner@studio.example")

    lead, _ = intake.receive(builders.sent(**builders.UNQUALIFIED))

    assert store.list_mails(lead.id) == []


def test_an_attempt_that_qualifies_queues_a_brief_that_shows_the_earlier_one(store: SqliteLeadStore) -> None:
    """The brief of a later, qualified attempt holds the lead as it was before."""
    clock = Clock()
    intake = parts.intake(store, clock, owner="owner@studio.example")
    lead, _ = intake.receive(builders.sent(**builders.UNQUALIFIED))
    clock.forward(timedelta(hours=1))

    intake.receive(builders.sent())

    [brief] = [mail for mail in store.list_mails(lead.id) if mail.kind is MailKind.BRIEF]
    assert brief.content["before"]["answered_at"] == NOW


def test_the_owner_is_told_of_unconfirmed_attempts_once_a_day(store: SqliteLeadStore) -> None:
    """Whatever stays beside a lead queues no invitation, and one brief a day, which says what nobody has proven."""
    clock = Clock()
    intake = parts.intake(store, clock, owner="owner@studio.example")
    lead, _ = intake.receive(builders.sent())
    briefs = []
    for number in range(6):
        clock.forward(timedelta(hours=8))
        intake.receive(builders.sent(name="Mallory", goals=f"Number {number}", **builders.UNQUALIFIED))
        mails = store.list_mails(lead.id)
        briefs.append(sum(mail.kind is MailKind.BRIEF for mail in mails))

    # The clock starts at half past nine.
    assert briefs == [2, 3, 3, 3, 4, 4]
    assert sum(mail.kind is MailKind.INVITATION for mail in mails) == 1
    beside = next(mail for mail in mails if mail.content.get("unconfirmed"))
    assert beside.content["name"] == "Mallory"
    assert "Nobody has proven that this attempt" in read(beside).text


@pytest.mark.parametrize(
    ("briefs", "near", "unqualified"), [(Briefs.QUALIFIED, 0, 0), (Briefs.NEAR, 1, 0), (Briefs.ALL, 1, 1)]
)
def test_the_owner_chooses_of_whom_to_hear(store: SqliteLeadStore, briefs: Briefs, near: int, unqualified: int) -> None:
    """A near miss, or any lead, queues a brief alone, which the worker counts; whom the trap caught queues none."""
    intake = parts.intake(store, Clock(), owner="owner@studio.example", briefs=briefs)
    for email, number, answers in (
        ("near@example.com", near, builders.NEAR),
        ("cold@example.com", unqualified, builders.UNQUALIFIED),
        ("bot@example.com", 0, {**builders.NEAR, TRAP: "buy this"}),
    ):
        lead, _ = intake.receive(builders.sent(email=email, **answers))
        mails = store.list_mails(lead.id)
        assert [(mail.kind, mail.to, mail.counted) for mail in mails] == [
            (MailKind.BRIEF, "owner@studio.example", True)
        ] * number
        assert intake.receive(builders.sent(email=email, **answers))
        assert len(store.list_mails(lead.id)) == number


def test_the_owner_hears_of_one_who_does_not_qualify_once_a_day(store: SqliteLeadStore) -> None:
    """Further attempts of the day that don't qualify queue no brief; one that qualifies does, with its invitation."""
    clock = Clock()
    intake = parts.intake(store, clock, owner="owner@studio.example", briefs=Briefs.NEAR)
    numbers = []
    for hours, answers in ((0, builders.NEAR), (1, builders.NEAR), (24, builders.NEAR), (1, {}), (24, builders.NEAR)):
        clock.forward(timedelta(hours=hours))
        lead, _ = intake.receive(builders.sent(goals=f"At {clock.now}", **answers))
        numbers.append(len(store.list_mails(lead.id)))

    # The last one stays beside.
    assert numbers == [1, 1, 2, 4, 5]
    assert sum(mail.counted for mail in store.list_mails(lead.id) if mail.kind is MailKind.BRIEF) == 2
