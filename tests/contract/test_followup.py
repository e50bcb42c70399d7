"""Follow-up on each store: one reminder, the expiry of an invitation, and the mornings around a call."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from prequal.adapters.outbox import OutboxMailer
from prequal.core.errors import SettingsError
from prequal.core.form import form_from
from prequal.core.lead import Booking, InvitationState, Lead, Status, first_attempt
from prequal.core.lifecycle import declined, ended, offered, opened
from prequal.core.mail import Mail, MailKind
from prequal.core.scoring import score
from prequal.services.booking_recorder import BookingNews, BookingRecorder
from prequal.services.ports import Store
from support import builders
from support.builders import NOW, Clock
from support.mails import read, worker

OSLO = ZoneInfo("Europe/Oslo")
# On the day after next, at 14:00 in Oslo, where its morning begins at seven.
CALL = datetime(2026, 3, 4, 13, tzinfo=UTC)
MORNING = datetime(2026, 3, 4, 6, tzinfo=UTC)


@dataclass
class FollowUpDesk:
    """A store with one invited lead, of a form that reminds after a week."""

    store: Store
    outbox: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        document = builders.document()
        document["invitation"]["remind_after_days"] = 7
        form, given = form_from(document), builders.submission()
        lead, attempt = first_attempt(form, given, score(form, given.answers), NOW)
        self.store.admit(lead, attempt, [builders.composer().invitation(lead, NOW)], lambda existing: (existing, ()))
        self.lead_id = lead.id

    @property
    def lead(self) -> Lead:
        """Return the stored lead."""
        lead = self.store.find_lead(self.lead_id)
        assert lead
        return lead

    @property
    def kinds(self) -> list[MailKind]:
        """Return the kinds of the lead's mails."""
        return sorted(mail.kind for mail in self.store.list_mails(self.lead_id))

    def deliver(self) -> None:
        """Send the mails that are due."""
        worker(self.store, OutboxMailer(self.outbox), self.clock).deliver_due()

    def sweep(self, owner: str = "owner@studio.example") -> dict[str, int]:
        """Follow up the leads that are due, and return the counts that are not zero."""
        counts = builders.follow_up(self.store, self.clock, owner=owner, zone=OSLO).run()
        return {step: count for step, count in counts.items() if count}

    def hear(self, booking_id: str, starts_at: datetime | None, *, replaces: str = "") -> None:
        """Get a scheduler's message on an appointment; without a time, that it was cancelled."""
        now = self.clock()
        booking = Booking(
            id=booking_id,
            booked_at=now,
            starts_at=starts_at or CALL,
            cancelled_at=None if starts_at else now,
            replaces=(replaces,) if replaces else (),
        )
        recorder = BookingRecorder(form_ids=[self.lead.form_id], store=self.store, clock=self.clock)
        recorder.record(BookingNews(lead_id=self.lead_id, email=self.lead.email, booking=booking))

    def go_to(self, instant: datetime) -> None:
        """Let time pass."""
        self.clock.now = instant

    def on_the_call(self, kind: MailKind) -> list[Mail]:
        """Return the mails of a kind about the call."""
        mails = self.store.list_mails(self.lead_id)
        return [mail for mail in mails if mail.kind is kind and "starts_at" in mail.content]


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> FollowUpDesk:
    """Return a desk whose invitation has been sent."""
    desk = FollowUpDesk(store, tmp_path / "outbox")
    desk.deliver()
    return desk


def test_an_unopened_invitation_is_reminded_of_once(desk: FollowUpDesk) -> None:
    """An unopened invitation is reminded of once, on the form's day."""
    assert desk.sweep() == {}
    desk.clock.forward(timedelta(days=7))

    assert desk.sweep() == {"reminded": 1}
    assert desk.sweep() == {}

    desk.deliver()
    assert desk.kinds == [MailKind.INVITATION, MailKind.REMINDER]
    assert len(list(desk.outbox.glob("*-reminder.eml"))) == 1
    assert desk.lead.status is Status.INVITED


def test_a_reminder_answers_its_invitation(desk: FollowUpDesk) -> None:
    """Mail programs show both together, by subject and Message-ID; that of an earlier version's is not known."""
    desk.clock.forward(timedelta(days=7))
    desk.sweep()
    desk.deliver()
    invitation, reminder = sorted(desk.store.list_mails(desk.lead_id), key=lambda mail: mail.kind)
    message = read(reminder).message

    assert message["In-Reply-To"] == message["References"] == invitation.message_id
    assert message["Subject"] == read(invitation).subject

    assert desk.lead.invitation
    earlier = replace(desk.lead, invitation=replace(desk.lead.invitation, message_id=""))
    assert "In-Reply-To" not in read(builders.composer().reminder(earlier, NOW)).message


def test_a_click_withdraws_the_reminder(desk: FollowUpDesk) -> None:
    """A reminder that is queued is not sent once the prospect has followed the link."""
    desk.clock.forward(timedelta(days=7))
    desk.sweep()
    desk.store.change_lead(desk.lead_id, lambda lead: (opened(lead, desk.clock()), ()))

    desk.deliver()

    assert not list(desk.outbox.glob("*-reminder.eml"))
    assert desk.lead.invitation
    assert desk.lead.invitation.state is InvitationState.OPENED


def test_an_unused_invitation_expires(desk: FollowUpDesk) -> None:
    """An unused invitation expires after its last day, without another mail."""
    desk.clock.forward(timedelta(days=14))

    assert desk.sweep() == {"expired": 1}

    assert desk.lead.status is Status.EXPIRED
    assert desk.sweep() == {}
    assert desk.kinds == [MailKind.INVITATION]


