"""Faults of each store call: nothing is lost, and nothing takes effect twice."""

from __future__ import annotations

from contextlib import suppress

import pytest

from faults import parts
from faults.faulty import Death, Fault, FaultyStore, Once
from faults.surly import SurlyServer
from prequal.adapters.smtp import SmtpMailer
from prequal.core.errors import StoreUnavailableError
from prequal.core.lead import InvitationState, Lead, Status
from prequal.core.mail import MailKind
from prequal.services.booking_link import BookingLink
from prequal.services.mail_sender import Uncertain
from prequal.services.ports import Store
from support import builders
from support.builders import NOW, Clock

_TAKES_EFFECT = (Fault.LOSES, Fault.DIES_AFTER)


def _lead(store: Store) -> Lead:
    (lead,) = store.iter_leads()
    return lead


def _submit_despite_fault(store: Store, faulty: FaultyStore, **submitted: str) -> None:
    """Submit on a faulty store, expect the error, and submit again; delayed calls take effect afterwards."""
    clock = Clock()
    with pytest.raises((StoreUnavailableError, Death)):
        parts.intake(faulty, clock).receive(builders.sent(**submitted))
    parts.intake(store, clock).receive(builders.sent(**submitted))
    for late in faulty.late:
        late()


@pytest.mark.parametrize("fault", Fault)
def test_a_first_submission_is_stored_once(any_store: Store, fault: Fault) -> None:
    """After any fault of an admission, submitting again makes one lead with one attempt and one invitation."""
    _submit_despite_fault(any_store, FaultyStore(any_store, Once("admit", fault)), submission_id="first-one")

    lead = _lead(any_store)
    assert (lead.attempts, len(any_store.list_attempts(lead.id))) == (1, 1)
    assert parts.waiting(any_store, NOW) == [MailKind.INVITATION]


@pytest.mark.parametrize("fault", Fault)
def test_a_later_attempt_is_stored_once(any_store: Store, fault: Fault) -> None:
    """After any fault of a later admission, submitting again adds one attempt and its one invitation."""
    parts.intake(any_store, Clock()).receive(builders.sent(submission_id="first-one", **builders.UNQUALIFIED))

    _submit_despite_fault(any_store, FaultyStore(any_store, Once("admit", fault)), submission_id="second-one")

    lead = _lead(any_store)
    assert (lead.status, lead.attempts, len(any_store.list_attempts(lead.id))) == (Status.INVITED, 2, 2)
    assert parts.waiting(any_store, NOW) == [MailKind.INVITATION]


@pytest.mark.parametrize("fault", Fault)
def test_a_submission_without_an_id_is_stored_once(any_store: Store, fault: Fault) -> None:
    """After any fault, equal values without an id are the same submission."""
    _submit_despite_fault(any_store, FaultyStore(any_store, Once("admit", fault)))

    lead = _lead(any_store)
    assert (lead.attempts, len(any_store.list_attempts(lead.id)), len(any_store.list_due_mails(NOW, 9))) == (1, 1, 1)


def _deliver_despite_fault(store: Store, fate: Once, policy: Uncertain) -> tuple[int, InvitationState]:
    """Return the number of accepted mails and the invitation's state after time has passed."""
    clock, server, faulty = Clock(), SurlyServer(), FaultyStore(store, fate)
    parts.intake(store, clock).receive(builders.sent())
    with server.serving() as port:
        mailer = SmtpMailer(host="127.0.0.1", port=port, encryption="none")
        with suppress(StoreUnavailableError, Death):
            parts.delivery(faulty, mailer, clock, policy).deliver_due()
        assert fate.struck
        for late in faulty.late:
            late()
        parts.finish(parts.delivery(store, mailer, clock, policy), clock)
    invitation = _lead(store).invitation
    assert invitation is not None
    return len(server.accepted), invitation.state


