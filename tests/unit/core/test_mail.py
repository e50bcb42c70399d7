"""A mail's way from written to settled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from prequal.core.mail import LEASE, MAX_ATTEMPTS, Mail, MailState, Receipt
from support import builders
from support.builders import NOW

RECEIPT = Receipt(message_id="<1@studio.example>", accepted=("ada@example.com",), response="250 OK")


def claimed(mail: Mail, claim: str = "worker") -> Mail:
    """Return a mail with a lease on it."""
    taken = mail.claimed(claim, NOW)
    assert taken is not None
    return taken


def test_a_mail_is_due_at_once() -> None:
    """A mail that was just written waits for its first attempt."""
    delivery = builders.invitation().delivery
    assert (delivery.state, delivery.attempts, delivery.due_at) == (MailState.PENDING, 0, NOW)


def test_a_claim_leases_the_mail() -> None:
    """Whoever claims a mail holds it until the lease ends, and has begun an attempt."""
    delivery = claimed(builders.invitation()).delivery
    assert (delivery.state, delivery.claim, delivery.attempts) == (MailState.SENDING, "worker", 1)
    assert (delivery.started_at, delivery.ended_at, delivery.due_at) == (NOW, None, NOW + LEASE)
    assert not delivery.interrupted


@pytest.mark.parametrize("state", [MailState.PENDING, MailState.RETRYING, MailState.SENDING])
def test_what_is_not_due_is_not_claimed(state: MailState) -> None:
    """A mail that is put off, or held by another, can't be claimed before its time."""
    waiting = builders.replaced(builders.invitation(), state=state, due_at=NOW)
    assert waiting.claimed("worker", NOW - timedelta(microseconds=1)) is None
    assert waiting.claimed("worker", NOW) is not None


@pytest.mark.parametrize("state", [MailState.SENT, MailState.FAILED])
def test_what_is_settled_is_not_claimed(state: MailState) -> None:
    """A mail that was sent or given up is never due again."""
    settled = builders.replaced(builders.invitation(), state=state, due_at=None)
    assert settled.claimed("worker", NOW + timedelta(days=10_000)) is None


def test_a_lease_that_ran_out_is_taken_over() -> None:
    """Once a lease is over another may claim the mail, and is told that the first never reported back."""
    later = NOW + LEASE
    taken_over = claimed(builders.invitation(), "first").claimed("second", later)
    assert taken_over is not None
    delivery = taken_over.delivery
    assert (delivery.claim, delivery.attempts, delivery.interrupted) == ("second", 2, True)
    assert (delivery.started_at, delivery.due_at) == (later, later + LEASE)


def test_an_interruption_is_forgotten_after_a_refusal() -> None:
    """Whether the one before reported back is about that attempt alone."""
    interrupted = builders.replaced(builders.invitation(), state=MailState.SENDING)
    retried = claimed(interrupted).postponed("450 later", NOW, 1)
    again = retried.claimed("third", NOW + timedelta(days=1))
    assert again is not None
    assert not again.delivery.interrupted


def test_an_accepted_mail_is_settled() -> None:
    """A mail that the server took is done, with what the server said, and no lease or error left."""
    failed_once = builders.replaced(builders.invitation(), error="450 later")
    delivery = claimed(failed_once).accepted(RECEIPT, NOW).delivery
    assert (delivery.state, delivery.receipt, delivery.ended_at) == (MailState.SENT, RECEIPT, NOW)
    assert (delivery.due_at, delivery.claim, delivery.error) == (None, None, None)


def test_a_refused_mail_is_given_up() -> None:
    """A mail that was refused for good is settled, with the reason."""
    delivery = claimed(builders.invitation()).refused("550 no such person", NOW).delivery
    assert (delivery.state, delivery.error, delivery.ended_at) == (MailState.FAILED, "550 no such person", NOW)
    assert (delivery.due_at, delivery.claim, delivery.receipt) == (None, None, None)


def test_a_retry_is_put_off() -> None:
    """A mail that is put off says why and when to try next, and holds no lease."""
    delivery = claimed(builders.invitation()).postponed("450 later", NOW, 1).delivery
    assert (delivery.state, delivery.error, delivery.claim) == (MailState.RETRYING, "450 later", None)
    assert (delivery.due_at, delivery.ended_at) == (NOW + timedelta(minutes=1), NOW)


def test_the_pauses_double_up_to_six_hours() -> None:
    """Each pause is twice the one before, from a minute to six hours; after the last attempt it is given up."""
    mail, minutes = builders.invitation(), []
    while (waiting := mail.delivery.due_at) is not None:
        taken = mail.claimed("worker", waiting)
        assert taken is not None
        mail = taken.postponed("450 later", waiting, 1)
        if mail.delivery.due_at:
            minutes.append((mail.delivery.due_at - waiting) / timedelta(minutes=1))
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert len(minutes) == MAX_ATTEMPTS - 1
    assert mail.delivery.state is MailState.FAILED
    assert mail.delivery.error == "Given up after 12 attempts. 450 later"


def test_jitter_shortens_a_pause() -> None:
    """Half the jitter is half the pause, also of the longest one."""
    first = builders.replaced(builders.invitation(), attempts=1).postponed("450", NOW, 0.5)
    late = builders.replaced(builders.invitation(), attempts=11).postponed("450", NOW, 0.5)
    assert (first.delivery.due_at, late.delivery.due_at) == (NOW + timedelta(seconds=30), NOW + timedelta(hours=3))


def test_only_the_delivery_changes() -> None:
    """Whatever becomes of a mail, what is sent stays as it was written."""
    mail = builders.invitation()
    taken = claimed(mail)
    for after in (taken, taken.accepted(RECEIPT, NOW), taken.refused("550", NOW), taken.postponed("450", NOW, 1)):
        assert (
            builders.replaced(after, **{name: getattr(mail.delivery, name) for name in mail.delivery.__slots__}) == mail
        )
