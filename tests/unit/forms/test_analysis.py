"""The influence of answers, compared with trying every way to answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from prequal.core.form import Band, Form, Grade, Option, Question
from prequal.core.scoring import scorer
from prequal.forms.analysis import Influence, influences
from prequal.forms.outcomes import Outcome
from prequal.forms.totals import outcomes_by_axis, range_of, reach_of_others
from unit import strategies


def influences_of(form: Form) -> Sequence[Influence]:
    """Return the influence of each scored question."""
    return list(influences(form, outcomes_by_axis(form)))


def verdicts(form: Form) -> list[tuple[Grade, bool]]:
    """Return the verdict on each way to answer a form."""
    score = scorer(form)
    return [(one.grade, one.qualified) for one in map(score, strategies.all_answers(form))]


def differs_by_answer(form: Form, question: Question) -> bool:
    """Whether two ways to answer that differ in one question ever get different verdicts."""
    beside = defaultdict(set)
    for answers, verdict in zip(strategies.all_answers(form), verdicts(form), strict=True):
        others = tuple((asked, answer) for asked, answer in sorted(answers.items()) if asked != question.id)
        beside[others].add(verdict)
    return any(len(several) > 1 for several in beside.values())


def without_worth(form: Form, question: Question, choice: Option | Band) -> Form:
    """Return the form in which one choice is worth nothing."""
    offered = tuple(replace(one, points=0, desired=False) if one is choice else one for one in question.choices)
    changes: dict[str, Any] = {"options" if question.options else "bands": offered}
    changed = replace(question, **changes)
    return replace(form, questions=tuple(changed if one is question else one for one in form.questions))


@given(st.lists(st.sets(st.tuples(st.integers(-9, 9), st.booleans()), min_size=1, max_size=3), max_size=6))
def test_the_reach_of_others_is_every_sum_of_their_outcomes(parts: list[set[Outcome]]) -> None:
    """For each question, the others reach every sum of one outcome of each, and nothing else."""
    counted = [Counter(part) for part in parts]
    span = range_of(counted)
    found = list(reach_of_others(counted, {False: span.bits([0]), True: 0}))
    assert len(found) == len(parts)
    for index, beside in enumerate(found):
        rows = list(product(*parts[:index], *parts[index + 1 :]))
        sums = {(sum(points for points, _ in row), any(out for _, out in row)) for row in rows}
        for out in (False, True):
            assert beside[out] == span.bits(points for points, ruled_out in sums if ruled_out is out)


@given(strategies.forms())
def test_a_question_matters_when_trying_shows_it(form: Form) -> None:
    """A question without knock-outs matters exactly if two of its answers ever get different verdicts."""
    for influence in influences_of(form):
        if all(choice.rules_out is None for choice in influence.question.choices):
            assert influence.question_matters() == differs_by_answer(form, influence.question)


@given(strategies.forms())
def test_points_matter_when_trying_shows_it(form: Form) -> None:
    """Points matter exactly if some verdict would be different without them."""
    for influence in influences_of(form):
        for choice in influence.question.choices:
            if choice.rules_out is None:
                other = without_worth(form, influence.question, choice)
                assert influence.points_matter(choice) == (verdicts(form) != verdicts(other))
