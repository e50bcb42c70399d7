"""Random histories of leads whose events go to two webhooks, on a store and a receiver that fail, from one seed.

What was done is compared with what the receiver processed; the queue in between is no part of it. Like the campaign of
mails, one thread runs all of it, and concurrency is simulated.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from faults import parts
from faults.faulty import Death, Fault, FaultyStore
from prequal.adapters.webhooks import WebhookClient
from prequal.core.errors import IllegalStepError, StoreUnavailableError
from prequal.core.lead import Booking, Lead, Status
from prequal.core.lifecycle import Step, allows, booked_by_hand, cancelled, declined, ended, invited, offered, opened
from prequal.core.mail import Mail, Receipt
from prequal.services.announcements import announcing
from prequal.services.ports import Mailer, Store
from prequal.services.webhooks import Webhooks
from support import builders
from support.builders import Clock
from support.mails import worker
from support.receiver import SECRET, Failure, Received, Receiver
from support.running import PATIENCE

_PATHS = ("/one", "/two")
_STORE_FAULTS = 0.2
_RECEIVER_FAULTS = 0.35
_COMES_BETWEEN = 0.1
# Each takes this long, in which nothing else happens.
_HANGS = 0.01
_HANG_SECONDS = 0.05
_ACTS_EACH = 25

_FORM = builders.form()
_STEPS: dict[Step, tuple[str, Callable[[Lead, Clock], Lead]]] = {
    Step.INVITE: ("qualified", lambda lead, clock: invited(lead, _FORM, "Why not", clock.now)),
    Step.OPEN: ("opened", lambda lead, clock: opened(lead, clock.now)),
    Step.BOOK: ("booked", lambda lead, clock: booked_by_hand(lead, clock.now)),
    Step.CANCEL: (
        "cancelled",
        lambda lead, clock: cancelled(lead, Booking(id="", booked_at=clock.now, cancelled_at=clock.now), clock.now),
    ),
    Step.OFFER: ("offered", lambda lead, clock: offered(lead, clock.now + timedelta(days=9), clock.now)),
    Step.DECLINE: ("declined", lambda lead, clock: declined(lead, "No time", clock.now)),
    Step.WIN: ("won", lambda lead, clock: ended(lead, Status.WON, clock.now)),
    Step.LOSE: ("lost", lambda lead, clock: ended(lead, Status.LOST, clock.now)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFigures:
    """The figures of a campaign."""

    histories: int
    events: int
    faults: int
    lost: int
    duplicated: int

    def __str__(self) -> str:
        return (
            f"{self.histories} histories, {self.events} events to {len(_PATHS)} webhooks, {self.faults} faults: "
            f"{self.lost} lost, {self.duplicated} duplicated"
        )


@dataclass(slots=True)
class _History:
    """The events of a lead, by type: those of calls that returned, and those of calls that may have taken effect."""

    submitted: dict[str, Any]
    certain: Counter[str] = field(default_factory=Counter)
    possible: Counter[str] = field(default_factory=Counter)


class _Accepting(Mailer):
    """A mail server without faults."""

    def send(self, mail: Mail) -> Receipt:
        """Accept the mail."""
        return Receipt(message_id=mail.message_id, accepted=(mail.to,), response="250 OK")


class _Transport(Mailer):
    """The real client of a real receiver, which fails at random unless `calm`."""

    def __init__(self, chance: random.Random, server: Receiver, clock: Clock) -> None:
        self._chance = chance
        self._server = server
        self._client = WebhookClient(secret=SECRET, clock=clock, seconds=PATIENCE)
        self.calm = False
        self.faults = 0
        self.tried: dict[str, str] = {}
        """Ids of messages by claim."""
        self.processed: defaultdict[str, list[str]] = defaultdict(list)
        """Claims under which a message was processed, by its id."""
        self.unanswered: set[str] = set()
        """Claims whose answer was lost."""

    def send(self, mail: Mail) -> Receipt:
        """Send a message, or fail at random."""
        claim, client = mail.delivery.claim or "", self._client
        self.tried[claim] = mail.id
        self._server.failure = None
        if not self.calm and self._chance.random() < _RECEIVER_FAULTS:
            self.faults += 1
            hangs = self._chance.random() < _HANGS
            others = [each for each in Failure if each is not Failure.HANGS]
            failure = self._server.failure = Failure.HANGS if hangs else self._chance.choice(others)
            if failure.is_late:
                self.unanswered.add(claim)
            client = replace(client, seconds=_HANG_SECONDS) if hangs else client
        before = len(self._server.processed)
        try:
            return client.send(mail)
        finally:
            if len(self._server.processed) > before:
                self.processed[mail.id].append(claim)


class WebhookCampaign:
    """Campaign of leads to whom something happens, and a worker that tells two webhooks."""

    def __init__(self, store: Store, seed: int, server: Receiver) -> None:
        self._chance = random.Random(seed)  # noqa: S311, it keeps no secret
        self._store = store
        self._server = server
        self._clock = Clock()
        self._calm = False
        self._depth = 0
        self._faults = 0
        self._unnoted: set[str] = set()
        self._faulty = FaultyStore(store, self._fate)
        self._announcing = announcing(self._faulty, self._clock, lambda: f"{self._chance.getrandbits(32):08x}")
        self._transport = _Transport(self._chance, server, self._clock)
        hooks = Webhooks(addresses=[server.url + path for path in _PATHS], transport=self._transport)
        self._intake = parts.intake(self._announcing, self._clock)
        self._worker = worker(self._faulty, _Accepting(), self._clock, jitter=self._chance.uniform, webhooks=hooks)
        self._histories: dict[str, _History] = {}

    def run(self, histories: int) -> WebhookFigures:
        """Run a number of histories, and compare them with what the receiver processed."""
        for number in range(histories):
            answers = self._chance.choice([builders.QUALIFIED, builders.UNQUALIFIED])
            submitted = builders.sent(
                email=f"prospect{number}@example.com", submission_id=f"prospect-{number}", **answers
            )
            self._histories[builders.lead(email=submitted["email"]).id] = _History(submitted)
        for _ in range(_ACTS_EACH * histories):
            self._act()
        while self._faulty.late:
            self._faulty.late.pop()()
        self._calm = self._transport.calm = True
        for lead_id, history in self._histories.items():
            if self._store.find_lead(lead_id) is None:
                self._submit(history)
        parts.finish(self._worker, self._clock)
        return self._checked()

    def _act(self) -> None:
        history = self._chance.choice([*self._histories])
        act = self._chance.choices(
            [
                lambda: self._submit(self._histories[history]),
                lambda: self._take_step(history),
                self._hear,
                self._worker.deliver_due,
                self._comes_late,
                self._time_passes,
            ],
            [3, 10, 10, 1, 2, 3],
        )[0]
        with suppress(StoreUnavailableError, Death):
            act()

    def _submit(self, history: _History) -> None:
        """Submit, or submit the same again, which changes nothing."""
        types = ["received", *(["qualified"] if history.submitted["budget"] == "around" else [])]
        history.possible.update({event: 1 for event in types if not history.possible[event]})
        self._intake.receive(history.submitted)
        history.certain.update({event: 1 for event in types if not history.certain[event]})

    def _take_step(self, lead_id: str) -> None:
        """Take a random step that the lead's status allows."""
        lead, history = self._store.find_lead(lead_id), self._histories[lead_id]
        if lead is None or not (steps := [step for step in _STEPS if allows(lead.status, step)]):
            return
        event, take = _STEPS[self._chance.choice(steps)]
        changes = []

        def change(current: Lead) -> tuple[Lead, tuple[()]]:
            changed = take(current, self._clock)
            changes.append(changed != current)
            return changed, ()

        history.possible[event] += 1
        # Meanwhile another step may have come between, which this one can follow no more.
        with suppress(IllegalStepError):
            if self._announcing.change_lead(lead_id, change) and changes[-1]:
                history.certain[event] += 1

    def _hear(self) -> None:
        """Deliver an event of the database: of an event, or of a message."""
        waiting = self._store.list_due_mails(self._clock.now, 200)
        if waiting:
            self._worker.deliver(self._chance.choice(waiting))

    def _comes_late(self) -> None:
        if self._faulty.late:
            with suppress(IllegalStepError):
                self._faulty.late.pop(self._chance.randrange(len(self._faulty.late)))()

    def _time_passes(self) -> None:
        if self._depth == 0:
            self._clock.forward(timedelta(seconds=self._chance.choice([1, 20, 60, 120])))

    def _fate(self, name: str, about: str) -> Fault | None:
        if self._calm:
            return None
        if self._depth < 2 and self._chance.random() < _COMES_BETWEEN:
            self._depth += 1
            self._act()
            self._depth -= 1
        if self._chance.random() >= _STORE_FAULTS:
            return None
        self._faults += 1
        if name == "settle":
            self._unnoted.add(about)
        return self._chance.choice(list(Fault))

    def _checked(self) -> WebhookFigures:
        assert not self._store.list_due_mails(self._clock.now + timedelta(days=9), 1), "an event waits for ever"
        assert all(each.is_signed() for each in self._server.processed)
        by_path: dict[str, dict[str, Received]] = {path: {} for path in _PATHS}
        arrived = Counter[tuple[str, str]]()
        for each in self._server.processed:
            known = by_path[each.path].setdefault(each.event["id"], each)
            assert known.body == each.body, "two events have one id"
            assert each.headers["webhook-id"] == each.event["id"]
            arrived[each.path, each.event["id"]] += 1
        lost = sum(self._lost(by_path[path]) for path in _PATHS)
        assert by_path[_PATHS[0]].keys() == by_path[_PATHS[1]].keys(), "one webhook got what the other did not"
        for message_id, claims in self._transport.processed.items():
            unnoted = {claim for claim in claims if claim not in self._faulty.recorded}
            assert len(claims) <= 1 + len(unnoted), f"{message_id} arrived {len(claims)} times"
            assert unnoted <= self._unnoted | self._transport.unanswered, f"{message_id}: lost for no reason"
        return WebhookFigures(
            histories=len(self._histories),
            events=len(by_path[_PATHS[0]]),
            faults=self._faults + self._transport.faults,
            lost=lost,
            duplicated=sum(arrived.values()) - len(arrived),
        )

    def _lost(self, received: dict[str, Received]) -> int:
        """Return the number of events that an address never got; none that it got may be invented."""
        by_lead: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for each in received.values():
            by_lead[each.event["data"]["id"]].append(each.event)
        lost = 0
        for lead_id, history in self._histories.items():
            events = sorted(by_lead[lead_id], key=lambda event: (event["timestamp"], event["id"]))
            types = Counter(event["type"].removeprefix("lead.") for event in events)
            lost += (history.certain - types).total()
            assert not types - history.possible, f"{history}: {types}"
            lead = self._store.find_lead(lead_id)
            assert lead
            statuses = [event["data"]["status"] for event in events]
            lost += lead.status not in statuses
        return lost
