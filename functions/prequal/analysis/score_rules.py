"""Rules of the check about the score, for all possible answers and not for a sample of them."""

from collections.abc import Collection
from dataclasses import replace

from prequal.analysis.faults import Faults
from prequal.analysis.form_analysis import Analysis
from prequal.analysis.influence import Influence
from prequal.analysis.outcomes import outcomes_of
from prequal.analysis.shares import shares
from prequal.core.form import Form, Grade, Method, Question
from prequal.core.scoring import worth

_QUALIFY = ("scoring", "qualify")


def unordered_grades(hot: int, warm: int) -> Faults:
    """Find grades that are not in their order."""
    if hot <= warm:
        yield ("scoring", "grades", "hot"), f"Hot needs more points than warm: write a number above {warm}."


def unreachable_grades(analysis: Analysis) -> Faults:
    """Find grades that no answers reach."""
    (low, _), (high, _) = min(analysis.totals), max(analysis.totals)
    for grade, share in analysis.shares.grades.items():
        if not share:
            where = ("scoring", "grades", Grade.WARM if grade is Grade.COLD else grade)
            yield where, f"No answers reach {grade}, as totals go from {low} to {high}: change this, or the points."


def unmet_minimums(analysis: Analysis) -> Faults:
    """Find minimums of an axis that no answers meet."""
    for axis, minimum in analysis.form.scoring.minimum.items():
        most = analysis.most[axis]
        if most < minimum:
            where = ("scoring", "minimum", axis)
            yield where, f"Nobody is invited, as {axis} is {most} at most: lower this, or raise the points."


def knock_outs_without_exception(analysis: Analysis) -> Faults:
    """Find required questions whose every answer rules out."""
    for index, question in enumerate(analysis.form.questions):
        if all(out for _, out in outcomes_of(question, analysis.form.scoring.method)):
            where = ("questions", index, "options")
            nobody = "Nobody who is asked this" if question.id in analysis.asked else "Nobody"
            yield where, f"{nobody} is invited, as every answer rules out: leave at least one that doesn't."


def nobody_qualified(analysis: Analysis) -> Faults:
    """Find a form that invites nobody for a reason that the other rules don't explain."""
    qualify = analysis.form.scoring.qualify
    reached = any(share and grade.reaches(qualify) for grade, share in analysis.shares.grades.items())
    explained = [*unmet_minimums(analysis), *knock_outs_without_exception(analysis)]
    if reached and not explained and not analysis.shares.qualified:
        yield _QUALIFY, f"Nobody is invited, as all who reach {qualify} are ruled out or below a minimum: ask for less."


SCORE_ERRORS = (unreachable_grades, unmet_minimums, knock_outs_without_exception, nobody_qualified)


def everybody_qualified(analysis: Analysis) -> Faults:
    """Find a form that invites everybody."""
    if analysis.shares.qualified == 1:
        yield _QUALIFY, "Everybody is invited, whatever they answer: ask for more, or let an answer rule out."


def idle_minimums(analysis: Analysis) -> Faults:
    """Find minimums of an axis without which the same leads would be invited."""
    scoring = analysis.form.scoring
    for axis in scoring.minimum:
        others = {other: minimum for other, minimum in scoring.minimum.items() if other is not axis}
        without = shares(analysis.totals, analysis.cases, replace(scoring, minimum=others))
        if without.qualified == analysis.shares.qualified > 0:
            yield ("scoring", "minimum", axis), "Everybody who is invited meets this anyway: raise it, or remove it."


def alike_answers(analysis: Analysis) -> Faults:
    """Find scored questions whose answers all score the same, rule nobody out, and decide nothing else."""
    deciding = _deciding(analysis.form)
    for index, question in enumerate(analysis.form.questions):
        if question.id not in deciding and _are_alike(question, analysis.form.scoring.method):
            what = "Every answer to this scores the same, so it costs leads and tells nothing"
            yield ("questions", index), f"{what}: score the answers differently, or leave it out."


def idle_questions(analysis: Analysis) -> Faults:
    """Find scored questions whose answers have different points, and yet never change the verdict."""
    deciding = _deciding(analysis.form)
    for influence in analysis.influences:
        question, method = influence.question, influence.method
        if question.id not in deciding and _is_idle(influence) and not _are_alike(question, method):
            what = "The answer to this never changes a grade or an invitation"
            yield ("questions", influence.index), f"{what}: score the answers further apart, or leave it out."


def idle_answers(analysis: Analysis) -> Faults:
    """Find points that never change the verdict, whatever else is answered.

    An answer that rules out is skipped: even if its points have no effect, it gives the reason. A desired answer always
    has an effect, as long as each grade can be reached.
    """
    deciding = _deciding(analysis.form)
    for influence in analysis.influences:
        if influence.question.id not in deciding and _is_idle(influence):
            continue
        kind = "options" if influence.question.options else "bands"
        for position, choice in enumerate(influence.question.choices):
            counts = worth(choice, influence.method) and choice.rules_out is None
            if counts and not influence.points_matter(choice):
                where = ("questions", influence.index, kind, position, "points")
                yield where, "These points never change a grade or an invitation: make them weigh more, or write 0."


def idle_caps(analysis: Analysis) -> Faults:
    """Find caps that no answers exceed."""
    for index, question in enumerate(analysis.form.questions):
        if question.max_points is not None and analysis.form.scoring.method is Method.POINTS:
            most, _ = max(outcomes_of(replace(question, max_points=None), Method.POINTS))
            if most <= question.max_points:
                where = ("questions", index, "max_points")
                yield where, f"This cap has no effect, as the answers add up to {most} at most: lower it, or remove it."


def _deciding(form: Form) -> Collection[str]:
    """Return the names that conditions list: the answers to these questions decide more than the score."""
    reveals = [reveal for question in form.questions for option in question.options for reveal in option.reveals]
    conditions = [
        *(question.ask_if for question in form.questions),
        *(reveal.condition for reveal in reveals),
        *(rule.condition for rule in form.booking),
    ]
    return {name for condition in conditions for name in condition.listed}


def _are_alike(question: Question, method: Method) -> bool:
    given = outcomes_of(replace(question, required=True), method)
    return question.axis is not None and len(given) == 1 and not any(out for _, out in given)


def _is_idle(influence: Influence) -> bool:
    questions = (influence.question, *influence.followers)
    rule_out = any(choice.rules_out is not None for question in questions for choice in question.choices)
    return not rule_out and not influence.question_matters()
