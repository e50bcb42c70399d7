"""The recipe: past clients become a card.

All that is chosen by looking at outcomes (how strong the penalty, how far to trust the owner's card, which questions)
is chosen here, so that whoever tries the recipe on unseen clients tries all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prequal.calibration import measures, ridge
from prequal.calibration.cards import Card, card_of
from prequal.calibration.design import Design
from prequal.calibration.folds import FOLDS, stratified_folds
from prequal.calibration.prior import prior_of
from prequal.calibration.ridge import Fit, Flags, Floats, Rows
from prequal.core.form import Band

# Below so many clients, trying without the owner's card tells less than the card itself does.
_FEW = 200
NOMINAL_TRUST, _NO_TRUST = 0.8, 0.0
# A card may be useless, and is clung to less than no opinion is, which is right of most answers.
_USUAL = {NOMINAL_TRUST: 3.0, _NO_TRUST: 10.0}
# What is usual counts as so many answers that tell it. After so many turns little changes.
_TELLING, _TURNS = 8, 8
_ENOUGH = 3000
_ROUNDS = 3
_SEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What was learned, from which questions (their positions in the design), and how.

    `trust` is the standard deviation that the owner's card has on the scale of logits.
    """

    card: Card
    kept: tuple[int, ...]
    trust: float


def learn(design: Design, good: Flags, rows: Rows, most_questions: int | None = None) -> Learned:
    """Learn a card from these clients, of whom some are good and some are not."""
    kept = tuple(range(len(design.blocks)))
    if most_questions is not None and most_questions < len(kept):
        kept = _best(design, good, rows, most_questions)
        design = design.only(kept)
    shares = design.shares(rows)
    cells, target = design.filled(rows, shares), good[rows]
    prior = prior_of(design, cells)
    independent = cells @ prior.basis
    trust = _trust(independent, target, prior.centre, design.slices)
    fitted = _fitted(independent, target, prior.centre, design.slices, trust)
    card = card_of(
        design=design,
        cells=cells,
        shares=shares,
        good=target,
        weights=_unseen_filled(design, shares, prior.basis @ fitted.weights, prior.basis @ prior.centre * trust),
        errors=_errors(design, shares, prior.basis @ _spread(fitted) @ prior.basis.T),
        intercept=fitted.intercept,
    )
    return Learned(card=card, kept=kept, trust=trust)


def _trust(cells: Floats, good: Flags, centre: Floats, questions: Sequence[slice]) -> float:
    """Return the trust in the owner's card: with clients enough to tell, by cross-validated log-loss."""
    if not centre.any():
        return _NO_TRUST
    cells, good = _enough(cells, good)
    if len(good) < _FEW or min(good.sum(), (~good).sum()) < FOLDS:
        return NOMINAL_TRUST
    losses = dict.fromkeys(_USUAL, 0.0)
    for train, test in stratified_folds(good, _ROUNDS, np.random.default_rng(_SEED)):
        for trust in losses:
            fitted = _fitted(cells[train], good[train], centre, questions, trust)
            chances = ridge.expit(fitted.intercept + cells[test] @ fitted.weights)
            losses[trust] += measures.losses(chances, good[test]).sum()
    return min(losses, key=lambda trust: losses[trust])


def _fitted(cells: Floats, good: Flags, centre: Floats, questions: Sequence[slice], trust: float) -> Fit:
    """Fit with a penalty for each question: the less its answers matter, the stronger.

    That is the inverse of the variance of its weights around the centre, whose expectation and maximum are found in
    turns (Laird & Ware 1982, Random-effects models for longitudinal data). The fewer answers tell a question's own, the
    nearer it is to that of all questions, as this is to the usual one.
    """
    centre, usual = centre * trust, _USUAL[trust]
    some = _enough(cells, good)
    penalties: Floats = np.full(cells.shape[1], usual)
    fitted = None
    for _ in range(_TURNS):
        fitted = ridge.fit(*some, centre, penalties, start=fitted)
        squares = (fitted.weights - centre) ** 2 + np.diag(_spread(fitted))
        of_all = _drawn_to(usual, squares)
        for columns in questions:
            penalties[columns] = _drawn_to(of_all, squares[columns])
    return ridge.fit(cells, good, centre, penalties, start=fitted)


def _drawn_to(penalty: float, squares: Floats) -> float:
    """Return the penalty of weights of such expected squares, as one that was thought likely leaves it."""
    return float((len(squares) + _TELLING) / (squares.sum() + _TELLING / penalty))


def _enough(cells: Floats, good: Flags) -> tuple[Floats, Flags]:
    """Return as many clients as tell how much answers matter, which doesn't depend on how many clients there are."""
    if len(good) <= _ENOUGH:
        return cells, good
    some = np.random.default_rng(_SEED).permutation(len(good))[:_ENOUGH]
    return cells[some], good[some]


def _unseen_filled(design: Design, shares: Floats, weights: Floats, prior: Floats) -> Floats:
    """Give an answer that no client gave the question's average, and what the owner's card says that it is above it.

    A band that no client fell into has its neighbours to go by.
    """
    filled = weights.copy()
    for block, columns in zip(design.blocks, design.slices, strict=True):
        seen = (shares[columns] > 0) | [isinstance(choice, Band) for choice in block.choices]
        if not block.additive and seen.any():
            learned = weights[columns] - prior[columns]
            filled[columns] = np.where(seen, weights[columns], prior[columns] + shares[columns] @ learned)
    return filled


def _errors(design: Design, shares: Floats, spread: Floats) -> Floats:
    """Return the standard errors of weights that vary so; where one answer is chosen, of the distance from the average.

    The level of a question is nothing by itself: the intercept makes up for it.
    """
    centred = np.eye(len(spread))
    for block, columns in zip(design.blocks, design.slices, strict=True):
        if not block.additive:
            centred[columns, columns] -= shares[columns]
    errors: Floats = np.sqrt(np.einsum("ij,jk,ik->i", centred, spread, centred))
    return errors


def _best(design: Design, good: Flags, rows: Rows, most: int) -> tuple[int, ...]:
    """Return the questions that tell most together: again and again the one is left out that is missed least."""
    kept = list(range(len(design.blocks)))
    while len(kept) > most:
        part = design.only(kept)
        cells = part.filled(rows, part.shares(rows))
        prior = prior_of(part, cells)
        fitted = ridge.fit(cells @ prior.basis, good[rows], prior.centre * NOMINAL_TRUST, _USUAL[NOMINAL_TRUST])
        spread = _spread(fitted)
        del kept[int(np.argmin([_missed(fitted.weights[at], spread[at, at]) for at in part.slices]))]
    return tuple(kept)


def _spread(fitted: Fit) -> Floats:
    """Return how the fitted weights vary together: the inverse of the curvature, without the intercept."""
    return np.linalg.inv(fitted.curvature)[1:, 1:].astype(np.float64)


def _missed(weights: Floats, spread: Floats) -> float:
    """Return about how much log-likelihood it costs to leave these columns out (Wald's test of them together)."""
    return float(weights @ np.linalg.solve(spread, weights))
