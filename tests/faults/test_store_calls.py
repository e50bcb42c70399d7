"""Each call of a store fails, hangs or loses its answer: nothing is lost, and nothing happens twice."""

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

_HAPPENS = (Fault.LOSES, Fault.DIES_AFTER)


def _lead(store: Store) -> Lead:
    (lead,) = store.iter_leads()
    return lead


def _told(store: Store, faulty: FaultyStore, **submitted: str) -> None:
    """Submit on a faulty store, be told of it, and send the same again; late calls come after that."""
    clock = Clock()
    with pytest.raises((StoreUnavailableError, Death)):
        parts.intake(faulty, clock).receive(builders.sent(**submitted))
    parts.intake(store, clock).receive(builders.sent(**submitted))
    for late in faulty.late:
        late()


@pytest.mark.parametrize("fault", Fault)
def test_a_first_submission_is_kept_once(any_store: Store, fault: Fault) -> None:
    """Whatever befalls the admission, the same sent again makes one lead with one attempt and one invitation."""
    _told(any_store, FaultyStore(any_store, Once("admit", fault)), submission_id="first-one")

    lead = _lead(any_store)
    assert (lead.attempts, len(any_store.list_attempts(lead.id))) == (1, 1)
    assert parts.waiting(any_store, NOW) == [MailKind.INVITATION]


@pytest.mark.parametrize("fault", Fault)
def test_a_repeat_is_kept_once(any_store: Store, fault: Fault) -> None:
    """Whatever befalls another attempt, the same sent again adds one attempt, and the one invitation it earns."""
    parts.intake(any_store, Clock()).receive(builders.sent(submission_id="first-one", **builders.UNQUALIFIED))

    _told(any_store, FaultyStore(any_store, Once("admit", fault)), submission_id="second-one")

    lead = _lead(any_store)
    assert (lead.status, lead.attempts, len(any_store.list_attempts(lead.id))) == (Status.INVITED, 2, 2)
    assert parts.waiting(any_store, NOW) == [MailKind.INVITATION]


@pytest.mark.parametrize("fault", Fault)
def test_what_a_browser_without_script_sends_is_kept_once(any_store: Store, fault: Fault) -> None:
    """Without an id too, the same words sent again are the same submission."""
    _told(any_store, FaultyStore(any_store, Once("admit", fault)))

    lead = _lead(any_store)
    assert (lead.attempts, len(any_store.list_attempts(lead.id)), len(any_store.list_due_mails(NOW, 9))) == (1, 1, 1)


def _sent(store: Store, fate: Once, policy: Uncertain) -> tuple[int, InvitationState]:
    """Return how often the server accepted, and how far the invitation came, once time has passed."""
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
def test_a_round_that_finds_nothing_out_is_repeated(any_store: Store, fault: Fault, policy: Uncertain) -> None:
    """A sweeper that can't ask what is due leaves it to the next, which sends it once."""
    came_to = _sent(any_store, Once("due_mails", fault), policy)

    assert came_to == (1, InvitationState.SENT)


@pytest.mark.parametrize("fault", Fault)
def test_a_claim_that_fails_is_made_again(any_store: Store, fault: Fault) -> None:
    """Whatever befalls the claim, the mail is sent, once: at the latest when the lease is over."""
    came_to = _sent(any_store, Once("claim", fault), Uncertain.RESEND)

    assert came_to == (1, InvitationState.SENT)


@pytest.mark.parametrize("fault", Fault)
def test_a_claim_of_nobody_is_held(any_store: Store, fault: Fault) -> None:
    """With the policy *hold* a claim whose holder never reported back may have been sent: the owner sees it."""
    came_to = _sent(any_store, Once("claim", fault), Uncertain.HOLD)

    claimed = fault in {*_HAPPENS, Fault.HANGS}
    assert came_to == ((0, InvitationState.FAILED) if claimed else (1, InvitationState.SENT))


@pytest.mark.parametrize("fault", Fault)
def test_a_mail_is_sent_twice_only_where_its_success_is_lost(any_store: Store, fault: Fault) -> None:
    """An accepted mail goes out again when its success was never noted, and only then."""
    came_to = _sent(any_store, Once("settle", fault), Uncertain.RESEND)

    noted = fault in {*_HAPPENS, Fault.HANGS}
    assert came_to == (1 if noted else 2, InvitationState.SENT)


@pytest.mark.parametrize("fault", Fault)
def test_a_mail_is_never_sent_twice_when_the_owner_wants_that(any_store: Store, fault: Fault) -> None:
    """With the policy *hold* it never goes out again, and the owner sees it where its success was never noted."""
    came_to = _sent(any_store, Once("settle", fault), Uncertain.HOLD)

    noted = fault in {*_HAPPENS, Fault.HANGS}
    assert came_to == (1, InvitationState.SENT if noted else InvitationState.FAILED)


@pytest.mark.parametrize("fault", [Fault.FAILS, Fault.HANGS])
def test_a_success_that_is_noted_too_late_is_not_noted(any_store: Store, fault: Fault) -> None:
    """A holder that settles after another has taken over changes nothing."""
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
    booking.follow(booking.tokens.issue(lead, lead.invitation.expires_at))


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("call", ["lead", "change"])
def test_a_link_works_again(any_store: Store, call: str, fault: Fault) -> None:
    """Whatever befalls the reading or the noting, the link works the next time, and the opening is noted."""
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
