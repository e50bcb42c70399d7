"""The learner: past clients become a scorecard.

Everything that is chosen by looking at outcomes (the trust in the owner's points, the questions) is chosen here, so
that cross-validation repeats all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from prequal.calibration import ridge
from prequal.calibration.design import Block
from prequal.calibration.evaluation import grouped_folds, log_loss
from prequal.calibration.ridge import Flags, Floats, expit
from prequal.core.form import Band

# On weights of answers, around the owner's points or around 0, where half of the clients are good.
_PENALTY = 3.0
# The share of the rarer outcome below which the penalty stays as it is: the prior needs no more help.
_RAREST = 0.1
# The standard deviation of the owner's total on the scale of logits: that of points which rank with an AUC of .64.
NOMINAL_TRUST = 0.5
# With fewer clients of either outcome, cross-validation tells less about the owner's points than they tell about the
# clients.
_MIN_TO_CHOOSE_TRUST = 40
# As many clients as tell whether to trust the owner's points.
_SUBSAMPLE = 3000
# The points between the worst and the best answer to the widest question. A smaller range of weights is noise.
_WIDEST, _MIN_WIDTH = 20, 1e-6
_ROUNDS = 3
_SEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Learned points by the question's id, one per column of its block.

    The logit of being good is intercept + total / scale.
    """

    points: Mapping[str, Floats]
    #: Standard errors of the unrounded points, as distances from their question's mean.
    errors: Mapping[str, Floats]
    intercept: float
    #: Points per unit of weight; 0 if all answers are worth the same.
    scale: float
    #: The standard deviation of the owner's total on the scale of logits, in the prior.
    trust: float

    def totals(self, blocks: Sequence[Block]) -> Floats:
        """Return the totals of these clients."""
        parts = [block.cells @ self.points[block.question.id] for block in blocks if block.question.id in self.points]
        totals: Floats = np.sum(parts, axis=0)
        return totals

    def chances(self, totals: Floats) -> Floats:
        """Return the chances that clients with these totals are good."""
        return expit(self.intercept + totals / (self.scale or 1.0))


def make_prior(blocks: Sequence[Block]) -> tuple[Floats, Floats]:
    """Return the normal prior of the weights: the Cholesky factor of its covariance, and its centre.

    Divided by the factor, weights have equal variances, and the centre is given so. It is the owner's points, scaled to
    a total with standard deviation 1 for these clients, or 0 if the total is constant.

    Options have no order that the form states, so their weights are independent. Bands have one: their weights are a
    random walk, which penalises first-order differences (Gertheiss & Tutz 2009, Penalized regression with ordinal
    predictors). Both vary equally around their question's mean, so that the same penalty suits both.
    """
    points = np.concatenate([block.owner_points for block in blocks])
    cholesky: Floats = np.eye(len(points))
    for block, columns in _parts(blocks):
        bands = int(_is_band(block).sum())  # the first columns, before the one of no answer
        if bands:
            of_bands = slice(columns.start, columns.start + bands)
            cholesky[of_bands, of_bands] = np.linalg.cholesky(_random_walk_covariance(bands))
    deviation = float((_cells(blocks) @ points).std())
    scaled = points / deviation if deviation > 0 else np.zeros_like(points)
    return cholesky, np.linalg.solve(cholesky, scaled).astype(np.float64)


