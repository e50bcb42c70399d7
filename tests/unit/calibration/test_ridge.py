"""Ridge logistic regression, compared with scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from prequal.calibration.ridge import Flags, Floats, expit, fit, logit


def simulate(rows: int, seed: int, questions: int = 5, options: int = 4) -> tuple[Floats, Flags]:
    """Return random one-hot answers, and outcomes that depend on them; both outcomes occur."""
    draws = np.random.default_rng(seed)
    columns = np.hstack([np.eye(options)[draws.integers(options, size=rows)] for _ in range(questions)])
    good = draws.random(rows) < expit(columns @ draws.normal(size=columns.shape[1]))
    good[:2] = True, False
    return columns, good


@settings(max_examples=30)
@given(st.integers(8, 400), st.integers(0, 10**6), st.sampled_from([0.1, 1.0, 3.0, 30.0, 300.0]))
def test_agrees_with_scikit_learn(rows: int, seed: int, penalty: float) -> None:
    """With prior weights of 0 the weights are those of LogisticRegression(C=1/penalty), to a thousandth."""
    columns, good = simulate(rows, seed)

    found = fit(columns, good, np.zeros(columns.shape[1]), penalty)

    expected = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-8).fit(columns, good)
    assert np.abs(found.weights - expected.coef_[0]).max() < 1e-3
    assert found.intercept == pytest.approx(expected.intercept_[0], abs=1e-3)


def test_a_strong_penalty_leaves_the_prior() -> None:
    """The stronger the penalty, the nearer the weights are to the prior."""
    columns, good = simulate(60, 1)
    prior = np.linspace(-1, 1, columns.shape[1])

    away = [np.abs(fit(columns, good, prior, penalty).weights - prior).max() for penalty in (1.0, 100.0, 1e6)]

    assert away[0] > away[1] > away[2]
    assert away[2] < 1e-4


def test_the_gradient_is_zero() -> None:
    """At the minimum, the gradients of the likelihood and of the penalty cancel out."""
    columns, good = simulate(80, 2)
    prior = np.linspace(-2, 2, columns.shape[1])

    found = fit(columns, good, prior, 3.0)

    gradient = columns.T @ (expit(found.intercept + columns @ found.weights) - good) + 3.0 * (found.weights - prior)
    assert np.abs(gradient).max() < 1e-3


def test_perfect_separation_stays_finite() -> None:
    """Weights are finite if a column separates the outcomes, even with a weak penalty."""
    good = np.arange(40) % 2 == 0
    found = fit(good[:, None].astype(np.float64), good, np.zeros(1), 1e-6)
    assert np.isfinite(found.weights).all()
    assert found.weights[0] > 5


def test_chances_and_logits() -> None:
    """Chances lie from 0 to 1 for any logit, and logits are finite for any chance."""
    assert expit(np.array([-1e6, 0.0, 1e6])).tolist() == [0.0, 0.5, 1.0]
    assert logit(0.5) == 0
    assert np.isfinite([logit(0), logit(1)]).all()
