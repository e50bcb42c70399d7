"""A calibration as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from prequal.calibration.cells import shown
from prequal.calibration.clients import Clients
from prequal.calibration.columns import scored_questions
from prequal.calibration.design import choice_name
from prequal.calibration.grades import TOO_FEW_TOTALS
from prequal.calibration.pipeline import Calibration, Learning
from prequal.calibration.verdict import Verdict
from prequal.core.form import Grade, Kind
from prequal.core.scoring import worth
from prequal.core.text import counted
from prequal.pages.ansi import heading

_MAX_UNMATCHED = 5


def as_json(calibration: Calibration) -> dict[str, Any]:
    """Return the calibration for other programs.

    Figures are null if there are too few clients for any, and thresholds if there are too few totals for three grades.
    """
    form, clients, learning = calibration.form, calibration.clients, calibration.learning
    figures = learning.validation if learning else None
    thresholds = learning.thresholds if learning else form.scoring
    return {
        "rows": len(clients.good),
        "good": int(clients.good.sum()),
        "auc": {name: round(value, 4) for name, value in asdict(figures.auc).items()} if figures else None,
        **{
            name: round(getattr(figures, name), 4) if figures else None
            for name in ("auc_owner", "log_loss", "log_loss_base")
        },
        "verdict": calibration.verdict.value,
        "points": {question: dict(points) for question, points in calibration.points.items()},
        "grades": {grade.value: thresholds.grades[grade] for grade in (Grade.HOT, Grade.WARM)} if thresholds else None,
        "minimum": {axis.value: points for axis, points in thresholds.minimum.items()} if thresholds else None,
        "max_points": {
            question.id: calibration.caps.get(question.id)
            for question in scored_questions(form)
            if question.kind is Kind.MANY
        },
        "others": dict(clients.others),
        "left_out": dict(clients.left_out),
        "unread": {
            question: {"cells": count, "of": clients.filled[question], "examples": [cell for cell, _ in examples]}
            for question, count in clients.unread.items()
            for examples in [_frequent(clients.unmatched[question])]
        },
        "notes": list(clients.notes),
    }


def as_text(calibration: Calibration) -> str:
    """Return the calibration for people."""
    return "\n".join(_lines(calibration))


def _lines(calibration: Calibration) -> Iterator[str]:
    yield from _clients(calibration.clients)
    learning = calibration.learning
    if learning is None:
        yield f"\n{calibration.explanation}"
        return
    yield ""
    yield from _figures(calibration.clients, learning)
    yield ""
    yield from _points(calibration, learning)
    yield ""
    yield from _thresholds(calibration, learning)
    if calibration.verdict is Verdict.CALIBRATED:
        yield from _chances(learning)
    yield ""
    yield from learning.suspicions
    yield calibration.explanation


def _clients(clients: Clients) -> Iterator[str]:
    good, rows = int(clients.good.sum()), len(clients.good)
    share = f" ({good / rows:.0%})" if rows else ""
    yield f"{counted(rows, 'client')} to learn from: {good:,} good{share}, {rows - good:,} not."
    once, never = clients.group_counts
    if once + never < rows:
        yield (
            f"  {counted(once + never, 'person')}, each counted once in verdict and intervals: "
            f"{once:,} good at least once, {never:,} not"
        )
    if clients.others:
        yield f"  counted as not good: {_examples(clients.others, '{} ({:,})')}"
    yield from (f"  {note}" for note in clients.notes)
    for reason, count in clients.left_out.items():
        yield f"  {count:,} left out: {reason}"
    if clients.undated:
        yield f"  {clients.undated:,} without a date: learned from, but on neither side of the newest fifth"
    if clients.ruled_out:
        yield (
            f"  {clients.ruled_out:,} set aside: an answer rules them out, whatever their points; "
            f"{clients.ruled_out_good:,} of them {'was' if clients.ruled_out_good == 1 else 'were'} good"
        )
    for question, cells in clients.unmatched.items():
        yield f"  {question}: no answer matches {_examples(cells, '“{}” ({:,})')}; counted as the question's average"
    for absent in clients.absent:
        yield f"  {absent.id}: no column; its points stay, on the new scale"


def _frequent(cells: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """Return the most frequent cells, as a message shows them."""
    frequent = sorted(cells.items(), key=lambda item: -item[1])
    return [(shown(cell), count) for cell, count in frequent[:_MAX_UNMATCHED]]


def _examples(cells: Mapping[str, int], pattern: str) -> str:
    return ", ".join(pattern.format(*each) for each in _frequent(cells)) + (
        ", …" if len(cells) > _MAX_UNMATCHED else ""
    )


def _figures(clients: Clients, learning: Learning) -> Iterator[str]:
    found = learning.validation
    interval = f"({found.auc.low:.2f} to {found.auc.high:.2f})"
    yield heading(f"{'On clients not learned from':<28}  {'new':<22}  yours")
    yield f"  {'AUC, 95 % interval':<26}  {found.auc.mean:.3f} {interval:<16}  {found.auc_owner:.3f}    a coin 0.500"
    yield (
        f"  {'Log-loss, lower is better':<26}  {found.log_loss:<22.3f}  {found.log_loss_owner:.3f}    "
        f"the base rate {found.log_loss_base:.3f}"
    )
    if clients.order is not None:
        newest = "too few to tell" if found.newest is None else f"{found.newest:.3f}, learned from the older clients"
        yield f"  {'AUC on the newest fifth':<26}  {newest}"
    yield "AUC is how often a good client has more points than another one."


def _points(calibration: Calibration, learning: Learning) -> Iterator[str]:
    method, questions = calibration.form.scoring.method, scored_questions(calibration.form)
    alone = {found.question: f"alone: AUC {found.alone.mean:.3f}" for found in learning.aucs}
    names = {question.id: [choice_name(question, choice) for choice in question.choices] for question in questions}
    width = max(len(name) for name in [*names, *(f"    {name}" for choices in names.values() for name in choices)]) + 4
    yield heading(f"{'':<{width}}  {'yours':>6}  {'new':>6}")
    for question in questions:
        kept, new = question.id in calibration.points, calibration.points.get(question.id, {})
        notes = [alone.get(question.id), "" if kept else "not among the best"]
        if kept and question.max_points is not None:
            change = f"max_points {question.max_points} → {calibration.caps[question.id]}"
            notes += [change, "" if question in calibration.clients.absent else "which caps nothing"]
        yield f"{question.id:<{width}}  {'':>6}  {'':>6}  {', '.join(filter(None, notes))}".rstrip()
        for choice, name in zip(question.choices, names[question.id], strict=True):
            rules_out = "  rules out" if choice.rules_out else ""
            yield f"    {name:<{width - 4}}  {worth(choice, method):>6}  {new.get(name, 0):>6}{rules_out}"
    if len(learning.design.blocks) < len(learning.aucs):
        stable = min(learning.validation.selected.get(at, 0.0) for at in learning.scorecard.kept)
        kept_ids = ", ".join(block.question.id for block in learning.design.blocks)
        yield f"The most predictive questions together: {kept_ids}."
        yield f"In cross-validation, each of them was chosen in at least {stable:.0%} of the cases."
        if calibration.clients.absent:
            absent = ", ".join(question.id for question in calibration.clients.absent)
            yield f"Also kept, as the table has no column to judge them by: {absent}."


def _thresholds(calibration: Calibration, learning: Learning) -> Iterator[str]:
    old, new = calibration.form.scoring.grades, learning.thresholds
    if new is None:
        yield TOO_FEW_TOTALS
        return
    grades = ", ".join(f"{grade} from {points}" for grade, points in new.grades.items())
    minimum = "".join(f", at least {points} for {axis}" for axis, points in new.minimum.items())
    yield f"For the same share of your clients in each grade: {grades}{minimum}."
    yield f"(Yours: {', '.join(f'{grade} from {points}' for grade, points in old.items())}.)"


def _chances(learning: Learning) -> Iterator[str]:
    found, thresholds, rate = learning.validation, learning.thresholds, learning.true_rate
    for grade, total in reversed([*thresholds.grades.items()]) if thresholds else ():
        chance = learning.scorecard.chances(np.array([total]))[0]
        yield f"  A lead of {total}, just {grade}: {chance:.0%} likely to be a good client"
    yield (
        f"  Calibration: {found.in_the_large:.2f} good ones came for each expected, slope {found.slope:.2f}: "
        "1 is best; below 1, high chances are too high and low ones too low"
    )
    if rate is None:
        yield "  These chances hold where as many prospects are good as in the table; if not, say how many with --rate."
    else:
        yield f"  These chances hold where {rate * 100:g}% of the prospects are good, as you say with --rate."
