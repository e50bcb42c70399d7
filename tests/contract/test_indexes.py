"""Firestore's indexes: those of `infra/` answer every query, which the emulator does not check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from contract.conftest import Tapped
from prequal.core.form import Grade
from prequal.core.lead import Status
from prequal.core.lead_filter import LeadFilter
from prequal.services.ports import FormArchive, LeadStore, MailQueue, PastClients, Store, VisitCounter
from support import builders
from support.builders import NOW
from support.firestore_indexes import missing_indexes
from support.mails import claim_mail


def _admit(store: Store) -> object:
    lead, attempt = builders.admitted(submission_id="number-one")
    return store.admit(lead, attempt, [builders.invitation()], lambda existing: (existing, ()))


LEAD = builders.lead().id
CALLS: Mapping[str, Callable[[Store], object]] = {
    "admit": lambda store: [_admit(store), _admit(store)],
    "has_replay": lambda store: store.has_replay(LEAD, builders.admitted(submission_id="number-one")[1]),
    "find_lead": lambda store: store.find_lead(LEAD),
    "find_by_booking": lambda store: store.find_by_booking("one"),
    "find_by_id_prefix": lambda store: store.find_by_id_prefix(LEAD[:8], 2),
    "iter_leads": lambda store: [
        list(store.iter_leads(LeadFilter(since=since, status=status, grade=grade, source=source)))
        for since, status, grade, source in product(
            (None, NOW - timedelta(days=1)), (None, Status.WON), (None, Grade.HOT), (None, "ads")
        )
    ],
    "list_newest": lambda store: [
        store.list_newest(LeadFilter(since=since, status=status, grade=grade, form=form), 9, (NOW, LEAD))
        for since, status, grade, form in product(
            (None, NOW - timedelta(days=1)), (None, Status.WON), (None, Grade.HOT), (None, "web-design")
        )
    ],
    "list_attempts": lambda store: store.list_attempts(LEAD),
    "list_outcomes": lambda store: store.list_outcomes(NOW, 9),
    "list_due_leads": lambda store: store.list_due_leads(NOW, 9),
    "change_lead": lambda store: store.change_lead(LEAD, lambda lead: (lead, ())),
    "change_each_lead": lambda store: list(store.change_each_lead(lambda lead: lead)),
    "delete_expired": lambda store: store.delete_expired(NOW),
    "has_mail": lambda store: store.has_mail("a-mail"),
    "add_mail": lambda store: store.add_mail(builders.invitation()),
    "list_mails": lambda store: store.list_mails(LEAD),
    "list_due_mails": lambda store: store.list_due_mails(NOW, 9),
    "claim_mail": lambda store: claim_mail(store, builders.invitation().id, lambda mail, _lead: mail),
    "settle_mail": lambda store: store.settle_mail(builders.invitation(), "", lambda lead: lead),
    "save_form": lambda store: store.save_form(builders.document()),
    "load_forms": lambda store: store.load_forms(),
    "add_visits": lambda store: store.add_visits(builders.visit_counts(), NOW),
    "iter_visits": lambda store: list(store.iter_visits("2026-01-01")),
    "save_past_client": lambda store: store.save_past_client(builders.past_client()),
    "iter_past_clients": lambda store: list(store.iter_past_clients()),
    "erase_lead": lambda store: store.erase_lead(LEAD),
}


def test_every_method_is_called() -> None:
    """No method of a store is left out below."""
    methods = {
        name
        for port in (LeadStore, MailQueue, FormArchive, VisitCounter, PastClients)
        for name in vars(port)
        if not name.startswith("_")
    }

    assert CALLS.keys() == methods


def test_the_indexes_answer_every_query(tapped: Tapped) -> None:
    """Each query that a method sends has its index; a cursor, as on a second page, needs no other."""
    for call in CALLS.values():
        call(tapped.store)

    queries = [call.request["structuredQuery"] for call in tapped.calls if call.name == "RunQuery"]
    assert {query["from"][0]["collectionId"] for query in queries} == {
        "leads",
        "attempts",
        "mail",
        "forms",
        "visits",
        "past_clients",
    }
    assert [missing for query in queries for missing in missing_indexes(query)] == []


def equal(field: str, op: str = "EQUAL") -> dict[str, Any]:
    """Return a condition of one field."""
    return {"fieldFilter": {"field": {"fieldPath": field}, "op": op, "value": {"stringValue": "x"}}}


def query(*conditions: dict[str, Any], order: Sequence[str] = (), op: str = "AND") -> dict[str, Any]:
    """Return a query of leads; an order that begins with - is descending."""
    fields = [
        {"field": {"fieldPath": each.lstrip("-")}, "direction": "DESCENDING" if each[0] == "-" else "ASCENDING"}
        for each in order
    ]
    where = {"compositeFilter": {"op": op, "filters": list(conditions)}}
    return {"from": [{"collectionId": "leads"}], "where": where, "orderBy": fields}


AT = "received_at"


@pytest.mark.parametrize(
    "answered",
    [
        query(order=[AT]),
        query(order=[f"-{AT}", "-__name__"]),
        query(equal("id"), equal("status"), equal("name")),
        query(equal("status"), order=["status", AT, "__name__"]),
        query(equal("status", "IN"), equal(AT, "LESS_THAN")),
        query(equal("status"), equal("score.grade"), order=[AT]),
        query(equal("status"), equal("score.grade"), op="OR", order=[AT]),
        query(equal("__name__", "LESS_THAN"), equal("__name__", "GREATER_THAN")),
    ],
)
def test_queries_that_are_answered(answered: dict[str, Any]) -> None:
    """A field has an index in both directions, and indexes of one order are merged."""
    assert missing_indexes(answered) == []


@pytest.mark.parametrize(
    ("refused", "missing"),
    [
        (query(order=["updated_at"]), "leads: updated_at ASCENDING"),
        (query(equal("score.total")), "leads: score.total"),
        (query(equal("name"), order=[f"-{AT}"]), "leads: name, received_at DESCENDING"),
        (query(equal("status"), order=[AT, "-__name__"]), "leads: status, received_at ASCENDING, __name__ DESCENDING"),
        (query(equal("status"), equal("name"), order=[AT]), "leads: name, status, received_at ASCENDING"),
        (query(equal("status"), equal("name"), op="OR", order=[AT]), "leads: name, received_at ASCENDING"),
        (query(equal("name"), equal(AT, "LESS_THAN")), "leads: name, received_at ASCENDING"),
        (query(order=[AT, "name"]), "leads: received_at ASCENDING, name ASCENDING"),
    ],
)
def test_queries_that_are_refused(refused: dict[str, Any], missing: str) -> None:
    """A query is refused if no index has its fields, or its order."""
    assert missing_indexes(refused) == [missing]
