"""Documents: leads, attempts, mails and forms as the plain values that stores hold and exports show, and back.

Instants stay `datetime`; each store writes them in its own way. A field that an older version did not write gets its
default; a document of a newer schema is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from prequal.core.errors import NewerDocumentError, UnreadableDocumentError
from prequal.core.form import Form, canonical_json, form_from, version_of
from prequal.core.lead import Attempt, Lead
from prequal.core.mail import Mail, MailState
from prequal.core.past_client import PastClient
from prequal.core.visits import VisitCounts

SCHEMA_VERSION = 1
MAIL_SCHEMA_VERSION = 2

_PLAIN = frozenset({str, int, bool, datetime, NoneType})
# Schema 1 of mails had the shape of the Firebase extension Trigger Email.
_STATES_OF_SCHEMA_1 = {
    "PENDING": MailState.PENDING,
    "PROCESSING": MailState.SENDING,
    "RETRY": MailState.RETRYING,
    "SUCCESS": MailState.SENT,
    "ERROR": MailState.FAILED,
}

_Stored = TypeVar("_Stored")
_Read = TypeVar("_Read")
Skip: TypeAlias = Callable[[UnreadableDocumentError], object]
"""Receiver of reports on documents that can't be read."""

# What reading raises if a value is missing or of another type, or if a text isn't JSON.
_FOREIGN = (AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError)


def read_named(name: str, read: Callable[[_Stored], _Read], stored: _Stored) -> _Read:
    """Read a document of this name; raise UnreadableDocumentError if it is not as prequal writes it."""
    try:
        return read(stored)
    except NewerDocumentError as error:
        raise NewerDocumentError(error.version, error.known, name) from error
    except _FOREIGN as error:
        raise UnreadableDocumentError(name) from error


def read_leads(
    read: Callable[[_Stored], Lead],
    stored: Iterable[tuple[str, _Stored]],
    skip: Skip | None,
) -> Iterator[Lead]:
    """Read leads, given with their ids; report those that can't be read to `skip`, or raise the error without it."""
    return _read_each("Lead", read, stored, skip)


def read_past_clients(
    read: Callable[[_Stored], PastClient],
    stored: Iterable[tuple[str, _Stored]],
    skip: Skip | None,
) -> Iterator[PastClient]:
    """Read past clients as `read_leads` reads leads."""
    return _read_each("Past client", read, stored, skip)


def _read_each(
    kind: str, read: Callable[[_Stored], _Read], stored: Iterable[tuple[str, _Stored]], skip: Skip | None
) -> Iterator[_Read]:
    for document_id, document in stored:
        try:
            yield read_named(f"{kind} {document_id}", read, document)
        except UnreadableDocumentError as error:
            if skip is None:
                raise
            skip(error)


def lead_document(lead: Lead) -> dict[str, Any]:
    """Return a lead as a document."""
    return {"schema_version": SCHEMA_VERSION, **_plain(lead)}


def lead_from(document: Mapping[str, Any]) -> Lead:
    """Read a lead."""
    _refuse_newer(document, SCHEMA_VERSION)
    lead: Lead = _reader(Lead)(_with_ordered_answers(document))
    return lead


def attempt_document(attempt: Attempt) -> dict[str, Any]:
    """Return an attempt as a document."""
    return {"schema_version": SCHEMA_VERSION, **_plain(attempt)}


def attempt_from(document: Mapping[str, Any]) -> Attempt:
    """Read an attempt."""
    _refuse_newer(document, SCHEMA_VERSION)
    attempt: Attempt = _reader(Attempt)(_with_ordered_answers(document))
    return attempt


def past_client_document(client: PastClient) -> dict[str, Any]:
    """Return a past client as a document."""
    return {"schema_version": SCHEMA_VERSION, **_plain(client)}


def past_client_from(document: Mapping[str, Any]) -> PastClient:
    """Read a past client."""
    _refuse_newer(document, SCHEMA_VERSION)
    client: PastClient = _reader(PastClient)(document)
    return client


def mail_document(mail: Mail) -> dict[str, Any]:
    """Return a mail as a document. Its `expire_at`, by which databases delete, stays empty until it is settled.

    Mails to prospects have their due time in a second field too, by which they alone can be queried.
    """
    due_at = mail.delivery.due_at
    return {
        "schema_version": MAIL_SCHEMA_VERSION,
        **_plain(mail),
        "due_at": due_at,
        "due_first_at": due_at if mail.kind.is_for_prospect else None,
        "keep_until": mail.expire_at,
        "expire_at": mail.expire_at if due_at is None else None,
    }


def mail_from(document: Mapping[str, Any]) -> Mail:
    """Read a mail."""
    _refuse_newer(document, MAIL_SCHEMA_VERSION)
    if document.get("schema_version", 1) == 1:
        document = _upgraded_mail(document)
    mail: Mail = _reader(Mail)({**document, "expire_at": document["keep_until"]})
    return mail


