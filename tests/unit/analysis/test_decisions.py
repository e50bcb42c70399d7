"""The part of the verdicts that a question decides, compared with trying every way to answer."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import example, given

from prequal.analysis.decisions import decided_share
from prequal.analysis.outcomes import outcomes_of
from prequal.core.form import Axis, Form, Kind, Question
from prequal.core.scoring import chosen, make_grader, scorer
from prequal.owner.figures.visits import Verdicts
from support import builders
from unit import strategies


def tried(form: Form, question: Question) -> Fraction:
    """Return the share of all ways to answer whose verdict differs with the best of the same answers for everybody."""
    score, grader, rows = scorer(form), make_grader(form.scoring), list(strategies.all_rows(form))
    constants = {points for points, out in outcomes_of(question, form.scoring.method) if not out} or {0}
    differing = dict.fromkeys(constants, 0)
    for answers in rows:
        found = score(answers)
        own = next((reason for reason in found.reasons if reason.question == question.id), None)
        if own is None:
            continue
        asked = {reason.question for reason in found.reasons} - {question.id}
        others = [each for each in form.questions if each.id in asked]
        out = any(choice.rules_out is not None for each in others for choice in chosen(each, answers.get(each.id)))
        for constant in constants:
            more = constant - own.points
            fit, intent = (more, 0) if question.axis is Axis.FIT else (0, more)
            differing[constant] += grader(found.fit + fit, found.intent + intent, out)[1] != found.qualified
    return Fraction(min(differing.values()), len(rows))


@given(strategies.forms())
@example(builders.form())
def test_the_decided_share_is_that_of_trying(form: Form) -> None:
    """The share is exact, whatever follows from the question, and the same as of leads with all of these answers."""
    verdicts, score = Verdicts(form), scorer(form)
    for answers in strategies.all_rows(form):
        verdicts.add(replace(builders.lead(), answers=answers, score=score(answers)))
    for question in form.questions:
        decided = decided_share(form, question)
        if decided is None:
            assert question.kind is Kind.MANY
        elif question.axis is None:
            assert decided == 0
        else:
            expected = tried(form, question)
            assert decided == expected
            of_leads = verdicts.decided_by(question)
            assert Fraction(of_leads.count, of_leads.of) == expected
