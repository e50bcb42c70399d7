"""Firestore's rules for indexes, which the emulator does not enforce.

A query is a `StructuredQuery` in the JSON of Firestore's REST API; the indexes are `infra/firestore.indexes.json`.
https://firebase.google.com/docs/firestore/query-data/index-overview
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple, TypeAlias

from support.running import CHECKOUT

INDEXES: Mapping[str, Any] = json.loads((CHECKOUT / "infra" / "firestore.indexes.json").read_text(encoding="utf-8"))

_NAME = "__name__"
_ASCENDING = "ASCENDING"
_RANGES = {"LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL"}

Order: TypeAlias = tuple[str, str]
"""A field and its direction."""


class _Condition(NamedTuple):
    """A condition of a query: equality, or a range."""

    field: str
    equality: bool


def missing_indexes(query: Mapping[str, Any], indexes: Mapping[str, Any] = INDEXES) -> Sequence[str]:
    """Return an index that would help for each alternative of a query that Firestore would refuse; empty if none is."""
    [source] = query["from"]
    if source.get("allDescendants"):
        raise NotImplementedError("collection groups")
    collection = source["collectionId"]
    wanted = [(each["field"]["fieldPath"], each.get("direction", _ASCENDING)) for each in query.get("orderBy", [])]
    return [
        f"{collection}: {', '.join([*sorted(equal), *(f'{field} {direction}' for field, direction in order)])}"
        for conditions in _alternatives(query.get("where"))
        for equal, order in [_needs(conditions, wanted)]
        if not _answers(collection, equal, order, indexes)
    ]


def _alternatives(where: Mapping[str, Any] | None) -> Iterator[Sequence[_Condition]]:
    """Yield the conjunctions of which one must hold, as each alternative needs an index of its own."""
    match where:
        case None:
            yield []
        case {"compositeFilter": {"op": "AND", "filters": filters}}:
            for parts in product(*map(_alternatives, filters)):
                yield [condition for part in parts for condition in part]
        case {"compositeFilter": {"op": "OR", "filters": filters}}:
            for part in filters:
                yield from _alternatives(part)
        case {"fieldFilter": {"op": "EQUAL" | "IN", "field": {"fieldPath": field}}}:
            yield [_Condition(field, equality=True)]
        case {"unaryFilter": {"op": "IS_NULL" | "IS_NAN", "field": {"fieldPath": field}}}:
            yield [_Condition(field, equality=True)]
        case {"fieldFilter": {"op": op, "field": {"fieldPath": field}}} if op in _RANGES:
            yield [_Condition(field, equality=False)]
        case other:
            raise NotImplementedError(str(other))


def _needs(conditions: Sequence[_Condition], wanted: Sequence[Order]) -> tuple[set[str], Sequence[Order]]:
    """Return the fields that are compared for equality, and those in whose order an index must be.

    Firestore sorts by the fields of ranges too, after the others. Every index ends with the document's name, in the
    direction of the last field.
    """
    equal = {condition.field for condition in conditions if condition.equality}
    ranges = {condition.field for condition in conditions if not condition.equality} - equal
    order = [(field, direction) for field, direction in wanted if field not in equal]
    direction = order[-1][1] if order else _ASCENDING
    ranges -= {field for field, _ in order} | {_NAME}
    order += [(field, direction) for field in sorted(ranges)]
    if order and order[-1] == (_NAME, order[-2][1] if len(order) > 1 else _ASCENDING):
        order.pop()
    return equal - {_NAME}, order


def _answers(collection: str, equal: set[str], order: Sequence[Order], indexes: Mapping[str, Any]) -> bool:
    """Return whether the indexes answer a query, merged if several have its order behind fields of its equalities."""
    if not equal and not order:  # by name
        return True
    if not equal and len(order) == 1:
        return _is_indexed(collection, order[0], indexes)
    found: set[str] = set()
    if not order:
        found = {field for field in equal if _is_indexed(collection, (field, _ASCENDING), indexes)}
    for index in indexes["indexes"]:
        if (index["collectionGroup"], index.get("queryScope", "COLLECTION")) != (collection, "COLLECTION"):
            continue
        fields = [(field["fieldPath"], field["order"]) for field in index["fields"] if field["fieldPath"] != _NAME]
        split = len(fields) - len(order)
        before = {field for field, _ in fields[: max(0, split)]}
        if split >= 0 and fields[split:] == list(order) and before <= equal:
            found |= before
            if not equal:
                return True
    return bool(equal) and found == equal


def _is_indexed(collection: str, order: Order, indexes: Mapping[str, Any]) -> bool:
    """Return whether a field has an index of its own: each has, in both directions, but for those with other settings.

    The settings of a map hold for the fields in it.
    """
    field, direction = order
    settings = {
        each["fieldPath"]: each["indexes"]
        for each in indexes["fieldOverrides"]
        if each["collectionGroup"] == collection and "indexes" in each
    }
    parts = field.split(".")
    for length in range(len(parts), 0, -1):
        chosen = settings.get(".".join(parts[:length]))
        if chosen is not None:
            return any(each.get("order") == direction for each in chosen)
    return True