def form_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form's document for storage: as JSON text, since the order of its keys has a meaning."""
    return {
        "schema_version": SCHEMA_VERSION,
        "id": version_of(document),
        "form_id": document["id"],
        "form": canonical_json(document).decode(),
    }


def saved_form(document: Mapping[str, Any]) -> Form:
    """Read a stored form."""
    _refuse_newer(document, SCHEMA_VERSION)
    return form_from(json.loads(document["form"]))


def read_visits(stored: Iterable[Mapping[str, Any]]) -> Iterator[VisitCounts]:
    """Read stored counts of visits; those that can't be read are left out."""
    for document in stored:
        with suppress(UnreadableDocumentError):
            yield read_named("Visits", _reader(VisitCounts), document)


def read_forms(read: Callable[[_Stored], Form], stored: Iterable[tuple[str, _Stored]]) -> Mapping[str, Form]:
    """Read stored forms, given with their versions; those that can't be read are left out."""
    forms = {}
    for version, document in stored:
        with suppress(UnreadableDocumentError):
            forms[version] = read_named(f"Form {version}", read, document)
    return forms


def _refuse_newer(document: Mapping[str, Any], known: int) -> None:
    version = document.get("schema_version", known)
    if version > known:
        raise NewerDocumentError(version, known)


def _with_ordered_answers(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the document with its answers in one order, as some stores keep none: scored ones first, as asked."""
    answers = document["answers"]
    scored = dict.fromkeys(reason["question"] for reason in document["score"]["reasons"])
    others = sorted(answers.keys() - scored.keys())
    return {**document, "answers": {key: answers[key] for key in (*scored, *others) if key in answers}}


def _upgraded_mail(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a mail of schema 1, whose text was written before it was queued, in the present schema."""
    delivery, info = document["delivery"], document["delivery"].get("info")
    return {
        **document,
        "sender": document["from"],
        "reply_to": document["replyTo"],
        "language": "",
        "created_at": parsedate_to_datetime(document["headers"]["Date"]),
        "content": document["message"],
        "message": None,
        "delivery": {
            "state": _STATES_OF_SCHEMA_1[delivery["state"]],
            "attempts": delivery["attempts"],
            "due_at": delivery.get("leaseExpireTime") or document.get("due_at"),
            "started_at": delivery.get("startTime"),
            "ended_at": delivery.get("endTime"),
            "claim": delivery.get("claim"),
            "error": delivery.get("error"),
            "receipt": info
            and {"message_id": info["messageId"], "accepted": info["accepted"], "response": info["response"]},
        },
    }


def _plain(value: Any) -> Any:  # noqa: ANN401, any value of ours
    """Return dataclasses as mappings, enumerations as their values, tuples as lists."""
    kind: type = type(value)
    if kind in _PLAIN:
        return value
    if names := _names(kind):
        # Most fields are plain already, and a call for each would take most of the time.
        return {name: item if type(item := getattr(value, name)) in _PLAIN else _plain(item) for name in names}
    if kind is dict:
        return {key: item if type(item) in _PLAIN else _plain(item) for key, item in value.items()}
    if kind is tuple or kind is list:
        return [_plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401, any annotation of a field of ours
    """Return the inverse of `_plain` for a type. It is made once a type: a million leads ask for it."""
    if is_dataclass(kind):
        types = get_type_hints(kind)
        readers = [(name, _as_they_are(types[name]), _reader(types[name])) for name in _names(kind)]  # type: ignore[arg-type]

        def read_document(document: Mapping[str, Any]) -> Any:  # noqa: ANN401, an instance of the type
            _require(document, Mapping)
            values = {}
            for name, plain, read in readers:
                if name in document:
                    value = document[name]
                    values[name] = value if type(value) in plain else read(value)  # a call would take most of the time
            return kind(**values)  # type: ignore[operator]

        return read_document
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        read_item = _reader(arguments[0])
        return lambda items: tuple(map(read_item, _require(items, list | tuple)))
    if origin in (Union, UnionType):
        several = [argument for argument in arguments if argument is not NoneType]
        read = _reader(several[0]) if len(several) == 1 else _read_answer
        return lambda value: None if value is None else read(value)
    if origin is Mapping and arguments[1] is not Any:
        read_value = _reader(arguments[1])
        return lambda mapping: {key: read_value(value) for key, value in mapping.items()}
    return _read_instant if kind is datetime else partial(_require, kind=origin or kind)


def _as_they_are(kind: Any) -> frozenset[type]:  # noqa: ANN401, any annotation of a field of ours
    """Return the types of values that a field may have as they are stored."""
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    return frozenset(each for each in kinds if each in _PLAIN and each is not datetime)


def _read_answer(value: Any) -> Any:  # noqa: ANN401, any answer
    if isinstance(value, list | tuple):
        return tuple(_require(item, str) for item in value)
    return _require(value, str if isinstance(value, bool) else str | int)


def _read_instant(value: Any) -> datetime:  # noqa: ANN401, a plain value
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError(value)
    return value


def _require(value: Any, kind: Any) -> Any:  # noqa: ANN401, a plain value and its type
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(value)
    return value
