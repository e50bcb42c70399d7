"""Cross-validation of the learner on clients that it has not seen: repeated, stratified, five folds.

Figures from the clients that the points were learned from are worthless: 20 always seem almost perfectly ranked.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from prequal.calibration.clients import Clients
from prequal.calibration.design import Block, Design
from prequal.calibration.evaluation import Interval, auc, auc_interval, calibration_of, grouped_folds, log_loss, roc
from prequal.calibration.learner import learn
from prequal.calibration.ridge import Floats, Rows, expit, fit_scores

_SEED = 5
# Rounds of five folds by the number of clients: with fewer clients, more depends on the split.
_ROUNDS = ((10_000, 1), (1000, 2), (200, 4), (0, 20))
# For the regression on the owner's totals: keeps a few clients from making it certain.
_PENALTY_OF_TOTALS = 1.0
_NEWEST = 0.2
_MIN_PERSONS = 5
# From here on a question alone surely predicts so well that it is compared with all the others.
_STRONG = 0.75

ROC_GRID = np.linspace(0, 1, 101)
"""The false positive rates of the ROC curves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossValidation:
    """Performance on unseen clients, of the new points and of the owner's."""

    auc: Interval
    auc_owner: float
    log_loss: float
    log_loss_owner: float
    #: Of the base rate as everybody's chance.
    log_loss_base: float
    #: See `calibration_of`.
    in_the_large: float
    slope: float
    #: True positive rates at the false positive rates of ROC_GRID.
    roc: Floats
    roc_owner: Floats
    #: AUC on the newest fifth of points learned from the older clients; None without dates or with too few clients.
    newest: float | None
    #: The share of folds in which a question was selected, by its position in the design.
    selected: Mapping[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnivariateAuc:
    """The AUC of one question alone."""

    question: str
    alone: Interval
    #: Whether it surely predicts so well that the others are worth a comparison.
    strong: bool
    #: The AUC of all the others together, if this one is strong.
    others: float | None


def cross_validate(
    design: Design, clients: Clients, owner_totals: Floats, max_questions: int | None
) -> CrossValidation:
    """Cross-validate the learner; there are at least ten persons of either outcome."""
    good = clients.good
    rounds = next(rounds for least, rounds in _ROUNDS if len(good) >= least)
    aucs, losses, rocs = [], [], []
    chances, times = np.zeros(len(good)), np.zeros(len(good))
    selected: Counter[int] = Counter()
    for train, test in grouped_folds(good, clients.groups, rounds, np.random.default_rng(_SEED)):
        scorecard = learn(design, good, train, max_questions)
        selected.update(scorecard.kept)
        totals, own = scorecard.totals(design, test), owner_totals[test]
        new = scorecard.chances(totals)
        chances[test] += new
        times[test] += 1
        aucs.append([auc(totals, good[test]), auc(own, good[test])])
        rocs.append([roc(totals, good[test], ROC_GRID), roc(own, good[test], ROC_GRID)])
        intercept, slope = fit_scores(owner_totals[train], good[train], _PENALTY_OF_TOTALS)
        base = np.full(len(test), good[train].mean())
        losses.append([log_loss(given, good[test]) for given in (new, expit(intercept + slope * own), base)])
    auc_new, auc_owner = np.mean(aucs, axis=0).tolist()
    loss, loss_owner, loss_base = np.mean(losses, axis=0).tolist()
    roc_new, roc_owner = np.mean(rocs, axis=0)
    tested = times > 0
    in_the_large, slope = calibration_of(chances[tested] / times[tested], good[tested])
    return CrossValidation(
        auc=auc_interval(auc_new, *clients.group_counts),
        auc_owner=auc_owner,
        log_loss=loss,
        log_loss_owner=loss_owner,
        log_loss_base=loss_base,
        in_the_large=in_the_large,
        slope=slope,
        roc=roc_new,
        roc_owner=roc_owner,
        newest=_auc_on_newest(design, clients, max_questions),
        selected={index: count / len(aucs) for index, count in selected.items()},
    )


def univariate_aucs(design: Design, clients: Clients) -> Sequence[UnivariateAuc]:
    """Return the cross-validated AUC of each question alone, by the base rate among those who answered alike.

    An unknown answer counts as an answer: if sales fill it in later, it gives the outcome away.
    """
    good = clients.good
    patterns = [_answer_patterns(block) for block in design.blocks]
    rounds = 4 if len(good) < 1000 else 1  # noqa: PLR2004
    aucs = []
    for train, test in grouped_folds(good, clients.groups, rounds, np.random.default_rng(_SEED)):
        row = []
        for pattern in patterns:
            size = int(pattern.max()) + 1
            goods = np.bincount(pattern[train], weights=good[train], minlength=size)
            rates = (goods + float(good[train].mean())) / (np.bincount(pattern[train], minlength=size) + 1)
            row.append(auc(rates[pattern[test]], good[test]))
        aucs.append(row)
    result = []
    for index, mean in enumerate(np.mean(aucs, axis=0).tolist()):
        alone = auc_interval(mean, *clients.group_counts)
        strong, rest = alone.low >= _STRONG, [other for other in range(len(patterns)) if other != index]
        others = None
        if strong and rest:
            others_design = design.only(rest)
            folds = grouped_folds(good, clients.groups, 1, np.random.default_rng(0))
            others = float(np.mean([_auc_on(others_design, clients, train, test) for train, test in folds]))
        question = design.blocks[index].question.id
        result.append(UnivariateAuc(question=question, alone=alone, strong=strong, others=others))
    return result


def _answer_patterns(block: Block) -> Rows:
    """Return the number of each client's combination of choices."""
    answers = np.column_stack([block.cells, block.unknown, block.asked])
    _, numbers = np.unique(answers @ 2.0 ** np.arange(answers.shape[1]), return_inverse=True)
    return numbers


def _auc_on_newest(design: Design, clients: Clients, max_questions: int | None) -> float | None:
    """Return the AUC on the newest fifth of points learned from the others, if both have enough of both outcomes.

    Persons among the older clients are not tested: their earlier answers would give them away.
    """
    if clients.order is None:
        return None
    good, groups = clients.good, clients.groups
    train, newest = np.split(clients.order, [round(len(clients.order) * (1 - _NEWEST))])
    test = newest[~np.isin(groups[newest], groups[train])]
    persons = [np.unique(groups[rows][good[rows] == outcome]) for rows in (train, test) for outcome in (True, False)]
    if min(map(len, persons)) < _MIN_PERSONS:
        return None
    return _auc_on(design, clients, np.sort(train), test, max_questions)


def _auc_on(design: Design, clients: Clients, train: Rows, test: Rows, max_questions: int | None = None) -> float:
    scorecard = learn(design, clients.good, train, max_questions)
    return auc(scorecard.totals(design, test), clients.good[test])
