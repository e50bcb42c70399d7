"""The whole calibration: from past clients to points, their thresholds and a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

import numpy as np

from prequal.calibration import ridge
from prequal.calibration.clients import Clients
from prequal.calibration.columns import scored_questions
from prequal.calibration.design import Design, Scorecard, choice_name
from prequal.calibration.grades import Totals, match_thresholds, possible_totals
from prequal.calibration.learner import NOMINAL_TRUST, learn
from prequal.calibration.validation import CrossValidation, UnivariateAuc, cross_validate, univariate_aucs
from prequal.calibration.verdict import Verdict, find_suspicions, judge, mostly_unread, tell_unread, too_few
from prequal.core.form import Form, Method, Question, Scoring
from prequal.core.scoring import worth

Points: TypeAlias = "Mapping[str, Mapping[str, int]]"
"""Points by the question's id and the answer's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """The result of learning from enough clients of both outcomes."""

    #: The questions that were kept.
    design: Design
    validation: CrossValidation
    aucs: Sequence[UnivariateAuc]
    suspicions: Sequence[str]
    #: The form's scoring with new grades and minimums; None if there are too few different totals.
    thresholds: Scoring | None
    #: Gives the chances among the owner's prospects, of whom the share `true_rate` is good.
    scorecard: Scorecard
    #: None: as in the table.
    true_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The whole result."""

    form: Form
    clients: Clients
    verdict: Verdict
    #: The meaning of the verdict for the owner.
    explanation: str
    #: The owner's, if there are too few clients. A question that was not kept has none.
    points: Points
    #: The `max_points` that go with the points, by question, of those that have one.
    caps: Mapping[str, int]
    #: None if there are too few clients.
    learning: Learning | None = None


def calibrate(
    form: Form, clients: Clients, *, max_questions: int | None = None, true_rate: float | None = None
) -> Calibration:
    """Learn points from past clients, unless these are too few.

    The form's present points are the prior opinion. Only the `max_questions` most predictive questions are kept.
    `true_rate` is the share of good ones among all prospects, if the table has another.
    """
    method, questions, persons = form.scoring.method, scored_questions(form), clients.group_counts
    refusal = too_few(*persons) or ("" if clients.blocks else too_few(0, 0)) or mostly_unread(clients)
    if refusal:
        return Calibration(
            form=form,
            clients=clients,
            verdict=Verdict.NOT_CALIBRATED,
            explanation=f"Not calibrated. {refusal}{tell_unread(clients)}",
            points={question.id: _present_points(question, method) for question in questions},
            caps={question.id: question.max_points for question in questions if question.max_points is not None},
        )
    good, whole = clients.good, Design.of(clients.blocks, method)
    owner_totals = np.sum([block.totals(method) for block in clients.blocks], axis=0)
    scorecard = learn(whole, good, np.arange(len(good)), max_questions)
    design = whole.only(scorecard.kept)
    deviation = float(owner_totals.std())
    # New points per point of the owner's.
    factor = NOMINAL_TRUST / deviation * scorecard.scale if deviation and scorecard.scale else 1.0
    points, caps, thresholds = _convert(form, clients, design, scorecard, factor)
    validation = cross_validate(whole, clients, owner_totals, max_questions)
    aucs = univariate_aucs(whole, clients)
    suspicions = find_suspicions(validation, aucs)
    verdict, explanation = judge(validation, persons, suspicions)
    # Prior correction for a population with another base rate (King & Zeng 2001).
    shift = 0.0 if true_rate is None else ridge.logit(true_rate) - ridge.logit(float(good.mean()))
    return Calibration(
        form=form,
        clients=clients,
        verdict=verdict,
        explanation=explanation + tell_unread(clients),
        points=points,
        caps=caps,
        learning=Learning(
            design=design,
            validation=validation,
            aucs=aucs,
            suspicions=suspicions,
            thresholds=thresholds,
            scorecard=replace(scorecard, intercept=scorecard.intercept + shift),
            true_rate=true_rate,
        ),
    )


def _present_points(question: Question, method: Method) -> dict[str, int]:
    return {choice_name(question, choice): worth(choice, method) for choice in question.choices}


def _convert(
    form: Form, clients: Clients, design: Design, scorecard: Scorecard, factor: float
) -> tuple[Points, Mapping[str, int], Scoring | None]:
    """Return the points of each question that is kept, the caps, and thresholds that divide the clients as before.

    A question without data keeps the owner's points and cap, on the new scale, and gives everybody their mean. Options
    that rule out keep theirs. A learned question's cap is the sum of its points, so that it cuts none: they were
    learned without a cap.
    """
    method, everybody = form.scoring.method, np.arange(len(clients.good))
    cells = design.imputed(everybody, scorecard.shares)
    learned = {block.question.id: (block, columns) for block, columns in design.parts}
    old = {block.question.id: block.totals(method) for block in clients.blocks}
    points: dict[str, Mapping[str, int]] = {}
    caps: dict[str, int] = {}
    totals = []
    for question in scored_questions(form):
        present, absent = _present_points(question, method), question in clients.absent
        of_question: dict[str, int] = {}
        if question.id in learned:
            block, columns = learned[question.id]
            named = zip(block.choices, scorecard.points[columns].tolist(), strict=True)
            of_question = present | {choice_name(question, choice): int(value) for choice, value in named if choice}
            new = cells[:, columns] @ scorecard.points[columns]
        else:
            if absent:
                of_question = {name: round(value * factor) for name, value in present.items()}
            new = np.full(len(everybody), sum(of_question.values()) / len(present))
        if of_question:
            points[question.id] = of_question
        if question.max_points is not None:
            together = sum(value for value in of_question.values() if value > 0)
            caps[question.id] = round(question.max_points * factor) if absent else together
        mean = sum(present.values()) / len(present)
        part = Totals(
            old=old.get(question.id, np.full(len(everybody), mean)),
            new=new,
        )
        totals.append((question.axis, part))
    possible = partial(possible_totals, scored_questions(form), points, caps)
    return points, caps, match_thresholds(form.scoring, totals, possible)
