"""Columns of a table as answers to questions: matching of headings, and parsing of cells."""

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from prequal.calibration.design import UNKNOWN
from prequal.core.fields import NUMBER_LENGTH, amount
from prequal.core.form import Form, Kind, Question, Text
from prequal.core.scoring import Answer
from prequal.core.text import one_line, plain
from prequal.pages.wording import filled, placeholders
from prequal.tables.cells import TableError, listed, normalised
from prequal.tables.client_table import ClientTable

CellParser: TypeAlias = "Callable[[str], Answer | None]"
"""Parse a cell; an empty one is None, no answer."""

# Shares from which on a heading, or the distinct cells of a column, count as similar.
_SIMILAR_NAME, _SIMILAR_CELLS = 0.7, 0.8
_SEPARATORS = ";\n|,/+&"
_MOST_ANSWERS = 4  # times the length of all answers together: no longer cell can be a choice of them
_PERCENT = re.compile(r"(?<=[\d\s])\s*%$")
_INDIAN = r"[1-9]\d?(?:,\d\d)+,\d{3}|"
# Numbers by their decimal mark. Any other mark, an apostrophe or a space may group digits.
_STYLES = {
    mark: re.compile(
        rf"[+-]?(?:\d+|{indian}[1-9]\d{{0,2}}([{other} '`])\d{{3}}(?:\1\d{{3}})*)(?:{re.escape(mark)}\d+)?"
    )
    for mark, other, indian in ((".", ",", _INDIAN), (",", ".", ""))
}


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


def labels(form: Form) -> Sequence[str]:
    """Return the labels of the questions that can have points and of their options, in all languages."""
    return [
        text
        for question in scored_questions(form)
        for label in (question.label, *(option.label for option in question.options))
        for text in label.values()
    ]


def match_columns(
    form: Form, table: ClientTable, mappings: Iterable[str], used: Iterable[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return columns by the id of their question: those that are named like it or mapped, and those only similar to it.

    The owner's mappings are COLUMN=QUESTION, or COLUMN= to leave a column out. Columns with another purpose, such as
    the outcome, are used already.

    Raises:
        TableError: a mapping names a column or a question that doesn't exist, or two columns are named like a question.
    """
    questions = {question.id: question for question in scored_questions(form)}
    headings = {name: name for name in table.repeated} | {normalised(column): column for column in table.columns}
    free = dict(headings)
    certain: dict[str, str] = {}
    for mapping in mappings:
        column, equals, question_id = mapping.rpartition("=")
        heading, question_id = normalised(column), question_id.strip()
        if not equals or heading not in headings:
            raise TableError(f"--map {mapping}: write COLUMN=QUESTION with one of {listed([*headings.values()])}.")
        if question_id and question_id not in questions:
            raise TableError(f"--map {mapping}: write COLUMN=QUESTION with one of {', '.join(questions)}.")
        if question_id:
            table.check_unique(heading)
            certain[question_id] = headings[heading]
        free.pop(heading, None)
    for name in used:
        free.pop(normalised(name), None)
    for question in questions.values():
        named = next((heading for heading in free if heading in _names(question)), None)
        if named and question.id not in certain:
            table.check_unique(named)
            certain[question.id] = free.pop(named)
    unnamed = [question for question in questions.values() if question.id not in certain]
    return certain, _propose(unnamed, {name: table.columns[name] for name in free.values() if name in table.columns})


def _propose(questions: Sequence[Question], columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the most similar column by the id of its question."""
    pairs = [
        (similarity, question.id, column)
        for question in questions
        for column, cells in columns.items()
        if (similarity := _similarity(question, column, cells))
    ]
    proposed: dict[str, str] = {}
    for _, question_id, column in sorted(pairs, key=lambda pair: -pair[0]):
        if question_id not in proposed and column not in proposed.values():
            proposed[question_id] = column
    return proposed


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
    if len(cell) > _MOST_ANSWERS * sum(map(len, ids)):
        return UNKNOWN
    text = plain(cell).replace("\r", "\n")
    ways = {answer for separator in _SEPARATORS for answer in _split_answers(text, separator, ids)}
    if len(ways) != 1:
        return UNKNOWN
    [chosen] = ways
    return tuple(dict.fromkeys(option for option in ids.values() if option in chosen))  # in the form's order


def _split_answers(cell: str, separator: str, ids: Mapping[str, str]) -> Sequence[frozenset[str]]:
    """Return the choices that a cell can mean, two at most: a label may itself hold the separator."""
    parts = cell.split(separator)
    most = 1 + max(label.count(separator) for label in ids)
    # By the number of parts: the choices that these can mean.
    ways: list[Sequence[frozenset[str]]] = [[frozenset()]]
    for end, part in enumerate(parts, start=1):
        found = [] if part.strip() else [*ways[-1]]
        for start in range(max(0, end - most), end):
            label = separator.join(parts[start:end]).strip()
            option = ids.get(normalised(label[1:-1] if re.fullmatch('".*"', label) else label))
            found += [way | {option} for way in ways[start] if option]
        ways.append([*dict.fromkeys(found)][:2])
    return [way for way in ways[-1] if way]


def _make_number_parser(cells: Iterable[str]) -> CellParser:
    """Return a parser for numbers as this column writes them.

    A number that can be read in two ways, such as 1.500, is read in the way of the column's other numbers. If these
    can be read in two ways too, the mark groups digits. It is unknown if the others are of both ways, or if it would
    be a fraction where no other has three decimals.
    """
    found = {cell: readings for cell in cells if (readings := _readings(cell))}
    certain = {(cell, mark) for cell, readings in found.items() if len(readings) == 1 for mark in readings}
    exact = {mark for cell, mark in certain if re.search(rf"{re.escape(mark)}\d{{3}}", cell)}
    groups = {_grouped(readings) for readings in found.values() if _is_open(readings)}
    styles = {mark for _, mark in certain} or groups
    style = styles.pop() if len(styles) == 1 else ""

    def parse(cell: str) -> Answer | None:
        if not cell:
            return None
        readings = _readings(cell)
        if _is_open(readings):
            number = readings.get(style) if style in {_grouped(readings), *exact} else None
        else:
            number = next(iter(readings.values()), None)
        # Bands end at whole numbers, inclusively: a fraction belongs to the band of the next whole number.
        return UNKNOWN if number is None else math.ceil(number)

    return parse


def _readings(cell: str) -> Mapping[str, float]:
    """Return the numbers that a cell can mean, by their decimal mark."""
    text = amount(one_line(_PERCENT.sub("", cell))) if len(cell) <= NUMBER_LENGTH else ""
    return {
        mark: float(re.sub(rf"[^\d{mark}+-]", "", text).replace(",", "."))
        for mark, pattern in _STYLES.items()
        if pattern.fullmatch(text)
    }


def _is_open(readings: Mapping[str, float]) -> bool:
    return len({*readings.values()}) > 1


def _grouped(readings: Mapping[str, float]) -> str:
    """Return the decimal mark by which the other one groups digits."""
    return max(readings, key=lambda mark: abs(readings[mark]))
