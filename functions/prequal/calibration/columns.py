"""Columns of a table as answers to questions: matching of headings, and parsing of cells."""

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from prequal.calibration.design import UNKNOWN
from prequal.calibration.tables import ClientTable, TableError, normalised
from prequal.core.form import Form, Kind, Question, Text
from prequal.core.scoring import Answer
from prequal.pages.wording import filled, placeholders

CellParser: TypeAlias = "Callable[[str], Answer | None]"
"""Parse a cell; an empty one is None, no answer."""

# Shares from which on a heading, or the distinct cells of a column, count as similar.
_SIMILAR_NAME, _SIMILAR_CELLS = 0.7, 0.8
_SEPARATORS = (";", "\n", "|", ",")
_IGNORED_IN_NUMBERS = re.compile(r"[\s'’]|(?<=[\d\s])%$")
_NUMBER = re.compile(r"[+-]?(\d+|[1-9]\d{0,2}(_\d{3})+)(\.\d+)?")  # as Python writes it
_TO_PYTHON = {".": str.maketrans(",", "_"), ",": str.maketrans(".,", "_.")}  # by the decimal mark


def scored_questions(form: Form) -> Sequence[Question]:
    """Return the questions that can have points, with their labels as visitors read them."""
    values = {language: placeholders(form, language) for language in form.languages}

    def fill(label: Text) -> Text:
        return {language: filled(text, values[language]) for language, text in label.items()}

    return [
        replace(
            question,
            label=fill(question.label),
            options=tuple(replace(option, label=fill(option.label)) for option in question.options),
        )
        for question in form.questions
        if question.axis and question.choices
    ]


def match_columns(
    form: Form, table: ClientTable, mappings: Iterable[str], used: Iterable[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return columns by the id of their question: those that are named like it or mapped, and those only similar to it.

    The owner's mappings are COLUMN=QUESTION, or COLUMN= to leave a column out. Columns with another purpose, such as
    the outcome, are used already.

    Raises:
        TableError: a mapping names a column or a question that doesn't exist.
    """
    questions = {question.id: question for question in scored_questions(form)}
    headings = {normalised(column): column for column in table.columns}
    free = dict(headings)
    certain: dict[str, str] = {}
    for mapping in mappings:
        column, equals, question_id = mapping.rpartition("=")
        heading, question_id = normalised(column), question_id.strip()
        if not equals or heading not in headings:
            raise TableError(f"--map {mapping}: write COLUMN=QUESTION with one of {', '.join(table.columns)}.")
        if question_id and question_id not in questions:
            raise TableError(f"--map {mapping}: write COLUMN=QUESTION with one of {', '.join(questions)}.")
        if question_id:
            certain[question_id] = headings[heading]
        free.pop(heading, None)
    for name in used:
        free.pop(normalised(name), None)
    for question in questions.values():
        named = next((heading for heading in free if heading in _names(question)), None)
        if named and question.id not in certain:
            certain[question.id] = free.pop(named)
    pairs = [
        (similarity, question.id, column)
        for question in questions.values()
        for column in free.values()
        if question.id not in certain and (similarity := _similarity(question, column, table.columns[column]))
    ]
    proposed: dict[str, str] = {}
    for _, question_id, column in sorted(pairs, key=lambda pair: -pair[0]):
        if question_id not in proposed and column not in proposed.values():
            proposed[question_id] = column
    return certain, proposed


def _names(question: Question) -> set[str]:
    return {normalised(name) for name in (question.id, f"answers.{question.id}", *question.label.values())}


def _similarity(question: Question, column: str, cells: Sequence[str]) -> float:
    """Return the similarity of the heading, or the share of distinct cells that are answers, if either is large."""
    ratio = max(difflib.SequenceMatcher(None, normalised(column), name).ratio() for name in _names(question))
    distinct = {cell for cell in cells if cell}
    share = 0.0
    if question.kind is not Kind.NUMBER and len(distinct) > 1:  # a number could answer any question for one
        parse = make_parser(question, distinct)
        share = sum(parse(cell) != UNKNOWN for cell in distinct) / len(distinct)
    return max(ratio if ratio >= _SIMILAR_NAME else 0.0, share if share >= _SIMILAR_CELLS else 0.0)


def make_parser(question: Question, cells: Iterable[str]) -> CellParser:
    """Return a parser for the cells of a question's column: options by id or label, and numbers."""
    if question.kind is Kind.NUMBER:
        return _make_number_parser(cells)
    labels = {normalised(label): option.id for option in question.options for label in option.label.values()}
    ids = labels | {normalised(option.id): option.id for option in question.options}
    if question.kind is Kind.MANY:
        return lambda cell: _parse_many(cell, ids)
    return lambda cell: ids.get(normalised(cell), UNKNOWN) if cell else None


def _parse_many(cell: str, ids: Mapping[str, str]) -> Answer | None:
    if not cell:
        return None
    for separator in (None, *_SEPARATORS):  # a label may itself contain a comma
        parts = [normalised(part) for part in (cell.split(separator) if separator else [cell])]
        found = [ids.get(part) for part in parts if part]
        if found and None not in found:
            return tuple(dict.fromkeys(filter(None, found)))
    return UNKNOWN


def _make_number_parser(cells: Iterable[str]) -> CellParser:
    """Return a parser for numbers as this column writes them.

    A point or a comma that can only be the decimal mark of one cell is that of all; otherwise it groups digits, as in
    1.500.
    """
    decimal = {_decimal_mark(_strip_number(cell)) for cell in cells}
    marks = str.maketrans(".,", "".join("." if mark in decimal else "_" for mark in ".,"))

    def parse(cell: str) -> Answer | None:
        text = _strip_number(cell).translate(marks)
        if not text:
            return None
        number = float(text) if _NUMBER.fullmatch(text) else math.inf
        # Bands end at whole numbers, inclusively: a fraction belongs to the band of the next whole number.
        return math.ceil(number) if math.isfinite(number) else UNKNOWN

    return parse


def _strip_number(cell: str) -> str:
    return _IGNORED_IN_NUMBERS.sub("", cell).replace("−", "-")


def _decimal_mark(text: str) -> str | None:
    """Return the decimal mark of a number that can be read in one way only."""
    marks = [mark for mark, to_python in _TO_PYTHON.items() if _NUMBER.fullmatch(text.translate(to_python))]
    return marks[0] if len(marks) == 1 else None
