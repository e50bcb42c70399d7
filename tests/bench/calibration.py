"""Time and accuracy of learning points from past clients, compared with other learners."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits

from bench.past_clients import SOURCES, Source, document, read
from bench.table import Row, Section
from prequal.analysis.common_answers import AnswerTally
from prequal.calibration.clients import Clients
from prequal.calibration.design import Block, encode
from prequal.calibration.evaluation import auc, grouped_folds
from prequal.calibration.learner import learn
from prequal.calibration.pipeline import calibrate
from prequal.calibration.ridge import Flags, Floats, Rows, expit, fit
from prequal.calibration.table_clients import ColumnRoles, clients_from_table
from prequal.core.form import Axis, Kind, Option, Question, form_from
from prequal.tables.client_table import ClientTable

FOLDER = "PREQUAL_BENCH_TABLES"
"""The setting that names the folder of `bank-full.csv` and `extraalearn.csv`."""

# The number of samples by their number of training rows; all rows are tested by five folds.
_DRAWS = {20: 100, 50: 60, 200: 30, 1000: 20}
_TEST_ROWS = 4000
_SEED = 1
_MANY = 2000

_BIG_ROWS, _BIG_QUESTIONS, _BIG_OPTIONS = 50_000, 14, 5
_FORM = form_from(
    {
        "id": "big",
        "languages": ["en"],
        "currency": "EUR",
        "starting_price": 0,
        "business": {"name": "Big", "url": "https://a.example", "privacy_url": "https://a.example/privacy"},
        "questions": [],
        "scoring": {"grades": {"hot": 40, "warm": 20}},
    }
)


_Learner: TypeAlias = "Callable[[Sequence[Block], Flags, Sequence[Block]], Floats]"
"""Learn from these clients and their outcomes, and score others."""


class _Aucs(NamedTuple):
    """The AUC of each learner on unseen rows; all learned from the same rows."""

    ours: float
    logistic: float
    boosting: float
    bayes: float


def calibration() -> Iterator[Section]:
    """Measure the time, and the AUC if the tables are available."""
    yield Section(
        f"Learning points from {_BIG_ROWS:,} clients x {_BIG_QUESTIONS * _BIG_OPTIONS} answers", _one_thread(_times())
    )
    title = "AUC on unseen clients by the number of clients to learn from, beside scikit-learn's logistic regression"
    title += "\n(l) and gradient boosting (g), and a naive Bayes like Odoo's (b); the ratio is to the last"
    folder = os.environ.get(FOLDER)
    if not folder:
        yield Section(f"{title}\n  not measured: {FOLDER} names no folder with bank-full.csv and extraalearn.csv", [])
        return
    yield Section(title, _one_thread(_rows(Path(folder))))


def _one_thread(rows: Iterator[Row]) -> list[Row]:
    """Measure in one thread, as the command runs: several wait for one another on a busy machine."""
    with threadpool_limits(1):
        return list(rows)


def _rows(folder: Path) -> Iterator[Row]:
    found = {source.name: _aucs(source, folder) for source in SOURCES}
    for size in [*_DRAWS, 0]:
        words = f"{size:,} clients" if size else "all clients"
        for name, aucs in found.items():
            yield _row(f"{words}, {name}", aucs[size])
        yield _row(f"{words}, mean", _mean([aucs[size] for aucs in found.values()]))


def _row(what: str, aucs: _Aucs) -> Row:
    beside = f"l {aucs.logistic:.3f}  g {aucs.boosting:.3f}  b {aucs.bayes:.3f}"
    return Row(what, f"{aucs.ours:.3f}", beside, f"{aucs.ours / aucs.bayes:.3f} x")


def _aucs(source: Source, folder: Path) -> dict[int, _Aucs]:
    """Return the mean AUCs by the number of training rows; 0 is all of them."""
    rows = read(source, folder)
    form = form_from(document(source, rows))
    columns = {name: tuple(row[name] for row in rows) for name in rows[0]}
    clients = clients_from_table(
        form,
        ClientTable(columns=columns),
        {name: name for name in source.questions},
        ColumnRoles(outcome=source.outcome, good=[source.good]),
        datetime.now(UTC),
    )
    blocks, good = clients.blocks, clients.good
    draws = np.random.default_rng(_SEED)
    found = {
        size: _mean([_measure(blocks, good, *_draw(good, size, draws)) for _ in range(times)])
        for size, times in _DRAWS.items()
    }
    return found | {
        0: _mean([_measure(blocks, good, *parts) for parts in grouped_folds(good, clients.groups, 1, draws)])
    }


def _draw(good: Flags, size: int, draws: np.random.Generator) -> tuple[Rows, Rows]:
    """Draw training rows with their proportion of both outcomes, and test rows."""
    good_count = max(2, round(size * float(good.mean())))
    some = draws.choice(np.flatnonzero(good), good_count, replace=False)
    others = draws.choice(np.flatnonzero(~good), size - good_count, replace=False)
    train = np.concatenate([some, others])
    rest = np.setdiff1d(np.arange(len(good)), train)
    return train, draws.choice(rest, min(_TEST_ROWS, len(rest)), replace=False)


def _measure(blocks: Sequence[Block], good: Flags, train: Rows, test: Rows) -> _Aucs:
    learners: list[_Learner] = [_ours, _logistic, _boosting, _bayes]
    known, unseen = ([block.of(rows) for block in blocks] for rows in (train, test))
    return _Aucs(*(auc(learner(known, good[train], unseen), good[test]) for learner in learners))


def _ours(known: Sequence[Block], good: Flags, unseen: Sequence[Block]) -> Floats:
    return learn(known, good).totals(unseen)


def _cells(blocks: Sequence[Block]) -> Floats:
    return np.hstack([block.cells for block in blocks])


def _logistic(known: Sequence[Block], good: Flags, unseen: Sequence[Block]) -> Floats:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415, importing it takes a second

    fitted = LogisticRegression(max_iter=1000).fit(_cells(known), good)
    scores: Floats = fitted.decision_function(_cells(unseen))
    return scores


def _boosting(known: Sequence[Block], good: Flags, unseen: Sequence[Block]) -> Floats:
    from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier  # noqa: PLC0415

    # Histograms are for many rows: from a few, they learn nothing.
    kind = HistGradientBoostingClassifier if len(good) > _MANY else GradientBoostingClassifier
    scores: Floats = kind(random_state=0).fit(_cells(known), good).decision_function(_cells(unseen))
    return scores


def _bayes(known: Sequence[Block], good: Flags, unseen: Sequence[Block]) -> Floats:
    """Score like Odoo's predictive lead scoring: 0.1 is added to each count, and unseen answers are ignored."""
    scores = np.zeros(len(unseen[0].cells))
    for block, other in zip(known, unseen, strict=True):
        wins, losses = block.cells[good].sum(axis=0), block.cells[~good].sum(axis=0)
        seen = wins + losses > 0
        wins, losses = wins + 0.1, losses + 0.1
        odds = np.log(wins / wins[seen].sum()) - np.log(losses / losses[seen].sum())
        scores += other.cells @ np.where(seen, odds, 0)
    return scores


