"""What may become of a lead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from prequal.core.form import form_from
from prequal.core.lead import Booking, Invitation, InvitationState, Lead, Status
from prequal.core.lifecycle import (
    LIFECYCLE,
    IllegalStepError,
    Step,
    advanced,
    booked,
    cancelled,
    declined,
    ended,
    invited,
    needs_reminder,
    opened,
    resubmitted,
    with_booking_news,
)
from support import builders
from support.builders import NOW

LATER = NOW + timedelta(days=3)
BOOKING = Booking(id="one", booked_at=LATER)
DOCS = Path(__file__).resolve().parents[3] / "docs/lifecycle.md"


def reminding() -> Lead:
    """Return a lead of a form that reminds after a week, its invitation sent."""
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
        Step.DECLINE: lambda lead: declined(lead, "A competitor", LATER),
        Step.WIN: lambda lead: ended(lead, Status.WON, LATER),
        Step.LOSE: lambda lead: ended(lead, Status.LOST, LATER),
        Step.EXPIRE: lambda lead: advanced(lead, NOW + timedelta(days=14)),
    }
    return steps[step](lead)


# What isn't refused but does nothing: another click, another appointment, time for who is no longer waiting.
_QUIET = {(Step.BOOK, Status.BOOKED)} | {
    (step, status)
    for step in (Step.RESUBMIT, Step.OPEN, Step.EXPIRE)
    for status in Status
    if status not in LIFECYCLE[step][0]
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("step", Step)
def test_the_table_is_the_law(step: Step, status: Status) -> None:
    """Each step leads from where the table says to where it says; from elsewhere it is refused, with what would do."""
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
    """The table in the documentation is the one in the code."""
    rows = re.findall(r"^\| `(\w+)` \|.*?\| ([\w, ]+) \| (\w+) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)

    assert {step: (set(before.split(", ")), leads_to) for step, before, leads_to in rows} == {
        step.value: ({status.value for status in before}, leads_to.value)
        for step, (before, leads_to) in LIFECYCLE.items()
    }


def test_the_owner_outweighs_the_score() -> None:
    """Who is invited against the score has an invitation of their own, the decision with its reason, and more time."""
    lead = invited(builders.lead(budget="below"), builders.form(), "A friend of a client", LATER)

    assert lead.decision is not None
    assert (lead.decision.verdict, lead.decision.reason, lead.decision.at) == ("invite", "A friend of a client", LATER)
    assert lead.invitation == Invitation(state=InvitationState.PENDING, expires_at=LATER + timedelta(days=14))
    assert lead.due_at == lead.invitation.expires_at
    assert lead.expire_at == LATER + timedelta(days=730)


def test_a_failed_invitation_can_be_repeated() -> None:
    """Who is invited already isn't invited again, unless the invitation could not be sent."""
    lead = builders.lead()
    failed = replace(lead, invitation=_in_state(lead, InvitationState.FAILED))

    assert invited(failed, builders.form(), "Wrong password at our mail server", LATER).due_at == LATER + timedelta(14)
    with pytest.raises(IllegalStepError):
        invited(lead, builders.form(), "", LATER)


def test_a_cancelled_appointment_leaves_the_link() -> None:
    """Who cancels can book again for as long as the link works, and then it ends as for everybody."""
    lead = cancelled(booked(builders.lead(), BOOKING, LATER), replace(BOOKING, cancelled_at=LATER), LATER)

    assert lead.booking == replace(BOOKING, cancelled_at=LATER)
    assert lead.due_at == NOW + timedelta(days=14)
    assert advanced(lead, NOW + timedelta(days=14)).status is Status.EXPIRED


def test_an_appointment_ends_the_waiting() -> None:
    """Who has booked is neither reminded nor expires."""
    assert booked(builders.lead(), BOOKING, LATER).due_at is None


def test_one_reminder_then_the_end() -> None:
    """Time reminds once, if the form says so and the invitation was sent and not opened; then it ends."""
    lead = reminding()
    week = NOW + timedelta(days=7)

    assert advanced(lead, week - timedelta(seconds=1)) is lead
    reminded = advanced(lead, week)
    assert needs_reminder(lead, reminded)
    assert reminded.due_at == NOW + timedelta(days=14)
    expired = advanced(reminded, NOW + timedelta(days=14))
    assert expired.status is Status.EXPIRED
    assert not needs_reminder(reminded, expired)


