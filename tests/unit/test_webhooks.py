"""Events on their way to the owner's webhooks, on a real store and a real receiver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.adapters.webhooks import WebhookClient
from prequal.core.lifecycle import declined
from prequal.core.mail import RETRY_TIME, Mail, MailKind, Receipt
from prequal.owner.terminal import describe_lead
from prequal.pages.zone import UTC_ZONE
from prequal.services.announcements import announcing
from prequal.services.mail_round import LONG_ROUND
from prequal.services.mail_sender import Uncertain
from prequal.services.ports import Mailer
from prequal.services.webhooks import Webhooks
from support import builders, commands
from support.builders import Clock
from support.mails import Worker, worker
from support.receiver import SECRET, Failure, Receiver, receiver
from support.running import CHECKOUT, PATIENCE
from unit.test_mail_sender import RecordingMailer

if TYPE_CHECKING:
    from click.testing import Result


class Office:
    """A lead that was declined, and the event of it in the queue."""

    def __init__(self, store: SqliteLeadStore, server: Receiver) -> None:
        self.store = store
        self.server = server
        self.clock = Clock()
        lead, attempt = builders.admitted(**builders.UNQUALIFIED)
        store.admit(lead, attempt, [], lambda existing: (existing, ()))
        self.lead_id = lead.id
        told = announcing(store, self.clock)
        told.change_lead(lead.id, lambda current: (declined(current, "No time", self.clock.now), ()))

    def worker(self, *paths: str, uncertain: Uncertain = Uncertain.RESEND) -> Worker:
        """Return a worker with these paths of the receiver as addresses."""
        client = WebhookClient(secret=SECRET, clock=self.clock, seconds=PATIENCE)
        webhooks = Webhooks(addresses=[self.server.url + path for path in paths], transport=client)
        return worker(
            self.store,
            RecordingMailer(),
            self.clock,
            uncertain,
            lambda _low, high: high,
            webhooks=webhooks if paths else None,
        )

    @property
    def shown(self) -> str:
        """Return the lead as the owner is shown it."""
        lead = self.store.find_lead(self.lead_id)
        assert lead is not None
        return describe_lead(lead, [], self.store.list_mails(self.lead_id), {}, UTC_ZONE)


@pytest.fixture
def office(store: SqliteLeadStore) -> Iterator[Office]:
    """Return an office."""
    with receiver() as server:
        yield Office(store, server)


def test_an_event_is_told_once_and_shown(office: Office) -> None:
    """Until then it waits, and afterwards the owner sees to which host it went, without the rest of its address."""
    assert "event lead.declined waits to be sent" in office.shown

    assert office.worker("/secret").deliver_due() == {"sent": 1}
    assert office.worker("/secret").deliver_due() == {}

    [told] = office.server.processed
    assert (told.event["type"], told.event["data"]["decision"]["reason"]) == ("lead.declined", "No time")
    assert told.is_signed()
    host = office.server.url.removeprefix("http://")
    assert f"event lead.declined to {host} sent" in office.shown
    assert "secret" not in office.shown


def test_one_that_fails_is_tried_again_alone(office: Office) -> None:
    """The other address got its message, and gets no second one."""
    office.server.failure = Failure.REFUSES
    assert office.worker("/one", "/two").deliver_due() == {"put_off": 2}
    assert "put off: 127.0.0.1" in office.shown
    office.server.failure = None
    first = next(mail.id for mail in office.store.list_mails(office.lead_id) if mail.to.endswith("/one"))
    office.clock.forward(timedelta(minutes=1))
    office.worker("/one", "/two").deliver(first)
    office.server.failure = Failure.REFUSES
    office.worker("/one", "/two").deliver_due()
    office.server.failure = None
    office.clock.forward(timedelta(minutes=2))
    office.worker("/one", "/two").deliver_due()

    assert [told.path for told in office.server.processed] == ["/one", "/two"]


def test_a_lost_answer_means_a_second_message(office: Office) -> None:
    """It has the same id, even if the owner prefers none to two mails: programs can tell."""
    office.server.failure = Failure.LOSES
    assert office.worker("/", uncertain=Uncertain.HOLD).deliver_due() == {"put_off": 1}
    office.server.failure = None
    office.clock.forward(timedelta(minutes=1))
    assert office.worker("/", uncertain=Uncertain.HOLD).deliver_due() == {"sent": 1}

    first, second = office.server.processed
    assert first.body == second.body


def test_an_address_that_is_gone_ends_a_message(office: Office) -> None:
    """It is given up at once, and the owner is shown why."""
    office.server.answer = (410, {})

    assert office.worker("/").deliver_due() == {"given_up": 1}
    assert "given up: 127.0.0.1" in office.shown
    assert "answered 410" in office.shown


def test_a_receiver_that_never_answers_is_given_up(office: Office) -> None:
    """After five days, like a mail."""
    office.server.answer = (404, {})
    sending = office.worker("/")
    states = []
    while due := sending.deliver_due():
        states.append(due)
        office.clock.forward(timedelta(hours=6))

    assert states[-1] == {"given_up": 1}
    assert len(states) >= RETRY_TIME / timedelta(hours=6)


@pytest.mark.parametrize(
    ("addresses", "says"),
    [((), "as PREQUAL_WEBHOOKS is not set."), (("/new",), "as PREQUAL_WEBHOOKS no longer has this address.")],
)
def test_a_message_to_an_address_that_was_removed(office: Office, addresses: tuple[str, ...], says: str) -> None:
    """The owner wants it there no more."""
    office.server.failure = Failure.REFUSES
    office.worker("/old").deliver_due()
    office.server.failure = None
    office.clock.forward(timedelta(hours=1))

    assert office.worker(*addresses).deliver_due() == {}
    assert says in office.shown
    assert office.server.processed == []


def test_an_event_without_any_address_is_given_up(office: Office) -> None:
    """It would wait for ever."""
    assert office.worker().deliver_due() == {}
    assert "event lead.declined given up: Given up, as PREQUAL_WEBHOOKS is not set." in office.shown


def test_what_was_told_leaves_no_copy_in_the_event(office: Office) -> None:
    """The lead's data stay in the messages alone."""
    office.worker("/").deliver_due()

    kept = {mail.kind: mail.message for mail in office.store.list_mails(office.lead_id)}
    assert kept[MailKind.EVENT] is None
    assert "Ada" in (kept[MailKind.WEBHOOK] or "")


