"""Which column of a table answers which question."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from prequal.calibration.cells import plain, reader
from prequal.calibration.design import Unknown
from prequal.calibration.tables import Table, TableError
from prequal.core.form import Form, Kind, Question, Text
from prequal.pages.wording import filled, placeholders

_LIKE_A_NAME = 0.7
_LIKE_ANSWERS = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Columns by the id of the question they answer: those that say so, and those that only look like it."""

    certain: Mapping[str, str]
    proposed: Mapping[str, str]


def scored(form: Form) -> Sequence[Question]:
    """Return the questions that can have points, with their labels as visitors read them."""
    words = {language: placeholders(form, language) for language in form.languages}

    def read(label: Text) -> Text:
        return {language: filled(text, words[language]) for language, text in label.items()}

    return [
        replace(
            question,
            label=read(question.label),
            options=tuple(replace(option, label=read(option.label)) for option in question.options),
        )
        for question in form.questions
        if question.axis and (question.options or question.bands)
    ]


def matching(form: Form, table: Table, asked: Iterable[str], used: Iterable[str]) -> Matching:
    """Match columns to questions.

    Args:
        form: Whose questions.
        table: Whose columns.
        asked: What the owner says, each as COLUMN=QUESTION, or COLUMN= to leave a column out.
        used: Columns that are something else, such as the outcome.

    Raises:
        TableError: the owner names a column or a question that there isn't.

    """
    certain, taken = _asked(form, table, asked)
    taken |= {plain(name) for name in used}
    for question in scored(form):
        free = [column for column in table.columns if plain(column) not in taken]
        named = next((column for column in free if plain(column) in _names(question)), None)
        if named and question.id not in certain:
            certain[question.id] = named
            taken.add(plain(named))
    return Matching(certain=certain, proposed=dict(_proposed(form, table, certain, taken)))


def _asked(form: Form, table: Table, asked: Iterable[str]) -> tuple[dict[str, str], set[str]]:
    questions = {question.id: question for question in scored(form)}
    headings = {plain(column): column for column in table.columns}
    certain: dict[str, str] = {}
    for item in asked:
        column, equals, question_id = item.rpartition("=")
        if not equals or plain(column) not in headings:
            raise TableError(f"--map {item}: write COLUMN=QUESTION with one of {', '.join(table.columns)}.")
        if question_id.strip() and question_id.strip() not in questions:
            raise TableError(f"--map {item}: write COLUMN=QUESTION with one of {', '.join(questions)}.")
        if question_id.strip():
            certain[question_id.strip()] = headings[plain(column)]
    return certain, {plain(item.rpartition("=")[0]) for item in asked}


def _names(question: Question) -> set[str]:
    return {plain(name) for name in (question.id, f"answers.{question.id}", *question.label.values())}


def _proposed(form: Form, table: Table, certain: Mapping[str, str], taken: set[str]) -> Iterable[tuple[str, str]]:
    """Return the pairs that are left and look alike, the most alike first, each question and column once."""
    pairs = [
        (likeness, question.id, column)
        for question in scored(form)
        for column, cells in table.columns.items()
        if question.id not in certain
        and plain(column) not in taken
        and (likeness := max(_by_name(question, column), _by_answers(question, cells)))
    ]
    found: dict[str, str] = {}
    for _, question_id, column in sorted(pairs, key=lambda pair: -pair[0]):
        if question_id not in found and column not in found.values():
            found[question_id] = column
    return found.items()


def _by_name(question: Question, column: str) -> float:
    likeness = max(difflib.SequenceMatcher(None, plain(column), name).ratio() for name in _names(question))
    return likeness if likeness >= _LIKE_A_NAME else 0.0


def _by_answers(question: Question, cells: Sequence[str]) -> float:
    """Return the share of a column's different cells that are answers, if it is large; any number could be any."""
    different = {cell for cell in cells if cell}
    if question.kind is Kind.NUMBER or len(different) <= 1:
        return 0.0
    read = reader(question, different)
    share = sum(not isinstance(read(cell), Unknown) for cell in different) / len(different)
    return share if share >= _LIKE_ANSWERS else 0.0
