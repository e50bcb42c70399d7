"""The paths through a form: who is asked what, by every part of the product that decides on it."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from typing import Any

import pytest
from hypothesis import given

from prequal.analysis.form_analysis import analyse
from prequal.analysis.paths import asked_shares
from prequal.core.answers import read_answers
from prequal.core.form import Form, form_from
from prequal.core.scoring import score
from prequal.forms.path_rules import is_covered
from support import builders
from unit import strategies
from unit.analysis.test_totals import at_most_lines

_SOME = 200


@given(strategies.forms())
def test_the_share_of_those_who_are_asked(form: Form) -> None:
    """The share of all answers after which a question is asked is that of trying them all."""
    rows = list(strategies.all_rows(form))
    following = [question for question in form.questions if question.ask_if.listed]
    assert asked_shares(form) == {
        question.id: Fraction(sum(question.ask_if.holds(row) for row in rows), len(rows)) for question in following
    }


@given(strategies.documents())
def test_all_agree_on_what_is_asked(document: dict[str, Any]) -> None:
    """Submission and score leave out the same questions as the analysis, whatever is sent for them."""
    form = form_from(document)
    for row in islice(strategies.all_rows(form), _SOME):
        answers = read_answers(form, row)
        assert answers == strategies.asked(form, row)
        reasons = {reason.question for reason in score(form, row).reasons}
        assert reasons == {
            question.id for question in form.questions if question.axis and question.ask_if.holds(answers)
        }


@pytest.mark.parametrize("kind", ["one", "many"])
def test_the_work_stays_small_with_conditions(kind: str) -> None:
    """Twelve questions of eight answers, of which six follow from one of the other axis, are counted quickly."""
    options = [{"id": f"o{number}", "label": "!", "points": number * 7 % 31 - 6} for number in range(8)]
    questions: list[dict[str, Any]] = [
        {"id": f"q{number}", "type": kind, "axis": ("fit", "intent")[number % 2], "label": "?", "options": options}
        for number in range(12)
    ]
    for number in range(6):
        questions[number + 6] |= {"ask_if": {f"q{number}": ["o1", "o5"]}, "axis": ("intent", "fit")[number % 2]}
    scoring = {"grades": {"hot": 100, "warm": 50}, "minimum": {"fit": 20}}
    document = {**builders.document(), "questions": questions, "scoring": scoring}

    with at_most_lines(2_000_000):
        analysis = analyse(document)

    assert sum(analysis.shares.grades.values()) == 1
    assert len(analysis.cases) == 2**6
    assert 0 < analysis.shares.qualified < 1


@pytest.mark.parametrize(
    ("condition", "before", "covered"),
    [
        ({"a": ["x"]}, [{"a": ["x", "y"]}], True),
        ({"a": ["x", "z"]}, [{"a": ["x", "y"]}], False),
        ({"a": ["x", "z"]}, [{"a": ["x", "y"]}, {"a": ["z"]}], True),
        ({"a": ["x"]}, [{"a": ["x"], "b": ["x"]}], False),
        ({"a": ["x"], "b": ["x"]}, [{"b": ["x", "y"]}], True),
        ({"a": ["x", "y"], "b": ["x", "y"]}, [{"a": ["x"]}, {"b": ["x"]}], False),
        ({"a": ["x", "y"], "b": ["x", "y"]}, [{"a": ["x"]}, {"b": ["x"]}, {"a": ["y"], "b": ["y"]}], True),
        ({"a": ["x"], "b": ["x"]}, [{"c": ["x"]}], False),
        ({"a": ["x"]}, [], False),
    ],
)
def test_an_entry_that_nobody_reaches(
    condition: dict[str, list[str]], before: list[dict[str, list[str]]], *, covered: bool
) -> None:
    """An entry is covered if one of those before it holds in each of its cases."""
    assert is_covered(condition, before) is covered
