"""Follow-up on each store: one reminder, and the end of an invitation."""

from __future__ import annotations

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
class Desk:
    """A store with one lead, who was invited under a form that reminds after a week."""

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
        """Return the lead as it is now."""
        lead = self.store.find_lead(self.lead_id)
        assert lead
        return lead

    @property
    def kinds(self) -> list[MailKind]:
        """Return the kinds of the lead's mails."""
        return sorted(mail.kind for mail in self.store.list_mails(self.lead_id))

    def deliver(self) -> None:
        """Send what is due."""
        worker(self.store, OutboxMailer(self.outbox), self.clock).deliver_due()

    def sweep(self) -> dict[str, int]:
        """Do one round."""
        return FollowUp(store=self.store, compose_reminder=builders.composer().reminder, clock=self.clock).run()


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """Return the desk, the invitation sent."""
    desk = Desk(store, tmp_path / "outbox")
    desk.deliver()
    return desk


def test_one_reminder(desk: Desk) -> None:
    """Who has not followed the link is reminded once, on the day, and the link is the same."""
    assert desk.sweep() == {"reminded": 0, "expired": 0}
    desk.clock.forward(timedelta(days=7))

    assert desk.sweep() == {"reminded": 1, "expired": 0}
    assert desk.sweep() == {"reminded": 0, "expired": 0}

    desk.deliver()
    assert desk.kinds == [MailKind.INVITATION, MailKind.REMINDER]
    assert len(list(desk.outbox.glob("*-reminder.eml"))) == 1
    assert desk.lead.status is Status.INVITED


def test_nobody_is_reminded_of_what_they_have_followed(desk: Desk) -> None:
    """A click takes the reminder back, even one that is already on its way."""
    desk.clock.forward(timedelta(days=7))
    desk.sweep()
    desk.store.change_lead(desk.lead_id, lambda lead: (opened(lead, desk.clock()), ()))

    desk.deliver()

    assert not list(desk.outbox.glob("*-reminder.eml"))
    assert desk.lead.invitation
    assert desk.lead.invitation.state is InvitationState.OPENED


def test_the_end(desk: Desk) -> None:
    """An invitation that nobody has used ends, with or without a click, and nothing more comes of it."""
    desk.clock.forward(timedelta(days=14))

    assert desk.sweep() == {"reminded": 0, "expired": 1}

    assert desk.lead.status is Status.EXPIRED
    assert desk.sweep() == {"reminded": 0, "expired": 0}
    assert desk.kinds == [MailKind.INVITATION]


def test_many_sweepers_remind_once(desk: Desk) -> None:
    """Of four who sweep at once, one reminds."""
    desk.clock.forward(timedelta(days=7))

    with ThreadPoolExecutor(4) as pool:
        swept = list(pool.map(lambda _: desk.sweep(), range(4)))

    assert sum(counts["reminded"] for counts in swept) == 1
    assert desk.kinds == [MailKind.INVITATION, MailKind.REMINDER]


def test_a_reminder_that_cannot_be_written_waits(desk: Desk) -> None:
    """If the settings for a mail are missing, the lead stays due, and the round goes on."""

    def unable(_lead: Lead, _now: datetime) -> Mail:
        raise SettingsError(["PREQUAL_SENDER is missing: set it."])

    desk.clock.forward(timedelta(days=7))

    assert FollowUp(store=desk.store, compose_reminder=unable, clock=desk.clock).run() == {"reminded": 0, "expired": 0}
    assert desk.sweep() == {"reminded": 1, "expired": 0}
