"""The mail budget: counted by the worker, per UTC day, and told to the owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from faults import parts
from faults.surly import Manner, SurlyServer
from prequal.adapters.outbox import OutboxMailer
from prequal.adapters.smtp import SmtpMailer
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.form import form_from
from prequal.core.lead import HoldReason, InvitationState, Lead, lead_id
from prequal.core.mail import Mail, MailState, Receipt
from prequal.core.mailbox import mailbox_of
from prequal.core.near_miss import Briefs
from prequal.services.mailboxes import Mailboxes
from prequal.services.owner_decisions import OwnerInvitation
from prequal.services.ports import Entry, Ledger, Store
from support import builders
from support.builders import Clock
from support.mails import worker
from support.world import World

OWNER = "owner@studio.example"
MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass
class Office:
    """A form with its store, its worker and its clock."""

    store: Store
    outbox: Path
    clock: Clock
    most_a_day: int = 50

    def submit(self, email: str, network: str = "", **answers: str) -> None:
        """Take in a submission, qualified unless told otherwise."""
        sent = builders.sent(email=email, submission_id=f"{email.partition('@')[0]:-<12}".replace("+", "_"), **answers)
        parts.intake(self.store, self.clock).receive(sent, network)
        self.clock.forward(timedelta(seconds=1))

    def miss(self, number: int) -> None:
        """Take in submissions of people who do not qualify, of each of whom the owner wants to hear."""
        intake = parts.intake(self.store, self.clock, owner=OWNER, briefs=Briefs.ALL)
        for each in range(number):
            intake.receive(builders.sent(email=f"{self.clock.now:%j}-{each}@example.com", **builders.UNQUALIFIED))

    def work(self) -> None:
        """Send what is due."""
        document = builders.document()
        document["invitation"]["most_a_day"] = self.most_a_day
        mailer = OutboxMailer(self.outbox)
        sending = worker(self.store, mailer, self.clock, form=form_from(document), owner=OWNER)
        while self.store.list_due_mails(self.clock.now, 1):
            sending.deliver_due()

    def invited(self) -> list[str]:
        """Return the prospects that were sent mail."""
        return sorted(to for to in self._recipients() if to != OWNER)

    def notices(self) -> int:
        """Return the number of mails to the owner."""
        return sum(to == OWNER for to in self._recipients())

    def held_for(self, email: str) -> HoldReason | None:
        """Return why a lead's invitation is held."""
        lead = self.store.find_lead(lead_id("web-design", email))
        assert lead is not None
        assert lead.invitation is not None
        assert (lead.invitation.state is InvitationState.HELD) == (lead.invitation.held_for is not None)
        return lead.invitation.held_for

    def release(self, email: str, ledger: Ledger) -> Lead:
        """Invite a lead by the owner's decision."""
        invitation = OwnerInvitation(
            forms=builders.lead_forms(),
            store=self.store,
            mailboxes=Mailboxes(ledger=ledger),
            composer=builders.composer(),
            clock=self.clock,
        )
        return invitation.send(lead_id("web-design", email), "A client of old")

    def _recipients(self) -> list[str]:
        return [message_from_bytes(path.read_bytes())["To"] for path in self.outbox.glob("*.eml")]


@pytest.fixture
def office(any_store: Store, tmp_path: Path) -> Office:
    """Return an office on each kind of store."""
    return Office(any_store, tmp_path / "outbox", Clock(MORNING))


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("Ada@Example.com", "ada@example.com"),
        ("ada+web@example.com", "ada@example.com"),
        ("a.d.a+web@gmail.com", "ada@gmail.com"),
        ("a.da@googlemail.com", "ada@gmail.com"),
        ("a.da@example.com", "a.da@example.com"),
        ("a.d-a_@pm.me", "ada@proton.me"),
        ("ada+web@protonmail.com", "ada@proton.me"),
        ("+@example.com", "+@example.com"),
    ],
)
def test_a_mailbox_has_many_addresses(address: str, mailbox: str) -> None:
    """Case, tags, and the dots that a provider ignores lead to the same mailbox."""
    assert mailbox_of(address) == mailbox


