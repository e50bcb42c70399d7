"""Lifecycle of a lead: its steps and their statuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from prequal.core.errors import IllegalStepError
from prequal.core.form import form_from
from prequal.core.lead import Booking, Invitation, InvitationState, Lead, Note, Status
from prequal.core.lifecycle import (
    LIFECYCLE,
    Step,
    advanced,
    booked,
    cancelled,
    declined,
    ended,
    invited,
    needs_reminder,
    noted,
    noted_by_owner,
    offered,
    opened,
    resubmitted,
    with_booking_news,
)
from prequal.core.stages import Stage, furthest_stage, reached_at
from support import builders
from support.builders import NOW

LATER = NOW + timedelta(days=3)
BOOKING = Booking(id="one", booked_at=LATER)
DOCS = Path(__file__).resolve().parents[3] / "docs/explanation/lifecycle.md"


def lead_to_remind() -> Lead:
    """Return a lead with a sent invitation, of a form that reminds after a week."""
    document = builders.document()
    document["invitation"]["remind_after_days"] = 7
    lead = invited(replace(builders.lead(), status=Status.RECEIVED), form_from(document), "", NOW)
    return replace(lead, invitation=_in_state(lead, InvitationState.SENT))


def _in_state(lead: Lead, state: InvitationState) -> Invitation:
    assert lead.invitation is not None
    return replace(lead.invitation, state=state)


def take(step: Step, lead: Lead) -> Lead:
    """Take a step with a lead."""
    steps: dict[Step, Callable[[Lead], Lead]] = {
        Step.RESUBMIT: lambda lead: resubmitted(lead, builders.lead(LATER, **builders.UNQUALIFIED)),
        Step.INVITE: lambda lead: invited(lead, builders.form(), "A friend of a client", LATER),
        Step.OPEN: lambda lead: opened(lead, LATER),
        Step.BOOK: lambda lead: booked(lead, BOOKING, LATER),
        Step.CANCEL: lambda lead: cancelled(lead, replace(BOOKING, cancelled_at=LATER), LATER),
        Step.OFFER: lambda lead: offered(lead, LATER + timedelta(days=7), LATER),
        Step.DECLINE: lambda lead: declined(lead, "A competitor", LATER),
        Step.WIN: lambda lead: ended(lead, Status.WON, LATER),
        Step.LOSE: lambda lead: ended(lead, Status.LOST, LATER),
        Step.EXPIRE: lambda lead: advanced(lead, NOW + timedelta(days=14)),
    }
    return steps[step](lead)


# Not refused, but without effect: another click, another appointment, the time of a lead that waits for nothing.
_QUIET = {(Step.BOOK, Status.BOOKED)} | {
    (step, status)
    for step in (Step.RESUBMIT, Step.OPEN, Step.EXPIRE)
    for status in Status
    if status not in LIFECYCLE[step][0]
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("step", Step)
def test_steps_follow_the_table(step: Step, status: Status) -> None:
    """A step leads to the table's status; from any other status it is refused, and the error names those allowed."""
    lead = replace(builders.lead(), status=status)
    allowed, leads_to = LIFECYCLE[step]

    if status in allowed:
        assert take(step, lead).status is leads_to
    elif (step, status) in _QUIET:
        assert take(step, lead).status is status
    else:
        with pytest.raises(IllegalStepError, match=f"is {status} and can't be .*Only .*{[*allowed][-1]}"):
            take(step, lead)


