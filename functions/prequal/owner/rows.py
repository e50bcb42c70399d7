"""Rows of an exported table, one per lead.

The columns have the names of `schema/lead.schema.json`, joined by dots. Two kinds are added for reading: each instant
in the owner's time zone, and the labels of the chosen options.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, tzinfo
from enum import Enum
from functools import lru_cache
from types import NoneType
from typing import Any, NamedTuple, TypeAlias

from prequal.core.exported_lead import PARTS, PRIVATE
from prequal.core.form import Form
from prequal.core.lead import Lead, Note
from prequal.core.scoring import Answer, Reason
from prequal.core.text import instant_text
from prequal.owner.form_labels import FormLabels
from prequal.owner.text_formats import Cell

_LOCAL, _WORDS, _NOT_ASKED = ".local", ".words", "not_asked"
_PLAIN = frozenset({str, int, NoneType})
_IDS = FormLabels()
# Several options can be chosen in many ways, of which prospects use few.
_CACHED_ANSWERS = 4096

Row: TypeAlias = "tuple[list[Cell], dict[str, Cell], list[Cell]]"
"""Cells of a lead: those before its answers, answers and reactions by column, and those after the answers."""


class RowBuilder:
    """Conversion of leads to rows, whose columns are known only once every lead was converted."""

    def __init__(self, forms: Mapping[str, Form], zone: tzinfo | None) -> None:
        """Take the forms by version, for the labels, and the owner's time zone: None is this machine's."""
        self._forms = forms
        self._zone = zone
        self._versions: dict[str, None] = {}
        self._answered: dict[str, None] = {}
        self._reacted: dict[str, None] = {}
        self._labels = lru_cache(_CACHED_ANSWERS)(self._labels_of)

    def row(self, lead: Lead) -> Row:
        """Return the row of a lead."""
        self._versions[lead.form_version] = None
        answers: dict[str, Cell] = {}
        for question, answer in lead.answers.items():
            answers[f"answers.{question}"] = _cell(answer)
            labels = self._labels(lead.form_version, question, answer)
            if labels is not None:
                answers[f"answers.{question}{_WORDS}"] = labels
        self._answered |= dict.fromkeys(answers)
        for question, option in lead.reactions.items():
            reaction = f"{_REACTIONS}.{question}"
            answers |= {reaction: option, f"{reaction}{_WORDS}": self._labels(lead.form_version, question, option)}
            self._reacted |= {reaction: None, f"{reaction}{_WORDS}": None}
        form = self._forms.get(lead.form_version)
        answers[_NOT_ASKED] = "; ".join(form.not_asked(lead.answers)) if form else None
        return self._cells(lead, _BEFORE), answers, self._cells(lead, _AFTER)

    def table(self, rows: Iterable[Row]) -> tuple[Sequence[str], Iterator[Sequence[Cell]]]:
        """Return the names of the columns, and the cells of each row.

        Every question of the leads' forms has its column, answered or not; the newest form's questions come first.
        Reactions, and the questions that were not asked, are the last columns.
        """
        asked = {
            f"answers.{question.id}{suffix}": None
            for version in reversed(self._versions)
            if version in self._forms
            for question in self._forms[version].questions
            for suffix in (("", _WORDS) if question.options else ("",))
        }
        answered = list(asked | self._answered)
        last = [*self._reacted, _NOT_ASKED]
        names = [*(column.name for column in _BEFORE), *answered, *(column.name for column in _AFTER), *last]
        return names, (
            [*before, *map(answers.get, answered), *after, *map(answers.get, last)] for before, answers, after in rows
        )

    def _labels_of(self, version: str, question_id: str, answer: Answer) -> str | None:
        """Return the labels of the chosen options; None without options, or if the form is unknown."""
        form = self._forms.get(version)
        question = form and form.question(question_id)
        return FormLabels(form).answer(question_id, answer) if question and question.options else None

    def _cells(self, lead: Lead, columns: Sequence[_Column]) -> list[Cell]:
        cells: list[Cell] = []
        for holder, field, name in columns:
            held = getattr(lead, holder) if holder else lead
            value: Any = None if held is None else getattr(held, field)
            if type(value) in _PLAIN:
                cells.append(value)
            elif name.endswith(_LOCAL):
                cells.append(value.astimezone(self._zone).replace(tzinfo=None))
            else:
                cells.append(_cell(value))
        return cells


class _Column(NamedTuple):
    """A field of a lead, or, with a holder, of a part of it that may be absent."""

    holder: str
    field: str
    name: str


def _columns(names: Sequence[str]) -> Sequence[_Column]:
    """Return the columns of a lead's fields; an instant has a second one in the owner's time zone."""
    of_lead = {field.name: field for field in fields(Lead)}
    held = [
        (name if name in PARTS else "", f"{name}." if name in PARTS else "", field)
        for name in names
        for field in PARTS.get(name, [of_lead[name]])
    ]
    return [
        _Column(holder, field.name, f"{prefix}{field.name}{suffix}")
        for holder, prefix, field in held
        for suffix in (("", _LOCAL) if "datetime" in field.type else ("",))
    ]


_REACTIONS = "reactions"
_SHOWN = [field.name for field in fields(Lead) if field.name not in (*PRIVATE, _REACTIONS)]
_BEFORE = _columns(_SHOWN[: _SHOWN.index("answers")])
_AFTER = _columns(_SHOWN[_SHOWN.index("answers") + 1 :])


def _cell(value: Any) -> Cell:  # noqa: ANN401, any value of a lead
    if type(value) in _PLAIN:
        return value  # type: ignore[no-any-return]
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return value.value  # type: ignore[no-any-return]
    return "; ".join(map(_item, value))


def _item(item: Reason | Note | str) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, Note):
        return f"{instant_text(item.at)} {item.by}: {item.text}"
    return f"{item.question}: {_IDS.answer(item.question, item.answer)} ({item.points:+d})"