@pytest.mark.parametrize("policy", Uncertain)
@pytest.mark.parametrize("fault", [Fault.FAILS, Fault.LOSES, Fault.DIES_BEFORE, Fault.DIES_AFTER])
def test_a_failed_query_of_due_mails_is_repeated(any_store: Store, fault: Fault, policy: Uncertain) -> None:
    """If the query of due mails fails, the next round sends the mail once."""
    result = _deliver_despite_fault(any_store, Once("due_mails", fault), policy)

    assert result == (1, InvitationState.SENT)


@pytest.mark.parametrize("fault", Fault)
def test_a_failed_claim_is_repeated(any_store: Store, fault: Fault) -> None:
    """After any fault of a claim, the mail is sent once, at the latest when the lease has expired."""
    result = _deliver_despite_fault(any_store, Once("claim", fault), Uncertain.RESEND)

    assert result == (1, InvitationState.SENT)


@pytest.mark.parametrize("fault", Fault)
def test_an_abandoned_claim_is_held(any_store: Store, fault: Fault) -> None:
    """With the policy *hold*, a mail whose claim was abandoned fails visibly, because it may have been sent."""
    result = _deliver_despite_fault(any_store, Once("claim", fault), Uncertain.HOLD)

    claimed = fault in {*_TAKES_EFFECT, Fault.HANGS}
    assert result == ((0, InvitationState.FAILED) if claimed else (1, InvitationState.SENT))


@pytest.mark.parametrize("fault", Fault)
def test_a_mail_is_sent_twice_only_if_its_result_is_lost(any_store: Store, fault: Fault) -> None:
    """An accepted mail is sent again only if its result was not stored."""
    result = _deliver_despite_fault(any_store, Once("settle", fault), Uncertain.RESEND)

    stored = fault in {*_TAKES_EFFECT, Fault.HANGS}
    assert result == (1 if stored else 2, InvitationState.SENT)


@pytest.mark.parametrize("fault", Fault)
def test_a_mail_is_never_sent_twice_under_the_hold_policy(any_store: Store, fault: Fault) -> None:
    """With the policy *hold*, a mail is never sent again, and fails visibly if its result was not stored."""
    result = _deliver_despite_fault(any_store, Once("settle", fault), Uncertain.HOLD)

    stored = fault in {*_TAKES_EFFECT, Fault.HANGS}
    assert result == (1, InvitationState.SENT if stored else InvitationState.FAILED)


@pytest.mark.parametrize("fault", [Fault.FAILS, Fault.HANGS])
def test_a_late_settlement_has_no_effect(any_store: Store, fault: Fault) -> None:
    """A worker that settles after another has taken over changes nothing."""
    clock, server = Clock(), SurlyServer()
    faulty = FaultyStore(any_store, Once("settle", fault))
    parts.intake(any_store, clock).receive(builders.sent())
    with server.serving() as port:
        mailer = SmtpMailer(host="127.0.0.1", port=port, encryption="none")
        parts.delivery(faulty, mailer, clock).deliver_due()
        parts.finish(parts.delivery(any_store, mailer, clock), clock)
    before = _lead(any_store)

    assert [late() for late in faulty.late] == [False] * (fault is Fault.HANGS)

    assert _lead(any_store) == before
    assert len(server.accepted) == 2


def _follow(booking: BookingLink, lead: Lead) -> None:
    assert lead.invitation is not None
    booking.follow(booking.tokens.issue(lead.id, lead.invitation.expires_at))


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("call", ["lead", "change"])
def test_a_link_works_after_a_fault(any_store: Store, call: str, fault: Fault) -> None:
    """After any fault of reading or changing the lead, the link works at the next click and records it."""
    clock = Clock()
    parts.intake(any_store, clock).receive(builders.sent())
    faulty = FaultyStore(any_store, Once(call, fault))
    with pytest.raises((StoreUnavailableError, Death)):
        _follow(parts.booking(faulty, clock), _lead(any_store))

    _follow(parts.booking(any_store, clock), _lead(any_store))
    for late in faulty.late:
        late()

    lead = _lead(any_store)
    assert lead.status is Status.OPENED
    assert lead.invitation is not None
    assert (lead.invitation.state, lead.invitation.opened_at) == (InvitationState.OPENED, NOW)