@pytest.mark.parametrize("state", [InvitationState.PENDING, InvitationState.FAILED, InvitationState.OPENED])
def test_no_reminder_of_what_was_not_sent_or_was_opened(state: InvitationState) -> None:
    """Nobody is reminded of an invitation that has not reached them, or that they have followed."""
    lead = reminding()
    status = Status.OPENED if state is InvitationState.OPENED else Status.INVITED
    lead = replace(lead, status=status, invitation=_in_state(lead, state))

    assert not needs_reminder(lead, advanced(lead, NOW + timedelta(days=7)))


def test_a_new_round_starts_the_clock_anew() -> None:
    """Another attempt of somebody whose invitation is under way leaves its time alone; of others it sets it."""
    fresh = builders.lead(LATER)
    assert resubmitted(builders.lead(), fresh).due_at == NOW + timedelta(days=14)
    expired = advanced(builders.lead(), NOW + timedelta(days=14))
    assert resubmitted(expired, fresh).due_at == LATER + timedelta(days=14)


HOUR = timedelta(hours=1)


def made(booking_id: str, at: datetime, starts_at: datetime | None = None) -> Booking:
    """Return what a scheduler says when an appointment is made."""
    return Booking(id=booking_id, booked_at=at, starts_at=starts_at)


def over(booking_id: str, at: datetime) -> Booking:
    """Return what it says when one is cancelled."""
    return Booking(id=booking_id, booked_at=at, cancelled_at=at)


def after_hearing(lead: Lead, *news: Booking) -> Lead:
    """Return a lead after several things that a scheduler says."""
    for said in news:
        lead = with_booking_news(lead, said, LATER)
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
def test_what_schedulers_say(news: list[Booking], status: Status, stands: Booking) -> None:
    """Said twice, too late, or in another order, it comes to the same: the last appointment, and whether it stands."""
    lead = after_hearing(builders.lead(), *news)

    assert (lead.status, lead.booking) == (status, stands)


def test_a_booking_by_hand_has_no_id() -> None:
    """What was noted by hand is taken for the appointment that the scheduler speaks of afterwards."""
    by_hand = booked(builders.lead(), made("", LATER), LATER)

    assert after_hearing(by_hand, B).booking == B
    cancelled_later = after_hearing(by_hand, B_OVER)
    assert (cancelled_later.status, cancelled_later.booking) == (
        Status.INVITED,
        Booking(id="b", booked_at=LATER, cancelled_at=B_OVER.cancelled_at),
    )
    assert after_hearing(by_hand, over("a", NOW)) is by_hand


def test_no_news_is_the_lead_itself() -> None:
    """So that nothing need be written."""
    lead = after_hearing(builders.lead(), A)

    assert with_booking_news(lead, A, LATER + HOUR) is lead
    assert with_booking_news(lead, over("b", LATER + HOUR), LATER + HOUR) is lead


def test_a_new_round_remembers_the_last_appointment() -> None:
    """Who fills in the form again after all was over isn't booked by what was said of the earlier appointment."""
    lost = ended(after_hearing(builders.lead(), A), Status.LOST, LATER + HOUR)
    again = resubmitted(lost, builders.lead(LATER + 2 * HOUR))

    assert again.status is Status.INVITED
    assert with_booking_news(again, A, LATER + 3 * HOUR) is again
    assert with_booking_news(again, made("b", LATER + 3 * HOUR), LATER + 3 * HOUR).status is Status.BOOKED


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.DECLINED, Status.WON, Status.LOST, Status.QUARANTINED])
@pytest.mark.parametrize("news", [A, A_OVER], ids=["made", "cancelled"])
def test_what_a_scheduler_cannot_change(status: Status, news: Booking) -> None:
    """An appointment of who wasn't invited, or with whom it has ended, is refused."""
    with pytest.raises(IllegalStepError):
        with_booking_news(replace(builders.lead(), status=status), news, LATER)