def learn(blocks: Sequence[Block], good: Flags, max_questions: int | None = None) -> Scorecard:
    """Learn a scorecard from these clients, among whom both outcomes occur; of the widest questions only."""
    cholesky, centre = make_prior(blocks)
    cells, parts = _cells(blocks), _parts(blocks)
    trust = _choose_trust(cells @ cholesky, good, centre)
    penalty = _penalty(good)
    fitted = ridge.fit(cells @ cholesky, good, centre * trust, penalty)
    weights, opinion, intercept = cholesky @ fitted.weights, cholesky @ centre * trust, fitted.intercept
    # The base, worth 0 points, is "no answer", or else the worst answer; each choice of several stands for itself. So
    # does each answer that not everybody is asked for: not to be asked is worth 0.
    for block, columns in parts:
        if not block.additive:
            # Options that no client chose get the question's mean weight plus the owner's offset from it. A band that
            # no client fell into was estimated from its neighbours.
            own, offset = weights[columns], opinion[columns]
            informed = (block.shares > 0) | _is_band(block)
            weights[columns] = np.where(informed, own, offset + block.shares @ (own - offset))
            if block.asked.all():
                base = weights[columns][-1] if None in block.choices else weights[columns].min()
                weights[columns] -= base
                intercept += base
    widths = [
        float(np.abs(weights[columns]).sum() if block.additive else np.ptp([0, *weights[columns]]))
        for block, columns in parts
    ]
    if max_questions is not None and max_questions < len(blocks):
        return learn(_widest(blocks, widths, max_questions), good)
    scale = _WIDEST / max(widths) if max(widths) > _MIN_WIDTH else 0.0
    # Errors are those of distances from the question's mean: its level is arbitrary, as the intercept makes up for it.
    # Weights vary more than the penalty that ranks best supposes: with half of it, 95 % intervals hold 95 %.
    covariance = cholesky @ fitted.covariance(penalty / 2) @ cholesky.T
    centring = np.eye(len(weights))
    for block, columns in parts:
        if not block.additive and block.asked.all():
            centring[columns, columns] -= block.shares
    errors = np.sqrt(np.einsum("ij,jk,ik->i", centring, covariance, centring)) * scale
    return Scorecard(
        points={block.question.id: np.rint(weights[columns] * scale) + 0.0 for block, columns in parts},  # no -0.0
        errors={block.question.id: errors[columns] for block, columns in parts},
        intercept=float(intercept) if scale else ridge.logit(good.mean()),
        scale=scale,
        trust=trust,
    )


def _penalty(good: Flags) -> float:
    """Return the penalty on weights: the fewer clients of one outcome there are, the less each client tells."""
    share = float(np.clip(good.mean(), _RAREST, 1 - _RAREST))
    return _PENALTY / (4 * share * (1 - share))


def _cells(blocks: Sequence[Block]) -> Floats:
    return np.hstack([block.cells for block in blocks])


def _parts(blocks: Sequence[Block]) -> list[tuple[Block, slice]]:
    """Return each block with its columns."""
    ends = np.cumsum([len(block.choices) for block in blocks]).tolist()
    return [(block, slice(end - len(block.choices), end)) for block, end in zip(blocks, ends, strict=True)]


def _is_band(block: Block) -> Flags:
    return np.array([isinstance(choice, Band) for choice in block.choices])


def _random_walk_covariance(steps: int) -> Floats:
    """Return the covariance of a random walk around its mean, with the trace of independent weights around theirs.

    The mean itself has the variance of the mean of independent weights.
    """
    mean = np.full((steps, steps), 1 / steps)
    around = np.eye(steps) - mean
    walk = around @ np.minimum.outer(np.arange(steps), np.arange(steps)) @ around
    trace = float(np.trace(walk))  # (steps² − 1) / 6
    return mean + (walk * ((steps - 1) / trace) if trace else 0.0)


def _choose_trust(cells: Floats, good: Flags, centre: Floats) -> float:
    """Choose whether to trust the owner's points by cross-validated log-loss, if there are enough clients for that."""
    if not centre.any() or min(good.sum(), (~good).sum()) < _MIN_TO_CHOOSE_TRUST:
        return NOMINAL_TRUST if centre.any() else 0.0
    draws = np.random.default_rng(_SEED)
    some = draws.permutation(len(good))[:_SUBSAMPLE]
    cells, good, losses = cells[some], good[some], dict.fromkeys((NOMINAL_TRUST, 0.0), 0.0)
    for train, test in grouped_folds(good, np.arange(len(good)), _ROUNDS, draws):
        for trust in losses:
            fitted = ridge.fit(cells[train], good[train], centre * trust, _penalty(good[train]))
            losses[trust] += log_loss(expit(fitted.intercept + cells[test] @ fitted.weights), good[test]) * len(test)
    return min(losses, key=lambda trust: losses[trust])


def _widest(blocks: Sequence[Block], widths: Sequence[float], count: int) -> Sequence[Block]:
    """Return the questions with the widest ranges of weights. One stays as long as another follows from it."""
    kept = dict(zip(blocks, widths, strict=True))
    while len(kept) > count:
        followed = {name for block in kept for name in block.question.ask_if.listed}
        del kept[min((block for block in kept if block.question.id not in followed), key=lambda block: kept[block])]
    return [*kept]
