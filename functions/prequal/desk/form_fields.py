"""Fields of the what-if, grouped by axis and question, in the owner's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prequal.analysis.adjustments import GRADES, MINIMUM, QUALIFY, Value
from prequal.analysis.faults import Where
from prequal.core.form import Axis, Form, Grade, Method, Question
from prequal.desk.what_if import WhatIf, field_name
from prequal.owner.form_labels import FormLabels


class FormFields:
    """The fields of one form, with what was typed into them."""

    def __init__(self, what_if: WhatIf) -> None:
        self._what_if = what_if
        self._form: Form = what_if.before.form
        self._labels = FormLabels(self._form)
        self._by_points = self._form.scoring.method is Method.POINTS

    def for_page(self) -> Mapping[str, Any]:
        """Return the fields as the page needs them."""
        totals = [total for total, _ in self._what_if.after.totals]
        return {
            "by_points": self._by_points,
            "language": self._form.default_language,
            "axes": [{"name": axis.value, "questions": list(self._questions(axis))} for axis in Axis],
            "grades": [self._field((*GRADES, grade.value), grade.value) for grade in (Grade.HOT, Grade.WARM)],
            "qualify": self._field(QUALIFY, "Invited from"),
            "minimum": [self._field((*MINIMUM, axis.value), axis.value) for axis in Axis],
            "least": min(totals),
            "most": max(totals),
            "changes": [
                (self._place(where), _shown(self._what_if.present[where]), _shown(value))
                for where, value in self._what_if.changes.items()
            ],
        }

    def _questions(self, axis: Axis) -> Iterator[Mapping[str, Any]]:
        for index, question in enumerate(self._form.questions):
            if question.axis is axis and question.choices:
                where: Where = ("questions", index)
                kind, key = "options" if question.options else "bands", "points" if self._by_points else "desired"
                yield {
                    "label": self._labels.question(question.id),
                    "after": self._condition(question),
                    "fields": [
                        {
                            **self._field((*where, kind, position, key), self._labels.choice(question, choice)),
                            "rules_out": choice.rules_out or "",
                        }
                        for position, choice in enumerate(question.choices)
                    ],
                    "cap": self._field(cap, "Together at most")
                    if (cap := (*where, "max_points")) in self._what_if.present
                    else None,
                    "fault": self._what_if.faults.get((*where, "options"), ""),
                }

    def _field(self, where: Where, label: str) -> Mapping[str, Any]:
        """Return a field with what was typed, or else with the form's value."""
        present, name = self._what_if.present[where], field_name(where)
        now = self._what_if.values.get(where, present)
        return {
            "name": name,
            "label": label,
            "value": self._what_if.sent.get(name, _shown(present)),
            "ticked": now is True,
            "was": _shown(present) if now != present else None,
            "fault": self._what_if.faults.get(where, ""),
        }

    def _condition(self, question: Question) -> Sequence[str]:
        """Return the answers after which alone a question is asked; none if everybody is asked."""
        return [self._labels.answer(name, each) for name, ids in question.ask_if.listed.items() for each in ids]

    def _place(self, where: Where) -> str:
        """Return where a value is, in words."""
        if where[0] != "questions":
            words = {GRADES: f"lowest total for {where[-1]}", MINIMUM: f"least {where[-1]}"}
            return words.get(where[:-1], "invited from")
        question = self._form.questions[int(where[1])]
        if where[-1] == "max_points":
            return f"{self._labels.question(question.id)} together at most"
        choice = question.choices[int(where[3])]
        return f"{self._labels.question(question.id)} {self._labels.choice(question, choice)}"


def _shown(value: Value | None) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
    return str(value)
