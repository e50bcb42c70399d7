"""The learner: past clients become a scorecard.

Everything that is chosen by looking at outcomes (the penalties, the trust in the owner's points, the questions) is
chosen here, so that cross-validation repeats all of it.
"""

from collections.abc import Sequence

import numpy as np

from prequal.calibration import ridge
from prequal.calibration.design import Block, Design, Scorecard
from prequal.calibration.evaluation import FOLDS, grouped_folds, log_loss
from prequal.calibration.ridge import Fit, Flags, Floats, Rows
from prequal.core.form import Band

# With fewer clients, cross-validation tells less about the owner's points than the points tell about the clients.
_MIN_TO_CHOOSE_TRUST = 200
NOMINAL_TRUST, _NO_TRUST = 0.8, 0.0
# The usual penalty by trust. It is weaker around the owner's points, which may be useless, than around 0, which is
# right for most answers.
_USUAL_PENALTY = {NOMINAL_TRUST: 3.0, _NO_TRUST: 10.0}
# The usual penalty counts as an estimate from this number of weights. After these EM iterations little changes.
_SHRINKAGE, _ITERATIONS = 8, 8
_SUBSAMPLE = 3000
# The points between the worst and the best answer to the widest question: a finer scale needs many clients. A smaller
# range of weights is noise.
_WIDEST, _WIDEST_OF_MANY, _MANY = 10, 20, 1000
_MIN_WIDTH = 1e-6
_ROUNDS = 3
_SEED = 20


def make_prior(design: Design, cells: Floats) -> tuple[Floats, Floats]:
    """Return the normal prior of the weights: the Cholesky factor of its covariance, and its centre.

    Divided by the factor, weights have equal variances, and the centre is given so. It is the owner's points, scaled to
    a total with standard deviation 1 for these clients, or 0 if the total is constant.

    Options have no order that the form states, so their weights are independent. Bands have one: their weights are a
    random walk, which penalises first-order differences (Gertheiss & Tutz 2009, Penalized regression with ordinal
    predictors). Both vary equally around their question's mean, so that the same penalty suits both.
    """
    cholesky: Floats = np.eye(design.cells.shape[1])
    for block, columns in design.parts:
        bands = int(_is_band(block).sum())  # the first columns, before the one of no answer
        if bands:
            of_bands = slice(columns.start, columns.start + bands)
            cholesky[of_bands, of_bands] = np.linalg.cholesky(_random_walk_covariance(bands))
    deviation = float((cells @ design.owner_points).std())
    scaled = design.owner_points / deviation if deviation > 0 else np.zeros_like(design.owner_points)
    return cholesky, np.linalg.solve(cholesky, scaled).astype(np.float64)


def learn(design: Design, good: Flags, rows: Rows, max_questions: int | None = None) -> Scorecard:
    """Learn a scorecard from these rows, in which both outcomes occur."""
    kept = tuple(range(len(design.blocks)))
    if max_questions is not None and max_questions < len(kept):
        kept = _select_questions(design, good, rows, max_questions)
        design = design.only(kept)
    shares = design.shares(rows)
    cells, target = design.imputed(rows, shares), good[rows]
    cholesky, centre = make_prior(design, cells)
    trust = _choose_trust(cells @ cholesky, target, centre, design.slices)
    fitted = _fit_empirical_bayes(cells @ cholesky, target, centre, design.slices, trust)
    weights, prior_weights = cholesky @ fitted.weights, cholesky @ centre * trust
    covariance = cholesky @ fitted.covariance @ cholesky.T
    # Errors are those of distances from the question's mean: its level is arbitrary, as the intercept makes up for it,
    # unless some are not asked, who get 0.
    centring = np.eye(len(weights))
    for block, columns in design.parts:
        if block.additive:
            continue
        if block.asked.all():
            centring[columns, columns] -= shares[columns]
        # Options that no client chose get the question's mean weight plus the owner's offset from it. A band that no
        # client fell into was estimated from its neighbours.
        informed = (shares[columns] > 0) | _is_band(block)
        if informed.any():
            shift = shares[columns] @ (weights[columns] - prior_weights[columns])
            weights[columns] = np.where(informed, weights[columns], prior_weights[columns] + shift)
    # The base, worth 0 points, is "no answer", or else the worst answer; each choice of several stands for itself. So
    # does each answer that not everybody is asked for: not to be asked is worth 0.
    bases, intercept, widest = np.zeros_like(weights), fitted.intercept, 0.0
    for block, columns in design.parts:
        of_block = weights[columns]
        stands_alone = block.additive or not block.asked.all()
        if not stands_alone:
            bases[columns] = of_block[block.choices.index(None)] if None in block.choices else of_block.min()
            intercept += bases[columns.start]
        range_ = np.ptp(of_block if block.asked.all() else [0, *of_block])
        widest = max(widest, float(np.abs(of_block).sum() if block.additive else range_))
    many = len(target) >= _MANY
    scale = (_WIDEST_OF_MANY if many else _WIDEST) / widest if widest > _MIN_WIDTH else 0.0
    points = np.rint((weights - bases) * scale) + 0.0  # no negative zeros
    slope = 1 / scale if scale else 0.0
    if not scale:
        intercept = ridge.logit(target.mean())
    elif many:  # enough to say what the rounded totals stand for
        intercept, slope = ridge.fit_scores(cells @ points, target)
    return Scorecard(
        kept=kept,
        points=points,
        errors=np.sqrt(np.einsum("ij,jk,ik->i", centring, covariance, centring)) * scale,
        intercept=float(intercept),
        slope=slope,
        scale=scale,
        shares=shares,
        trust=trust,
    )


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


