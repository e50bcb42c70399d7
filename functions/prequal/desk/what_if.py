"""The what-if: a form with other points and thresholds, and who would be invited by it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from prequal.analysis.adjustments import GRADES, MOST_POINTS, NOT_POINTS, Value, adjust, adjustable
from prequal.analysis.faults import Faults, Where
from prequal.analysis.form_analysis import Analysis, analyse
from prequal.analysis.score_rules import SCORE_ERRORS, unordered_grades
from prequal.core.form import Form, Grade

_OPTIONAL = ("max_points", "fit", "intent")
_NOT_A_GRADE = "The lowest grade that is invited is hot, warm or cold."
_OUT_OF_BOUNDS = f"Write a whole number from -{MOST_POINTS} to {MOST_POINTS}."


def field_name(where: Where) -> str:
    """Return the name of the field for a value of the form."""
    return ".".join(map(str, where))


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """Values that the owner tries, as they were typed."""

    #: The form as it is.
    document: Mapping[str, Any]
    #: The fields by name; a form that nobody has sent has none.
    sent: Mapping[str, str]

    @cached_property
    def present(self) -> Mapping[Where, Value | None]:
        """The values of the form as it is."""
        return adjustable(self.document)

    @cached_property
    def _read(self) -> Mapping[Where, Value | _Fault | None]:
        return {where: self._value(where, present) if self.sent else present for where, present in self.present.items()}

    @cached_property
    def values(self) -> Mapping[Where, Value | None]:
        """The values that could be read."""
        return {where: value for where, value in self._read.items() if not isinstance(value, _Fault)}

    @cached_property
    def changes(self) -> Mapping[Where, Value | None]:
        """The values that differ from the form's."""
        return {where: value for where, value in self.values.items() if value != self.present[where]}

    @cached_property
    def before(self) -> Analysis:
        """The analysis of the form as it is."""
        return analyse(self.document)

    @cached_property
    def after(self) -> Analysis:
        """The analysis of the form with those values that could be read."""
        return analyse(adjust(self.document, self.values)) if self.changes else self.before

    @cached_property
    def faults(self) -> Mapping[Where, str]:
        """The faults that `prequal check` would find, by the place of the value."""
        return dict(self._find_faults())

    @property
    def form(self) -> Form:
        """The form with those values that could be read."""
        return self.after.form

    def _find_faults(self) -> Faults:
        unread = [(where, value.message) for where, value in self._read.items() if isinstance(value, _Fault)]
        if unread:
            yield from unread
            return
        hot, warm = (self.values[*GRADES, grade.value] for grade in (Grade.HOT, Grade.WARM))
        if unordered := list(unordered_grades(int(hot or 0), int(warm or 0))):
            yield from unordered
            return
        for rule in SCORE_ERRORS:
            yield from rule(self.after)

    def _value(self, where: Where, present: Value | None) -> Value | _Fault | None:
        text, key = self.sent.get(field_name(where)), where[-1]
        if isinstance(present, bool):
            return text is not None
        if text is None:
            return present
        if key == "qualify":
            return text if text in set(Grade) else _Fault(_NOT_A_GRADE)
        digits = text.strip().replace("−", "-")
        if not digits and key in _OPTIONAL:
            return None
        if not re.fullmatch(r"[+-]?[0-9]{1,15}", digits):
            return _Fault(NOT_POINTS)
        return int(digits) if abs(int(digits)) <= MOST_POINTS else _Fault(_OUT_OF_BOUNDS)


@dataclass(frozen=True, slots=True)
class _Fault:
    """A value that can't be read, and what to do."""

    message: str
