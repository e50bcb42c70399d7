"""Delivery of one mail, on a real store: every result of an attempt, and the state that it leaves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prequal.adapters.outbox import OutboxMailer
from prequal.adapters.smtp import SmtpMailer
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.errors import TransportError
from prequal.core.lead import InvitationState, Lead, Status
from prequal.core.lifecycle import declined, invited, opened
from prequal.core.mail import LEASE, RETRY_TIME, Mail, MailState, Receipt
from prequal.services.mail_round import LONG_ROUND
from prequal.services.mail_sender import Uncertain
from prequal.services.ports import Mailer
from support import builders
from support.builders import NOW, Clock
from support.mails import Worker, claim_mail, worker
from support.mailserver import Postbox, mail_server
from support.running import free_port


class MailDesk:
    """A store with one qualified lead whose invitation is due."""

    def __init__(self, store: SqliteLeadStore) -> None:
        self.store = store
        self.clock = Clock()
        self.lead_id = builders.lead().id
        self.mail_id = self.admit().id

    def admit(self, content: Mapping[str, Any] | None = None, **changes: str) -> Mail:
        """Admit a lead and return its queued invitation, which may have another content."""
        lead, attempt = builders.admitted(**changes)
        mail = builders.composer().invitation(lead, NOW)
        mail = mail if content is None else replace(mail, content=content)
        self.store.admit(lead, attempt, [mail], lambda existing: (existing, ()))
        return mail

    def delivery(self, mailer: Mailer, uncertain: Uncertain = Uncertain.RESEND) -> Worker:
        """Return a worker whose pauses between attempts are the longest possible."""
        return worker(self.store, mailer, self.clock, uncertain, jitter=lambda _low, high: high)

    def smtp(self, port: int, uncertain: Uncertain = Uncertain.RESEND) -> Worker:
        """Return a worker that sends through a server on this machine."""
        return self.delivery(SmtpMailer(host="127.0.0.1", port=port, encryption="none"), uncertain)

    @property
    def lead(self) -> Lead:
        """Return the stored lead."""
        return self.find(self.lead_id)

    def find(self, lead_id: str) -> Lead:
        """Return a stored lead."""
        lead = self.store.find_lead(lead_id)
        assert lead is not None
        return lead

    @property
    def invitation_state(self) -> InvitationState:
        """Return the state of the lead's invitation."""
        assert self.lead.invitation is not None
        return self.lead.invitation.state

    def due_in(self) -> timedelta | None:
        """Return the time until the mail is due; None once it is settled."""
        for minutes in range(60 * 24):
            if self.store.list_due_mails(self.clock.now + timedelta(minutes=minutes), 1):
                return timedelta(minutes=minutes)
        return None


@dataclass
class RecordingMailer(Mailer):
    """A Mailer that records the bytes of each attempt, and refuses the first `refusals` of them temporarily."""

    refusals: int = 0
    messages: list[bytes] = field(default_factory=list)

    def send(self, mail: Mail) -> Receipt:
        """Record the message, and accept or refuse it."""
        self.messages.append(mail.message_bytes)
        if len(self.messages) <= self.refusals:
            raise TransportError("451 Busy", permanent=False)
        return Receipt(message_id=mail.message_id, accepted=(mail.to,), response="250 OK")


@pytest.fixture
def desk(store: SqliteLeadStore) -> MailDesk:
    """Return a desk."""
    return MailDesk(store)


def test_an_accepted_mail_is_settled(desk: MailDesk) -> None:
    """A mail that the server accepts is settled, and its lead records the time of sending."""
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


def test_a_sent_mail_is_not_sent_again(desk: MailDesk) -> None:
    """Several runs of the worker send a mail once."""
    postbox = Postbox()
    with mail_server(postbox) as port:
        for _ in range(3):
            desk.smtp(port).deliver_due()
        desk.smtp(port).deliver(desk.mail_id)

    assert len(postbox.mails) == 1


def test_a_round_ends_between_mails(desk: MailDesk) -> None:
    """A round of a process that is about to end finishes the mail in hand; the next process sends the others."""
    desk.admit(email="grace@example.com")
    desk.admit(email="hedy@example.com")
    mailer = RecordingMailer()
    last_round = replace(desk.delivery(mailer).round, is_stopping=lambda: len(mailer.messages) == 2)

    assert (last_round.run()["sent"], desk.delivery(mailer).deliver_due()) == (2, {"sent": 1})


