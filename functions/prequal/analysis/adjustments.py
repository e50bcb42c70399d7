"""Adjustments of a form: the numbers, words and traits by which its owner decides who is invited."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from prequal.analysis.faults import Where
from prequal.core.form import Axis, Grade, Kind, Method

Value: TypeAlias = int | bool | str
"""Points or a threshold, whether an answer is desired, or a grade."""

Values: TypeAlias = "Mapping[Where, Value | None]"
"""Values by their place in the document; None for none."""

DEFAULTS: Mapping[str, Value] = {"points": 0, "desired": False, "qualify": Grade.WARM.value}
"""The values of keys that a form may leave out."""

GRADES: Where = ("scoring", "grades")
QUALIFY: Where = ("scoring", "qualify")
MINIMUM: Where = ("scoring", "minimum")
LEARNED: Where = ("scoring", "learned")

#: The limits of points and thresholds in schema/form.schema.json, and its message.
MOST_POINTS = 1_000_000
NOT_POINTS = "Write points as a whole number, like 10 or -5."


def adjustable(document: Mapping[str, Any]) -> dict[Where, Value | None]:
    """Return all that can be adjusted in a form, with its present values, in the form's order."""
    return {where: _find(document, where) for where in _places(document)}


def adjust(document: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """Return the document with other values."""
    adjusted = copy.deepcopy(dict(document))
    for where, value in values.items():
        if _find(adjusted, where) == value:
            continue
        holder: Any = adjusted
        for part in where[:-1]:
            holder = holder.setdefault(part, {}) if part == MINIMUM[-1] else holder[part]
        if value is None:
            del holder[where[-1]]
        else:
            holder[where[-1]] = value
    return adjusted


def _places(document: Mapping[str, Any]) -> Iterator[Where]:
    by_points = document["scoring"].get("method", Method.POINTS) == Method.POINTS
    for index, question in enumerate(document["questions"]):
        if "axis" not in question:
            continue
        kind = "options" if "options" in question else "bands"
        for position in range(len(question.get(kind, ()))):
            yield "questions", index, kind, position, "points" if by_points else "desired"
        if by_points and question["type"] == Kind.MANY:
            yield "questions", index, "max_points"
    for grade in (Grade.HOT, Grade.WARM):
        yield *GRADES, grade.value
    yield QUALIFY
    for axis in Axis:
        yield *MINIMUM, axis.value


def _find(document: Mapping[str, Any], where: Where) -> Value | None:
    holder: Any = document
    for part in where[:-1]:
        holder = holder.get(part, {}) if part == MINIMUM[-1] else holder[part]
    value: Value | None = holder.get(where[-1], DEFAULTS.get(str(where[-1])))
    return value