def test_a_mailbox_gets_one_invitation_a_day_and_three_a_month(office: Office) -> None:
    """Other spellings of one mailbox are held, and released by nobody but the owner."""
    sent = []
    for day in range(6):
        for tag in ("one", "two"):
            office.submit(f"victim+{day}{tag}@gmail.com")
        office.work()
        sent.append(len(office.invited()))
        office.clock.forward(timedelta(days=1))

    assert sent == [1, 2, 3, 3, 3, 3]
    assert office.held_for("victim+0two@gmail.com") is HoldReason.BUDGET
    office.clock.forward(timedelta(days=25))
    office.submit("victim@gmail.com")
    office.work()
    assert len(office.invited()) == 4


def test_a_domain_gets_ten_a_day(office: Office) -> None:
    """A company may be meant, but hardly eleven of its people; large mail providers have no limit of their own."""
    for number in range(12):
        office.submit(f"p{number}@firm.example.com")
        office.submit(f"p{number}@web.de")

    office.work()

    assert sum(to.endswith("firm.example.com") for to in office.invited()) == 10
    assert sum(to.endswith("web.de") for to in office.invited()) == 12


def test_one_network_causes_at_most_a_fifth(office: Office) -> None:
    """Somebody who types one address after the other uses up a fifth of the day; a real prospect is invited."""
    for number in range(30):
        office.submit(f"p{number}@gmail.com", network="203.0.113.0/24")
    office.submit("real@gmail.com", network="198.51.100.0/24")

    office.work()

    assert len(office.invited()) == 11
    assert "real@gmail.com" in office.invited()


@dataclass(frozen=True)
class SlowMailer(OutboxMailer):
    """An outbox that takes a second for each mail."""

    clock: Clock

    def send(self, mail: Mail) -> Receipt:
        """Keep the mail, a second later."""
        self.clock.forward(timedelta(seconds=1))
        return super().send(mail)


