"""A lead as a row of a table: the names of `schema/lead.schema.json` flattened with dots, and what helps to read it.

Beside each instant stands what the owner's clock showed, beside the ids of chosen options their words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field, fields
from datetime import UTC, datetime, tzinfo
from enum import Enum
from functools import lru_cache
from types import NoneType
from typing import Any, NamedTuple, TypeAlias

from prequal.core.form import Form
from prequal.core.lead import Decision, Invitation, Lead
from prequal.core.scoring import Answer, Reason, Score
from prequal.core.source import Source
from prequal.owner.json_lines import PRIVATE
from prequal.owner.showing import Words

Cell: TypeAlias = "str | int | datetime | None"
"""What a cell holds: an instant in UTC, or, without a zone, the time on the owner's clock."""

_LOCAL, _WORDS = ".local", ".words"
_PLAIN = frozenset({str, int, NoneType})
_IDS = Words(None)
# Several options can be chosen in many ways, of which prospects take few.
_WAYS = 4096


class Row(NamedTuple):
    """The cells of a lead: those before its answers, these by their columns, and those after."""

    before: Sequence[Cell]
    answers: Mapping[str, Cell]
    after: Sequence[Cell]


class Columns(NamedTuple):
    """The names of the same."""

    before: Sequence[str]
    answers: Sequence[str]
    after: Sequence[str]


class Rows:
    """Makes leads into rows, and notes which columns their answers need."""

    def __init__(self, forms: Mapping[str, Form], zone: tzinfo | None) -> None:
        """Take the forms by version, for the words of answers, and the owner's zone: None is that of this machine."""
        self._forms = forms
        self._zone = zone
        self._versions: dict[str, None] = {}
        self._answered: dict[str, None] = {}
        self._said = lru_cache(_WAYS)(self._in_words)

    def row(self, lead: Lead) -> Row:
        """Return the row of a lead."""
        self._versions[lead.form_version] = None
        answers: dict[str, Cell] = {}
        for question, answer in lead.answers.items():
            answers[f"answers.{question}"] = _cell(answer)
            words = self._said(lead.form_version, question, answer)
            if words is not None:
                answers[f"answers.{question}{_WORDS}"] = words
        self._answered |= dict.fromkeys(answers)
        after = _cells(lead, _AFTER)
        for place in _LOCAL_PLACES:
            after[place] = self._on_the_clock(after[place])
        return Row(_cells(lead, _BEFORE), answers, after)

    def columns(self) -> Columns:
        """Return the columns of all rows so far.

        What the forms of these leads ask has its column, answered or not: the newest form's questions come first.
        """
        asked = {
            f"answers.{question.id}{suffix}": None
            for version in reversed(self._versions)
            if version in self._forms
            for question in self._forms[version].questions
            for suffix in (("", _WORDS) if question.options else ("",))
        }
        return Columns(_names(_BEFORE), tuple(asked | self._answered), _names(_AFTER))

    def _in_words(self, version: str, question_id: str, answer: Answer) -> str | None:
        """Return what was chosen as the owner's language has it; None where nothing was to choose, or nobody knows."""
        form = self._forms.get(version)
        question = form and form.question(question_id)
        return Words(form).answer(question_id, answer) if question and question.options else None

    def _on_the_clock(self, instant: Cell) -> Cell:
        return instant.astimezone(self._zone).replace(tzinfo=None) if isinstance(instant, datetime) else instant


class _Part(NamedTuple):
    """Fields of the lead, or of a part of it that may not be there yet; instants twice, the second for the clock."""

    holder: str
    fields: Sequence[str]
    names: Sequence[str]


def _parts(names: Sequence[str]) -> Iterator[_Part]:
    for name in names:
        kind = _NESTED.get(name)
        if kind:
            yield _part(name, f"{name}.", fields(kind))
        else:
            yield _part("", "", [field for field in fields(Lead) if field.name == name])


def _part(holder: str, prefix: str, held: Sequence[Field[Any]]) -> _Part:
    both = [(field.name, suffix) for field in held for suffix in (("", _LOCAL) if "datetime" in field.type else ("",))]
    return _Part(holder, [name for name, _ in both], [f"{prefix}{name}{suffix}" for name, suffix in both])


def _names(parts: Sequence[_Part]) -> Sequence[str]:
    return tuple(name for part in parts for name in part.names)


_NESTED = {"score": Score, "source": Source, "invitation": Invitation, "decision": Decision}
_SHOWN = [field.name for field in fields(Lead) if field.name not in PRIVATE]
_BEFORE = list(_parts(_SHOWN[: _SHOWN.index("answers")]))
_AFTER = list(_parts(_SHOWN[_SHOWN.index("answers") + 1 :]))
_LOCAL_PLACES = [place for place, name in enumerate(_names(_AFTER)) if name.endswith(_LOCAL)]


def _cells(lead: Lead, parts: Sequence[_Part]) -> list[Cell]:
    cells: list[Cell] = []
    for holder, names, _ in parts:
        held = getattr(lead, holder) if holder else lead
        cells += [None] * len(names) if held is None else [_cell(getattr(held, name)) for name in names]
    return cells


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


def _item(item: Reason | str) -> str:
    if isinstance(item, str):
        return item
    return f"{item.question}: {_IDS.answer(item.question, item.answer)} ({item.points:+d})"
