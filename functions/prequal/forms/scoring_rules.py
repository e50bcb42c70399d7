"""Rules of the check about the score. Each holds for all possible answers, not for a sample of them."""

from dataclasses import replace
from itertools import pairwise

from prequal.core.form import Axis, Grade, Method, Question
from prequal.core.scoring import worth
from prequal.forms.analysis import Analysis, Influence
from prequal.forms.outcomes import outcomes_of, shares
from prequal.forms.yaml_files import Faults

_QUALIFY = ("scoring", "qualify")


def unreachable_grades(analysis: Analysis) -> Faults:
    """Find grades that no answers reach."""
    fit, intent = (analysis.outcomes[axis] for axis in Axis)
    low, high = (min(fit)[0] + min(intent)[0], max(fit)[0] + max(intent)[0])
    for grade, share in analysis.shares.grades.items():
        if not share:
            where = ("scoring", "grades", Grade.WARM if grade is Grade.COLD else grade)
            yield where, f"No answers reach {grade}, as totals go from {low} to {high}: change this, or the points."


def unmet_minimums(analysis: Analysis) -> Faults:
    """Find minimums of an axis that no answers meet."""
    for axis, minimum in analysis.form.scoring.minimum.items():
        most, _ = max(analysis.outcomes[axis])
        if most < minimum:
            where = ("scoring", "minimum", axis)
            yield where, f"Nobody is invited, as {axis} is {most} at most: lower this, or raise the points."


def knock_outs_without_exception(analysis: Analysis) -> Faults:
    """Find required questions whose every answer rules out."""
    for index, question in enumerate(analysis.form.questions):
        if all(out for _, out in outcomes_of(question, analysis.form.scoring.method)):
            where = ("questions", index, "options")
            yield where, "Nobody is invited, as every answer rules out: leave at least one that doesn't."


def nobody_qualified(analysis: Analysis) -> Faults:
    """Find a form that invites nobody for a reason that the other rules don't explain."""
    qualify = analysis.form.scoring.qualify
    reached = any(share and grade.reaches(qualify) for grade, share in analysis.shares.grades.items())
    explained = [*unmet_minimums(analysis), *knock_outs_without_exception(analysis)]
    if reached and not explained and not analysis.shares.qualified:
        yield _QUALIFY, f"Nobody is invited, as all who reach {qualify} are ruled out or below a minimum: ask for less."


def bands_out_of_bounds(analysis: Analysis) -> Faults:
    """Find bands that contain no number between min and max."""
    for index, question in enumerate(analysis.form.questions):
        bounds = [None, *(band.up_to for band in question.bands)]
        for position, (below, up_to) in enumerate(pairwise(bounds)):
            where = ("questions", index, "bands", position)
            if question.max is not None and below is not None and below >= question.max:
                yield where, f"No number up to {question.max} is in this band: remove it, or raise max."
            if question.min is not None and up_to is not None and up_to < question.min:
                yield where, f"No number from {question.min} on is in this band: remove it, or lower min."


def everybody_qualified(analysis: Analysis) -> Faults:
    """Find a form that invites everybody."""
    if analysis.shares.qualified == 1:
        yield _QUALIFY, "Everybody is invited, whatever they answer: ask for more, or let an answer rule out."


def idle_minimums(analysis: Analysis) -> Faults:
    """Find minimums of an axis without which the same leads would be invited."""
    scoring = analysis.form.scoring
    for axis in scoring.minimum:
        others = {other: minimum for other, minimum in scoring.minimum.items() if other is not axis}
        without = shares(analysis.outcomes, replace(scoring, minimum=others))
        if without.qualified == analysis.shares.qualified > 0:
            yield ("scoring", "minimum", axis), "Everybody who is invited meets this anyway: raise it, or remove it."


def alike_answers(analysis: Analysis) -> Faults:
    """Find scored questions whose answers all score the same, and rule nobody out."""
    for index, question in enumerate(analysis.form.questions):
        if _are_alike(question, analysis.form.scoring.method):
            what = "Every answer to this scores the same, so it costs leads and tells nothing"
            yield ("questions", index), f"{what}: score the answers differently, or leave it out."


def idle_questions(analysis: Analysis) -> Faults:
    """Find scored questions whose answers have different points, and yet never change the verdict."""
    for influence in analysis.influences:
        if _is_idle(influence) and not _are_alike(influence.question, influence.method):
            what = "The answer to this never changes a grade or an invitation"
            yield ("questions", influence.index), f"{what}: score the answers further apart, or leave it out."


def idle_answers(analysis: Analysis) -> Faults:
    """Find points that never change the verdict, whatever else is answered.

    An answer that rules out is skipped: even if its points have no effect, it gives the reason. A desired answer always
    has an effect, as long as each grade can be reached.
    """
    for influence in analysis.influences:
        kind = "options" if influence.question.options else "bands"
        for position, choice in enumerate(influence.question.choices):
            counts = worth(choice, influence.method) and choice.rules_out is None
            if counts and not _is_idle(influence) and not influence.points_matter(choice):
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


ERRORS = (unreachable_grades, unmet_minimums, knock_outs_without_exception, nobody_qualified, bands_out_of_bounds)
WARNINGS = (everybody_qualified, idle_minimums, alike_answers, idle_caps)
# While a grade or everybody is out of reach, few answers have an effect, and a warning about each would not help.
WARNINGS_UNLESS_ERRORS = (idle_questions, idle_answers)


def _are_alike(question: Question, method: Method) -> bool:
    given = outcomes_of(replace(question, required=True), method)
    return question.axis is not None and len(given) == 1 and not any(out for _, out in given)


def _is_idle(influence: Influence) -> bool:
    return not influence.question_matters() and all(choice.rules_out is None for choice in influence.question.choices)