def _choose_trust(cells: Floats, good: Flags, centre: Floats, questions: Sequence[slice]) -> float:
    """Choose the trust in the owner's points by cross-validated log-loss, if there are enough clients for that."""
    if not centre.any():
        return _NO_TRUST
    cells, good = _subsample(cells, good)
    if len(good) < _MIN_TO_CHOOSE_TRUST or min(good.sum(), (~good).sum()) < FOLDS:
        return NOMINAL_TRUST
    losses = dict.fromkeys(_USUAL_PENALTY, 0.0)
    for train, test in grouped_folds(good, np.arange(len(good)), _ROUNDS, np.random.default_rng(_SEED)):
        for trust in losses:
            fitted = _fit_empirical_bayes(cells[train], good[train], centre, questions, trust)
            chances = ridge.expit(fitted.intercept + cells[test] @ fitted.weights)
            losses[trust] += log_loss(chances, good[test]) * len(test)
    return min(losses, key=lambda trust: losses[trust])


def _fit_empirical_bayes(cells: Floats, good: Flags, centre: Floats, questions: Sequence[slice], trust: float) -> Fit:
    """Fit with a penalty for each question: the less its answers matter, the stronger.

    A penalty is the inverse of the variance of the question's weights around the centre, estimated by EM (Laird & Ware
    1982, Random-effects models for longitudinal data). Each question's estimate is shrunk towards that of all
    questions, and this towards the usual penalty.
    """
    centre, usual = centre * trust, _USUAL_PENALTY[trust]
    sample = _subsample(cells, good)
    penalties: Floats = np.full(cells.shape[1], usual)
    fitted = None
    for _ in range(_ITERATIONS):
        fitted = ridge.fit(*sample, centre, penalties, start=fitted)
        squares = (fitted.weights - centre) ** 2 + np.diag(fitted.covariance)
        overall = _shrunk_penalty(usual, squares)
        for columns in questions:
            penalties[columns] = _shrunk_penalty(overall, squares[columns])
    return ridge.fit(cells, good, centre, penalties, start=fitted)


def _shrunk_penalty(target: float, squares: Floats) -> float:
    """Return the inverse of the mean of these expected squares, shrunk towards a target."""
    return float((len(squares) + _SHRINKAGE) / (squares.sum() + _SHRINKAGE / target))


def _subsample(cells: Floats, good: Flags) -> tuple[Floats, Flags]:
    """Return as many clients as estimate penalties well, which doesn't depend on the number of clients."""
    if len(good) <= _SUBSAMPLE:
        return cells, good
    some = np.random.default_rng(_SEED).permutation(len(good))[:_SUBSAMPLE]
    return cells[some], good[some]


def _select_questions(design: Design, good: Flags, rows: Rows, count: int) -> tuple[int, ...]:
    """Select questions by backward elimination: the one with the smallest Wald statistic is removed, repeatedly.

    A question stays as long as another follows from it.
    """
    kept = list(range(len(design.blocks)))
    while len(kept) > count:
        part = design.only(kept)
        cells = part.imputed(rows, part.shares(rows))
        cholesky, centre = make_prior(part, cells)
        fitted = ridge.fit(cells @ cholesky, good[rows], centre * NOMINAL_TRUST, _USUAL_PENALTY[NOMINAL_TRUST])
        weights, covariance = fitted.weights, fitted.covariance
        wald_statistics = [weights[at] @ np.linalg.solve(covariance[at, at], weights[at]) for at in part.slices]
        followed = {name for block in part.blocks for name in block.question.ask_if.listed}
        removable = [index for index, block in enumerate(part.blocks) if block.question.id not in followed]
        del kept[min(removable, key=lambda index: float(wald_statistics[index]))]
    return tuple(kept)
