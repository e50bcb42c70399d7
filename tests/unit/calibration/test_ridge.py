"""The solver, beside scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from prequal.calibration.ridge import Flags, Floats, expit, fit, logit


def drawn(rows: int, seed: int, questions: int = 5, options: int = 4) -> tuple[Floats, Flags]:
    """Return one-hot answers by chance, and outcomes that depend on them; both outcomes are there."""
    draws = np.random.default_rng(seed)
    columns = np.hstack([np.eye(options)[draws.integers(options, size=rows)] for _ in range(questions)])
    good = draws.random(rows) < expit(columns @ draws.normal(size=columns.shape[1]))
    good[:2] = True, False
    return columns, good


@settings(max_examples=30)
@given(st.integers(8, 400), st.integers(0, 10**6), st.sampled_from([0.1, 1.0, 3.0, 30.0, 300.0]))
def test_without_a_prior_it_is_scikit_learns(rows: int, seed: int, penalty: float) -> None:
    """With prior weights of 0 the weights are those of LogisticRegression(C=1/penalty), to a thousandth."""
    columns, good = drawn(rows, seed)

    found = fit(columns, good, np.zeros(columns.shape[1]), penalty)

    expected = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-8).fit(columns, good)
    assert np.abs(found.weights - expected.coef_[0]).max() < 1e-3
    assert found.intercept == pytest.approx(expected.intercept_[0], abs=1e-3)


def test_each_weight_may_have_its_own_penalty() -> None:
    """That is scikit-learn's fit of columns that are smaller by the root of their penalty."""
    columns, good = drawn(200, 3)
    penalties = np.geomspace(0.3, 30, columns.shape[1])

    found = fit(columns, good, np.zeros(columns.shape[1]), penalties)

    scaled = columns / np.sqrt(penalties)
    expected = LogisticRegression(C=1, solver="newton-cholesky", tol=1e-8).fit(scaled, good)
    assert np.abs(found.weights - expected.coef_[0] / np.sqrt(penalties)).max() < 1e-3


def test_a_strong_penalty_leaves_the_prior() -> None:
    """The stronger the penalty, the nearer the weights are to the prior."""
    columns, good = drawn(60, 1)
    prior = np.linspace(-1, 1, columns.shape[1])

    away = [np.abs(fit(columns, good, prior, penalty).weights - prior).max() for penalty in (1.0, 100.0, 1e6)]

    assert away[0] > away[1] > away[2]
    assert away[2] < 1e-4


def test_a_prior_is_a_shift_of_the_logits() -> None:
    """At the minimum, what pulls towards the clients and what pulls towards the prior cancel out."""
    columns, good = drawn(80, 2)
    prior = np.linspace(-2, 2, columns.shape[1])

    found = fit(columns, good, prior, 3.0)

    pull = columns.T @ (expit(found.intercept + columns @ found.weights) - good) + 3.0 * (found.weights - prior)
    assert np.abs(pull).max() < 1e-3


def test_what_separates_perfectly_stays_finite() -> None:
    """Where a column tells the outcome, weights are finite, however weak the penalty."""
    good = np.arange(40) % 2 == 0
    found = fit(good[:, None].astype(np.float64), good, np.zeros(1), 1e-6)
    assert np.isfinite(found.weights).all()
    assert found.weights[0] > 5


def test_chances_and_logits() -> None:
    """Chances of any logits lie from 0 to 1, and logits of any chances are finite."""
    assert expit(np.array([-1e6, 0.0, 1e6])).tolist() == [0.0, 0.5, 1.0]
    assert logit(0.5) == 0
    assert np.isfinite([logit(0), logit(1)]).all()
