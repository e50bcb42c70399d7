"""The product's use cases on a store, and checks of the store afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from prequal.core.answers import make_parser
from prequal.core.mail import LONGEST_PAUSE, Mail, MailKind
from prequal.core.near_miss import Briefs
from prequal.core.scoring import scorer
from prequal.services.booking_link import BookingLink
from prequal.services.intake import Intake
from prequal.services.mail_sender import Uncertain
from prequal.services.mailboxes import Mailboxes
from prequal.services.ports import Mailer, Store
from prequal.services.tokens import Tokens
from prequal.services.webhooks import Webhooks
from support import builders
from support.builders import Clock
from support.mails import Worker, claim_mail, worker

# Enough for all attempts of a mail, and to empty the queue.
_ROUNDS = 60


def intake(
    store: Store, clock: Callable[[], datetime], *, owner: str = "", briefs: Briefs = Briefs.QUALIFIED
) -> Intake:
    """Return the use case that takes submissions; briefs go to `owner`."""
    form, composer = builders.form(), builders.composer(owner=owner)
    return Intake(
        form=form,
        parse=make_parser(form),
        score=scorer(form),
        store=store,
        composer=composer,
        clock=clock,
        briefs=briefs,
    )


def booking(store: Store, clock: Callable[[], datetime]) -> BookingLink:
    """Return the use case that follows links."""
    return BookingLink(
        tokens=Tokens(secrets=["a secret that is long"]),
        store=store,
        mailboxes=Mailboxes(ledger=store),
        forms={},
        booking_url="https://cal.example/{lead}",
        clock=clock,
    )


def delivery(
    store: Store,
    mailer: Mailer,
    clock: Callable[[], datetime],
    uncertain: Uncertain = Uncertain.RESEND,
    webhooks: Webhooks | None = None,
) -> Worker:
    """Return a worker that sends mails, and events."""
    return worker(store, mailer, clock, uncertain, webhooks=webhooks)


def finish(sending: Worker, clock: Clock) -> None:
    """Let time pass and the worker run until no mail is due any more."""
    for _ in range(_ROUNDS):
        clock.forward(LONGEST_PAUSE)
        while sending.store.list_due_mails(clock.now, 1):
            sending.deliver_due()
            sending.store.delete_expired(clock.now)
        # The mail budget puts off to the next day.
        if not sending.store.list_due_mails(clock.now + timedelta(days=1), 1):
            return
    raise AssertionError("the worker does not come to an end")


def mail_in(store: Store, mail_id: str) -> Mail:
    """Return a stored mail."""
    seen: list[Mail] = []
    claim_mail(store, mail_id, lambda mail, _lead: seen.append(mail))
    return seen[-1]


def waiting(store: Store, now: datetime) -> list[MailKind]:
    """Return the kinds of the mails that are due."""
    return [mail_in(store, mail_id).kind for mail_id in store.list_due_mails(now, 99)]
