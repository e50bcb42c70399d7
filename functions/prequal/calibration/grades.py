"""The form with new points, and thresholds by rank: as many past clients reach each grade and minimum as before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from prequal.analysis.paths import cases_together, groups_of, totals_together
from prequal.calibration.clients import Clients
from prequal.calibration.design import choice_name, choices_of
from prequal.calibration.learner import NOMINAL_TRUST, Scorecard
from prequal.calibration.ridge import Floats
from prequal.core.form import Axis, Form, Grade, Method, Question
from prequal.core.scoring import worth

TOO_FEW_TOTALS = (
    "Answers add up to fewer than three different totals with these points, and hot, warm and cold take three: "
    "use more questions, or keep your own points."
)

# Shares for hot and for warm or better if all clients have the same total under the old points.
_HOT_SHARE, _WARM_SHARE = 0.25, 0.5


def with_points(form: Form, clients: Clients, scorecard: Scorecard) -> Form:
    """Return the form with the points of a scorecard, counting points, and still with the old thresholds.

    A question without data keeps the owner's points and cap, on the new scale; one that was not kept has none. Options
    that rule out keep theirs. A learned question's cap is the sum of its points, so that it cuts none: they were
    learned without a cap.
    """
    deviation = float(clients.owner_totals.std())
    # New points per point of the owner's.
    factor = NOMINAL_TRUST / deviation * scorecard.scale if deviation and scorecard.scale else 1.0
    blocks, absent = {block.question.id: block for block in clients.blocks}, {each.id for each in clients.absent}

    def scored(question: Question) -> Question:
        old = {choice_name(question, choice): worth(choice, form.scoring.method) for choice in question.choices}
        points = {
            choice_name(question, choice): choice.points if choice.rules_out else 0 for choice in question.choices
        }
        if question.id in absent:
            points = {name: round(value * factor) for name, value in old.items()}
        elif question.id in scorecard.points:
            choices = blocks[question.id].choices
            learned = zip(choices, scorecard.points[question.id].tolist(), strict=True)
            points |= {choice_name(question, choice): int(value) for choice, value in learned if choice}
        cap = question.max_points
        if cap is not None:
            cap = round(cap * factor) if question.id in absent else sum(value for value in points.values() if value > 0)
        return replace(
            question,
            options=tuple(replace(each, points=points[choice_name(question, each)]) for each in question.options),
            bands=tuple(replace(each, points=points[choice_name(question, each)]) for each in question.bands),
            max_points=cap,
        )

    questions = tuple(scored(question) if question.axis else question for question in form.questions)
    return replace(form, questions=questions, scoring=replace(form.scoring, method=Method.POINTS))


def with_thresholds(new: Form, old: Form, clients: Clients) -> Form | None:
    """Return a form with new points with new thresholds too; None if its totals are too few for three grades.

    Each grade and each minimum can be reached by answers that don't rule out.
    """
    groups = groups_of(new)
    possible = sorted({total for total, out in totals_together(groups, Method.POINTS) if not out})
    if len(possible) < len(Grade):
        return None
    grades, totals = old.scoring.grades, (_totals(old, clients), _totals(new, clients))
    hot = _match(*totals, grades[Grade.HOT], _HOT_SHARE, possible[2:])
    warm = _match(*totals, grades[Grade.WARM], _WARM_SHARE, possible[1:-1])
    hot = max(hot, possible[possible.index(warm) + 1])
    minimum = {}
    for axis, least in old.scoring.minimum.items():
        subtotals = sorted({points for case in cases_together(groups, Method.POINTS) for points, _ in case[axis]})
        minimum[axis] = _match(_totals(old, clients, axis), _totals(new, clients, axis), least, 1.0, subtotals)
    return replace(new, scoring=replace(new.scoring, grades={Grade.HOT: hot, Grade.WARM: warm}, minimum=minimum))


def _totals(form: Form, clients: Clients, axis: Axis | None = None) -> Floats:
    """Return the total of each client, in all or for an axis; a question without data gives everybody its mean."""
    method, blocks = form.scoring.method, {block.question.id: block for block in clients.blocks}
    totals = np.zeros(len(clients.good))
    for question in form.questions:
        if question.axis and axis in (None, question.axis):
            block, worths = blocks.get(question.id), [worth(choice, method) for choice in question.choices]
            if block:
                totals += replace(block, question=question, method=method, choices=choices_of(question)).owner_totals
            elif worths:
                totals += sum(worths) / len(worths)
    return totals


def _match(old: Floats, new: Floats, threshold: int, default: float, candidates: Sequence[int]) -> int:
    """Return the new threshold that nearest to the same share of clients reaches; lowest first.

    The share is the default if all clients have the same old total.
    """
    share = float((old >= threshold).mean()) if np.ptp(old) else default
    below = np.searchsorted(np.sort(new), candidates)
    return candidates[int(np.argmin(np.abs(1 - below / len(new) - share)))]