def test_the_docs_show_the_table() -> None:
    """The documentation shows the same table as the code."""
    rows = re.findall(r"^\| `(\w+)` \|.*?\| ([\w, ]+) \| (\w+) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)

    assert {step: (set(before.split(", ")), leads_to) for step, before, leads_to in rows} == {
        step.value: ({status.value for status in before}, leads_to.value)
        for step, (before, leads_to) in LIFECYCLE.items()
    }


def test_the_diagram_shows_what_the_table_allows() -> None:
    """Each arrow of the diagram is a step of the table, and no step and no status is left out."""
    drawn = re.findall(r'id="(\w+)-(\w+)-(\w+)"', DOCS.with_suffix(".svg").read_text(encoding="utf-8"))

    assert {*drawn} <= {
        (step, before, leads_to) for step, (statuses, leads_to) in LIFECYCLE.items() for before in statuses
    }
    assert {step for step, _, _ in drawn} == {*Step}
    assert {status for _, *ends in drawn for status in ends} == {*Status}


def test_the_owner_may_invite_an_unqualified_lead() -> None:
    """An unqualified lead that the owner invites has a decision, an invitation and the longer retention."""
    lead = invited(builders.lead(budget="below"), builders.form(), "A friend of a client", LATER)

    assert lead.decision is not None
    assert (lead.decision.verdict, lead.decision.reason, lead.decision.at) == ("invite", "A friend of a client", LATER)
    assert lead.invitation == Invitation(state=InvitationState.PENDING, expires_at=LATER + timedelta(days=14))
    assert lead.due_at == lead.invitation.expires_at
    assert lead.expire_at == LATER + timedelta(days=730)


@pytest.mark.parametrize("state", [InvitationState.FAILED, InvitationState.HELD])
def test_an_invitation_that_was_not_sent_can_be_repeated(state: InvitationState) -> None:
    """An invited lead can be invited again only if its invitation failed or is held."""
    lead = builders.lead()
    failed = replace(lead, invitation=_in_state(lead, state))

    assert invited(failed, builders.form(), "Wrong password at our mail server", LATER).due_at == LATER + timedelta(14)
    with pytest.raises(IllegalStepError):
        invited(lead, builders.form(), "", LATER)


def test_a_cancelled_lead_may_book_again() -> None:
    """After a cancellation the link works until it expires, and then the lead expires."""
    lead = cancelled(booked(builders.lead(), BOOKING, LATER), replace(BOOKING, cancelled_at=LATER), LATER)

    assert lead.booking == replace(BOOKING, cancelled_at=LATER)
    assert lead.due_at == NOW + timedelta(days=14)
    assert advanced(lead, NOW + timedelta(days=14)).status is Status.EXPIRED


def test_a_booked_lead_has_no_due_time() -> None:
    """A booked lead is neither reminded nor expired."""
    assert booked(builders.lead(), BOOKING, LATER).due_at is None


def test_time_reminds_once_and_then_expires() -> None:
    """An unopened invitation is reminded of once, on the form's day, and expires on its last."""
    lead = lead_to_remind()
    week = NOW + timedelta(days=7)

    assert advanced(lead, week - timedelta(seconds=1)) is lead
    reminded = advanced(lead, week)
    assert needs_reminder(lead, reminded)
    assert reminded.due_at == NOW + timedelta(days=14)
    expired = advanced(reminded, NOW + timedelta(days=14))
    assert expired.status is Status.EXPIRED
    assert not needs_reminder(reminded, expired)


@pytest.mark.parametrize("state", [InvitationState.PENDING, InvitationState.FAILED, InvitationState.OPENED])
def test_only_a_sent_and_unopened_invitation_is_reminded_of(state: InvitationState) -> None:
    """A pending, failed or opened invitation needs no reminder."""
    lead = lead_to_remind()
    status = Status.OPENED if state is InvitationState.OPENED else Status.INVITED
    lead = replace(lead, status=status, invitation=_in_state(lead, state))

    assert not needs_reminder(lead, advanced(lead, NOW + timedelta(days=7)))


def test_a_new_round_sets_the_due_time() -> None:
    """A later attempt sets a new due time, except while an invitation is valid."""
    fresh = builders.lead(LATER)
    assert resubmitted(builders.lead(), fresh).due_at == NOW + timedelta(days=14)
    expired = advanced(builders.lead(), NOW + timedelta(days=14))
    assert resubmitted(expired, fresh).due_at == LATER + timedelta(days=14)


HOUR = timedelta(hours=1)


def made(booking_id: str, at: datetime, starts_at: datetime | None = None) -> Booking:
    """Return a scheduler's message that an appointment was made."""
    return Booking(id=booking_id, booked_at=at, starts_at=starts_at)


def over(booking_id: str, at: datetime) -> Booking:
    """Return a scheduler's message that an appointment was cancelled."""
    return Booking(id=booking_id, booked_at=at, cancelled_at=at)


def after_hearing(lead: Lead, *news: Booking) -> Lead:
    """Return a lead after several messages of a scheduler."""
    for message in news:
        lead = with_booking_news(lead, message, LATER)
    return lead


A, B = made("a", LATER, LATER + timedelta(days=7)), made("b", LATER + HOUR)
A_OVER, B_OVER = over("a", LATER + HOUR), over("b", LATER + 2 * HOUR)


@pytest.mark.parametrize(
    ("news", "status", "stands"),
    [
        ([A], Status.BOOKED, A),
        ([A, A], Status.BOOKED, A),
        ([A, B], Status.BOOKED, B),
        ([B, A], Status.BOOKED, B),
        ([A, A_OVER], Status.INVITED, replace(A, cancelled_at=A_OVER.cancelled_at)),
        ([A, A_OVER, A], Status.INVITED, replace(A, cancelled_at=A_OVER.cancelled_at)),
        ([A, A_OVER, A_OVER], Status.INVITED, replace(A, cancelled_at=A_OVER.cancelled_at)),
        ([A_OVER, A], Status.INVITED, A_OVER),
        ([A, B, A_OVER], Status.BOOKED, B),
        ([A, A_OVER, B], Status.BOOKED, B),
        ([A, B, B_OVER, A], Status.INVITED, replace(B, cancelled_at=B_OVER.cancelled_at)),
        ([B_OVER, A], Status.INVITED, B_OVER),
    ],
)
def test_the_order_of_messages_does_not_matter(news: list[Booking], status: Status, stands: Booking) -> None:
    """Repeated, late and reordered messages lead to the same last appointment and the same status."""
    lead = after_hearing(builders.lead(), *news)

    assert lead.booking is not None
    assert (lead.status, replace(lead.booking, replaces=())) == (status, stands)


def asked(booking_id: str, at: datetime, *replaces: str) -> Booking:
    """Return a scheduler's message that an appointment was requested, which the owner has yet to confirm."""
    return Booking(id=booking_id, booked_at=at, confirmed=False, replaces=replaces)


def rejected(booking_id: str, at: datetime) -> Booking:
    """Return a scheduler's message that the owner rejected a request."""
    return Booking(id=booking_id, booked_at=at, cancelled_at=at, confirmed=False)


def test_a_late_message_on_a_replaced_appointment_is_outdated() -> None:
    """Whatever a scheduler says of an appointment after another took its place, at whatever time, has no effect."""
    moved = Booking(id="b", booked_at=LATER + HOUR, replaces=("a",))
    lead = after_hearing(builders.lead(), A, moved)
    unheard = after_hearing(builders.lead(), moved)

    for late in (made("a", LATER + 9 * HOUR), over("a", LATER + 9 * HOUR), asked("a", LATER + 9 * HOUR)):
        assert after_hearing(lead, late) is lead
        assert after_hearing(unheard, late) is unheard


def test_the_replaced_appointments_are_limited() -> None:
    """However often an appointment moves, the document stays small."""
    moves = [made(f"{number}", LATER + number * HOUR) for number in range(99)]

    booking = after_hearing(builders.lead(), *moves).booking

    assert booking is not None
    assert booking.replaces == tuple(f"{number}" for number in range(78, 98))


def test_an_appointment_moves_and_keeps_its_id() -> None:
    """A later message with another start moves the appointment; the earlier message is outdated then."""
    moved = replace(A, booked_at=LATER + HOUR, starts_at=LATER + timedelta(days=9))

    assert after_hearing(builders.lead(), A, moved, A).booking == moved
    assert after_hearing(builders.lead(), A, replace(A, booked_at=LATER + HOUR)).booking == A


@pytest.mark.parametrize(
    ("news", "status"),
    [
        ([asked("a", LATER)], Status.INVITED),
        ([asked("a", LATER), made("a", LATER + HOUR)], Status.BOOKED),
        ([made("a", LATER + HOUR), asked("a", LATER)], Status.BOOKED),
        ([asked("a", LATER), rejected("a", LATER + HOUR)], Status.INVITED),
        ([rejected("a", LATER + HOUR), asked("a", LATER)], Status.INVITED),
        ([A, asked("b", LATER + HOUR)], Status.BOOKED),
        ([A, asked("b", LATER + HOUR), rejected("b", LATER + 2 * HOUR)], Status.BOOKED),
        ([A, rejected("b", LATER + 2 * HOUR)], Status.BOOKED),
        ([A, asked("b", LATER + HOUR, "a")], Status.INVITED),
        ([A, replace(asked("a", LATER + HOUR), starts_at=A.starts_at)], Status.BOOKED),
        ([A, replace(asked("a", LATER + HOUR), starts_at=LATER + timedelta(days=8))], Status.INVITED),
        ([A, asked("b", LATER + HOUR, "a"), made("b", LATER + 2 * HOUR)], Status.BOOKED),
    ],
)
def test_a_requested_appointment_is_not_booked(news: list[Booking], status: Status) -> None:
    """Only the owner's confirmation books the lead; a request to move an appointment gives it up."""
    lead = after_hearing(builders.lead(), *news)

    assert lead.status is status
    assert (Stage.BOOKED in reached_at(lead)) is (status is Status.BOOKED)
    assert (furthest_stage(lead) is Stage.BOOKED) is (status is Status.BOOKED)


def test_a_request_stops_the_reminder_and_its_end_lets_it_go() -> None:
    """No reminder goes while the owner has yet to confirm; once the request ends, the one that was due goes."""
    day = NOW + timedelta(days=7)
    waiting = after_hearing(lead_to_remind(), asked("a", LATER))
    withheld = advanced(waiting, day)
    assert not needs_reminder(waiting, withheld)
    assert withheld.due_at == NOW + timedelta(days=14)

    early = after_hearing(waiting, rejected("a", LATER + HOUR))
    assert not needs_reminder(early, advanced(early, LATER))
    assert needs_reminder(early, advanced(early, day))

    ended = with_booking_news(withheld, rejected("a", day + HOUR), day + HOUR)
    reminded = advanced(ended, day + HOUR)
    assert needs_reminder(ended, reminded)
    again = with_booking_news(reminded, asked("b", day + 2 * HOUR), day + 2 * HOUR)
    assert with_booking_news(again, rejected("b", day + 3 * HOUR), day + 3 * HOUR).due_at == NOW + timedelta(days=14)


def test_the_notes_of_schedulers_are_limited() -> None:
    """A note is added once, and an outsider's bookings can't make a document grow without end."""
    lead = builders.lead()
    for number in range(200):
        lead = noted(lead, Note(at=NOW, by="scheduler", text=f"{number % 100}"), LATER)

    assert len(lead.notes) == 50
    assert noted(lead, lead.notes[0], LATER) is lead


def test_an_owner_has_notes_of_their_own() -> None:
    """A note of the owner's is kept beside many of a scheduler's; one too many, or one too long, is refused."""
    lead = builders.lead()
    for number in range(60):
        lead = noted(lead, Note(at=NOW, by="scheduler", text=f"{number}"), LATER)
    scheduled = len(lead.notes)
    lead = noted_by_owner(lead, "Met at the fair", LATER)
    assert lead.notes[-1] == Note(at=LATER, by="owner", text="Met at the fair")
    with pytest.raises(IllegalStepError, match="1001 characters"):
        noted_by_owner(lead, "x" * 1001, LATER)
    for _ in range(199):
        lead = noted_by_owner(lead, "Again", LATER)
    assert len(lead.notes) == scheduled + 200
    with pytest.raises(IllegalStepError, match="no room for more"):
        noted_by_owner(lead, "Again", LATER)


def test_an_offer_outlives_the_retention() -> None:
    """A lead is kept until its offer is to be answered; an offer without a day changes no retention."""
    lead = builders.lead()
    assert offered(lead, None, LATER).expire_at == lead.expire_at
    late = lead.expire_at + timedelta(days=1)
    assert offered(lead, late, LATER).expire_at == late


def test_an_outcome_is_corrected_with_its_reason() -> None:
    """The reason belongs to the outcome: another outcome has its own, or none."""
    lost = ended(offered(builders.lead(), None, NOW), Status.LOST, NOW, "Too dear")
    assert (lost.outcome, lost.outcome_reason, lost.outcome_at) == ("lost", "Too dear", NOW)
    won = ended(lost, Status.WON, LATER)
    assert (won.outcome, won.outcome_reason, won.outcome_at) == ("won", None, LATER)


def test_a_scheduler_replaces_a_booking_made_by_hand() -> None:
    """A booking noted by hand is the appointment that a later message of the scheduler concerns."""
    by_hand = booked(builders.lead(), made("", LATER), LATER)

    assert after_hearing(by_hand, B).booking == B
    cancelled_later = after_hearing(by_hand, B_OVER)
    assert (cancelled_later.status, cancelled_later.booking) == (
        Status.INVITED,
        Booking(id="b", booked_at=LATER, cancelled_at=B_OVER.cancelled_at),
    )
    assert after_hearing(by_hand, over("a", NOW)) is by_hand


def test_an_outdated_message_returns_the_same_lead() -> None:
    """An outdated or repeated message returns the same object, so that nothing need be written."""
    lead = after_hearing(builders.lead(), A)

    assert with_booking_news(lead, A, LATER + HOUR) is lead
    assert with_booking_news(lead, over("b", LATER + HOUR), LATER + HOUR) is lead


def test_a_late_message_of_an_earlier_round_is_ignored() -> None:
    """After a new round has begun, a repeated message of the earlier appointment does not book the lead."""
    lost = ended(after_hearing(builders.lead(), A), Status.LOST, LATER + HOUR)
    again = invited(lost, builders.form(), "They came back", LATER + 2 * HOUR)

    assert with_booking_news(again, A, LATER + 3 * HOUR) is again
    assert with_booking_news(again, made("b", LATER + 3 * HOUR), LATER + 3 * HOUR).status is Status.BOOKED


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.DECLINED, Status.WON, Status.LOST, Status.QUARANTINED])
@pytest.mark.parametrize("news", [A, A_OVER], ids=["made", "cancelled"])
def test_a_message_of_a_lead_that_cannot_book_is_refused(status: Status, news: Booking) -> None:
    """An appointment of a lead that was not invited, or has an outcome, is refused."""
    with pytest.raises(IllegalStepError):
        with_booking_news(replace(builders.lead(), status=status), news, LATER)
