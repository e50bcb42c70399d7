"""How good chances and rankings are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from prequal.calibration import ridge
from prequal.calibration.ridge import Flags, Floats

Z = 1.959964  # 95 %
_HALVINGS = 50
_NEXT_TO_NONE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure, and between what it lies in 95 of 100 such tables."""

    mean: float
    low: float
    high: float


def auc(scores: Floats, good: Flags) -> float:
    """Return how often a good client scores above another one, ties counting half (Mann & Whitney 1947)."""
    values, inverse = np.unique(scores, return_inverse=True)
    goods = np.bincount(inverse, weights=good, minlength=len(values))
    others = np.bincount(inverse, weights=~good, minlength=len(values))
    below = np.cumsum(others) - others
    return float(goods @ (below + others / 2) / (goods.sum() * others.sum()))


def roc(scores: Floats, good: Flags, grid: Floats) -> Floats:
    """Return what part of the good ones score above each part of the others: the ROC curve on a grid."""
    values, inverse = np.unique(-scores, return_inverse=True)
    goods = np.bincount(inverse, weights=good, minlength=len(values))
    others = np.bincount(inverse, weights=~good, minlength=len(values))
    across = np.concatenate([[0.0], np.cumsum(others) / others.sum()])
    up = np.concatenate([[0.0], np.cumsum(goods) / goods.sum()])
    curve: Floats = np.interp(grid, across, up)
    return curve


def auc_interval(mean: float, good: int, others: int) -> Interval:
    """Return the AUC with the interval that so few clients leave it.

    The values from which the one found is at most 1.96 standard errors away, each by its own standard error (Newcombe
    2006, method 5; the standard error is that of Hanley & McNeil 1982). So a perfect ranking of a few is no certainty.
    """

    def far(value: float) -> bool:
        return abs(mean - value) > Z * _standard_error(value, good, others)

    low = 0.0 if not far(0.0) else _border(far, outside=0.0, inside=mean)
    high = 1.0 if not far(1.0) else _border(far, outside=1.0, inside=mean)
    return Interval(mean=mean, low=low, high=high)


def _standard_error(area: float, good: int, others: int) -> float:
    several = (good + others) / 2 - 1
    spread = 1 + several * ((1 - area) / (2 - area) + area / (1 + area))
    return sqrt(max(area * (1 - area) * spread, 0.0) / (good * others))


def _border(far: Callable[[float], bool], *, outside: float, inside: float) -> float:
    for _ in range(_HALVINGS):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if far(middle) else (outside, middle)
    return inside


def losses(chances: Floats, good: Flags) -> Floats:
    """Return −log of the chance that was given to what happened, for each client; the mean is the log-loss."""
    given = np.where(good, chances, 1 - chances)
    found: Floats = -np.log(np.clip(given, 1e-12, 1))
    return found


def log_loss(chances: Floats, good: Flags) -> float:
    """Return the mean loss."""
    return float(losses(chances, good).mean())


def calibration(chances: Floats, good: Flags) -> tuple[float, float]:
    """Return the calibration in the large, how many good ones came for each expected, and the slope.

    Both are 1 at best. A slope below 1 says that high chances are too high and low ones too low (Cox 1958).
    """
    logits = np.log(chances / (1 - chances))
    slope = ridge.fit(logits[:, None], good, np.zeros(1), _NEXT_TO_NONE).weights[0]
    return float(good.sum() / chances.sum()), float(slope)
