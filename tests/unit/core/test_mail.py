"""Delivery states of a mail, from queued to settled."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from prequal.core.mail import LEASE, RETRY_TIME, Mail, MailState, Receipt
from support import builders
from support.builders import NOW

RECEIPT = Receipt(message_id="<1@studio.example>", accepted=("ada@example.com",), response="250 OK")


def claimed(mail: Mail, claim: str = "worker") -> Mail:
    """Return a mail under a lease."""
    taken = mail.claimed(claim, NOW)
    assert taken is not None
    return taken


def test_a_mail_is_due_at_once() -> None:
    """A new mail is pending and due at once."""
    delivery = builders.invitation().delivery
    assert (delivery.state, delivery.attempts, delivery.due_at) == (MailState.PENDING, 0, NOW)


def test_a_claim_leases_the_mail() -> None:
    """A claim starts an attempt and a lease, at whose end the mail is due again."""
    delivery = claimed(builders.invitation()).delivery
    assert (delivery.state, delivery.claim, delivery.attempts) == (MailState.SENDING, "worker", 1)
    assert (delivery.started_at, delivery.ended_at, delivery.due_at) == (NOW, None, NOW + LEASE)
    assert delivery.first_tried_at == NOW
    assert delivery.interruptions == 0


@pytest.mark.parametrize("state", [MailState.PENDING, MailState.RETRYING, MailState.SENDING])
def test_a_mail_that_is_not_due_is_not_claimed(state: MailState) -> None:
    """A mail that is postponed or under a lease cannot be claimed before its due time."""
    waiting = builders.replaced(builders.invitation(), state=state, due_at=NOW)
    assert waiting.claimed("worker", NOW - timedelta(microseconds=1)) is None
    assert waiting.claimed("worker", NOW) is not None


@pytest.mark.parametrize("state", [MailState.SENT, MailState.FAILED])
def test_a_settled_mail_is_not_claimed(state: MailState) -> None:
    """A sent or failed mail is never due again."""
    settled = builders.replaced(builders.invitation(), state=state, due_at=None)
    assert settled.claimed("worker", NOW + timedelta(days=10_000)) is None


def test_an_expired_lease_is_taken_over() -> None:
    """After a lease has expired another worker may claim the mail, which counts the interruption."""
    later = NOW + LEASE
    taken_over = claimed(builders.invitation(), "first").claimed("second", later)
    assert taken_over is not None
    delivery = taken_over.delivery
    assert (delivery.claim, delivery.attempts, delivery.interruptions) == ("second", 2, 1)
    assert (delivery.started_at, delivery.due_at) == (later, later + LEASE)


def test_a_refusal_ends_an_interruption() -> None:
    """Only interruptions in a row are counted: a refusal ends them."""
    interrupted = builders.replaced(builders.invitation(), state=MailState.SENDING)
    retried = claimed(interrupted).postponed("450 later", NOW, 1)
    again = retried.claimed("third", NOW + timedelta(days=1))
    assert again is not None
    assert again.delivery.interruptions == 0


def test_an_accepted_mail_is_settled() -> None:
    """An accepted mail has the server's receipt, and neither lease, error nor due time."""
    failed_once = builders.replaced(builders.invitation(), error="450 later")
    delivery = claimed(failed_once).accepted(RECEIPT, NOW).delivery
    assert (delivery.state, delivery.receipt, delivery.ended_at) == (MailState.SENT, RECEIPT, NOW)
    assert (delivery.due_at, delivery.claim, delivery.error) == (None, None, None)


def test_a_permanently_refused_mail_fails() -> None:
    """A permanently refused mail is settled with the reason."""
    delivery = claimed(builders.invitation()).refused("550 no such person", NOW).delivery
    assert (delivery.state, delivery.error, delivery.ended_at) == (MailState.FAILED, "550 no such person", NOW)
    assert (delivery.due_at, delivery.claim, delivery.receipt) == (None, None, None)


def test_a_temporarily_refused_mail_is_postponed() -> None:
    """A postponed mail has the error and the time of its next attempt, and no lease."""
    delivery = claimed(builders.invitation()).postponed("450 later", NOW, 1).delivery
    assert (delivery.state, delivery.error, delivery.claim) == (MailState.RETRYING, "450 later", None)
    assert (delivery.due_at, delivery.ended_at) == (NOW + timedelta(minutes=1), NOW)


def give_up(mail: Mail, now: datetime = NOW) -> tuple[Mail, list[timedelta]]:
    """Refuse a mail temporarily until it is given up; return it with the pauses in between."""
    pauses: list[timedelta] = []
    while True:
        taken = mail.claimed("worker", now)
        assert taken is not None
        mail = taken.postponed("450 later", now, 1)
        if mail.delivery.due_at is None:
            return mail, pauses
        pauses.append(mail.delivery.due_at - now)
        now = mail.delivery.due_at


def test_the_pauses_double_up_to_six_hours() -> None:
    """Each pause is twice the one before, from a minute to six hours."""
    _, pauses = give_up(builders.invitation())

    assert [pause / timedelta(minutes=1) for pause in pauses[:9]] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert set(pauses[9:]) == {timedelta(hours=6)}


def test_a_mail_is_given_up_after_five_days() -> None:
    """A mail is tried for five days from its first attempt, however late that was, and then fails."""
    late = NOW + timedelta(days=6)
    mail, pauses = give_up(builders.invitation(), late)

    assert RETRY_TIME <= sum(pauses, timedelta()) < RETRY_TIME + timedelta(hours=6)
    assert mail.delivery.first_tried_at == late
    assert mail.delivery.state is MailState.FAILED
    assert mail.delivery.error == f"Given up after 5 days and {len(pauses) + 1} attempts. 450 later"


def test_a_mail_that_an_older_version_tried_is_retried() -> None:
    """A mail without the time of its first attempt has five days from its next one, however often it was tried."""
    older = builders.replaced(builders.invitation(), state=MailState.RETRYING, attempts=99)

    mail, pauses = give_up(older, NOW + timedelta(days=9))

    assert pauses[0] == timedelta(hours=6)
    assert sum(pauses, timedelta()) >= RETRY_TIME
    assert mail.delivery.state is MailState.FAILED


def test_jitter_scales_a_pause() -> None:
    """Jitter scales every pause, the longest too."""
    first = builders.replaced(builders.invitation(), attempts=1).postponed("450", NOW, 0.5)
    late = builders.replaced(builders.invitation(), attempts=11).postponed("450", NOW, 0.5)
    assert (first.delivery.due_at, late.delivery.due_at) == (NOW + timedelta(seconds=30), NOW + timedelta(hours=3))


def test_only_the_delivery_changes() -> None:
    """No step changes a mail's content."""
    mail = builders.invitation()
    taken = claimed(mail)
    for after in (taken, taken.accepted(RECEIPT, NOW), taken.refused("550", NOW), taken.postponed("450", NOW, 1)):
        assert (
            builders.replaced(after, **{name: getattr(mail.delivery, name) for name in mail.delivery.__slots__}) == mail
        )