def _mean(aucs: list[_Aucs]) -> _Aucs:
    return _Aucs(*np.mean(aucs, axis=0).tolist())


def _times() -> Iterator[Row]:
    """Time one fit, and all of `prequal calibrate` after the table is read, cross-validation included."""
    draws = np.random.default_rng(_SEED)
    options = tuple(Option(id=f"o{index}", label={"en": "?"}) for index in range(_BIG_OPTIONS))
    questions = [
        Question(id=f"q{index}", kind=Kind.ONE, axis=Axis.FIT, label={"en": "?"}, options=options)
        for index in range(_BIG_QUESTIONS)
    ]
    chosen = draws.integers(_BIG_OPTIONS, size=(_BIG_QUESTIONS, _BIG_ROWS))
    good = draws.random(_BIG_ROWS) < expit((chosen - 2).sum(axis=0) * 0.3 - 1)
    blocks = tuple(
        encode(question, [f"o{answer}" for answer in answers.tolist()])
        for question, answers in zip(questions, chosen, strict=True)
    )
    common = AnswerTally().compare(_FORM)
    clients = Clients(blocks=blocks, good=good, groups=np.arange(_BIG_ROWS), common=common)
    cells = np.hstack([block.cells for block in blocks])
    start = time.perf_counter()
    fit(cells, good, np.zeros(cells.shape[1]), 3.0)
    fitted = time.perf_counter()
    yield Row("one fit", f"{fitted - start:.2f} s")
    calibrate(replace(_FORM, questions=tuple(questions)), clients)
    yield Row("the whole calibration, with cross-validation", f"{time.perf_counter() - fitted:.2f} s", "at most 5 s")
