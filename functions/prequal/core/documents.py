"""Documents: leads, attempts, mails and forms as the plain values that stores hold and exports show, and back.

Instants stay `datetime`; each store writes them in its own way. A field that an older version did not write gets its
default; a document of a newer schema is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from prequal.core.errors import NewerDocumentError
from prequal.core.form import Form, canonical_json, form_from, version_of
from prequal.core.lead import Attempt, Lead
from prequal.core.mail import Mail, MailState

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
        readers = [(name, _reader(types[name])) for name in _names(kind)]  # type: ignore[arg-type]

        def read_document(document: Mapping[str, Any]) -> Any:  # noqa: ANN401, an instance of the type
            return kind(**{name: read(document[name]) for name, read in readers if name in document})  # type: ignore[operator]

        return read_document
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        read_item = _reader(arguments[0])
        return lambda items: tuple(map(read_item, items))
    if origin in (Union, UnionType):
        several = [argument for argument in arguments if argument is not NoneType]
        read = _reader(several[0]) if len(several) == 1 else _read_answer
        return lambda value: None if value is None else read(value)
    if origin is Mapping and arguments[1] is not Any:
        read_value = _reader(arguments[1])
        return lambda mapping: {key: read_value(value) for key, value in mapping.items()}
    return _identity


def _read_answer(value: Any) -> Any:  # noqa: ANN401, any answer
    return tuple(value) if isinstance(value, list) else value


def _identity(value: Any) -> Any:  # noqa: ANN401, a plain value
    return value