def test_one_client_for_a_minute(store: SqliteLeadStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a client posts, and whatever it forges, the next round invites the real prospect who came last."""
    world = World(store)
    world.change_main(composer=builders.composer(OWNER))
    client, answers = world.client(tmp_path, monkeypatch), Counter[int]()

    def post(email: str, address: str) -> None:
        forwarded = f"192.0.2.{len(answers)}, {address}, 10.0.0.1"
        sent = builders.sent(email=email)
        answers[client.post("/api/leads", json=sent, headers={"X-Forwarded-For": forwarded}).status_code] += 1

    for number in range(600):
        world.seconds += 0.1
        world.clock.forward(timedelta(seconds=0.1))
        post(f"victim+{number}@gmail.com" if number % 8 == 0 else f"p{number}@gmail.com", "203.0.113.7")
    post("real@gmail.com", "198.51.100.1")
    worker(store, SlowMailer(tmp_path / "outbox", world.clock), world.clock).deliver_due()

    invited = Office(store, tmp_path / "outbox", world.clock).invited()
    assert answers == {202: 10 + 5 + 1, 429: 600 - 15}
    assert "real@gmail.com" in invited
    assert len(invited) == 1 + 50 // 5
    assert sum(to.startswith("victim") for to in invited) == 1


def test_what_exceeds_the_day_goes_out_later(office: Office) -> None:
    """The total of a day puts off, in the order of coming, and holds nobody."""
    office.most_a_day = 5
    for number in range(12):
        office.submit(f"p{number}@gmail.com")

    sent = []
    for _ in range(4):
        office.work()
        sent.append(len(office.invited()))
        office.clock.now = datetime.combine(office.clock.now.date() + timedelta(days=1), MORNING.timetz())

    assert sent == [5, 10, 12, 12]
    assert {office.held_for(f"p{number}@gmail.com") for number in range(12)} == {None}


def test_the_owner_is_told_once_a_day(office: Office) -> None:
    """The first mail that exceeds a budget tells the owner; the others of the day don't."""
    for number in range(4):
        office.submit(f"victim+{number}@gmail.com")
    office.work()
    assert office.notices() == 1

    office.clock.forward(timedelta(days=1))
    for number in range(4, 8):
        office.submit(f"victim+{number}@gmail.com")
    office.work()
    assert office.notices() == 2


def test_the_owner_releases(office: Office) -> None:
    """The owner's invitation is not counted, and has a date, an expiry and a reminder of its own."""
    for number in range(2):
        office.submit(f"victim+{number}@gmail.com")
    office.work()
    office.clock.forward(timedelta(hours=2))

    lead = office.release("victim+1@gmail.com", office.store)
    office.work()

    assert office.invited() == ["victim+0@gmail.com", "victim+1@gmail.com"]
    assert lead.invitation is not None
    assert (lead.invitation.held_for, lead.invitation.expires_at) == (None, office.clock.now + timedelta(days=14))


def test_a_worker_may_be_quick(office: Office) -> None:
    """The owner's invitation to a mailbox that had asked for no more mail goes out, however soon a worker claims it."""
    office.submit("victim@gmail.com")
    mailboxes = Mailboxes(ledger=office.store)
    mailboxes.suppress("victim@gmail.com", office.clock.now)
    office.work()
    assert office.held_for("victim@gmail.com") is HoldReason.SUPPRESSED

    class QuickLedger(Ledger):
        """A ledger beside which a worker is always quicker."""

        def change_entry(self, key: str, change: Callable[[Entry], Entry]) -> Entry:
            office.work()
            return office.store.change_entry(key, change)

    office.release("victim@gmail.com", QuickLedger())
    office.work()

    assert office.invited() == ["victim@gmail.com"]


def test_the_network_is_forgotten(office: Office) -> None:
    """Whether a mail was sent or held, its document no longer tells the network once it was counted."""
    for number in range(2):
        office.submit(f"victim+{number}@gmail.com", network="203.0.113.0/24")
    ids = [lead_id("web-design", f"victim+{number}@gmail.com") for number in range(2)]
    assert all(mail.network for each in ids for mail in office.store.list_mails(each))

    office.work()

    assert not any(mail.network for each in ids for mail in office.store.list_mails(each))


def test_a_retry_is_counted_once(office: Office) -> None:
    """A mail that was claimed and not sent goes out at its next attempt, as it was counted before."""
    office.submit("ada@gmail.com")
    [mail_id] = office.store.list_due_mails(office.clock.now, 9)
    office.most_a_day = 1
    server = SurlyServer()
    server.step, server.manner = "MAIL", Manner.REFUSES
    with server.serving() as port:
        mailer = SmtpMailer(host="127.0.0.1", port=port, encryption="none")
        assert worker(office.store, mailer, office.clock).deliver(mail_id) is MailState.RETRYING
    office.clock.forward(timedelta(hours=1))

    office.work()

    assert office.invited() == ["ada@gmail.com"]


def test_nobody_floods_the_owner(office: Office) -> None:
    """At most as many briefs on leads that are not invited go out in a day as invitations; others are given up."""
    office.most_a_day = 3
    office.miss(5)
    office.submit("ada@example.com")
    office.work()
    assert (office.notices(), office.invited()) == (3, ["ada@example.com"])
    given_up = [mail for lead in office.store.iter_leads() for mail in office.store.list_mails(lead.id) if mail.counted]
    assert sorted(mail.delivery.state for mail in given_up if mail.to == OWNER) == ["failed"] * 2 + ["sent"] * 3
    assert {"the desk shows the lead" in (mail.delivery.error or "the desk shows the lead") for mail in given_up} == {
        True
    }

    office.clock.forward(timedelta(days=1))
    office.miss(2)
    office.work()
    assert office.notices() == 5


def test_a_brief_that_is_tried_again_counts_once(office: Office) -> None:
    """A mail server that refuses for now does not use up the briefs of the day."""
    office.most_a_day = 1
    office.miss(1)
    server = SurlyServer()
    with server.serving() as port:
        server.step, server.manner = "RCPT", Manner.REFUSES
        mailer = SmtpMailer(host="127.0.0.1", port=port, encryption="none")
        document = builders.document()
        document["invitation"]["most_a_day"] = 1
        assert worker(office.store, mailer, office.clock, form=form_from(document)).deliver_due() == {"put_off": 1}
    office.clock.forward(timedelta(minutes=1))
    office.work()
    assert office.notices() == 1
