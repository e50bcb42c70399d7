"""Booking pages that leads come to: compared with trying every answer, on random forms."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import chain, combinations, product
from typing import Any

from prequal.core.form import Form, Kind, Question, form_from
from prequal.core.scoring import Answer, scorer
from prequal.forms.booking_reach import is_reached
from support import builders


def _question(chance: random.Random, name: str, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a random question, which may follow from one of those before that all are asked."""
    kind = chance.choice(["one", "one", "many", "number"])
    question: dict[str, Any] = {"id": name, "type": kind, "label": name, "axis": "fit"}
    question["required"] = chance.random() < 0.6
    if kind == "number":
        question["bands"] = [{"up_to": 5, "points": chance.randint(-5, 9)}, {"points": chance.randint(-5, 9)}]
    else:
        ids = [f"{name}{number}" for number in range(chance.randint(1, 3))]
        question["options"] = [{"id": each, "label": each, "points": chance.randint(-5, 9)} for each in ids]
        if kind == "many" and chance.random() < 0.3:
            question["max_points"] = chance.randint(0, 9)
    asked = [other for other in earlier if "ask_if" not in other and "options" in other]
    if asked and chance.random() < 0.4:
        question["ask_if"] = _condition(chance, [chance.choice(asked)])
    return question


def _condition(chance: random.Random, questions: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return a condition on these questions that lists a few of their options."""
    ids = {question["id"]: [option["id"] for option in question["options"]] for question in questions}
    return {name: chance.sample(options, chance.randint(1, len(options))) for name, options in ids.items()}


def random_form(chance: random.Random, most_questions: int = 5) -> Form:
    """Return a small form with booking pages."""
    questions: list[dict[str, Any]] = []
    for number in range(chance.randint(1, most_questions)):
        questions.append(_question(chance, "abcdefghijkl"[number], questions))
    choices = [question for question in questions if "options" in question]
    booking = []
    for _ in range(chance.randint(1, 5)):
        condition = _condition(chance, chance.sample(choices, chance.randint(0, min(2, len(choices)))))
        if chance.random() < 0.4:
            condition["grade"] = chance.sample(["hot", "warm", "cold"], chance.randint(1, 2))
        if chance.random() < 0.2:
            condition["language"] = ["fr"]
        booking.append({"if": condition, "url": "https://cal.example"})
    warm = chance.randint(-3, 9)
    scoring = {
        "method": chance.choice(["points", "traits"]),
        "grades": {"warm": warm, "hot": warm + chance.randint(1, 9)},
    }
    return form_from({**builders.document(), "questions": questions, "scoring": scoring, "booking": booking})


def answers_to(question: Question) -> Iterator[Answer | None]:
    """Yield every answer to a question, of numbers one of each band."""
    if question.kind is Kind.MANY:
        ids = [option.id for option in question.options]
        yield from chain.from_iterable(combinations(ids, size) for size in range(int(question.required), len(ids) + 1))
        return
    yield from (option.id for option in question.options)
    yield from [1, 9] if question.bands else []
    if not question.required:
        yield None


def everybody(form: Form) -> Iterator[Mapping[str, Answer]]:
    """Yield the answers of everybody: nobody answers what isn't asked."""
    for given in product(*map(answers_to, form.questions)):
        answers = {question.id: answer for question, answer in zip(form.questions, given, strict=True)}
        yield {
            question.id: answer
            for question in form.questions
            if (answer := answers[question.id]) not in (None, ()) and question.ask_if.holds(answers)
        }


def test_pages_are_reached_as_by_trying_every_answer() -> None:
    """A page counts as reached if and only if it is the first whose condition holds for somebody."""
    chance = random.Random(17)  # noqa: S311, it keeps no secret
    sizes = []
    for _ in range(150):
        form = random_form(chance)
        score, found = scorer(form), set()
        for answers, language in product(everybody(form), form.languages):
            facts = {**answers, "grade": score(answers).grade.value, "language": language}
            holding = [index for index, rule in enumerate(form.booking) if rule.condition.holds(facts)]
            found |= {*holding[:1]}
        entries = [[*rule.condition.listed.items()] for rule in form.booking]
        assert {index for index, entry in enumerate(entries) if is_reached(form, entries[:index], entry)} == found, form
        sizes.append((len(found), len(form.booking)))
    assert sum(some < every for some, every in sizes) > 25  # there were pages that nobody comes to
