"""Concurrent histories of many prospects, on a store and a mail server that fail at random, from one seed.

One thread runs all of it, so that a seed reproduces its campaign. Concurrency is simulated: other actions are inserted
between two calls of one.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes
from itertools import pairwise
from typing import Any

from faults import parts
from faults.faulty import Death, Fault, FaultyStore
from faults.surly import Manner, SurlyServer
from prequal.adapters.smtp import SmtpMailer
from prequal.core.answers import TRAP
from prequal.core.errors import PrequalError, StoreUnavailableError
from prequal.core.lead import InvitationState, Lead, Status, lead_id
from prequal.core.mail import Mail, MailKind, MailState, Receipt
from prequal.core.mailbox import mailbox_of
from prequal.services.mail_budget import A_DAY_TO_A_DOMAIN, A_MONTH_TO_A_MAILBOX, NETWORKS
from prequal.services.mail_sender import Uncertain
from prequal.services.ports import Mailer, Store
from support import builders
from support.builders import Clock

_OWNER = "owner@studio.example"
_INVITATION_LIVES = timedelta(days=builders.form().invitation_days)

# Shares of failing store calls, of failing mail sessions, and of calls before which another action is inserted.
_STORE_FAULTS = 0.2
_MAIL_FAULTS = 0.35
_FORBIDDEN = 0.2  # of the failures at RCPT
_COMES_BETWEEN = 0.1
# A server that refuses a mail for half a day has its own test.
_REFUSED_AT_MOST = 6
_AT_ONCE = 12
# Prospects of whom some surely exceed the mail budget.
_MANY = 200
# Shares of the looks at a link that use none of its buttons, and of those who say that it wasn't them.
_LOOKS_ONLY = 0.3
_DISOWNS = 0.1
_ACTS_EACH = 100
_WAVES = 3
_PAUSE = timedelta(days=8)  # an invitation outlives one of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of a campaign."""

    histories: int
    submissions: int
    mails: int
    faults: int
    lost: int
    duplicated: int
    uncertain: int

    def __str__(self) -> str:
        return (
            f"{self.histories} histories, {self.submissions} submissions, {self.mails} mails, {self.faults} faults: "
            f"{self.lost} lost, {self.duplicated} duplicated, {self.uncertain} uncertain"
        )


@dataclass(slots=True)
class _Prospect:
    """A prospect who submits several times; `invited` if any attempt qualifies."""

    email: str
    network: str = ""
    submissions: int = 0
    invited: bool = False
    trapped_only: bool = True
    opened: list[Lead] = field(default_factory=list)
    #: The button was used, whether or not the answer came.
    followed: bool = False
    disowned: bool = False


def _prospect(number: int) -> _Prospect:
    """Return one of ten kinds of prospects: some share a mailbox, some a company, some a network."""
    network = "203.0.113.0/24" if number % 10 in (1, 2, 3) else ""
    match number % 10:
        case 4 | 5:
            return _Prospect(f"prospect{number}@firm.example.com")
        case 9:
            return _Prospect(f"prospect{number - 1}+tag@gmail.com")
        case _:
            return _Prospect(f"prospect{number}@gmail.com", network)


class _Mailer(Mailer):
    """A real client of a real server that fails at random unless `calm`."""

    def __init__(self, chance: random.Random, server: SurlyServer, port: int) -> None:
        self._chance = chance
        self._server = server
        self._client = SmtpMailer(host="127.0.0.1", port=port, encryption="none")
        self.calm = False
        self.faults = 0
        self.tried: dict[str, str] = {}
        """Mail ids by claim."""
        self.accepted: dict[str, list[str]] = {}
        """Claims under which the server accepted a mail, by the mail's id."""
        self.unanswered: set[str] = set()
        """Claims whose reply was lost."""
        self.refused: set[str] = set()
        """Ids of permanently refused mails."""

    def send(self, mail: Mail) -> Receipt:
        """Send the mail, or fail at random."""
        claim = mail.delivery.claim
        assert claim
        self.tried[claim] = mail.id
        self._server.step, self._server.manner = "", Manner.HANGS_UP
        if not self.calm and mail.delivery.attempts < _REFUSED_AT_MOST and self._chance.random() < _MAIL_FAULTS:
            self._misbehave(mail.id, claim)
        before = len(self._server.accepted)
        try:
            return self._client.send(mail)
        finally:
            if len(self._server.accepted) > before:
                self.accepted.setdefault(mail.id, []).append(claim)

    def _misbehave(self, mail_id: str, claim: str) -> None:
        self.faults += 1
        server = self._server
        server.step = self._chance.choice(["connect", "EHLO", "MAIL", "RCPT", "message", "accepted", "accepted"])
        if server.step == "accepted":
            self.unanswered.add(claim)
        elif server.step == "RCPT" and self._chance.random() < _FORBIDDEN:
            server.manner = Manner.FORBIDS
            self.refused.add(mail_id)
        elif self._chance.random() < 0.5:
            server.manner = Manner.REFUSES


