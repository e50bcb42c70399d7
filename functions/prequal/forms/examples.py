"""The form's examples, replayed like tests: prospects that the owner knows what should become of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prequal.core.answers import read_answers
from prequal.core.errors import InvalidAnswersError
from prequal.core.form import Axis, Form, Method
from prequal.core.scoring import Score, score
from prequal.forms.drafts import Draft
from prequal.forms.form_file import unknown
from prequal.forms.yaml_files import Where


def failing_examples(draft: Draft) -> Iterator[tuple[Where, str]]:
    """An example whose answers the form doesn't take, or of which something else becomes than is expected."""
    for index, example in enumerate(draft.document.get("examples", ())):
        where = ("examples", index)
        yield from _unknown_questions(draft.form, example["answers"], where)
        try:
            answers = read_answers(draft.form, example["answers"])
        except InvalidAnswersError as invalid:
            yield from _refused_answers(draft.form, invalid, where)
        else:
            yield from _surprises(draft.form, example, score(draft.form, answers), where)


def _unknown_questions(form: Form, answers: Mapping[str, Any], where: Where) -> Iterator[tuple[Where, str]]:
    known = [question.id for question in form.questions]
    for question in answers:
        if question not in known:
            yield (*where, "answers", question), unknown(question, known)


def _refused_answers(form: Form, invalid: InvalidAnswersError, where: Where) -> Iterator[tuple[Where, str]]:
    for question in form.questions:
        for message in invalid.errors.get(question.id, ()):
            offered = ", ".join(option.id for option in question.options)
            what = f"Choose from {offered}." if offered else message.translate(str)
            yield (
                (*where, "answers", question.id),
                f"{question.id} needs another answer here: {what[0].lower()}{what[1:]}",
            )


def _surprises(form: Form, example: Mapping[str, Any], found: Score, where: Where) -> Iterator[tuple[Where, str]]:
    """Compare what became of an example with what is expected, and give the reasons."""
    became = {"grade": found.grade.value, "qualified": found.qualified}
    expected = {key: example[key] for key in became if key in example}
    differing = [key for key in expected if expected[key] != became[key]]
    if differing:
        reasons = ", ".join(_reasons(form, found))
        yield (
            (*where, differing[0]),
            f"{example['name']}: should be {_in_words(expected)}, but is {_in_words(became)} with {reasons}.",
        )


def _in_words(verdict: Mapping[str, Any]) -> str:
    words = {True: "qualified", False: "not qualified"}
    return " and ".join(words.get(part, part) for part in verdict.values())


def _reasons(form: Form, found: Score) -> Iterator[str]:
    what = "points" if found.method is Method.POINTS else "desired answers"
    each = ", ".join(f"{reason.question} {reason.points}" for reason in found.reasons)
    yield f"{found.total} of {found.max} {what} ({each})"
    for axis, subtotal in ((Axis.FIT, found.fit), (Axis.INTENT, found.intent)):
        minimum = form.scoring.minimum.get(axis)
        if minimum is not None and subtotal < minimum:
            yield f"{subtotal} for {axis} where {minimum} is the minimum"
    for reason in found.ruled_out:
        yield f"ruled out by “{reason}”"
