"""The influence of answers, compared with trying every way to answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from prequal.analysis.influence import Influence, influences
from prequal.analysis.paths import asked_shares, groups_of
from prequal.analysis.totals import Range, reach_of_others
from prequal.core.form import Band, Form, Grade, Option, Question
from prequal.core.scoring import scorer
from unit import strategies


def influences_of(form: Form) -> Sequence[Influence]:
    """Return the influence of each scored question."""
    return list(influences(form, groups_of(form)))


def verdicts(form: Form) -> list[tuple[Grade, bool]]:
    """Return the verdict on each way to answer a form, also what is not asked."""
    score = scorer(form)
    return [(one.grade, one.qualified) for one in map(score, strategies.all_answers(form))]


def differs_by_answer(form: Form, question: Question) -> bool:
    """Whether two ways to answer that differ in one question ever get different verdicts."""
    beside = defaultdict(set)
    for answers, verdict in zip(strategies.all_rows(form), verdicts(form), strict=True):
        others = tuple((asked, answer) for asked, answer in sorted(answers.items()) if asked != question.id)
        beside[others].add(verdict)
    return any(len(several) > 1 for several in beside.values())


def without_worth(form: Form, question: Question, choice: Option | Band) -> Form:
    """Return the form in which one choice is worth nothing."""
    offered = tuple(replace(one, points=0, desired=False) if one is choice else one for one in question.choices)
    changes: dict[str, Any] = {"options" if question.options else "bands": offered}
    changed = replace(question, **changes)
    return replace(form, questions=tuple(changed if one is question else one for one in form.questions))


@given(st.lists(st.sets(st.integers(-9, 9), min_size=1, max_size=3), max_size=6))
def test_the_reach_of_others_is_every_sum_of_their_points(parts: list[set[int]]) -> None:
    """For each part, the others reach every sum of one number of points of each, and nothing else."""
    span = Range(-54, 54)
    found = list(reach_of_others(parts, span.bits([0])))
    assert found == [span.bits(map(sum, product(*parts[:index], *parts[index + 1 :]))) for index in range(len(parts))]


@given(strategies.forms())
def test_a_question_matters_when_trying_shows_it(form: Form) -> None:
    """A question without knock-outs matters if two of its answers ever get different verdicts.

    If none of those that follow from it is of the other axis, or asked of everybody, it matters only then.
    """
    always = {question for question, share in asked_shares(form).items() if share == 1}
    for influence in influences_of(form):
        questions = (influence.question, *influence.followers)
        if all(choice.rules_out is None for question in questions for choice in question.choices):
            differs = differs_by_answer(form, influence.question)
            assert influence.question_matters() >= differs
            if all(each.axis is influence.question.axis and each.id not in always for each in influence.followers):
                assert influence.question_matters() == differs


@given(strategies.forms())
def test_points_matter_when_trying_shows_it(form: Form) -> None:
    """Points matter exactly if some verdict would be different without them."""
    for influence in influences_of(form):
        for choice in influence.question.choices:
            if choice.rules_out is None:
                other = without_worth(form, influence.question, choice)
                assert influence.points_matter(choice) == (verdicts(form) != verdicts(other))