class _Ticking(Clock):
    """A clock that moves on at each reading, so that no two instants are equal."""

    def __call__(self) -> datetime:
        """Return the next instant."""
        self.forward(timedelta(microseconds=1))
        return self.now


class Campaign:
    """Campaign of prospects who submit and a worker that sends, with random faults."""

    def __init__(self, store: Store, policy: Uncertain, seed: int, *, server: SurlyServer, port: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311, it keeps no secret
        self._store = store
        self._policy = policy
        self._server = server
        self._clock = _Ticking()
        self._calm = False
        self._depth = 0
        self._faults = 0
        self._unnoted: set[str] = set()
        self._mailer = _Mailer(self._chance, server, port)
        self._faulty = FaultyStore(store, self._fate)
        self._intake = parts.intake(self._faulty, self._clock, owner=_OWNER)
        self._booking = parts.booking(self._faulty, self._clock)
        self._worker = parts.delivery(self._faulty, self._mailer, self._clock, policy)
        self._prospects: list[_Prospect] = []
        self._open: list[dict[str, Any]] = []
        self._told = 0
        self._events: list[str] = []

    def run(self, histories: int) -> Figures:
        """Run a number of histories, let time pass, and check the result of each."""
        self._prospects = [_prospect(number) for number in range(histories)]
        waves = self._submissions()
        for wave in waves:
            self._play(wave)
            self._recover()
            self._clock.forward(_PAUSE)
        while self._faulty.late:
            self._comes_late()
        self._recover()
        return self._checked()

    def _recover(self) -> None:
        """Suspend all faults until no mail is due."""
        self._calm = self._mailer.calm = True
        parts.finish(self._worker, self._clock)
        self._calm = self._mailer.calm = False

    def _submissions(self) -> list[list[dict[str, Any]]]:
        """Return everybody's submissions, wave by wave: one to four each, qualified or not, caught in the trap or not.

        Two submissions of one prospect differ in their values, so that even without an id neither is a replay of the
        other.
        """
        waves: list[list[dict[str, Any]]] = [[] for _ in range(_WAVES)]
        for prospect in self._prospects:
            for number in range(self._chance.choice([1, 1, 2, 2, 3, 4])):
                qualified, trapped = self._chance.random() < 0.5, self._chance.random() < 0.1
                prospect.submissions += 1
                prospect.invited |= qualified and not trapped
                prospect.trapped_only &= trapped
                with_id = self._chance.random() < 0.7
                submitted = builders.sent(
                    email=self._chance.choice([prospect.email, prospect.email.title()]),
                    goals=f"Wish {number}",
                    submission_id=f"{prospect.email.partition('@')[0].replace('+', '_')}-{number}" if with_id else None,
                    **(builders.QUALIFIED if qualified else builders.UNQUALIFIED),
                    **({TRAP: "buy this"} if trapped else {}),
                )
                self._chance.choice(waves).append(submitted)
        for wave in waves:
            self._chance.shuffle(wave)
        return waves

    def _play(self, wave: list[dict[str, Any]]) -> None:
        waiting = iter(wave)
        for _ in range(_ACTS_EACH * len(wave)):
            while len(self._open) < _AT_ONCE and (submitted := next(waiting, None)):
                self._open.append(submitted)
            if not self._open:
                return
            self._act()
        raise AssertionError(f"never accepted: {self._open}")

    def _act(self) -> None:
        """Take a random action."""
        act = self._chance.choices(
            [self._submit, self._hear, self._sweep, self._follow, self._comes_late, self._time_passes],
            [10, 10, 1, 2, 2, 3],
        )[0]
        with suppress(StoreUnavailableError, Death):  # the caller got the error, or has died
            act()

    def _submit(self) -> None:
        if not self._open:
            return
        submitted = self._chance.choice(self._open)
        prospect = self._prospect_with(submitted["email"])
        self._intake.receive(submitted, prospect.network)
        # Accepted; some submissions are sent once more.
        if submitted in self._open and self._chance.random() < 0.85:
            self._open.remove(submitted)

    def _hear(self) -> None:
        """Deliver an event: each is told once, three times or never, and in any order."""
        for mail in self._faulty.written[self._told :]:
            self._events += [mail.id] * self._chance.choice([0, 1, 1, 3])
        self._told = len(self._faulty.written)
        if self._events:
            self._worker.deliver(self._events.pop(self._chance.randrange(len(self._events))))

    def _told_again(self, claim: str) -> None:
        """Deliver an event of the very mail that is under way."""
        if mail_id := self._mailer.tried.get(claim):
            with suppress(StoreUnavailableError, Death):
                self._worker.deliver(mail_id)

    def _sweep(self) -> None:
        self._worker.deliver_due()
        self._store.delete_expired(self._clock.now)

    def _follow(self) -> None:
        """Follow the link of a random invitation that has arrived."""
        invited = [mail for mail in self._faulty.written if mail.kind is MailKind.INVITATION]
        if not invited or (mail := self._chance.choice(invited)).id not in self._mailer.accepted:
            return
        lead = self._store.find_lead(mail.lead_id)
        assert lead is not None
        if lead.invitation is None:
            return
        token = self._booking.tokens.issue(lead.id, lead.invitation.expires_at)
        try:
            # A scanner looks first, which changes nothing.
            if self._chance.random() < _LOOKS_ONLY:
                self._booking.look(token)
                return
            if self._chance.random() < _DISOWNS:
                self._prospect_with(lead.email).disowned = True
                self._booking.disown(token)
                return
            self._prospect_with(lead.email).followed = True
            self._booking.follow(token)
        except StoreUnavailableError:
            raise
        except PrequalError:
            return  # it has expired
        self._prospect_with(lead.email).opened.append(lead)

    def _comes_late(self) -> None:
        """Run a delayed call whose caller has given up."""
        if self._faulty.late:
            self._faulty.late.pop(self._chance.randrange(len(self._faulty.late)))()

    def _time_passes(self) -> None:
        # Not within another action, since none takes longer than its lease.
        if self._depth == 0:
            self._clock.forward(timedelta(seconds=self._chance.choice([1, 20, 60, 120])))

    def _fate(self, name: str, about: str) -> Fault | None:
        if self._calm:
            return None
        if self._depth < 2 and self._chance.random() < _COMES_BETWEEN:
            self._depth += 1
            if name == "settle":
                self._told_again(about)
            else:
                self._act()
            self._depth -= 1
        if self._chance.random() >= _STORE_FAULTS:
            return None
        self._faults += 1
        if name == "settle":
            self._unnoted.add(about)
        return self._chance.choice(list(Fault))

    def _prospect_with(self, email: str) -> _Prospect:
        return next(prospect for prospect in self._prospects if prospect.email == email.casefold())

    def _checked(self) -> Figures:
        mails: dict[str, list[Mail]] = {}
        for written in self._faulty.written:
            mails.setdefault(written.lead_id, []).append(parts.mail_in(self._store, written.id))
        leads = {lead.id: lead for lead in self._store.iter_leads()}
        arrived = Counter(str(message_from_bytes(mail)["Message-ID"]).strip() for mail in self._server.accepted)
        everything = [mail for several in mails.values() for mail in several]

        assert len(leads) <= len(self._prospects), "a prospect has two leads"
        assert arrived.keys() <= {mail.message_id for mail in everything}, "a mail arrived that is not stored"
        lost = []
        for prospect in self._prospects:
            key = lead_id(builders.form().id, prospect.email)
            lead, theirs = leads.get(key), mails.get(key, [])
            if lead is None or (prospect.invited and not theirs):
                lost.append(prospect)
                continue
            self._check_lead(prospect, lead)
            self._check_invitations(prospect, lead, theirs)
        for mail in everything:
            self._check_mail(mail, arrived[mail.message_id])
        self._check_budget(everything)
        return Figures(
            histories=len(self._prospects),
            submissions=sum(prospect.submissions for prospect in self._prospects),
            mails=len(everything),
            faults=self._faults + self._mailer.faults,
            lost=len(lost),
            duplicated=sum(arrived.values()) - len(arrived),
            uncertain=sum(_is_held(mail) for mail in everything),
        )

    def _check_lead(self, prospect: _Prospect, lead: Lead) -> None:
        kept = self._store.list_attempts(lead.id)
        assert lead.attempts == len(kept) == prospect.submissions, f"{prospect}: submissions are missing or repeated"
        assert (lead.status is Status.QUARANTINED) == prospect.trapped_only, f"{prospect}: {lead.status}"
        shown = next(attempt for attempt in kept if attempt.id == lead.shown_attempt)
        assert (lead.name, lead.answers, lead.score) == (shown.name, shown.answers, shown.score), (
            f"{prospect}: a mixture"
        )
        others = [attempt for attempt in kept if attempt is not shown and not attempt.quarantined]
        assert lead.unconfirmed <= len(others), f"{prospect}: {lead.unconfirmed} attempts beside"
        assert bool(prospect.opened) <= lead.proven <= prospect.followed, f"{prospect}: proven by nobody, or not"
        for opened in prospect.opened:
            same = lead.invitation and opened.invitation and lead.invitation.expires_at == opened.invitation.expires_at
            assert not same or (lead.invitation and lead.invitation.opened_at), f"{prospect}: the opening is lost"

    def _check_invitations(self, prospect: _Prospect, lead: Lead, mails: list[Mail]) -> None:
        invitations = [mail for mail in mails if mail.kind is MailKind.INVITATION]
        assert bool(invitations) == prospect.invited, f"{prospect}: {len(invitations)} invitations"
        assert len(invitations) * 2 <= len(mails), f"{prospect}: an invitation without a brief"
        assert {mail.to.casefold() for mail in invitations} <= {prospect.email}, (
            f"{prospect}: an invitation to another address"
        )
        shown = next(attempt for attempt in self._store.list_attempts(lead.id) if attempt.id == lead.shown_attempt)
        by_attempts = {mail.created_at for mail in invitations}
        assert not invitations or shown.received_at in by_attempts, f"{prospect}: an unconfirmed attempt is shown"
        made = [] if prospect.disowned else sorted(_written_at(mail) for mail in invitations)
        for earlier, later in pairwise(made):
            assert later - earlier >= _INVITATION_LIVES, f"{prospect}: a second live invitation"
        if lead.invitation:
            current = max(invitations, key=_written_at)
            failed = current.delivery.state is MailState.FAILED and not lead.invitation.opened_at
            if prospect.disowned or _is_held_back(current):
                assert lead.invitation.state is not InvitationState.PENDING, f"{prospect}: the hold is invisible"
            elif failed:
                assert lead.invitation.state is InvitationState.FAILED, f"{prospect}: the failure is invisible"
            elif current.delivery.state is MailState.SENT:
                assert lead.invitation.state in (InvitationState.SENT, InvitationState.OPENED), f"{prospect}"

    def _check_budget(self, mails: list[Mail]) -> None:
        """Check that no mailbox, domain, network or day had too many invitations, and that something was held back."""
        most, boxes = builders.form().most_a_day, defaultdict[str, list[date]](list)
        for day in {f"{mail.delivery.ended_at:%Y-%m-%d}" for mail in mails if mail.delivery.ended_at}:
            counted = self._store.change_entry(f"day.{day}", lambda entry: entry).get("invitations", {}).values()
            assert len(counted) <= most, day
            for mark, limit in (("network", most // NETWORKS), ("domain", A_DAY_TO_A_DOMAIN)):
                marked = Counter(entry[mark] for entry in counted if entry[mark])
                assert max(marked.values(), default=0) <= limit, f"{day}: {marked}"
        for mail in mails:
            if mail.kind is MailKind.INVITATION and mail.delivery.first_tried_at:
                boxes[mailbox_of(mail.to)].append(mail.delivery.first_tried_at.date())
        for mailbox, days in boxes.items():
            assert len(days) == len({*days}), f"{mailbox} got two in a day"
            for first, fourth in zip(sorted(days), sorted(days)[A_MONTH_TO_A_MAILBOX:], strict=False):
                assert fourth - first >= timedelta(days=30), f"{mailbox} got four in thirty days"
        if len(self._prospects) >= _MANY:
            assert any(map(_exceeds_budget, mails)), "the campaign never exceeded a budget"

    def _check_mail(self, mail: Mail, arrived: int) -> None:
        """Check that the mail is settled, and arrived once, and once more for each result that was lost."""
        accepted = self._mailer.accepted.get(mail.id, [])
        unnoted = [claim for claim in accepted if claim not in self._faulty.recorded]
        assert len(accepted) == arrived, f"{mail.id} arrived {arrived} times"
        assert {*unnoted} <= self._unnoted | self._mailer.unanswered, f"{mail.id}: a success was lost for no reason"
        if self._policy is Uncertain.HOLD:
            assert arrived <= 1, f"{mail.id} arrived {arrived} times, and was to be held"
        if mail.delivery.state is MailState.SENT:
            assert arrived == 1 + len(unnoted), f"{mail.id} arrived {arrived} times"
        else:
            assert mail.delivery.state is MailState.FAILED, f"{mail.id} is {mail.delivery.state}"
            assert arrived == 0 or not _exceeds_budget(mail), f"{mail.id} arrived beyond the mail budget"
            ended = _is_held(mail) or _is_held_back(mail) or "withdrawn" in (mail.delivery.error or "")
            assert mail.id in self._mailer.refused or ended, f"{mail.id}: {mail.delivery.error}"
            assert self._policy is Uncertain.HOLD or not _is_held(mail), f"{mail.id} is held"


def _is_held(mail: Mail) -> bool:
    return (mail.delivery.error or "").startswith("Held, as it may have been sent")


def _exceeds_budget(mail: Mail) -> bool:
    return (mail.delivery.error or "").startswith("Held, as the mail budget")


def _is_held_back(mail: Mail) -> bool:
    return _exceeds_budget(mail) or (mail.delivery.error or "").startswith("Held, as somebody")


def _written_at(mail: Mail) -> datetime:
    return mail.created_at
