"""Transport over Firestore's REST API, version 1, by the standard library: a cold start imports nothing else for it.

https://firebase.google.com/docs/firestore/reference/rest
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import Any, NoReturn

from prequal.adapters.firestore.connections import Connections
from prequal.adapters.firestore.credentials import emulator_credentials, find_credentials
from prequal.adapters.firestore.transport import NAME, NO_INDEX, ConflictError, Query, Snapshot, TransientError, Write
from prequal.core.errors import StoreUnavailableError
from prequal.firestore_values import decode_fields, encode, encode_fields

_ADDRESS = "https://firestore.googleapis.com"
# Of the status, as several share an HTTP code (https://cloud.google.com/apis/design/errors).
_CONFLICTS = ("ALREADY_EXISTS", "FAILED_PRECONDITION", "ABORTED", "NOT_FOUND")
_TRANSIENT = ("UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED")
_OPERATORS = {"==": "EQUAL", "<": "LESS_THAN", "<=": "LESS_THAN_OR_EQUAL", ">=": "GREATER_THAN_OR_EQUAL"}


class RestTransport:
    """Calls to a database in native mode, or to the emulator of FIRESTORE_EMULATOR_HOST.

    Connections are kept alive. The first is made at the first use, as none survives a server's fork.
    """

    def __init__(self, project: str, database: str = "(default)", address: str = _ADDRESS) -> None:
        emulator = os.environ.get("FIRESTORE_EMULATOR_HOST")
        self._connections = Connections(f"http://{emulator}" if emulator else address)
        self._credentials = emulator_credentials if emulator else find_credentials()
        self._root = f"projects/{project}/databases/{database}/documents"

    def get(self, paths: Sequence[str], seconds: float) -> Sequence[Snapshot]:
        """Return those of the documents that exist, in any order."""
        answers = self._call("", "batchGet", {"documents": [self._name(path) for path in paths]}, seconds)
        return [self._snapshot(answer["found"]) for answer in answers if "found" in answer]

    def run_query(self, query: Query, seconds: float) -> Sequence[Snapshot]:
        """Return the documents of a query in its order."""
        parent = query.collection.rpartition("/")[0]
        answers = self._call(parent, "runQuery", {"structuredQuery": self._structured(query)}, seconds)
        return [self._snapshot(answer["document"]) for answer in answers if "document" in answer]

    def commit(self, writes: Sequence[Write], seconds: float) -> None:
        """Write all or nothing."""
        self._call("", "commit", {"writes": [self._write(write) for write in writes]}, seconds)

    def close(self) -> None:
        """Close the connections for good."""
        self._connections.close()

    def _call(self, parent: str, method: str, body: Mapping[str, Any], seconds: float) -> Any:  # noqa: ANN401, JSON
        path = f"/v1/{self._name(parent)}:{method}"
        headers = {"Content-Type": "application/json", **self._credentials(seconds)}
        try:
            _, content = self._connections.post(path, json.dumps(body).encode(), headers, seconds)
            answers = json.loads(content)
            # A stream of answers is a list, the last of which may be an error.
            for answer in [answers] if isinstance(answers, dict) else answers:
                if "error" in answer:
                    _raise(method, answer["error"])
        except (OSError, HTTPException, ValueError, TypeError) as error:  # no answer, or the page of a proxy
            raise TransientError from error
        return answers

    def _name(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _snapshot(self, document: Mapping[str, Any]) -> Snapshot:
        path = document["name"].removeprefix(f"{self._root}/")
        return Snapshot(path, decode_fields(document), document["updateTime"])

    def _write(self, write: Write) -> dict[str, Any]:
        name = self._name(write.path)
        if write.fields is None:
            return {"delete": name}
        update = {"name": name, **encode_fields(write.fields)}
        if write.added is not None:
            transforms = [
                {"fieldPath": f"counts.{field}", "increment": encode(number)} for field, number in write.added.items()
            ]
            return {
                "update": update,
                "updateMask": {"fieldPaths": list(write.fields)},
                "updateTransforms": transforms,
            }
        if write.update_time is None:
            return {"update": update, "currentDocument": {"exists": False}}
        return {
            "update": update,
            # Fields of a newer version of ours stay.
            "updateMask": {"fieldPaths": list(write.fields)},
            "currentDocument": {"updateTime": write.update_time},
        }

    def _structured(self, query: Query) -> dict[str, Any]:
        structured: dict[str, Any] = {"from": [{"collectionId": query.collection.rpartition("/")[2]}]}
        if query.filters:
            filters = [{"fieldFilter": self._filter(*each)} for each in query.filters]
            structured["where"] = {"compositeFilter": {"op": "AND", "filters": filters}}
        if query.order_by:
            direction = {"direction": "DESCENDING"} if query.descending else {}
            structured["orderBy"] = [{"field": {"fieldPath": name}, **direction} for name in (query.order_by, NAME)]
            if query.after:
                value, path = query.after
                structured["startAt"] = {"values": [encode(value), self._reference(path)], "before": False}
        if query.limit:
            structured["limit"] = query.limit
        if query.ids_only:
            structured["select"] = {"fields": [{"fieldPath": NAME}]}
        return structured

    def _filter(self, field: str, operator: str, value: object) -> dict[str, Any]:
        comparable = self._reference(value) if field == NAME else encode(value)
        return {"field": {"fieldPath": field}, "op": _OPERATORS[operator], "value": comparable}

    def _reference(self, path: object) -> dict[str, str]:
        return {"referenceValue": self._name(str(path))}


def _raise(method: str, error: Mapping[str, Any]) -> NoReturn:
    status = error.get("status", "")
    if status in _TRANSIENT:
        raise TransientError(status)
    if status in _CONFLICTS and method == "commit":
        raise ConflictError
    if status == "FAILED_PRECONDITION":
        raise StoreUnavailableError(NO_INDEX)
    raise StoreUnavailableError(f"Firestore refused a call ({status}): {error.get('message', '')}")
