"""Follow-up on each store: one reminder, and the expiry of an invitation."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from prequal.adapters.outbox import OutboxMailer
from prequal.core.errors import SettingsError
from prequal.core.form import form_from
from prequal.core.lead import InvitationState, Lead, Status, first_attempt
from prequal.core.lifecycle import opened
from prequal.core.mail import Mail, MailKind
from prequal.core.scoring import score
from prequal.services.follow_up import FollowUp
from prequal.services.ports import Store
from support import builders
from support.builders import NOW, Clock
from support.mails import worker


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

    def sweep(self) -> dict[str, int]:
        """Follow up the leads that are due."""
        return self.follow_up(builders.composer().reminder).run()

    def follow_up(self, compose_reminder: Callable[[Lead, datetime], Mail]) -> FollowUp:
        """Return the use case."""
        forms = builders.lead_forms()
        return FollowUp(store=self.store, forms=forms, compose_reminder=compose_reminder, clock=self.clock)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> FollowUpDesk:
    """Return a desk whose invitation has been sent."""
    desk = FollowUpDesk(store, tmp_path / "outbox")
    desk.deliver()
    return desk


def test_an_unopened_invitation_is_reminded_of_once(desk: FollowUpDesk) -> None:
    """An unopened invitation is reminded of once, on the form's day."""
    assert desk.sweep() == {"reminded": 0, "expired": 0}
    desk.clock.forward(timedelta(days=7))

    assert desk.sweep() == {"reminded": 1, "expired": 0}
    assert desk.sweep() == {"reminded": 0, "expired": 0}

    desk.deliver()
    assert desk.kinds == [MailKind.INVITATION, MailKind.REMINDER]
    assert len(list(desk.outbox.glob("*-reminder.eml"))) == 1
    assert desk.lead.status is Status.INVITED


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

    assert desk.sweep() == {"reminded": 0, "expired": 1}

    assert desk.lead.status is Status.EXPIRED
    assert desk.sweep() == {"reminded": 0, "expired": 0}
    assert desk.kinds == [MailKind.INVITATION]


def test_concurrent_follow_ups_remind_once(desk: FollowUpDesk) -> None:
    """Four concurrent follow-ups queue one reminder."""
    desk.clock.forward(timedelta(days=7))

    with ThreadPoolExecutor(4) as pool:
        swept = list(pool.map(lambda _: desk.sweep(), range(4)))

    assert sum(counts["reminded"] for counts in swept) == 1
    assert desk.kinds == [MailKind.INVITATION, MailKind.REMINDER]


def test_a_reminder_that_cannot_be_composed_waits(desk: FollowUpDesk) -> None:
    """A lead stays due if its reminder cannot be composed, and the round goes on."""

    def unable(_lead: Lead, _now: datetime) -> Mail:
        raise SettingsError(["PREQUAL_SENDER is missing: set it."])

    desk.clock.forward(timedelta(days=7))

    assert desk.follow_up(unable).run() == {"reminded": 0, "expired": 0}
    assert desk.sweep() == {"reminded": 1, "expired": 0}
