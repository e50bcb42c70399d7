"""What a score can't mean to do. Each rule holds for all possible answers, not for a sample of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from prequal.core.form import Axis, Grade, Method, Question
from prequal.core.scoring import worth
from prequal.forms.drafts import Draft, Rule
from prequal.forms.influence import Influence
from prequal.forms.outcomes import outcomes
from prequal.forms.shares import shares
from prequal.forms.yaml_files import Where

_QUALIFY = ("scoring", "qualify")


# Errors


def unreachable_grades(draft: Draft) -> Iterator[tuple[Where, str]]:
    """A grade that no answers reach."""
    fit, intent = (draft.outcomes[axis] for axis in Axis)
    low, high = (min(fit)[0] + min(intent)[0], max(fit)[0] + max(intent)[0])
    for grade, share in draft.shares.grades.items():
        if not share:
            threshold = Grade.WARM if grade is Grade.COLD else grade
            yield (
                ("scoring", "grades", threshold),
                f"No answers reach {grade}, as totals go from {low} to {high}: change this, or the points.",
            )


def unmet_minimums(draft: Draft) -> Iterator[tuple[Where, str]]:
    """A minimum of an axis that no answers meet."""
    for axis, minimum in draft.form.scoring.minimum.items():
        most, _ = max(draft.outcomes[axis])
        if most < minimum:
            yield (
                ("scoring", "minimum", axis),
                f"Nobody is invited, as answers come to {most} for {axis} at most: lower this, or raise the points.",
            )


def knock_outs_without_exception(draft: Draft) -> Iterator[tuple[Where, str]]:
    """A question that everybody answers, and whose every answer rules out."""
    for index, question in enumerate(draft.form.questions):
        if all(out for _, out in outcomes(question, draft.form.scoring.method)):
            yield (
                ("questions", index, "options"),
                "Nobody is invited, as every answer rules out: leave at least one that doesn't.",
            )


def nobody_qualified(draft: Draft) -> Iterator[tuple[Where, str]]:
    """A form that invites nobody, though its grade can be reached, each minimum met, and each question survived."""
    qualify = draft.form.scoring.qualify
    reached = any(share and grade.reaches(qualify) for grade, share in draft.shares.grades.items())
    explained = [*unmet_minimums(draft), *knock_outs_without_exception(draft)]
    if reached and not explained and not draft.shares.qualified:
        yield (
            _QUALIFY,
            f"Nobody is invited, as whoever reaches {qualify} is ruled out or misses a minimum: ask for less.",
        )


def bands_out_of_bounds(draft: Draft) -> Iterator[tuple[Where, str]]:
    """A band without a number that may be entered."""
    for index, question in enumerate(draft.form.questions):
        bounds = [None, *(band.up_to for band in question.bands)]
        for position, (below, up_to) in enumerate(pairwise(bounds)):
            where = ("questions", index, "bands", position)
            if question.max is not None and below is not None and below >= question.max:
                yield where, f"No number up to {question.max} is in this band: remove it, or raise max."
            if question.min is not None and up_to is not None and up_to < question.min:
                yield where, f"No number from {question.min} on is in this band: remove it, or lower min."


# Warnings


def everybody_qualified(draft: Draft) -> Iterator[tuple[Where, str]]:
    """A form that invites everybody."""
    if draft.shares.qualified == 1:
        yield _QUALIFY, "Everybody is invited, whatever they answer: ask for more, or let an answer rule out."


def idle_minimums(draft: Draft) -> Iterator[tuple[Where, str]]:
    """A minimum of an axis without which the same would be invited."""
    scoring = draft.form.scoring
    for axis in scoring.minimum:
        others = {other: minimum for other, minimum in scoring.minimum.items() if other is not axis}
        without = shares(draft.outcomes, replace(scoring, minimum=others))
        if without.qualified == draft.shares.qualified > 0:
            yield ("scoring", "minimum", axis), "Whoever is invited meets this anyway: raise it, or remove it."


def alike_answers(draft: Draft) -> Iterator[tuple[Where, str]]:
    """A scored question whose every answer comes to the same, and rules nobody out."""
    for index, question in enumerate(draft.form.questions):
        if _are_alike(question, draft.form.scoring.method):
            yield (
                ("questions", index),
                (
                    "Every answer to this scores the same, so it costs leads and tells nothing: "
                    "score the answers differently, or leave it out."
                ),
            )


def idle_questions(draft: Draft) -> Iterator[tuple[Where, str]]:
    """A scored question whose answers, though worth different points, change no verdict whatever else is answered."""
    for influence in draft.influences:
        if _is_idle(influence) and not _are_alike(influence.question, influence.method):
            yield (
                ("questions", influence.index),
                (
                    "No grade and no invitation ever turns on the answer to this: "
                    "score the answers further apart, or leave it out."
                ),
            )


def idle_answers(draft: Draft) -> Iterator[tuple[Where, str]]:
    """Points that change no verdict, whatever else is answered.

    An answer that rules out is left alone: even where its points do the same, it gives the reason. A desired answer
    always makes a difference, as long as each grade can be reached.
    """
    for influence in draft.influences:
        kind = "options" if influence.question.options else "bands"
        for position, choice in enumerate(influence.question.choices):
            counts = worth(choice, influence.method) and choice.rules_out is None
            if counts and not _is_idle(influence) and not influence.of_worth(choice):
                yield (
                    ("questions", influence.index, kind, position, "points"),
                    "No grade and no invitation ever turns on these points: let them weigh more, or write 0.",
                )


def idle_caps(draft: Draft) -> Iterator[tuple[Where, str]]:
    """A cap that all answers stay below."""
    for index, question in enumerate(draft.form.questions):
        if question.max_points is not None and draft.form.scoring.method is Method.POINTS:
            most, _ = max(outcomes(replace(question, max_points=None), Method.POINTS))
            if most <= question.max_points:
                yield (
                    ("questions", index, "max_points"),
                    f"This caps nothing, as the answers come to {most} at most: lower it, or remove it.",
                )


ERRORS: Sequence[Rule] = (
    unreachable_grades,
    unmet_minimums,
    knock_outs_without_exception,
    nobody_qualified,
    bands_out_of_bounds,
)
WARNINGS: Sequence[Rule] = (everybody_qualified, idle_minimums, alike_answers, idle_caps)
# Where a grade or everybody is out of reach, little makes a difference: to say so of each answer would not help.
WARNINGS_UNLESS_ERRORS: Sequence[Rule] = (idle_questions, idle_answers)


def _are_alike(question: Question, method: Method) -> bool:
    given = outcomes(replace(question, required=True), method)
    return question.axis is not None and len(given) == 1 and not any(out for _, out in given)


def _is_idle(influence: Influence) -> bool:
    return not influence.of_question() and all(choice.rules_out is None for choice in influence.question.choices)
