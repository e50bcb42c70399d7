"""The scorecard: weights rounded to whole points, and the chance that a total stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from prequal.calibration.design import Block, Design
from prequal.calibration.ridge import Flags, Floats, Rows, expit, fit_scores, logit

# The points between the worst and the best answer to the widest question. A finer scale only helps with many clients.
_WIDEST, _WIDEST_OF_MANY = 10, 20
_MANY = 1000
# Weights of a smaller range would be noise.
_MIN_WEIGHT = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Points for each column of a design. The logit of being good is intercept + slope · total."""

    points: Floats
    #: Standard errors of the unrounded points, as distances from their question's mean.
    errors: Floats
    intercept: float
    slope: float
    #: Points per unit of weight; 0 if all answers are worth the same.
    scale: float
    #: In place of unknown answers: see `Design.imputed`.
    shares: Floats

    def totals(self, design: Design, rows: Rows) -> Floats:
        """Return the totals of these clients."""
        totals: Floats = design.imputed(rows, self.shares) @ self.points
        return totals

    def shifted(self, logits: float) -> Scorecard:
        """Return the scorecard for a population with another base rate (prior correction; King & Zeng 2001)."""
        return replace(self, intercept=self.intercept + logits)

    def chances(self, totals: Floats) -> Floats:
        """Return the chances that clients with these totals are good."""
        return expit(self.intercept + self.slope * totals)


def make_scorecard(  # noqa: PLR0913, all by name
    *, design: Design, cells: Floats, shares: Floats, good: Flags, weights: Floats, errors: Floats, intercept: float
) -> Scorecard:
    """Round weights to points such that "no answer", or else the worst answer, is worth 0.

    The chances are the model's own, or with many clients those of a regression on the rounded totals.
    """
    bases = np.zeros_like(weights)
    widest = 0.0
    for block, columns in design.parts:
        base = _base(block, weights[columns])
        bases[columns] = base
        intercept += base
        of_block = weights[columns] - base
        widest = max(widest, float(np.abs(of_block).sum() if block.additive else np.ptp(of_block)))
    many = len(good) >= _MANY
    scale = (_WIDEST_OF_MANY if many else _WIDEST) / widest if widest > _MIN_WEIGHT else 0.0
    points = np.rint((weights - bases) * scale) + 0.0  # no negative zeros
    slope = 1 / scale if scale else 0.0
    if not scale:
        intercept = logit(good.mean())
    elif many:
        intercept, slope = fit_scores(cells @ points, good)
    return Scorecard(points=points, errors=errors * scale, intercept=intercept, slope=slope, scale=scale, shares=shares)


def _base(block: Block, weights: Floats) -> float:
    """Return the weight that is worth 0 points."""
    if block.additive:
        return 0.0
    return float(weights[block.choices.index(None)] if None in block.choices else weights.min())