def test_a_temporary_refusal_is_retried(desk: MailDesk) -> None:
    """A mail refused with 4xx is retried after one minute, then after two, until the server accepts it."""
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


def test_the_shortest_pause_is_half_of_the_longest(desk: MailDesk) -> None:
    """With the least jitter, the first retry comes after half a minute."""
    mailer = RecordingMailer(refusals=1)
    worker(desk.store, mailer, desk.clock, jitter=lambda low, _high: low).deliver_due()

    (mail,) = desk.store.list_mails(desk.lead_id)

    assert mail.delivery.due_at == NOW + timedelta(seconds=30)


def test_every_retry_sends_the_same_bytes(desk: MailDesk) -> None:
    """A retry sends the message that the first attempt rendered, even if the templates have changed since."""
    mailer = RecordingMailer(refusals=2)
    first_round = desk.delivery(mailer).round
    later_round = replace(first_round, sender=replace(first_round.sender, render=lambda _mail: "another template"))
    for mail_round in (first_round, later_round, later_round):
        mail_round.run()
        desk.clock.forward(timedelta(minutes=2))

    first, *retries = mailer.messages
    assert retries == [first, first]
    assert b"Message-ID: " in first
    assert desk.invitation_state is InvitationState.SENT


def test_a_refused_connection_is_retried(desk: MailDesk) -> None:
    """A mail is retried after a minute if no server listens."""
    assert desk.smtp(free_port()).deliver_due() == {"put_off": 1}
    assert desk.due_in() == timedelta(minutes=1)


def test_a_permanent_refusal_fails_the_invitation(desk: MailDesk) -> None:
    """A mail refused with 5xx is given up, and its lead's invitation is *failed*."""
    postbox = Postbox(says={"RCPT": "550 No such user"})
    with mail_server(postbox) as port:
        assert desk.smtp(port).deliver_due() == {"given_up": 1}

    assert desk.due_in() is None
    assert desk.invitation_state is InvitationState.FAILED


