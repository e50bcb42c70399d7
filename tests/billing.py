"""What a submission costs in Firestore: the documents that are read and written, counted on the client's own wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.cloud.firestore_v1.types import BatchGetDocumentsResponse, CommitRequest, RunQueryResponse

import builders
from builders import Clock
from faults import parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from faults.wire import Call
    from prequal.ports import LeadStore

_SUBMISSIONS = {
    "first submission": {"submission_id": "submission-1"},
    "the same again": {"submission_id": "submission-1"},
    "another attempt": {"submission_id": "submission-2", "budget": "unsure"},
    "first submission, no script": {"email": "grace@example.com"},
    "the same again, no script": {"email": "grace@example.com"},
    "another attempt, no script": {"email": "grace@example.com", "budget": "unsure"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Documents read and written, and the calls that it took."""

    reads: int
    writes: int
    calls: int


def submissions(store: LeadStore, calls: list[Call]) -> Iterator[tuple[str, Bill]]:
    """Submit in every way there is, all qualified; `calls` is where the store's wire notes what passes."""
    intake = parts.intake(store, Clock(), owner="owner@studio.example")
    for what, fields in _SUBMISSIONS.items():
        calls.clear()
        intake.receive(builders.sent(**fields))
        yield what, _bill(calls)


def _bill(calls: Sequence[Call]) -> Bill:
    """Count as https://firebase.google.com/docs/firestore/pricing does, but for a batch that is refused: 0 writes.

    A query that finds nothing is a read too.
    """
    return Bill(reads=sum(map(_reads, calls)), writes=sum(map(_writes, calls)), calls=len(calls))


def _reads(call: Call) -> int:
    match call.name:
        case "BatchGetDocuments":
            answers = map(BatchGetDocumentsResponse.deserialize, call.answers)
            return sum("found" in answer or "missing" in answer for answer in answers)
        case "RunQuery":
            return max(1, sum("document" in RunQueryResponse.deserialize(answer) for answer in call.answers))
        case "Commit":
            return 0
        case other:
            raise NotImplementedError(other)


def _writes(call: Call) -> int:
    return len(CommitRequest.deserialize(call.request).writes) if call.name == "Commit" and call.answers else 0