def test_concurrent_follow_ups_remind_once(desk: FollowUpDesk) -> None:
    """Four concurrent follow-ups queue one reminder."""
    desk.clock.forward(timedelta(days=7))

    with ThreadPoolExecutor(4) as pool:
        swept = list(pool.map(lambda _: desk.sweep(), range(4)))

    assert sum(counts.get("reminded", 0) for counts in swept) == 1
    assert desk.kinds == [MailKind.INVITATION, MailKind.REMINDER]


def test_a_reminder_that_cannot_be_composed_waits(desk: FollowUpDesk) -> None:
    """A lead stays due if its reminder cannot be composed, and the round goes on."""

    def unable(_kind: MailKind, _lead: Lead, _now: datetime) -> Mail:
        raise SettingsError(["PREQUAL_SENDER is missing: set it."])

    desk.clock.forward(timedelta(days=7))

    follow_up = replace(builders.follow_up(desk.store, desk.clock), compose=unable)
    assert not any(follow_up.run().values())
    assert desk.sweep() == {"reminded": 1}


def test_a_call_has_a_brief_and_a_question(desk: FollowUpDesk) -> None:
    """On the morning of the call, in the owner's zone, there is one brief, and on the next one question."""
    desk.hear("one", CALL)
    for instant, steps in (
        (CALL - timedelta(days=1), {}),
        (MORNING - timedelta(seconds=1), {}),
        (MORNING, {"briefed": 1}),
        (CALL, {}),
        (MORNING + timedelta(days=1, seconds=-1), {}),
        (MORNING + timedelta(days=1), {"debriefed": 1}),
        (MORNING + timedelta(days=30), {}),
    ):
        desk.go_to(instant)
        with ThreadPoolExecutor(4) as pool:
            swept = list(pool.map(lambda _: desk.sweep(), range(4)))
        assert [steps_of for steps_of in swept if steps_of] == ([steps] if steps else [])
        desk.deliver()
    assert len(list(desk.outbox.glob("*-brief.eml"))) == 1
    assert len(list(desk.outbox.glob("*-debrief.eml"))) == 1
    [brief], [question] = desk.on_the_call(MailKind.BRIEF), desk.on_the_call(MailKind.DEBRIEF)
    assert (brief.to, brief.reply_to) == ("owner@studio.example", "ada@example.com")
    assert (question.to, question.reply_to) == ("owner@studio.example", "Studio North <hello@studio.example>")


def test_another_appointment_has_its_own(desk: FollowUpDesk) -> None:
    """A call that is moved has another brief; a message that repeats its time, or a later id, has none."""
    desk.hear("one", CALL)
    desk.go_to(MORNING)
    assert desk.sweep() == {"briefed": 1}
    desk.clock.forward(timedelta(minutes=1))
    desk.hear("two", CALL, replaces="one")
    assert desk.sweep() == {}
    desk.hear("two", CALL + timedelta(days=2))
    desk.go_to(MORNING + timedelta(days=2))
    assert desk.sweep() == {"briefed": 1}
    desk.go_to(MORNING + timedelta(days=3))
    assert desk.sweep() == {"debriefed": 1}
    assert [mail.content["starts_at"] for mail in desk.on_the_call(MailKind.BRIEF)] == [CALL, CALL + timedelta(days=2)]


@pytest.mark.parametrize(
    "end", ["cancelled", "won", "lost", "offered", "declined", "erased"], ids=lambda end: f"it is {end}"
)
def test_a_call_that_is_off_has_no_mail(desk: FollowUpDesk, end: str) -> None:
    """Once it is cancelled, or its end is known, nothing is queued, and what is queued is not sent."""
    ends: dict[str, Callable[[Lead, datetime], Lead]] = {
        "won": lambda lead, now: ended(lead, Status.WON, now),
        "lost": lambda lead, now: ended(lead, Status.LOST, now),
        "offered": lambda lead, now: offered(lead, None, now),
        "declined": lambda lead, now: declined(lead, "Rude", now),
    }
    desk.hear("one", CALL)
    desk.go_to(MORNING)
    assert desk.sweep() == {"briefed": 1}
    if end in ends:
        desk.store.change_lead(desk.lead_id, lambda lead: (ends[end](lead, desk.clock()), ()))
    elif end == "erased":
        desk.store.erase_lead(desk.lead_id)
    else:
        desk.clock.forward(timedelta(seconds=1))
        desk.hear("one", None)
    desk.deliver()
    assert not list(desk.outbox.glob("*-brief.eml"))
    desk.go_to(MORNING + timedelta(days=1))
    assert "debriefed" not in desk.sweep()


def test_a_brief_that_comes_too_late_is_not_sent(desk: FollowUpDesk) -> None:
    """A brief that waits, as the mail server is away, is of no use once the call has begun."""
    desk.hear("one", CALL)
    desk.go_to(MORNING)
    desk.sweep()
    desk.go_to(CALL)
    desk.deliver()
    assert not list(desk.outbox.glob("*-brief.eml"))


def test_nobody_is_told_without_an_owner(desk: FollowUpDesk) -> None:
    """Without an owner's address nothing is queued, and the lead waits for nothing."""
    desk.hear("one", CALL)
    for instant in (CALL - timedelta(days=1), MORNING, MORNING + timedelta(days=1)):
        desk.go_to(instant)
        assert desk.sweep(owner="") == {}
    assert desk.lead.due_at is None
    assert desk.kinds == [MailKind.INVITATION]


def test_calls_of_before_this_version_are_left_alone(desk: FollowUpDesk) -> None:
    """A lead that was booked by an earlier version waits for nothing, and nobody asks about old calls."""
    desk.hear("one", CALL)
    desk.store.change_lead(desk.lead_id, lambda lead: (replace(lead, due_at=None), ()))
    for instant in (MORNING, MORNING + timedelta(days=1)):
        desk.go_to(instant)
        assert desk.sweep() == {}
