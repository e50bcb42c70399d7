"""Documents as text for SQLite: JSON, with instants that come back as such and sort as they do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def instant_text(instant: datetime) -> str:
    """Write an instant so that its text sorts as it does."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def dump(document: Mapping[str, Any]) -> str:
    """Write a document."""
    return json.dumps(document, ensure_ascii=False, default=_tagged)


def load(text: str) -> Any:  # noqa: ANN401, a document
    """Read a document."""
    return json.loads(text, object_hook=_untagged)


def _tagged(instant: datetime) -> dict[str, str]:
    return {"$at": instant_text(instant)}


def _untagged(value: dict[str, Any]) -> Any:  # noqa: ANN401, a document or an instant
    return datetime.fromisoformat(value["$at"]) if value.keys() == {"$at"} else value
