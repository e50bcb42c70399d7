"""Logistic regression that is drawn towards given weights: the one model of calibration, at every size.

It minimises −log-likelihood + penalty/2 · Σ(weight − prior)², with a free intercept. That is Bayes' rule for a normal
prior with the variance 1/penalty around the prior weights (Hoerl & Kennard 1970; le Cessie & van Houwelingen 1992).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Rows: TypeAlias = npt.NDArray[np.intp]

_MOST_STEPS = 60
_MOST_HALVINGS = 30
# Half the squared Newton decrement: about how much the objective can still fall (Boyd & Vandenberghe, 9.5.2).
_CLOSE_ENOUGH = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What was fitted; `curvature` is the second derivative at the minimum, the intercept first."""

    intercept: float
    weights: Floats
    curvature: Floats


def fit(columns: Floats, good: Flags, prior: Floats, penalty: float | Floats, start: Fit | None = None) -> Fit:
    """Fit by Newton's method, from `start` or else from the prior. `good` holds both outcomes.

    The penalty is one for all weights, or one for each.
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
    for _ in range(_MOST_STEPS):
        chance = expit(logits)
        gradient = design.T @ (chance - target) + ridge * (weights - centre)
        curvature = _curvature(design, chance, ridge)
        step = np.linalg.solve(curvature, gradient)
        if gradient @ step / 2 < _CLOSE_ENOUGH:
            break
        weights, logits, value = _downhill(objective, weights, step, design, value)
    return Fit(intercept=float(weights[0]), weights=weights[1:], curvature=curvature)


def _curvature(design: Floats, chance: Floats, ridge: Floats) -> Floats:
    weighted = design * np.sqrt(chance * (1 - chance))[:, None]
    curvature: Floats = weighted.T @ weighted
    curvature[np.diag_indices_from(curvature)] += ridge
    curvature[0, 0] += 1e-12  # the intercept has no penalty, and every chance may be all but certain
    return curvature


def _downhill(
    objective: Callable[[Floats, Floats], float], weights: Floats, step: Floats, design: Floats, value: float
) -> tuple[Floats, Floats, float]:
    """Go a Newton step, or as much of it as makes the objective fall."""
    for _ in range(_MOST_HALVINGS):
        ahead = weights - step
        logits = design @ ahead
        reached = objective(logits, ahead)
        if reached <= value:
            break
        step = step / 2
    return ahead, logits, reached


def expit(logits: Floats) -> Floats:
    """Return the chances of logits."""
    chances: Floats = 0.5 * (1 + np.tanh(logits / 2))  # never overflows
    return chances


def logit(chance: float) -> float:
    """Return the logit of a chance; of 0 and 1, one that is large and finite."""
    within = min(max(chance, 1e-9), 1 - 1e-9)
    return float(np.log(within / (1 - within)))