def test_a_mail_is_given_up_after_five_days(desk: MailDesk) -> None:
    """A mail that the server refuses at every attempt is given up after five days, and its invitation is *failed*."""
    states: list[str] = []
    with mail_server(Postbox(says={"MAIL": "550 5.7.1 Sender not allowed"})) as port:
        while desk.due_in() is not None:
            desk.clock.forward(timedelta(hours=6))
            states += desk.smtp(port).deliver_due()

    assert states == [*["put_off"] * (RETRY_TIME // timedelta(hours=6)), "given_up"]
    assert desk.invitation_state is InvitationState.FAILED


def test_a_lost_reply_is_retried_with_the_same_id(desk: MailDesk) -> None:
    """By default, a mail is sent again if the server's reply was lost; Message-ID and Date mark the duplicate."""
    postbox = Postbox(hangs_up_after="DATA")
    with mail_server(postbox) as port:
        assert desk.smtp(port).deliver_due() == {"put_off": 1}
        postbox.hangs_up_after = ""
        desk.clock.forward(timedelta(minutes=1))
        assert desk.smtp(port).deliver_due() == {"sent": 1}

    first, second = postbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


def test_a_lost_reply_is_not_retried_under_the_hold_policy(desk: MailDesk) -> None:
    """With the policy *hold*, a mail is given up if the server's reply was lost."""
    postbox = Postbox(hangs_up_after="DATA")
    with mail_server(postbox) as port:
        assert desk.smtp(port, Uncertain.HOLD).deliver_due() == {"given_up": 1}

    assert len(postbox.mails) == 1
    assert desk.due_in() is None
    assert desk.invitation_state is InvitationState.FAILED


def test_a_mail_of_a_dead_sender_is_taken_over(desk: MailDesk) -> None:
    """A mail whose sender died is sent by another as soon as the lease has run out."""
    claim_mail(desk.store, desk.mail_id, lambda mail, _lead: mail.claimed("a dead sender", NOW))
    postbox = Postbox()
    with mail_server(postbox) as port:
        desk.clock.forward(LEASE - timedelta(seconds=1))
        assert desk.smtp(port).deliver_due() == {}
        desk.clock.forward(timedelta(seconds=1))
        assert desk.smtp(port).deliver_due() == {"sent": 1}

    assert len(postbox.mails) == 1


def test_a_mail_of_a_dead_sender_is_not_sent_under_the_hold_policy(desk: MailDesk) -> None:
    """With the policy *hold*, a mail whose sender died is given up, because it may have been sent."""
    claim_mail(desk.store, desk.mail_id, lambda mail, _lead: mail.claimed("a dead sender", NOW))
    postbox = Postbox()
    with mail_server(postbox) as port:
        desk.clock.forward(LEASE)
        assert desk.smtp(port, Uncertain.HOLD).deliver_due() == {"given_up": 1}

    assert postbox.mails == []


def test_a_sender_that_lost_its_lease_settles_nothing(desk: MailDesk, tmp_path: Path) -> None:
    """A sender whose lease another has taken over cannot change the mail's result."""
    slow = desk.delivery(OutboxMailer(tmp_path))
    mail = claim_mail(desk.store, desk.mail_id, lambda mail, _lead: mail.claimed("slow", NOW))
    assert mail is not None
    desk.clock.forward(LEASE)

    assert slow.deliver(mail.id) is MailState.SENT
    assert not desk.store.settle_mail(mail.refused("too late", desk.clock.now), "slow", lambda lead: lead)
    assert desk.invitation_state is InvitationState.SENT


@pytest.mark.parametrize("refusals", [0, 1], ids=["sent", "refused"])
def test_a_late_result_of_an_old_invitation_leaves_the_new_one(desk: MailDesk, refusals: int) -> None:
    """The result of an invitation changes nothing once the owner has invited the lead again."""

    class InvitesAgain(RecordingMailer):
        def send(self, mail: Mail) -> Receipt:
            desk.clock.forward(timedelta(seconds=10))
            desk.store.change_lead(desk.lead_id, lambda lead: (declined(lead, "By mistake", desk.clock.now), ()))
            desk.store.change_lead(
                desk.lead_id, lambda lead: (invited(lead, builders.form(), "Of course", desk.clock.now), ())
            )
            try:
                return super().send(mail)
            except TransportError as error:
                raise TransportError(str(error), permanent=True) from error

    state = desk.delivery(InvitesAgain(refusals=refusals)).deliver(desk.mail_id)

    assert state is (MailState.FAILED if refusals else MailState.SENT)
    invitation = desk.lead.invitation
    assert invitation is not None
    assert (invitation.state, invitation.sent_at) == (InvitationState.PENDING, None)


def test_the_result_of_a_brief_leaves_the_lead(desk: MailDesk, tmp_path: Path) -> None:
    """Sending the owner's brief does not change the lead."""
    lead, attempt = builders.admitted(email="grace@example.com")
    brief = builders.composer().brief(lead, None, NOW)
    assert brief is not None
    desk.store.admit(lead, attempt, [brief], lambda existing: (existing, ()))

    assert desk.delivery(OutboxMailer(tmp_path)).deliver(brief.id) is MailState.SENT

    assert desk.find(lead.id) == lead


def test_an_outbox_that_cannot_be_written_is_retried(desk: MailDesk, tmp_path: Path) -> None:
    """A mail is retried if the outbox cannot be written."""
    (tmp_path / "file").touch()

    assert desk.delivery(OutboxMailer(tmp_path / "file")).deliver_due() == {"put_off": 1}


def test_an_opened_invitation_stays_opened(desk: MailDesk, tmp_path: Path) -> None:
    """An invitation that the prospect opened before the sender settled it stays *opened*."""
    desk.store.change_lead(desk.lead_id, lambda lead: (opened(lead, NOW), ()))

    desk.delivery(OutboxMailer(tmp_path)).deliver_due()

    assert desk.invitation_state is InvitationState.OPENED
    assert desk.lead.invitation is not None
    assert desk.lead.invitation.sent_at == NOW


def test_an_expired_invitation_is_not_sent(desk: MailDesk, tmp_path: Path) -> None:
    """An invitation whose link has expired is given up and *failed*."""
    desk.clock.forward(timedelta(days=14))

    assert desk.delivery(OutboxMailer(tmp_path)).deliver_due() == {"given_up": 1}

    assert list(tmp_path.glob("*.eml")) == []
    assert desk.invitation_state is InvitationState.FAILED


def test_a_withdrawn_invitation_is_not_sent(desk: MailDesk, tmp_path: Path) -> None:
    """Once the owner has declined a lead, its invitation is not sent, which does not count as a failure."""
    desk.store.change_lead(desk.lead_id, lambda lead: (declined(lead, "A competitor", NOW), ()))

    assert desk.delivery(OutboxMailer(tmp_path)).deliver_due() == {}

    assert list(tmp_path.glob("*.eml")) == []
    (mail,) = desk.store.list_mails(desk.lead_id)
    assert mail.delivery.error == "Given up, as its invitation was withdrawn."


def test_a_mail_that_cannot_be_rendered_fails_alone(desk: MailDesk, caplog: pytest.LogCaptureFixture) -> None:
    """A rendering error fails that mail and its invitation, is logged as an ERROR, and stops no other mail."""
    broken = desk.admit(content={}, email="grace@example.com")
    mailer = RecordingMailer()

    counts = desk.delivery(mailer).deliver_due()

    assert counts == {"sent": 1, "given_up": 1}
    assert len(mailer.messages) == 1
    (mail,) = desk.store.list_mails(broken.lead_id)
    assert (mail.delivery.state, mail.delivery.due_at, mail.message) == (MailState.FAILED, None, None)
    assert mail.delivery.error is not None
    assert mail.delivery.error.startswith("The mail can't be rendered: KeyError")
    lead = desk.find(broken.lead_id)
    assert (lead.status, lead.name) == (Status.INVITED, "Ada Lovelace")
    assert lead.invitation is not None
    assert lead.invitation.state is InvitationState.FAILED
    assert desk.invitation_state is InvitationState.SENT
    logged = [json.loads(record.getMessage()) for record in caplog.records if record.levelname == "ERROR"]
    assert [(line["severity"], line["mail"], line["state"]) for line in logged] == [("ERROR", broken.id, "failed")]


def test_a_round_starts_no_mail_after_its_time(desk: MailDesk) -> None:
    """A round of slow mails ends after twenty seconds; the remaining mails stay due."""
    for name in ("grace", "linus"):
        desk.admit(email=f"{name}@example.com")

    class SlowMailer(RecordingMailer):
        def send(self, mail: Mail) -> Receipt:
            desk.clock.forward(timedelta(seconds=15))
            return super().send(mail)

    assert desk.delivery(SlowMailer()).deliver_due() == {"sent": 2}
    assert len(desk.store.list_due_mails(desk.clock.now, 9)) == 1


def test_a_round_uses_one_connection(desk: MailDesk) -> None:
    """All mails of a round go over one connection."""
    for name in ("grace", "linus"):
        desk.admit(email=f"{name}@example.com")
    postbox = Postbox()
    with mail_server(postbox) as port:
        assert desk.smtp(port).deliver_due() == {"sent": 3}

    assert list(postbox.peers.values()) == [3]


def test_a_round_goes_on_while_mail_waits(desk: MailDesk, tmp_path: Path) -> None:
    """A round reads the queue again until nothing is left, so that no pause lies between two mails."""
    for name in ("grace", "linus"):
        desk.admit(email=f"{name}@example.com")

    counts = desk.delivery(OutboxMailer(tmp_path)).round.run(limit=1)

    assert counts["sent"] == 3


def test_a_round_tries_each_mail_once(desk: MailDesk) -> None:
    """A round ends although its mails are due again before its end."""

    class SlowMailer(RecordingMailer):
        def send(self, mail: Mail) -> Receipt:
            desk.clock.forward(timedelta(minutes=5))
            return super().send(mail)

    mailer = SlowMailer(refusals=99)
    desk.admit(email="grace@example.com")

    assert desk.delivery(mailer).round.run(LONG_ROUND)["put_off"] == 2
    assert len(mailer.messages) == 2


def test_invitations_go_out_before_briefs(desk: MailDesk) -> None:
    """An invitation does not wait for the briefs that were queued before it."""
    for name in ("grace", "linus", "barbara"):
        brief = builders.composer().brief(builders.lead(email=f"{name}@example.com"), None, NOW - timedelta(hours=1))
        assert brief
        desk.store.add_mail(brief)
    mailer = RecordingMailer()

    desk.delivery(mailer).round.run(limit=1)

    assert mailer.messages[0].startswith(b"From: Studio North <hello@studio.example>\r\nTo: ada@example.com")
