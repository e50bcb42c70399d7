"""A lead as other programs see it: one JSON object, described by `schema/lead.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import Field, fields
from typing import Any

from prequal.core.documents import lead_document
from prequal.core.form import Form
from prequal.core.lead import Booking, Decision, Invitation, Lead, Offer
from prequal.core.scoring import Score
from prequal.core.source import Source
from prequal.core.text import instant_text

# Fields that only the store needs.
PRIVATE = (
    *("schema_version", "expire_at", "due_at", "answered_at"),
    *("shown_attempt", "invited_attempt", "told_at"),
)
# Parts of a lead, with the fields of each that are shown.
PARTS: Mapping[str, Sequence[Field[Any]]] = {
    "score": fields(Score),
    "source": fields(Source),
    "invitation": [field for field in fields(Invitation) if field.name != "message_id"],
    "decision": fields(Decision),
    "booking": [field for field in fields(Booking) if field.name in ("id", "starts_at", "booked_at", "cancelled_at")],
    "offered": fields(Offer),
}
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=instant_text)


def lead_json(lead: Lead, form: Form | None) -> str:
    """Return a lead as a JSON object with every key: null where nothing has happened yet.

    The form is that of the lead's version, or None if it is not known: then nobody can tell what was not asked.
    """
    document = lead_document(lead)
    for name in PRIVATE:
        del document[name]
    for name in ("invitation", "decision", "booking", "offered"):
        part = document[name] or {}
        document[name] = {field.name: part.get(field.name) for field in PARTS[name]}
    document["not_asked"] = form.not_asked(lead.answers) if form else None
    return _ENCODER.encode(document)
