"""A lead as it is exported: one shape for every format, described by `schema/lead.schema.json`."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from prequal.core.answers import Source
from prequal.core.documents import lead_document
from prequal.core.lead import Decision, Invitation, Lead
from prequal.core.scoring import Score

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# How a lead is kept, which is nothing to whoever reads it.
_PRIVATE = ("schema_version", "expire_at", "due_at", "booking")
# A cell that begins with one of these is run by some spreadsheet (OWASP, CSV injection).
_RUN_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def exported(lead: Lead) -> dict[str, Any]:
    """Return a lead as plain JSON values. What has not happened yet is there, and null."""
    document: dict[str, Any] = _without_instants(lead_document(lead))
    for name in _PRIVATE:
        del document[name]
    for name, kind in (("invitation", Invitation), ("decision", Decision)):
        document[name] = document[name] or dict.fromkeys((field.name for field in fields(kind)), None)
    return document


def columns(leads: Iterable[Lead]) -> list[str]:
    """Return the names of all columns: the same for every table but for the questions that these leads answered."""
    questions = dict.fromkeys(question for lead in leads for question in lead.answers)
    return list(_columns(questions))


def _columns(answers: Iterable[str]) -> Iterator[str]:
    nested = {"score": Score, "source": Source, "invitation": Invitation, "decision": Decision}
    for field in fields(Lead):
        if field.name == "answers":
            yield from (f"answers.{question}" for question in answers)
        elif field.name in nested:
            yield from (f"{field.name}.{inner.name}" for inner in fields(nested[field.name]))
        elif field.name not in _PRIVATE:
            yield field.name


def flat(document: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the values by their dotted names. Lists become text that can be read in a cell."""
    cells: dict[str, Any] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            cells.update(flat(value, f"{prefix}{name}."))
        elif isinstance(value, list):
            cells[prefix + name] = "; ".join(_item(item) for item in value)
        elif isinstance(value, bool):
            cells[prefix + name] = "true" if value else "false"
        else:
            cells[prefix + name] = value
    return cells


def harmless(value: Any) -> Any:  # noqa: ANN401, any value of a cell
    """Return what no spreadsheet runs: text that looks like a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RUN_AS_FORMULA) else value


def _item(item: object) -> str:
    if not isinstance(item, dict):
        return str(item)
    answer = item["answer"]
    said = ", ".join(answer) if isinstance(answer, list) else "no answer" if answer is None else answer
    return f"{item['question']}: {said} ({item['points']:+d})"


def _without_instants(value: Any) -> Any:  # noqa: ANN401, any value of a document
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dict):
        return {key: _without_instants(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_instants(item) for item in value]
    return value
