"""The recipe: past clients become a card.

All that is chosen by looking at outcomes (how strong the penalty, how far to trust the owner's card, which questions)
is chosen here, so that whoever tries the recipe on unseen clients tries all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from prequal.calibration import measures, ridge
from prequal.calibration.cards import MANY, card_of
from prequal.calibration.folds import FOLDS, stratified_folds

if TYPE_CHECKING:
    from prequal.calibration.cards import Card
    from prequal.calibration.design import Design
    from prequal.calibration.ridge import Fit, Flags, Floats, Rows

# Below so many clients, choosing by cross-validation does worse than these, which did well on seven data sets.
_FEW = 200
_PENALTY, NOMINAL_TRUST = 3.0, 0.8
_PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
# The owner's card is trusted so much: its total has this standard deviation on the scale of logits.
_TRUSTS = (NOMINAL_TRUST, 0.0)
# The best penalty depends on how much the answers matter, not on the number of clients: so many are enough to find it.
_ENOUGH = 3000
_ROUNDS_OF_FEW = 3
_SEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What was learned, from which questions (their positions in the design), and how."""

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
    prior = _prior(design, cells)
    penalty, trust = _chosen(cells, target, prior)
    fitted = ridge.fit(cells, target, prior * trust, penalty)
    card = card_of(
        design=design,
        cells=cells,
        shares=shares,
        good=target,
        weights=_unseen_filled(design, shares, fitted.weights, prior * trust),
        errors=_errors(design, shares, fitted),
        intercept=fitted.intercept,
    )
    return Learned(card=card, kept=kept, penalty=penalty, trust=trust)


def _prior(design: Design, cells: Floats) -> Floats:
    """Return the owner's card, scaled such that its total has the standard deviation 1; all 0 if it says nothing."""
    spread = float((cells @ design.card).std())
    prior: Floats = design.card / spread if spread > 0 else np.zeros_like(design.card)
    return prior


def _chosen(cells: Floats, good: Flags, prior: Floats) -> tuple[float, float]:
    """Return penalty and trust by cross-validated log-loss.

    The trust is that of the least loss; the penalty is the strongest whose loss is within a standard error of the least
    (Breiman et al. 1984, 3.4.3, with the error of the difference): what can't be told apart is better drawn together.
    """
    fewest = min(good.sum(), (~good).sum())
    if len(good) < _FEW or fewest < FOLDS:
        return _PENALTY, NOMINAL_TRUST
    draws = np.random.default_rng(_SEED)
    if len(good) > _ENOUGH:
        some = draws.permutation(len(good))[:_ENOUGH]
        cells, good = cells[some], good[some]
    rounds = _ROUNDS_OF_FEW if len(good) < MANY else 1
    trusts = _TRUSTS if prior.any() else (NOMINAL_TRUST,)
    losses: dict[tuple[float, float], list[Floats]] = {choice: [] for choice in product(_PENALTIES, trusts)}
    for train, test in stratified_folds(good, rounds, draws):
        for trust in trusts:
            fitted = None
            for penalty in _PENALTIES:
                fitted = ridge.fit(cells[train], good[train], prior * trust, penalty, start=fitted)
                chances = ridge.expit(fitted.intercept + cells[test] @ fitted.weights)
                losses[penalty, trust].append(measures.losses(chances, good[test]))
    joined = {choice: np.concatenate(parts) for choice, parts in losses.items()}
    best, trust = min(joined, key=lambda choice: joined[choice].mean())
    more = {penalty: joined[penalty, trust] - joined[best, trust] for penalty in _PENALTIES}
    return max(penalty for penalty, m in more.items() if m.mean() <= m.std() / np.sqrt(len(good))), trust


def _unseen_filled(design: Design, shares: Floats, weights: Floats, prior: Floats) -> Floats:
    """Give an answer that no client gave the question's average, and what the owner's card says that it is above it."""
    filled = weights.copy()
    for block, columns in zip(design.blocks, design.slices, strict=True):
        seen = shares[columns] > 0
        if not block.additive and seen.any():
            learned = weights[columns] - prior[columns]
            filled[columns] = np.where(seen, weights[columns], prior[columns] + shares[columns] @ learned)
    return filled


def _errors(design: Design, shares: Floats, fitted: Fit) -> Floats:
    """Return the standard errors of the weights; where one answer is chosen, of their distances from the average.

    The level of a question is nothing by itself: the intercept makes up for it.
    """
    spread = np.linalg.inv(fitted.curvature)[1:, 1:]
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
        fitted = ridge.fit(cells, good[rows], _prior(part, cells) * NOMINAL_TRUST, _PENALTY)
        spread = np.linalg.inv(fitted.curvature)[1:, 1:].astype(np.float64)
        del kept[int(np.argmin([_missed(fitted.weights[at], spread[at, at]) for at in part.slices]))]
    return tuple(kept)


def _missed(weights: Floats, spread: Floats) -> float:
    """Return about how much log-likelihood it costs to leave these columns out (Wald's test of them together)."""
    return float(weights @ np.linalg.solve(spread, weights))
