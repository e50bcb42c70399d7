"""Documents as text for SQLite: JSON, with instants that come back as such and sort as they do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def instant_text(instant: datetime) -> str:
    """Write an instant so that its text sorts as it does."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def dump(document: Mapping[str, Any]) -> str:
    """Write a document."""
    return _WRITER.encode(document)


def load(text: str) -> Any:  # noqa: ANN401, a document
    """Read a document."""
    return _READER.decode(text)


def _tagged(instant: datetime) -> dict[str, str]:
    return {"$at": instant_text(instant)}


def _untagged(value: dict[str, Any]) -> Any:  # noqa: ANN401, a document or an instant
    return datetime.fromisoformat(value["$at"]) if "$at" in value and len(value) == 1 else value


# Made once: json.dumps and json.loads would make one for each document.
_WRITER = json.JSONEncoder(ensure_ascii=False, default=_tagged)
_READER = json.JSONDecoder(object_hook=_untagged)
