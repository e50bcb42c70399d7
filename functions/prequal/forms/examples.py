"""The examples of a form file: prospects with the result that the owner expects, replayed like tests."""

from collections.abc import Iterator, Mapping
from typing import Any

from prequal.analysis.faults import Faults, Where
from prequal.analysis.form_analysis import Analysis
from prequal.core.answers import read_answers
from prequal.core.errors import InvalidAnswersError
from prequal.core.form import Axis, Form, Method
from prequal.core.scoring import Answer, Score, score
from prequal.forms.schema_faults import unknown_key


def failing_examples(analysis: Analysis) -> Faults:
    """Find examples with invalid answers or an unexpected result."""
    form = analysis.form
    known = [question.id for question in form.questions]
    for index, example in enumerate(analysis.document.get("examples", ())):
        where = ("examples", index)
        for question in example["answers"]:
            if question not in known:
                yield (*where, "answers", question), unknown_key(question, known)
        try:
            answers = read_answers(form, example["answers"])
        except InvalidAnswersError as invalid:
            yield from _invalid_answers(form, invalid, where)
        else:
            yield from _not_asked(form, example, answers, where)
            yield from _unexpected_result(form, example, score(form, answers), where)


def _not_asked(form: Form, example: Mapping[str, Any], answers: Mapping[str, Answer], where: Where) -> Faults:
    for question in form.questions:
        if question.id in example["answers"] and not question.ask_if.holds(answers):
            names = ", ".join(question.ask_if.listed)
            message = f"{question.id} is not asked after this answer to {names}: remove this one, or change the other."
            yield (*where, "answers", question.id), message


def _invalid_answers(form: Form, invalid: InvalidAnswersError, where: Where) -> Faults:
    for question in form.questions:
        for message in invalid.errors.get(question.id, ()):
            offered = ", ".join(option.id for option in question.options)
            what = f"Choose from {offered}." if offered else message.translate(str)
            place = (*where, "answers", question.id)
            yield place, f"{question.id} needs another answer here: {what[0].lower()}{what[1:]}"


def _unexpected_result(form: Form, example: Mapping[str, Any], result: Score, where: Where) -> Faults:
    actual = {"grade": result.grade.value, "qualified": result.qualified}
    expected = {key: example[key] for key in actual if key in example}
    differing = [key for key in expected if expected[key] != actual[key]]
    if differing:
        reasons = ", ".join(_reasons(form, result))
        message = f"{example['name']}: should be {_in_words(expected)}, but is {_in_words(actual)} with {reasons}."
        yield (*where, differing[0]), message


def _in_words(result: Mapping[str, Any]) -> str:
    words = {True: "qualified", False: "not qualified"}
    return " and ".join(words.get(part, part) for part in result.values())


def _reasons(form: Form, result: Score) -> Iterator[str]:
    unit = "points" if result.method is Method.POINTS else "desired answers"
    each = ", ".join(f"{reason.question} {reason.points}" for reason in result.reasons)
    yield f"{result.total} of {result.max} {unit} ({each})"
    for axis, subtotal in ((Axis.FIT, result.fit), (Axis.INTENT, result.intent)):
        minimum = form.scoring.minimum.get(axis)
        if minimum is not None and subtotal < minimum:
            yield f"{subtotal} for {axis} where {minimum} is the minimum"
    for reason in result.ruled_out:
        yield f"ruled out by “{reason}”"
