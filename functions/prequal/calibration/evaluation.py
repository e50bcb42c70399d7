"""Folds of cross-validation, and measures of rankings and chances."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np

from prequal.calibration.ridge import Flags, Floats, Rows

FOLDS = 5
Z = 1.959964
"""The normal quantile of a 95 % interval."""
_HALVINGS = 50
# In simulations of 20 to 200 clients, DeLong's interval holds the difference in 84 to 90 of 100 cases, and one that is
# wider by this factor in 95.
_OF_LEARNING = 1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate with its 95 % confidence interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f}, {self.low:.2f} to {self.high:.2f}"


def above_unlabelled(ahead: Interval, rate: float, level: float = 0.5) -> Interval:
    """Return the AUC of good clients above others, from that above unlabelled ones of whom this share is good.

    A good one ranks above another good one half of the time, so the latter is rate / 2 + (1 − rate) · AUC (Menon et al.
    2015). The difference of two AUCs has the level 0 in place of 1/2.
    """
    mean, low, high = ((value - rate * level) / (1 - rate) for value in (ahead.mean, ahead.low, ahead.high))
    return Interval(mean=min(mean, 1.0), low=max(low, 2 * level - 1), high=min(high, 1.0))


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


def placements(scores: Floats, good: Flags) -> Floats:
    """Return for each client the share of those with the other outcome that it is ranked rightly against.

    Ties count half. The mean over the good clients is the AUC, and so is that over the others (Hanley & Hajian-Tilaki
    1997).
    """

    def share_below(some: Floats) -> Floats:
        ascending = np.sort(some)
        sides = np.searchsorted(ascending, scores, "left") + np.searchsorted(ascending, scores, "right")
        return sides / (2 * len(some))

    return np.where(good, share_below(scores[~good]), 1 - share_below(scores[good]))


def auc(scores: Floats, good: Flags) -> float:
    """Return the area under the ROC curve: the chance that a good client scores above another one."""
    return float(placements(scores, good)[good].mean())


def auc_interval(mean: float, good: float, others: float) -> Interval:
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


def lead_interval(ahead: Floats, good: Flags, groups: Rows) -> Interval:
    """Return the 95 % interval of the difference of two AUCs, from the differences of the clients' placements.

    It is DeLong's (1988), with the means of persons in place of rows, since those of one person are not independent,
    and Student's quantile with Satterthwaite's (1946) degrees of freedom. It is wider, as what is learned varies, too.
    """
    mean, variance, doubt = 0.0, 0.0, 0.0
    for outcome in (True, False):
        rows = np.flatnonzero(good == outcome)
        _, person = np.unique(groups[rows], return_inverse=True)
        of_persons = np.bincount(person, weights=ahead[rows]) / np.bincount(person)
        mean += float(of_persons.mean()) / 2
        part = float(of_persons.var(ddof=1)) / len(of_persons)
        variance += part
        doubt += part**2 / (len(of_persons) - 1)
    error = _student(doubt / variance**2 if variance else 0.0) * _OF_LEARNING * sqrt(variance)
    return Interval(mean=mean, low=max(mean - error, -1.0), high=min(mean + error, 1.0))


def _student(inverse: float) -> float:
    """Return Student's 95 % quantile from the inverse of its degrees of freedom (Fisher & Cornish 1960)."""
    return Z + (Z**3 + Z) * inverse / 4 + (5 * Z**5 + 16 * Z**3 + 3 * Z) * inverse**2 / 96


def log_loss(chances: Floats, good: Flags) -> float:
    """Return the mean over clients of −log of the chance that was given to their outcome."""
    return float(-np.log(np.clip(np.where(good, chances, 1 - chances), 1e-12, 1)).mean())