def test_an_erased_lead_is_told_no_more(office: Office) -> None:
    """A message under way when its lead is erased is the last."""
    office.server.failure = Failure.REFUSES
    office.worker("/").deliver_due()
    office.store.erase_lead(office.lead_id)
    office.server.failure = None
    office.clock.forward(timedelta(hours=1))

    assert office.worker("/").deliver_due() == {}
    assert office.server.processed == []


def test_a_slow_receiver_keeps_no_invitation_waiting(office: Office) -> None:
    """An invitation that is queued while messages time out goes before the next of them."""
    mailer, sent = RecordingMailer(), list[str]()

    class Slow(Mailer):
        """A transport that takes as long as a request may, while somebody is invited."""

        def send(self, mail: Mail) -> Receipt:
            """Take the message, late."""
            sent.append(f"webhook, after {len(mailer.messages)} mails")
            office.clock.forward(timedelta(seconds=15))
            if not mailer.messages:
                lead, attempt = builders.admitted(office.clock.now, email="grace@example.com")
                invitation = builders.composer().invitation(lead, office.clock.now)
                office.store.admit(lead, attempt, [invitation], lambda existing: (existing, ()))
            return Receipt(message_id=mail.id, accepted=(mail.to,), response="204")

    webhooks = Webhooks(addresses=["https://a.example", "https://b.example"], transport=Slow())
    sending = worker(office.store, mailer, office.clock, webhooks=webhooks)
    sending.round.run(LONG_ROUND)

    assert sent == ["webhook, after 0 mails", "webhook, after 1 mails"]


def test_the_owners_commands_tell_too(run: Callable[..., Result]) -> None:
    """A decision in a terminal queues an event, and `deliver` sends it, with the settings that a server has."""
    lead_id = commands.admit(**builders.UNQUALIFIED)
    form = str(CHECKOUT / "schema/form.yaml")
    with receiver() as server:
        settings = {"PREQUAL_WEBHOOKS": server.url, "PREQUAL_WEBHOOK_SECRET": SECRET, "PREQUAL_FORM": form}
        done = [
            run(*command, **settings)
            for command in (("leads", "decline", lead_id, "--reason", "No time"), ("deliver",))
        ]

        assert [each.exit_code for each in done] == [0, 0], [each.output for each in done]
        assert server.types() == ["lead.declined"]
        assert server.processed[0].is_signed()


def test_no_setting_no_event(run: Callable[..., Result]) -> None:
    """Without webhooks, nothing is queued."""
    lead_id = commands.admit(**builders.UNQUALIFIED)

    assert run("leads", "decline", lead_id, "--reason", "No time").exit_code == 0
    with closing(commands.store()) as store:
        assert store.list_mails(lead_id) == []
