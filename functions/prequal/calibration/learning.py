"""The recipe: past clients become a card.

All that is chosen by looking at outcomes (how strong the penalty, how far to trust the owner's card, which questions)
is chosen here, so that whoever tries the recipe on unseen clients tries all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import log
from typing import TYPE_CHECKING

import numpy as np

from prequal.calibration import measures, ridge
from prequal.calibration.cards import card_of
from prequal.calibration.folds import FOLDS, stratified_folds
from prequal.calibration.prior import prior_of
from prequal.core.form import Band

if TYPE_CHECKING:
    from prequal.calibration.cards import Card
    from prequal.calibration.design import Design
    from prequal.calibration.ridge import Fit, Flags, Floats, Rows

# Below so many clients, choosing by cross-validation does worse than the usual penalty, which did well on thirteen data
# sets. A card may be useless, and is clung to less than no opinion is, which is right of most answers.
_FEW = 200
NOMINAL_TRUST, _NO_TRUST = 0.8, 0.0
_USUAL = {NOMINAL_TRUST: 3.0, _NO_TRUST: 10.0}
_PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
# The best penalty depends on how much the answers matter, not on the number of clients: so many are enough to find it.
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
    penalty: float
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
    penalty, trust = _chosen(independent, target, prior.centre)
    fitted = ridge.fit(independent, target, prior.centre * trust, penalty)
    card = card_of(
        design=design,
        cells=cells,
        shares=shares,
        good=target,
        weights=_unseen_filled(design, shares, prior.basis @ fitted.weights, prior.basis @ prior.centre * trust),
        errors=_errors(design, shares, prior.basis @ _spread(fitted) @ prior.basis.T),
        intercept=fitted.intercept,
    )
    return Learned(card=card, kept=kept, penalty=penalty, trust=trust)


def _chosen(cells: Floats, good: Flags, prior: Floats) -> tuple[float, float]:
    """Return penalty and trust by cross-validated log-loss.

    The trust is that of the least loss. The penalty is, of those whose loss is within a standard error of the least
    (Breiman et al. 1984, 3.4.3, with the error of the difference), the nearest to the usual one.
    """
    trusts = (NOMINAL_TRUST, _NO_TRUST) if prior.any() else (_NO_TRUST,)
    fewest = min(good.sum(), (~good).sum())
    if len(good) < _FEW or fewest < FOLDS:
        return _USUAL[trusts[0]], trusts[0]
    draws = np.random.default_rng(_SEED)
    if len(good) > _ENOUGH:
        some = draws.permutation(len(good))[:_ENOUGH]
        cells, good = cells[some], good[some]
    losses: dict[tuple[float, float], list[Floats]] = {choice: [] for choice in product(_PENALTIES, trusts)}
    for train, test in stratified_folds(good, _ROUNDS, draws):
        for trust in trusts:
            fitted = None
            for penalty in _PENALTIES:
                fitted = ridge.fit(cells[train], good[train], prior * trust, penalty, start=fitted)
                chances = ridge.expit(fitted.intercept + cells[test] @ fitted.weights)
                losses[penalty, trust].append(measures.losses(chances, good[test]))
    joined = {choice: np.concatenate(parts) for choice, parts in losses.items()}
    best, trust = min(joined, key=lambda choice: joined[choice].mean())
    more = {penalty: joined[penalty, trust] - joined[best, trust] for penalty in _PENALTIES}
    near = [penalty for penalty, m in more.items() if m.mean() <= m.std() / np.sqrt(len(good))]
    return min(near, key=lambda penalty: abs(log(penalty / _USUAL[trust]))), trust


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
