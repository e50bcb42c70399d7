"""Folds of cross-validation, and measures of rankings and chances."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np

from prequal.calibration.ridge import Flags, Floats, Rows, fit_scores

FOLDS = 5
Z = 1.959964
"""The normal quantile of a 95 % interval."""
_HALVINGS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate with its 95 % confidence interval."""

    mean: float
    low: float
    high: float


def grouped_folds(
    good: Flags, groups: Rows, rounds: int, generator: np.random.Generator
) -> Iterator[tuple[Rows, Rows]]:
    """Return training and test rows of stratified folds, five a round, each with its proportion of both outcomes.

    A group is in one fold only, since one row of a person would reveal another's outcome. Folds are left out if their
    training or test rows lack an outcome.
    """
    _, number = np.unique(groups, return_inverse=True)
    good_once = np.bincount(number, weights=good) > 0
    fold = np.empty(len(good_once), dtype=np.intp)
    for _ in range(rounds):
        for outcome in (True, False):
            members = np.flatnonzero(good_once == outcome)
            fold[members] = generator.permutation(np.arange(len(members)) % FOLDS)
        for tested in range(FOLDS):
            train, test = np.flatnonzero(fold[number] != tested), np.flatnonzero(fold[number] == tested)
            if all(0 < good[rows].sum() < len(rows) for rows in (train, test)):
                yield train, test


def _cumulated(scores: Floats, good: Flags) -> tuple[Floats, Floats]:
    """Return the number of others and of good clients that score at least each value, from the highest value on."""
    _, position = np.unique(-scores, return_inverse=True)
    others, goods = (np.concatenate([[0.0], np.cumsum(np.bincount(position, weights=part))]) for part in (~good, good))
    return others, goods


def auc(scores: Floats, good: Flags) -> float:
    """Return the area under the ROC curve: the chance that a good client scores above another one.

    Ties count half (Mann & Whitney 1947).
    """
    others, goods = _cumulated(scores, good)
    return float(np.diff(others) @ (goods[1:] + goods[:-1]) / (2 * goods[-1] * others[-1]))


def roc(scores: Floats, good: Flags, false_positive_rates: Floats) -> Floats:
    """Return the ROC curve: the true positive rates at these false positive rates."""
    others, goods = _cumulated(scores, good)
    curve: Floats = np.interp(false_positive_rates, others / others[-1], goods / goods[-1])
    return curve


def auc_interval(mean: float, good: int, others: int) -> Interval:
    """Return the 95 % interval of an AUC, from the numbers of clients.

    It holds the values from which the estimate is at most 1.96 of their own standard errors away (Newcombe 2006,
    method 5; standard error by Hanley & McNeil 1982). So a perfect ranking of a few clients is no certainty.
    """

    def excluded(area: float) -> bool:
        pairs = 1 + ((good + others) / 2 - 1) * ((1 - area) / (2 - area) + area / (1 + area))
        return abs(mean - area) > Z * sqrt(max(area * (1 - area) * pairs, 0.0) / (good * others))

    def bound(outside: float) -> float:
        if not excluded(outside):
            return outside
        inside = mean
        for _ in range(_HALVINGS):
            middle = (outside + inside) / 2
            outside, inside = (middle, inside) if excluded(middle) else (outside, middle)
        return inside

    return Interval(mean=mean, low=bound(0.0), high=bound(1.0))


def log_loss(chances: Floats, good: Flags) -> float:
    """Return the mean over clients of −log of the chance that was given to their outcome."""
    return float(-np.log(np.clip(np.where(good, chances, 1 - chances), 1e-12, 1)).mean())


def calibration_of(chances: Floats, good: Flags) -> tuple[float, float]:
    """Return the calibration in the large, observed over expected good clients, and the calibration slope.

    Both are 1 at best. With a slope below 1, high chances are too high and low ones too low (Cox 1958).
    """
    _, slope = fit_scores(np.log(chances / (1 - chances)), good)
    return float(good.sum() / chances.sum()), slope
