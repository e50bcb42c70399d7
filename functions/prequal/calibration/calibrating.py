"""From past clients to points, with what is to be said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from prequal.calibration import ridge, validation, verdict
from prequal.calibration.cards import Card
from prequal.calibration.clients import Clients
from prequal.calibration.columns import scored
from prequal.calibration.design import Design, design_of, name_of
from prequal.calibration.folds import folds_of_persons
from prequal.calibration.grades import Thresholds, Totals, by_rank, possible, renewed, together
from prequal.calibration.learning import NOMINAL_TRUST, Learned, learn
from prequal.calibration.measures import auc, auc_interval
from prequal.calibration.ridge import Flags, Floats
from prequal.calibration.validation import Trial
from prequal.calibration.verdict import Verdict, Worth
from prequal.core.form import Axis, Band, Form, Method, Option, Question
from prequal.core.scoring import worth

Points: TypeAlias = "Mapping[str, Mapping[str, int]]"
"""Points by the id of the question and the name of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """What was learned from enough clients of both outcomes, and how it did on unseen ones.

    `design` has the questions that were kept; `card` gives the chance of a total among one's own prospects, of whom
    `true_rate` are good, or as many as in the table where it is None. `thresholds` are None where the points come to
    too few totals.
    """

    design: Design
    learned: Learned
    trial: Trial
    worths: Sequence[Worth]
    suspicions: Sequence[str]
    thresholds: Thresholds | None
    card: Card
    true_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The whole result. `points` are the owner's own, and `learning` is None, where too few clients are known.

    `caps` are the `max_points` that go with the points, by question, of those that have one.
    """

    form: Form
    clients: Clients
    verdict: Verdict
    words: str
    points: Points
    caps: Mapping[str, int]
    learning: Learning | None = None


def calibrate(
    form: Form, clients: Clients, *, most_questions: int | None = None, true_rate: float | None = None
) -> Calibration:
    """Learn points from past clients, unless they are too few.

    Args:
        form: Whose points are to be learned, and whose present ones are the opinion to start from.
        clients: Past clients.
        most_questions: Keep only the best so many of the questions.
        true_rate: What part of all prospects is good, where the table shows another part of them.

    """
    good, others = clients.persons_of_either
    refusal = verdict.too_few(good, others) or ("" if clients.blocks else verdict.too_few(0, 0))
    if refusal:
        return Calibration(
            form=form,
            clients=clients,
            verdict=Verdict.NOT_CALIBRATED,
            words=f"Not calibrated. {refusal}",
            points={question.id: _present(question, form.scoring.method) for question in scored(form)},
            caps={question.id: question.max_points for question in scored(form) if question.max_points is not None},
        )
    learning, points, caps = _learning(form, clients, most_questions, true_rate)
    judged = verdict.judged(learning.trial, good, others, learning.suspicions)
    return Calibration(
        form=form,
        clients=clients,
        verdict=judged,
        words=verdict.in_words(judged, learning.trial, good, others),
        points=points,
        caps=caps,
        learning=learning,
    )


def _learning(
    form: Form, clients: Clients, most_questions: int | None, true_rate: float | None
) -> tuple[Learning, Points, Mapping[str, int]]:
    method, good = form.scoring.method, clients.good
    whole = design_of(clients.blocks, method)
    owner = np.sum([block.totals(method) for block in clients.blocks], axis=0)
    everybody = np.arange(len(good))
    learned = learn(whole, good, everybody, most_questions)
    design = whole.only(learned.kept)
    trial = validation.tried(
        design=whole,
        clients=clients,
        owner=owner,
        most_questions=most_questions,
    )
    worths = _worths(whole, clients)
    factor = _factor(learned, owner)
    points = _points(form, clients, design, learned, factor)
    caps = _caps(form, clients, points, factor)
    learning = Learning(
        design=design,
        learned=learned,
        trial=trial,
        worths=worths,
        suspicions=verdict.suspicions(trial, worths),
        thresholds=_thresholds(form, clients, design, learned.card, renewed(scored(form), points, caps)),
        card=learned.card.shifted(_shift(good, true_rate)),
        true_rate=true_rate,
    )
    return learning, points, caps


def _shift(good: Flags, true_rate: float | None) -> float:
    """Return what the logit of a chance lacks where good clients are more, or fewer, in the table than in life."""
    return 0.0 if true_rate is None else ridge.logit(true_rate) - ridge.logit(float(good.mean()))


def _worths(design: Design, clients: Clients) -> Sequence[Worth]:
    areas = validation.alone(design, clients.good, clients.persons).tolist()
    worths, persons = [], clients.persons_of_either
    for index, area in enumerate(areas):
        alone = auc_interval(area, *persons)
        rest = [other for other in range(len(areas)) if other != index]
        others = _together(design.only(rest), clients) if rest and verdict.is_strong(alone) else None
        worths.append(Worth(question=design.blocks[index].question.id, alone=alone, others=others))
    return worths


def _together(design: Design, clients: Clients) -> float:
    """Return the AUC on unseen clients of these questions together, from one round."""
    areas = [
        auc(learn(design, clients.good, train).card.totals(design, test), clients.good[test])
        for train, test in folds_of_persons(clients.good, clients.persons, 1, np.random.default_rng(0))
        if clients.good[test].any() and not clients.good[test].all()
    ]
    return float(np.mean(areas))


def _factor(learned: Learned, owner: Floats) -> float:
    """Return what a point of the owner's comes to on the new scale."""
    spread = float(owner.std())
    return NOMINAL_TRUST / spread * learned.card.scale if spread and learned.card.scale else 1.0


