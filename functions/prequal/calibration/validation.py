"""Cross-validation of the learner on clients that it has not seen: repeated, stratified, five folds.

Figures from the clients that the points were learned from are worthless: 20 always seem almost perfectly ranked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from prequal.calibration.clients import Clients
from prequal.calibration.evaluation import (
    Interval,
    Z,
    above_unlabelled,
    auc,
    auc_interval,
    grouped_folds,
    lead_interval,
    log_loss,
    placements,
)
from prequal.calibration.learner import learn
from prequal.calibration.ridge import Flags, Floats, Rows, chances_of

_SEED = 5
# Rounds of five folds by the number of clients: with fewer clients, more depends on the split.
_ROUNDS = ((10_000, 1), (1000, 2), (200, 4), (0, 20))
# An AUC of what was learned varies as one of fewer clients does, since other clients would teach something else.
_OF_LEARNED = 0.8
_NEWEST = 0.2
# Persons of either outcome whom an AUC takes, and clients whom a comparison of expected and actual takes.
_MIN_PERSONS, _MIN_NEWEST = 5, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest fifth of the clients, as points learned from the older ones foresaw it."""

    clients: int
    #: None with too few of an outcome.
    auc: Interval | None
    #: The share of good ones that was expected; the interval is where chance leaves the actual share.
    expected: Interval
    actual: float

    @property
    def as_expected(self) -> bool:
        """Whether the actual share of good clients is as expected, up to chance."""
        return self.expected.low <= self.actual <= self.expected.high


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossValidation:
    """Performance on unseen clients, of the new points and of the owner's.

    If the others are unlabelled, an AUC is that above them, which is at least that above those who are not good; or the
    latter itself if their share of good ones is given.
    """

    auc: Interval
    auc_owner: Interval
    #: The AUC of the new points above that of the owner's.
    lead: Interval
    log_loss: float
    log_loss_owner: float
    #: Of the base rate as everybody's chance.
    log_loss_base: float
    #: By the question's id, the AUC of each question alone.
    alone: Mapping[str, Interval]
    #: None without dates or with too few clients.
    newest: Newest | None


def cross_validate(clients: Clients, max_questions: int | None, rate: float | None = None) -> CrossValidation:
    """Cross-validate the learner; there are at least ten persons of either outcome.

    The rate is that of good ones among those who came.
    """
    good, blocks = clients.good, clients.blocks
    persons, owner_totals = clients.group_counts, clients.owner_totals
    rounds = next(rounds for least, rounds in _ROUNDS if len(good) >= least)
    patterns = [
        np.unique(block.cells @ 2.0 ** np.arange(len(block.choices)), return_inverse=True)[1] for block in blocks
    ]
    ahead, times = np.zeros((2, len(good)))
    aucs, losses = [], []
    for train, test in grouped_folds(good, clients.groups, rounds, np.random.default_rng(_SEED)):
        scorecard = learn([block.of(train) for block in blocks], good[train], max_questions)
        totals, own, target = scorecard.totals([block.of(test) for block in blocks]), owner_totals[test], good[test]
        ahead[test] += placements(totals, target) - placements(own, target)
        times[test] += 1
        alone = [auc(_rates(pattern, good, train)[test], target) for pattern in patterns]
        aucs.append([auc(own, target), auc(totals, target), *alone])
        chances_owner = chances_of(owner_totals[train], good[train], own)
        base = np.full(len(test), good[train].mean())
        losses.append([log_loss(given, target) for given in (scorecard.chances(totals), chances_owner, base)])
    among = rate if rate and clients.unlabelled else 0.0
    mean, *means = np.mean(aucs, axis=0).tolist()
    owner = above_unlabelled(auc_interval(mean, *persons), among)
    fewer = [_OF_LEARNED * count for count in persons]
    new, *each = [above_unlabelled(auc_interval(mean, *fewer), among) for mean in means]
    loss, loss_owner, loss_base = np.mean(losses, axis=0).tolist()
    return CrossValidation(
        auc=new,
        auc_owner=owner if np.ptp(owner_totals) else Interval(mean=0.5, low=0.5, high=0.5),
        lead=above_unlabelled(lead_interval(ahead / np.maximum(times, 1), good, clients.groups), among, level=0.0),
        log_loss=loss,
        log_loss_owner=loss_owner,
        log_loss_base=loss_base,
        alone={block.question.id: interval for block, interval in zip(blocks, each, strict=True)},
        newest=_foresee_newest(clients, max_questions),
    )


def _rates(pattern: Rows, good: Flags, train: Rows) -> Floats:
    """Return for each client the share of good ones among the training clients who answered alike."""
    size = int(pattern.max()) + 1
    goods = np.bincount(pattern[train], weights=good[train], minlength=size)
    rates: Floats = (goods + float(good[train].mean())) / (np.bincount(pattern[train], minlength=size) + 1)
    return rates[pattern]


def _foresee_newest(clients: Clients, max_questions: int | None) -> Newest | None:
    """Learn from the older clients, and compare the newest fifth with what that foresees.

    Persons among the older clients are left out: their earlier answers would give them away.
    """
    if clients.order is None:
        return None
    good, groups, blocks = clients.good, clients.groups, clients.blocks
    train, newest = np.split(clients.order, [round(len(clients.order) * (1 - _NEWEST))])
    test = newest[~np.isin(groups[newest], groups[train])]
    older, persons = (len(np.unique(groups[rows])) for rows in (train, test))
    if persons < _MIN_NEWEST or not 0 < good[train].sum() < len(train):
        return None
    scorecard = learn([block.of(train) for block in blocks], good[train], max_questions)
    totals = scorecard.totals([block.of(test) for block in blocks])
    chances = scorecard.chances(totals)
    # The expected share varies as well, with the clients that it was learned from.
    mean = float(chances.mean())
    error = Z * sqrt(mean * (1 - mean) * (1 / persons + 1 / older))
    counts = [len(np.unique(groups[test][good[test] == outcome])) for outcome in (True, False)]
    return Newest(
        clients=len(test),
        auc=auc_interval(auc(totals, good[test]), *counts) if min(counts) >= _MIN_PERSONS else None,
        expected=Interval(mean=mean, low=max(mean - error, 0.0), high=min(mean + error, 1.0)),
        actual=float(good[test].mean()),
    )
