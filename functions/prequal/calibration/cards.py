"""Weights become a card: whole points for every answer, and the chance that a total stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from prequal.calibration import ridge
from prequal.calibration.design import Block, Design
from prequal.calibration.ridge import Flags, Floats, Rows

# The points between the worst and the best answer to the widest question. A finer scale tells more only once there
# are many clients.
_WIDEST, _WIDEST_OF_MANY = 10, 20
MANY = 1000
# Below this, answers differ by nothing that a point could stand for.
_LEAST_WEIGHT = 1e-6
_NEXT_TO_NONE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Points for each column of a design, and the logit of being good: intercept + slope · total.

    `errors` are the standard errors of the points before they were rounded, as distances from the question's average;
    `scale` is the points that a weight of 1
    makes. `shares` stand for answers that aren't known.
    """

    points: Floats
    errors: Floats
    intercept: float
    slope: float
    scale: float
    shares: Floats

    def totals(self, design: Design, rows: Rows) -> Floats:
        """Return what these clients score."""
        totals: Floats = design.filled(rows, self.shares) @ self.points
        return totals

    def shifted(self, logits: float) -> Card:
        """Return the card for prospects of whom more are good, or fewer."""
        return replace(self, intercept=self.intercept + logits)

    def chances(self, totals: Floats) -> Floats:
        """Return how likely clients of such totals are good."""
        return ridge.expit(self.intercept + self.slope * totals)


def card_of(  # noqa: PLR0913, all by name
    *, design: Design, cells: Floats, shares: Floats, good: Flags, weights: Floats, errors: Floats, intercept: float
) -> Card:
    """Round weights to points, such that no answer, and without that the worst answer, is worth nothing.

    The chance of a total is the model's own, or from many clients on what their rounded totals say.
    """
    bases = np.zeros_like(weights)
    offset, widest = intercept, 0.0
    for block, columns in zip(design.blocks, design.slices, strict=True):
        base = _base(block, weights[columns])
        bases[columns] = base
        offset += base
        widest = max(widest, _width(block, weights[columns] - base))
    scale = (_WIDEST_OF_MANY if len(good) >= MANY else _WIDEST) / widest if widest > _LEAST_WEIGHT else 0.0
    points = np.rint((weights - bases) * scale)
    slope = 1 / scale if scale else 0.0
    if len(good) >= MANY and scale:
        totals = cells @ points
        centre, unit = totals.mean(), totals.std() or 1.0
        refitted = ridge.fit(((totals - centre) / unit)[:, None], good, np.zeros(1), _NEXT_TO_NONE)
        slope = float(refitted.weights[0] / unit)
        offset = float(refitted.intercept - slope * centre)
    elif not scale:
        offset = ridge.logit(good.mean())
    return Card(points=points + 0.0, errors=errors * scale, intercept=offset, slope=slope, scale=scale, shares=shares)


def _base(block: Block, weights: Floats) -> float:
    """Return the weight that no points stand for."""
    if block.additive:
        return 0.0
    if block.optional:
        return float(weights[block.choices.index(None)])
    return float(weights.min())


def _width(block: Block, weights: Floats) -> float:
    """Return how far the best answer is from the worst."""
    if block.additive:
        return float(np.abs(weights).sum())
    return float(np.ptp(weights))
