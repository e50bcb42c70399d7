"""Documents as JSON text, with instants as tagged values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def sort_key(instant: datetime) -> str:
    """Return an instant as text that sorts in order of time."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def dump(document: Mapping[str, Any]) -> str:
    """Return a document as text."""
    return _WRITER.encode(document)


def load(text: str | bytes) -> Any:  # noqa: ANN401, a document
    """Read a document; raise ValueError if it is not JSON."""
    return _READER.decode(text if isinstance(text, str) else text.decode())


def _tagged(instant: datetime) -> dict[str, str]:
    return {"$at": sort_key(instant)}


def _untagged(value: dict[str, Any]) -> Any:  # noqa: ANN401, a document or an instant
    return datetime.fromisoformat(value["$at"]) if "$at" in value and len(value) == 1 else value


# Made once, as json.dumps and json.loads would make one for each document.
_WRITER = json.JSONEncoder(ensure_ascii=False, default=_tagged)
_READER = json.JSONDecoder(object_hook=_untagged)
