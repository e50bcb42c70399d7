"""Hypothesis strategies: small forms of every kind, and answers to them."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, combinations, product
from typing import Any

from hypothesis import strategies as st

from prequal.core.form import Form, Kind, Question, form_from
from prequal.core.scoring import Answer
from support import builders

_POINTS = st.integers(-20, 30)
_AXES = st.sampled_from(["fit", "intent"])

any_text = st.text(st.characters())
"""Any text that Python can hold, lone surrogates included."""


@st.composite
def documents(draw: st.DrawFn, questions: int = 3) -> dict[str, Any]:
    """Return the document of a valid form with at most this many questions."""
    warm = draw(st.integers(-20, 40))
    document = {
        **builders.document(),
        "questions": [draw(_questions(f"q{index}")) for index in range(draw(st.integers(1, questions)))],
        "scoring": {
            "method": draw(st.sampled_from(["points", "traits"])),
            "grades": {"hot": warm + draw(st.integers(1, 30)), "warm": warm},
            "qualify": draw(st.sampled_from(["hot", "warm", "cold"])),
            "minimum": draw(st.dictionaries(_AXES, st.integers(-20, 30))),
        },
    }
    first: list[dict[str, Any]] = []
    for question in document["questions"]:  # some follow from an earlier one that everybody is asked
        follows = draw(st.booleans())
        if first and follows:
            before = draw(st.sampled_from(first))
            ids = [option["id"] for option in before["options"]]
            question["ask_if"] = {before["id"]: draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))}
        elif "options" in question:
            first.append(question)
    return document


def forms(questions: int = 3) -> st.SearchStrategy[Form]:
    """Return a valid form with at most this many questions."""
    return documents(questions).map(form_from)


def answers_to(form: Form) -> st.SearchStrategy[dict[str, Answer]]:
    """Return valid answers; optional ones are sometimes left out, and those to what is not asked always."""
    required = {question.id: _answers(question) for question in form.questions if question.required}
    optional = {question.id: _answers(question) for question in form.questions if not question.required}
    return st.fixed_dictionaries(required, optional=optional).map(partial(asked, form))


def asked(form: Form, answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return the answers without those to questions that are not asked after the others."""
    return {
        question.id: answers[question.id]
        for question in form.questions
        if question.id in answers and question.ask_if.holds(answers)
    }


def all_answers(form: Form) -> Iterator[Mapping[str, Answer]]:
    """Return each way to answer a form, with one number for each band: as often as its path is likely.

    Somebody who is not asked a question would have given each answer to it as likely as any other: these ways are
    counted apart, although what they have in common is all that is answered.
    """
    return (asked(form, answers) for answers in all_rows(form))


def all_rows(form: Form) -> Iterator[Mapping[str, Answer]]:
    """Return each way to answer all questions of a form, also those that are not asked."""
    for row in product(*map(_each_answer, form.questions)):
        yield {question.id: answer for question, answer in zip(form.questions, row, strict=True) if answer is not None}


@st.composite
def _questions(draw: st.DrawFn, question_id: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["one", "many", "number", "text"]))
    question: dict[str, Any] = {
        "id": question_id,
        "type": kind,
        "label": "A question?",
        "required": draw(st.booleans()),
    }
    if kind in ("one", "many"):
        options = [draw(_options(letter)) for letter in string.ascii_lowercase[: draw(st.integers(2, 4))]]
        question |= {"axis": draw(_AXES), "options": options}
    if kind == "many" and draw(st.booleans()):
        question["max_points"] = draw(_POINTS)
    if kind == "number" and draw(st.booleans()):
        bounds = sorted(draw(st.sets(st.integers(-50, 50), max_size=3)))
        question |= {"axis": draw(_AXES), "bands": [draw(_bands(bound)) for bound in [*bounds, None]]}
    return question


@st.composite
def _options(draw: st.DrawFn, option_id: str) -> dict[str, Any]:
    option: dict[str, Any] = {"id": option_id, "label": "An answer", **draw(_worth())}
    if draw(st.integers(0, 4)) == 0:
        option["rules_out"] = f"Said {option_id}"
    return option


@st.composite
def _bands(draw: st.DrawFn, up_to: int | None) -> dict[str, Any]:
    worth: dict[str, Any] = draw(_worth())
    return worth if up_to is None else {"up_to": up_to, **worth}


def _worth() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={"points": _POINTS, "desired": st.booleans()})


def _answers(question: Question) -> st.SearchStrategy[Any]:
    ids = [option.id for option in question.options]
    match question.kind:
        case Kind.ONE:
            return st.sampled_from(ids)
        case Kind.MANY:
            return st.lists(st.sampled_from(ids), min_size=1, unique=True).map(tuple)
        case Kind.NUMBER:
            return st.integers(-60, 60)
        case Kind.TEXT:
            return st.text(string.ascii_letters, min_size=1, max_size=20)


def _each_answer(question: Question) -> Sequence[Any]:
    ids = [option.id for option in question.options]
    nothing = [] if question.required else [None]
    match question.kind:
        case Kind.ONE:
            return [*ids, *nothing]
        case Kind.MANY:
            subsets = chain.from_iterable(combinations(ids, size) for size in range(1, len(ids) + 1))
            return [*subsets, *nothing]
        case Kind.NUMBER:
            bounds = [band.up_to for band in question.bands if band.up_to is not None]
            above = bounds[-1] + 1 if bounds else 0
            return [*bounds, above, *nothing]
        case Kind.TEXT:
            return ["Some words", *nothing]
