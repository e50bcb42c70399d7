"""Leads as lines of JSON, described by `schema/lead.schema.json`."""

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import BinaryIO

from prequal.core.documents import lead_document
from prequal.core.lead import Decision, Invitation, Lead
from prequal.core.text import instant_text

# Fields that only the store needs.
PRIVATE = ("schema_version", "expire_at", "due_at", "booking", "outcome_at", "answered_at")
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=instant_text)


def json_line(lead: Lead) -> str:
    """Return a lead as a JSON object with every key: null where nothing has happened yet."""
    document = lead_document(lead)
    for name in PRIVATE:
        del document[name]
    for name, kind in (("invitation", Invitation), ("decision", Decision)):
        document[name] = document[name] or dict.fromkeys((field.name for field in fields(kind)), None)
    return _ENCODER.encode(document)


def write_json_lines(leads: Iterable[Lead], out: BinaryIO) -> int:
    """Write one object per line; return the number of leads."""
    count = 0
    for count, lead in enumerate(leads, start=1):  # noqa: B007, the last one is the number
        out.write(f"{json_line(lead)}\n".encode())
    return count
