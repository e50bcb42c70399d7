"""What is thought of answers before any client is looked at: what the owner's card says, and that bands are neighbours.

Options have no order that the form tells, so each may differ from its question's average by itself. Bands have one, and
their weights are a random walk from each to the next instead, which penalises the first-order differences (Gertheiss &
Tutz 2009, Penalized regression with ordinal predictors). Both vary as much around their question's average, so that
one penalty does for all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prequal.calibration.design import Block, Design
from prequal.calibration.ridge import Floats
from prequal.core.form import Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Weights are `basis` times independent ones, which a plain ridge penalty draws towards the `centre`.

    The centre is the owner's card, scaled such that its total has the standard deviation 1; all 0 if it says nothing.
    """

    basis: Floats
    centre: Floats


def prior_of(design: Design, cells: Floats) -> Prior:
    """Return the prior of a design's weights; `cells` are those to learn from."""
    basis = _basis(design)
    spread = float((cells @ design.card).std())
    card = design.card / spread if spread > 0 else np.zeros_like(design.card)
    return Prior(basis=basis, centre=np.linalg.solve(basis, card).astype(np.float64))


def _basis(design: Design) -> Floats:
    """Return the matrix whose product with its own transpose is how the weights vary together."""
    basis: Floats = np.eye(design.cells.shape[1])
    for block, columns in zip(design.blocks, design.slices, strict=True):
        bands = _bands(block)
        if bands:
            of_bands = slice(columns.start, columns.start + bands)
            basis[of_bands, of_bands] = np.linalg.cholesky(_walking(bands))
    return basis


def _bands(block: Block) -> int:
    """Return how many columns are bands: these come first, before that of no answer."""
    return sum(isinstance(choice, Band) for choice in block.choices)


def _walking(steps: int) -> Floats:
    """Return the covariance of a random walk around its mean, as large as that of independent weights around theirs.

    The mean itself varies as theirs does.
    """
    mean = np.full((steps, steps), 1 / steps)
    around = np.eye(steps) - mean
    walk = around @ np.minimum.outer(np.arange(steps), np.arange(steps)) @ around
    size = float(np.trace(walk))  # (steps² − 1) / 6
    covariance: Floats = mean + (walk * ((steps - 1) / size) if size else 0.0)
    return covariance
