"""Logistic regression with a ridge penalty towards given weights: the one model of calibration, at every size.

It minimises −log-likelihood + penalty/2 · Σ(weight − prior)², with an unpenalised intercept. The minimum is the
posterior mode under a normal prior of variance 1/penalty around the prior weights (Hoerl & Kennard 1970; le Cessie &
van Houwelingen 1992).
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Rows: TypeAlias = npt.NDArray[np.intp]

_MAX_STEPS = 60
_MAX_HALVINGS = 30
# Half the squared Newton decrement estimates how far the objective can still fall (Boyd & Vandenberghe, 9.5.2).
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A fitted model."""

    intercept: float
    weights: Floats
    #: Of the penalised objective at its minimum; the intercept comes first.
    hessian: Floats

    @property
    def covariance(self) -> Floats:
        """The posterior covariance of the weights: the inverse of the Hessian, without the intercept (Laplace)."""
        return np.linalg.inv(self.hessian)[1:, 1:].astype(np.float64)


def fit(columns: Floats, good: Flags, prior: Floats, penalty: float | Floats, start: Fit | None = None) -> Fit:
    """Fit by Newton's method with a backtracking line search.

    There is one row of columns per client, and both outcomes must occur. The penalty, one for all weights or one for
    each, draws to the prior weights. Given an earlier fit, it starts from there instead of from the prior.
    """
    rows, width = columns.shape
    design = np.hstack([np.ones((rows, 1)), columns])
    target = good.astype(np.float64)
    centre = np.concatenate([[0.0], prior])
    ridge = np.zeros(width + 1)
    ridge[1:] = penalty

    def objective(logits: Floats, weights: Floats) -> float:
        return float(np.logaddexp(0.0, logits).sum() - target @ logits + ridge @ (weights - centre) ** 2 / 2)

    weights = np.concatenate([[start.intercept], start.weights]) if start else centre
    if start is None:
        weights[0] = logit(target.mean()) - float((columns @ prior).mean())
    logits = design @ weights
    value = objective(logits, weights)
    for _ in range(_MAX_STEPS):
        chance = expit(logits)
        gradient = design.T @ (chance - target) + ridge * (weights - centre)
        weighted = design * np.sqrt(chance * (1 - chance))[:, None]
        hessian = weighted.T @ weighted + np.diag(ridge)
        hessian[0, 0] += 1e-12  # the intercept has no penalty, and every chance may be close to 0 or 1
        step = np.linalg.solve(hessian, gradient)
        if gradient @ step / 2 < _TOLERANCE:
            break
        for _ in range(_MAX_HALVINGS):  # the line search
            candidate = weights - step
            logits = design @ candidate
            reached = objective(logits, candidate)
            if reached <= value:
                break
            step = step / 2
        weights, value = candidate, reached
    return Fit(intercept=float(weights[0]), weights=weights[1:], hessian=hessian)


def fit_scores(scores: Floats, good: Flags, penalty: float = 1e-6) -> tuple[float, float]:
    """Regress the outcome on a single score; return intercept and slope of the logit.

    The penalty applies to the standardised score; the default only keeps a perfect separation finite.
    """
    centre, unit = scores.mean(), scores.std() or 1.0
    fitted = fit(((scores - centre) / unit)[:, None], good, np.zeros(1), penalty)
    slope = float(fitted.weights[0] / unit)
    return float(fitted.intercept - slope * centre), slope


def expit(logits: Floats) -> Floats:
    """Return the chances of logits."""
    return 0.5 * (1 + np.tanh(logits / 2))  # never overflows


def logit(chance: float) -> float:
    """Return the logit of a chance; large and finite for 0 and 1."""
    within = min(max(chance, 1e-9), 1 - 1e-9)
    return float(np.log(within / (1 - within)))
