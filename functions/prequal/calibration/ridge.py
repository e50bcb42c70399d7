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
    #: The Hessian of −log-likelihood; the intercept comes first.
    information: Floats

    def covariance(self, penalty: float) -> Floats:
        """Return the posterior covariance of the weights under this penalty (Laplace's approximation)."""
        ridge = np.eye(len(self.information)) * penalty
        ridge[0, 0] = 0
        return np.linalg.inv(self.information + ridge)[1:, 1:].astype(np.float64)


def fit(columns: Floats, good: Flags, prior: Floats, penalty: float) -> Fit:
    """Fit by Newton's method with a backtracking line search.

    There is one row of columns per client, and both outcomes must occur.
    """
    rows, width = columns.shape
    design = np.hstack([np.ones((rows, 1)), columns])
    centre = np.concatenate([[0.0], prior])
    ridge = np.concatenate([[0.0], np.full(width, penalty)])

    def objective(weights: Floats) -> float:
        logits = design @ weights
        return float(np.logaddexp(0.0, logits).sum() - logits @ good + ridge @ (weights - centre) ** 2 / 2)

    weights = centre.copy()
    weights[0] = logit(good.mean()) - float((columns @ prior).mean())
    least = objective(weights)
    for _ in range(_MAX_STEPS):
        chance = expit(design @ weights)
        gradient = design.T @ (chance - good) + ridge * (weights - centre)
        weighted = design * np.sqrt(chance * (1 - chance))[:, None]
        information = weighted.T @ weighted
        information[0, 0] += 1e-12  # the intercept has no penalty, and every chance may be close to 0 or 1
        step = np.linalg.solve(information + np.diag(ridge), gradient)
        if gradient @ step / 2 < _TOLERANCE:
            break
        for _ in range(_MAX_HALVINGS):  # the line search
            value = objective(weights - step)
            if value <= least:
                break
            step = step / 2
        weights, least = weights - step, value
    return Fit(intercept=float(weights[0]), weights=weights[1:], information=information)


def chances_of(scores: Floats, good: Flags, given: Floats, penalty: float = 1.0) -> Floats:
    """Regress the outcome on a single score, and return the chances of the given scores.

    The penalty, on the standardised score, keeps a few clients from making it certain.
    """
    centre, unit = scores.mean(), scores.std() or 1.0
    fitted = fit(((scores - centre) / unit)[:, None], good, np.zeros(1), penalty)
    return expit(fitted.intercept + (given - centre) / unit * fitted.weights[0])


def expit(logits: Floats) -> Floats:
    """Return the chances of logits."""
    return 0.5 * (1 + np.tanh(logits / 2))  # never overflows


def logit(chance: float) -> float:
    """Return the logit of a chance; large and finite for 0 and 1."""
    within = min(max(chance, 1e-9), 1 - 1e-9)
    return float(np.log(within / (1 - within)))
