"""Whether an answer can make a difference, against trying every way to answer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given

from prequal.authoring.influence import influences
from prequal.authoring.outcomes import by_axis, choices, rules_out
from prequal.core.scoring import scorer
from unit import strategies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prequal.authoring.influence import Influence
    from prequal.core.form import Band, Form, Grade, Option, Question


def found(form: Form) -> Sequence[Influence]:
    """Return the influence of each scored question."""
    return influences(form, by_axis(form))


def verdicts(form: Form) -> list[tuple[Grade, bool]]:
    """Return what becomes of each way to answer a form."""
    score = scorer(form)
    return [(one.grade, one.qualified) for one in map(score, strategies.all_answers(form))]


def differs_by_answer(form: Form, question: Question) -> bool:
    """Whether two ways to answer, alike but for one question, ever come to two verdicts."""
    beside = defaultdict(set)
    for answers, verdict in zip(strategies.all_answers(form), verdicts(form), strict=True):
        others = tuple((asked, answer) for asked, answer in sorted(answers.items()) if asked != question.id)
        beside[others].add(verdict)
    return any(len(several) > 1 for several in beside.values())


def without_worth(form: Form, question: Question, choice: Option | Band) -> Form:
    """Return the form in which one choice is worth nothing."""
    offered = tuple(replace(one, points=0, desired=False) if one is choice else one for one in choices(question))
    changes: dict[str, Any] = {"options" if question.options else "bands": offered}
    changed = replace(question, **changes)
    return replace(form, questions=tuple(changed if one is question else one for one in form.questions))


@given(strategies.forms())
def test_a_question_has_influence_when_trying_shows_it(form: Form) -> None:
    """A question of whose answers none rules out has influence exactly if some two of them ever change the verdict."""
    for influence in found(form):
        if not any(map(rules_out, choices(influence.question))):
            assert influence.of_question() == differs_by_answer(form, influence.question)


@given(strategies.forms())
def test_a_worth_has_influence_when_trying_shows_it(form: Form) -> None:
    """The worth of an answer has influence exactly if, were it nothing, some answers would be judged otherwise."""
    for influence in found(form):
        for choice in choices(influence.question):
            if not rules_out(choice):
                other = without_worth(form, influence.question, choice)
                assert influence.of_worth(choice) == (verdicts(form) != verdicts(other))