def _points(form: Form, clients: Clients, design: Design, learned: Learned, factor: float) -> Points:
    """Return the points of every question that is kept.

    A question that the clients say nothing of keeps the owner's, on the new scale. Answers that rule out keep theirs.
    """
    method = form.scoring.method
    found: dict[str, Mapping[str, int]] = {}
    learned_points = {
        block.question.id: {
            name_of(block.question, choice): int(points)
            for choice, points in zip(block.choices, learned.card.points[columns], strict=True)
        }
        for block, columns in zip(design.blocks, design.slices, strict=True)
    }
    for question in scored(form):
        present = _present(question, method)
        if question.id in learned_points:
            new = learned_points[question.id]
            found[question.id] = {name: new.get(name, points) for name, points in present.items()}
        elif question in clients.absent:
            found[question.id] = {name: round(points * factor) for name, points in present.items()}
    return found


def _caps(form: Form, clients: Clients, points: Points, factor: float) -> Mapping[str, int]:
    """Return the caps: the owner's, on the new scale, or else none that cuts, as what was learned adds up without."""
    return {
        question.id: round(question.max_points * factor)
        if question in clients.absent
        else sum(value for value in points.get(question.id, {}).values() if value > 0)
        for question in scored(form)
        if question.max_points is not None
    }


def _present(question: Question, method: Method) -> Mapping[str, int]:
    choices: Sequence[Option | Band] = question.options or question.bands
    return {name_of(question, choice): worth(choice, method) for choice in choices}


def _thresholds(
    form: Form, clients: Clients, design: Design, card: Card, questions: Sequence[Question]
) -> Thresholds | None:
    """Part the clients as the owner's grades do; where nothing is known, everybody has the average."""
    method, rows = form.scoring.method, np.arange(len(clients.good))
    cells = design.filled(rows, card.shares)
    new = {
        block.question.id: cells[:, columns] @ card.points[columns]
        for block, columns in zip(design.blocks, design.slices, strict=True)
    }
    old = {block.question.id: block.totals(method) for block in clients.blocks}
    totals = {
        after.id: Totals(
            old=old.get(after.id, np.full(len(rows), _middle(before, method))),
            new=new.get(after.id, np.full(len(rows), _middle(after, Method.POINTS))),
            possible=possible(after),
        )
        for before, after in zip(scored(form), questions, strict=True)
    }
    of_axes = {axis: [totals[question.id] for question in questions if question.axis is axis] for axis in Axis}
    axes = {axis: together(parts) for axis, parts in of_axes.items() if parts}
    return by_rank(form.scoring, together(list(totals.values())), axes)


def _middle(question: Question, method: Method) -> float:
    points = _present(question, method).values()
    return sum(points) / len(points)
