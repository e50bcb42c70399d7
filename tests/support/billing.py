"""The cost of a lead in Firestore: documents read and written, counted on the client's own wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from faults import parts
from faults.wire import Call
from prequal.adapters.outbox import OutboxMailer
from prequal.services.ports import Store
from support import builders
from support.builders import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Documents read and written, and the calls that it took."""

    reads: int
    writes: int
    calls: int


def uses(store: Store, calls: list[Call], outbox: Path) -> Iterator[tuple[str, Bill]]:
    """Submit, send and follow in every way there is; `calls` is where the store's wire notes what passes."""
    clock = Clock()
    intake = parts.intake(store, clock, owner="owner@studio.example")
    worker, booking = parts.delivery(store, OutboxMailer(outbox), clock), parts.booking(store, clock)

    def billed(act: Callable[[], object]) -> Bill:
        calls.clear()
        act()
        return bill_of(calls)

    def submitted(**fields: str) -> Bill:
        return billed(lambda: intake.receive(builders.sent(**fields)))

    yield "submission, unqualified", submitted(email="grace@example.com", submission_id="submission-0", budget="below")
    for script, fields in {"": {"submission_id": "submission-1"}, ", no script": {"email": "joan@example.com"}}.items():
        yield f"submission, qualified{script}", submitted(**fields)
        yield f"the same again{script}", submitted(**fields)
    theirs = store.list_mails(builders.lead().id)
    worker.round.sender.budget.mailboxes.load_key()  # once in a process
    yield "sending its two mails", billed(lambda: [worker.deliver(mail.id) for mail in theirs])
    yield "another attempt", submitted(submission_id="submission-2", budget="unsure")
    yield "another attempt, no script", submitted(email="joan@example.com", budget="unsure")

    lead = builders.lead()
    assert lead.invitation is not None
    link = booking.tokens.issue(lead.id, lead.invitation.expires_at)
    yield "looking at the link's page", billed(lambda: booking.look(link))
    yield "using the link", billed(lambda: booking.follow(link))


def bill_of(calls: Sequence[Call]) -> Bill:
    """Count as https://firebase.google.com/docs/firestore/pricing does, but for a batch that is refused: 0 writes.

    A query that finds nothing is a read too.
    """
    return Bill(reads=sum(map(_reads, calls)), writes=sum(map(_writes, calls)), calls=len(calls))


def _reads(call: Call) -> int:
    match call.name:
        case "BatchGetDocuments":
            return sum("found" in answer or "missing" in answer for answer in call.answers)
        case "RunQuery":
            return max(1, sum("document" in answer for answer in call.answers))
        case "Commit":
            return 0
        case other:
            raise NotImplementedError(other)


def _writes(call: Call) -> int:
    return len(call.request["writes"]) if call.name == "Commit" and call.answers else 0
