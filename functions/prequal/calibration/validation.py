"""Trying the recipe on clients it has not seen: repeated stratified five-fold cross-validation.

A figure from the clients that the points were learned from says nothing: of 20, they always seem almost perfect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from prequal.calibration import measures, ridge
from prequal.calibration.clients import Clients
from prequal.calibration.design import Design
from prequal.calibration.folds import folds_of_persons
from prequal.calibration.learning import learn
from prequal.calibration.measures import Interval
from prequal.calibration.ridge import Flags, Floats, Rows

_SEED = 5
# From so many clients on, so many rounds of five folds: the fewer there are, the more depends on who falls in which.
_ROUNDS = ((10_000, 1), (1000, 2), (200, 4), (0, 20))
# A total alone, standardised: enough of a penalty that a few clients can't make it certain.
_PENALTY_OF_TOTALS = 1.0
_NEWEST = 0.2
_FEWEST = 5

ROC_GRID = np.linspace(0, 1, 101)
"""The parts of the not good ones for which a ROC curve says what part of the good ones it finds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How the recipe did on unseen clients; `_owner` is the owner's card, `_base` the base rate for everybody.

    `newest` is the AUC on the newest fifth, learned from the older ones, where dates are known. `chosen` counts in
    which part of the trials each question was among the best, where only so many were asked for.
    """

    auc: Interval
    auc_owner: float
    log_loss: float
    log_loss_owner: float
    log_loss_base: float
    in_the_large: float
    slope: float
    roc: Floats
    roc_owner: Floats
    newest: float | None
    chosen: Mapping[int, float]


def tried(*, design: Design, clients: Clients, owner: Floats, most_questions: int | None) -> Trial:
    """Try the recipe; `owner` is what the owner's card gives each client. There are at least ten of both outcomes."""
    good = clients.good
    rounds = next(rounds for least, rounds in _ROUNDS if len(good) >= least)
    areas, losses, rocs = [], [], []
    chances, times = np.zeros(len(good)), np.zeros(len(good))
    chosen: Counter[int] = Counter()
    folds = [
        (train, test)
        for train, test in folds_of_persons(good, clients.persons, rounds, np.random.default_rng(_SEED))
        if _both(good[train]) and _both(good[test])
    ]
    for train, test in folds:
        learned = learn(design, good, train, most_questions)
        chosen.update(learned.kept)
        totals = learned.card.totals(design.only(learned.kept), test)
        found = learned.card.chances(totals)
        chances[test] += found
        times[test] += 1
        areas.append([measures.auc(totals, good[test]), measures.auc(owner[test], good[test])])
        rocs.append([measures.roc(totals, good[test], ROC_GRID), measures.roc(owner[test], good[test], ROC_GRID)])
        losses.append(
            [
                measures.log_loss(given, good[test])
                for given in (found, _of_totals(owner, good, train, test), np.full(len(test), good[train].mean()))
            ]
        )
    area, area_owner = np.mean(areas, axis=0).tolist()
    log_loss, log_loss_owner, log_loss_base = np.mean(losses, axis=0).tolist()
    roc, roc_owner = np.mean(rocs, axis=0)
    judged = times > 0
    in_the_large, slope = measures.calibration(chances[judged] / times[judged], good[judged])
    return Trial(
        auc=measures.auc_interval(area, *clients.persons_of_either),
        auc_owner=area_owner,
        log_loss=log_loss,
        log_loss_owner=log_loss_owner,
        log_loss_base=log_loss_base,
        in_the_large=in_the_large,
        slope=slope,
        roc=roc,
        roc_owner=roc_owner,
        newest=_newest(design, clients, most_questions),
        chosen={index: count / len(folds) for index, count in chosen.items()},
    )


def alone(design: Design, good: Flags, persons: Rows) -> Floats:
    """Return the AUC on unseen clients of each question alone, by the part of good ones among those who answered alike.

    That nobody knows the answer counts as an answer: where sales fill in later, it tells the outcome too.
    """
    patterns = [_patterns(design, index) for index in range(len(design.blocks))]
    rounds = 4 if len(good) < 1000 else 1  # noqa: PLR2004
    areas = []
    for train, test in folds_of_persons(good, persons, rounds, np.random.default_rng(_SEED)):
        if _both(good[train]) and _both(good[test]):
            base = good[train].mean()
            areas.append([_area_alone(pattern, good, train, test, float(base)) for pattern in patterns])
    means: Floats = np.mean(areas, axis=0)
    return means


def _patterns(design: Design, index: int) -> Rows:
    """Return a number for each way to answer a question."""
    block = design.blocks[index]
    answers = np.column_stack([block.cells, block.unknown])
    _, numbers = np.unique(answers @ 2.0 ** np.arange(answers.shape[1]), return_inverse=True)
    return numbers


def _area_alone(pattern: Rows, good: Flags, train: Rows, test: Rows, base: float) -> float:
    size = int(pattern.max()) + 1
    count = np.bincount(pattern[train], minlength=size)
    goods = np.bincount(pattern[train], weights=good[train], minlength=size)
    return measures.auc(((goods + base) / (count + 1))[pattern[test]], good[test])


def _of_totals(totals: Floats, good: Flags, train: Rows, test: Rows) -> Floats:
    """Return the chances that totals of unseen clients stand for."""
    centre, unit = totals[train].mean(), totals[train].std() or 1.0
    scaled = ((totals - centre) / unit)[:, None]
    fitted = ridge.fit(scaled[train], good[train], np.zeros(1), _PENALTY_OF_TOTALS)
    return ridge.expit(fitted.intercept + scaled[test] @ fitted.weights)


def _newest(design: Design, clients: Clients, most_questions: int | None) -> float | None:
    """Return the AUC on the newest fifth of what the older ones taught, if both hold enough of both outcomes.

    Whoever is among the older ones is not tried: what they answered before would give them away.
    """
    if clients.order is None:
        return None
    good, persons = clients.good, clients.persons
    train, newest = np.split(clients.order, [round(len(clients.order) * (1 - _NEWEST))])
    test = newest[~np.isin(persons[newest], persons[train])]
    if not (_enough(good[train], persons[train]) and _enough(good[test], persons[test])):
        return None
    learned = learn(design, good, np.sort(train), most_questions)
    return measures.auc(learned.card.totals(design.only(learned.kept), test), good[test])


def _enough(good: Flags, persons: Rows) -> bool:
    return min(len(np.unique(persons[good])), len(np.unique(persons[~good]))) >= _FEWEST


def _both(good: Flags) -> bool:
    return bool(good.any() and not good.all())
