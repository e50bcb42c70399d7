"""Each row of what can become of a mail, on a real store and a real server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from prequal.adapters.outbox import OutboxMailer
from prequal.adapters.smtp import SmtpMailer
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.lead import InvitationState, Lead, Status
from prequal.core.lifecycle import declined, opened
from prequal.core.mail import LEASE, MAX_ATTEMPTS, MailState
from prequal.services.mail_sender import Uncertain
from prequal.services.ports import Mailer
from support import builders
from support.builders import NOW, Clock
from support.mails import Worker, worker
from support.mailserver import Postbox, mail_server
from support.running import free_port


class Desk:
    """A store with one qualified lead whose invitation waits."""

    def __init__(self, store: SqliteLeadStore) -> None:
        self.store = store
        self.clock = Clock()
        lead, attempt = builders.admitted()
        self.lead_id = lead.id
        self.mails = [builders.composer().invitation(lead, NOW)]
        brief = builders.composer().brief(lead, None, NOW)
        if brief:
            self.mails.append(brief)
        store.admit(lead, attempt, self.mails[:1], lambda existing: (existing, ()))

    def delivery(self, mailer: Mailer, uncertain: Uncertain = Uncertain.RESEND) -> Worker:
        """Return a worker that puts off for as long as it may."""
        return worker(self.store, mailer, self.clock, uncertain, jitter=lambda _low, high: high)

    def smtp(self, port: int, uncertain: Uncertain = Uncertain.RESEND) -> Worker:
        """Return a worker for a server on this machine."""
        return self.delivery(SmtpMailer(host="127.0.0.1", port=port, encryption="none"), uncertain)

    @property
    def lead(self) -> Lead:
        """Return the lead as it is now."""
        lead = self.store.find_lead(self.lead_id)
        assert lead is not None
        return lead

    @property
    def invitation_state(self) -> InvitationState:
        """Return how far the invitation came."""
        assert self.lead.invitation is not None
        return self.lead.invitation.state

    def due_in(self) -> timedelta | None:
        """Return in how long the mail is due; None once it is settled."""
        for minutes in range(60 * 24):
            if self.store.list_due_mails(self.clock.now + timedelta(minutes=minutes), 1):
                return timedelta(minutes=minutes)
        return None


@pytest.fixture
def desk(store: SqliteLeadStore) -> Desk:
    """Return a desk."""
    return Desk(store)


def test_accepted_is_success(desk: Desk) -> None:
    """A mail that the server takes is settled, and the lead knows when it was sent."""
    postbox = Postbox()
    with mail_server(postbox) as port:
        desk.clock.forward(timedelta(seconds=5))
        states = desk.smtp(port).deliver_due()

    assert states == {"sent": 1}
    assert len(postbox.mails) == 1
    assert desk.due_in() is None
    assert desk.lead.status is Status.INVITED
    assert desk.lead.invitation is not None
    assert desk.lead.invitation.sent_at == NOW + timedelta(seconds=5)
    assert desk.invitation_state is InvitationState.SENT


def test_sent_once(desk: Desk) -> None:
    """However often the worker comes by, it is one mail."""
    postbox = Postbox()
    with mail_server(postbox) as port:
        for _ in range(3):
            desk.smtp(port).deliver_due()
        desk.smtp(port).deliver(desk.mails[0].id)

    assert len(postbox.mails) == 1


def test_a_temporary_refusal_is_tried_again(desk: Desk) -> None:
    """A 4xx puts the mail off by a minute, then by two; and nothing is lost."""
    postbox = Postbox(says={"RCPT": "451 Busy"})
    with mail_server(postbox) as port:
        assert desk.smtp(port).deliver_due() == {"put_off": 1}
        assert desk.due_in() == timedelta(minutes=1)
        assert desk.invitation_state is InvitationState.PENDING
        desk.clock.forward(timedelta(minutes=1))
        assert desk.smtp(port).deliver_due() == {"put_off": 1}
        assert desk.due_in() == timedelta(minutes=2)

        postbox.says.clear()
        desk.clock.forward(timedelta(minutes=2))
        assert desk.smtp(port).deliver_due() == {"sent": 1}

    assert len(postbox.mails) == 1


def test_a_refused_connection_is_tried_again(desk: Desk) -> None:
    """Where nobody listens, the mail waits for who will."""
    assert desk.smtp(free_port()).deliver_due() == {"put_off": 1}
    assert desk.due_in() == timedelta(minutes=1)


def test_a_permanent_refusal_is_an_error_that_the_owner_sees(desk: Desk) -> None:
    """A 5xx ends it, and the lead says that its invitation failed."""
    postbox = Postbox(says={"RCPT": "550 No such user"})
    with mail_server(postbox) as port:
        assert desk.smtp(port).deliver_due() == {"given_up": 1}

    assert desk.due_in() is None
    assert desk.invitation_state is InvitationState.FAILED


def test_attempts_are_spent_one_day(desk: Desk) -> None:
    """A mail that is refused for as long as we try is given up, and the owner sees it."""
    states: list[str] = []
    with mail_server(Postbox(says={"MAIL": "421 Not today"})) as port:
        while desk.due_in() is not None:
            desk.clock.forward(timedelta(hours=6))
            states += desk.smtp(port).deliver_due()

    assert states == [*["put_off"] * (MAX_ATTEMPTS - 1), "given_up"]
    assert desk.invitation_state is InvitationState.FAILED


def test_a_lost_answer_is_sent_again_with_the_same_id(desk: Desk) -> None:
    """By default an uncertain mail is sent again; whoever got both knows them for one by their Message-ID."""
    postbox = Postbox(hangs_up_after="DATA")
    with mail_server(postbox) as port:
        assert desk.smtp(port).deliver_due() == {"put_off": 1}
        postbox.hangs_up_after = ""
        desk.clock.forward(timedelta(minutes=1))
        assert desk.smtp(port).deliver_due() == {"sent": 1}

    first, second = postbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


def test_a_lost_answer_is_held_when_the_owner_wants_that(desk: Desk) -> None:
    """With the policy *hold*, an uncertain mail is left to the owner: rather none than two."""
    postbox = Postbox(hangs_up_after="DATA")
    with mail_server(postbox) as port:
        assert desk.smtp(port, Uncertain.HOLD).deliver_due() == {"given_up": 1}

    assert len(postbox.mails) == 1
    assert desk.due_in() is None
    assert desk.invitation_state is InvitationState.FAILED


def test_a_sender_that_stopped_is_taken_over(desk: Desk) -> None:
    """A mail whose sender was never heard of again is sent once its lease is over, and not before."""
    desk.store.claim_mail(desk.mails[0].id, lambda mail, _lead: mail.claimed("somebody who died", NOW))
    postbox = Postbox()
    with mail_server(postbox) as port:
        desk.clock.forward(LEASE - timedelta(seconds=1))
        assert desk.smtp(port).deliver_due() == {}
        desk.clock.forward(timedelta(seconds=1))
        assert desk.smtp(port).deliver_due() == {"sent": 1}

    assert len(postbox.mails) == 1


def test_a_sender_that_stopped_is_held_when_the_owner_wants_that(desk: Desk) -> None:
    """With the policy *hold*, what a sender that stopped may have sent is not sent again."""
    desk.store.claim_mail(desk.mails[0].id, lambda mail, _lead: mail.claimed("somebody who died", NOW))
    postbox = Postbox()
    with mail_server(postbox) as port:
        desk.clock.forward(LEASE)
        assert desk.smtp(port, Uncertain.HOLD).deliver_due() == {"given_up": 1}

    assert postbox.mails == []


def test_whoever_was_overtaken_settles_nothing(desk: Desk, tmp_path: Path) -> None:
    """A sender slower than its lease leaves the mail to the one who took over."""
    slow = desk.delivery(OutboxMailer(tmp_path))
    mail = desk.store.claim_mail(desk.mails[0].id, lambda mail, _lead: mail.claimed("slow", NOW))
    assert mail is not None
    desk.clock.forward(LEASE)

    assert slow.deliver(mail.id) is MailState.SENT
    assert not desk.store.settle_mail(mail.refused("too late", desk.clock.now), "slow", lambda lead: lead)
    assert desk.invitation_state is InvitationState.SENT


def test_a_brief_leaves_the_invitation_alone(desk: Desk, tmp_path: Path) -> None:
    """What becomes of the owner's brief is nothing to the prospect's invitation."""
    lead, attempt = builders.admitted(email="grace@example.com")
    brief = builders.composer().brief(lead, None, NOW)
    assert brief is not None
    desk.store.admit(lead, attempt, [brief], lambda existing: (existing, ()))

    assert desk.delivery(OutboxMailer(tmp_path)).deliver(brief.id) is MailState.SENT

    after = desk.store.find_lead(lead.id)
    assert after == lead


def test_an_outbox_that_cannot_be_written_is_tried_again(desk: Desk, tmp_path: Path) -> None:
    """A full or forbidden folder puts the mail off."""
    (tmp_path / "file").touch()

    assert desk.delivery(OutboxMailer(tmp_path / "file")).deliver_due() == {"put_off": 1}


def test_an_opened_link_stays_opened(desk: Desk, tmp_path: Path) -> None:
    """A mail whose success is noted after the prospect has clicked doesn't undo the click."""
    desk.store.change_lead(desk.lead_id, lambda lead: (opened(lead, NOW), ()))

    desk.delivery(OutboxMailer(tmp_path)).deliver_due()

    assert desk.invitation_state is InvitationState.OPENED
    assert desk.lead.invitation is not None
    assert desk.lead.invitation.sent_at == NOW


def test_an_invitation_that_has_expired_is_not_sent(desk: Desk, tmp_path: Path) -> None:
    """A link that no longer works is not sent at all, and the owner sees why."""
    desk.clock.forward(timedelta(days=14))

    assert desk.delivery(OutboxMailer(tmp_path)).deliver_due() == {"given_up": 1}

    assert list(tmp_path.glob("*.eml")) == []
    assert desk.invitation_state is InvitationState.FAILED


def test_what_was_withdrawn_is_not_sent(desk: Desk, tmp_path: Path) -> None:
    """Once the owner has declined a lead, its invitation stays where it is."""
    desk.store.change_lead(desk.lead_id, lambda lead: (declined(lead, "A competitor", NOW), ()))

    assert desk.delivery(OutboxMailer(tmp_path)).deliver_due() == {}  # the owner's wish is no failure

    assert list(tmp_path.glob("*.eml")) == []
    (mail,) = desk.store.list_mails(desk.lead_id)
    assert mail.delivery.error == "Given up, as its invitation was withdrawn."
