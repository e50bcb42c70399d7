"""A calibration as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from prequal.calibration.clients import Clients
from prequal.calibration.columns import scored_questions
from prequal.calibration.design import choice_name
from prequal.calibration.grades import TOO_FEW_TOTALS
from prequal.calibration.pipeline import Calibration, Learning
from prequal.calibration.validation import CrossValidation
from prequal.calibration.verdict import Verdict
from prequal.core.form import Grade, Kind
from prequal.core.scoring import worth
from prequal.core.text import counted
from prequal.pages.ansi import heading
from prequal.tables.cells import shown

_MAX_UNMATCHED, _MOST_TELLING = 5, 3


def as_json(calibration: Calibration) -> dict[str, Any]:
    """Return all that the text says, and the form's new values, for other programs.

    Figures are null if there are too few clients for any, and thresholds if there are too few totals for three grades.
    """
    clients, learning = calibration.clients, calibration.learning
    form = learning.form if learning else calibration.form
    figures = asdict(learning.validation) if learning else {field.name: None for field in fields(CrossValidation)}
    if clients.unlabelled:
        figures |= dict.fromkeys(("log_loss", "log_loss_owner", "log_loss_base"))
    thresholds = form.scoring if not learning or learning.graded else None
    good, others = clients.group_counts
    return {
        "rows": len(clients.good),
        "good": int(clients.good.sum()),
        "persons": {"good": good, "others": others},
        "unlabelled": clients.unlabelled,
        **{name: _rounded(figure) for name, figure in figures.items()},
        "verdict": calibration.verdict.value,
        "explanation": calibration.explanation,
        "suspicions": list(learning.suspicions) if learning else [],
        "common": [
            {
                "question": each.question.id,
                "answer": choice_name(each.question, each.choice),
                "good": asdict(each.good),
                "everybody": asdict(each.everybody),
                "standing": each.standing.value,
                "sure": each.sure,
            }
            for each in clients.common.answers
        ],
        "telling": _telling(learning) if learning else [],
        "points": {
            question.id: {
                choice_name(question, choice): worth(choice, form.scoring.method) for choice in question.choices
            }
            for question in scored_questions(form)
            if not learning or question.id not in learning.dropped
        },
        "grades": {grade.value: thresholds.grades[grade] for grade in (Grade.HOT, Grade.WARM)} if thresholds else None,
        "minimum": {axis.value: points for axis, points in thresholds.minimum.items()} if thresholds else None,
        "max_points": {each.id: each.max_points for each in scored_questions(form) if each.kind is Kind.MANY},
        "chances": {grade.value: round(chance, 4) for grade, _, chance in _chances(calibration)},
        "rate": learning.true_rate if learning else None,
        "others": dict(clients.others),
        "left_out": dict(clients.left_out),
        "undated": clients.undated,
        "ruled_out": {"rows": clients.ruled_out, "good": clients.ruled_out_good},
        "absent": [question.id for question in clients.absent],
        "unread": {
            question: {"cells": count, "of": clients.filled[question], "examples": [cell for cell, _ in examples]}
            for question, count in clients.unread.items()
            for examples in [_frequent(clients.unmatched[question])]
        },
        "notes": list(clients.notes),
    }


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return round(value, 4) if isinstance(value, float) else value


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
    yield ""
    yield from learning.suspicions
    yield calibration.explanation


def _clients(clients: Clients) -> Iterator[str]:
    good, rows = int(clients.good.sum()), len(clients.good)
    share = f" ({good / rows:.0%})" if rows else ""
    once, never = clients.group_counts
    if clients.unlabelled:
        leads = f"{counted(rows - good, 'lead')} that came, of whom some are good too"
        yield f"{counted(good, 'good client')} to learn from, beside {leads}."
    else:
        yield f"{counted(rows, 'client')} to learn from: {good:,} good{share}, {rows - good:,} not."
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
    found, newest, rate = learning.validation, learning.validation.newest, learning.true_rate
    yield heading(f"{'On clients not learned from':<28}  {'new':<20}  yours")
    yield f"  {'AUC, 95 % interval':<26}  {found.auc!s:<20}  {found.auc_owner!s:<20}  a coin 0.50"
    if not clients.unlabelled:
        losses = f"{found.log_loss:<20.3f}  {found.log_loss_owner:<20.3f}  the base rate {found.log_loss_base:.3f}"
        yield f"  {'Log-loss, lower is better':<26}  {losses}"
    if newest:
        if newest.auc:
            yield f"  {'AUC on the newest fifth':<26}  {newest.auc!s:<20}  learned from the older clients"
        expected = newest.expected
        yield (
            f"  {'Good in the newest fifth':<26}  {newest.actual:.0%}, where the older ones let expect "
            f"{expected.mean:.0%} (by chance {expected.low:.0%} to {expected.high:.0%})"
        )
    elif clients.order is not None:
        yield f"  {'Good in the newest fifth':<26}  too few to compare"
    yield "AUC is how often a good client has more points than another one."
    if clients.unlabelled and rate:
        yield f"It is reckoned for leads of whom {rate * 100:g}% are good, as you say with --rate."
    elif clients.unlabelled:
        yield "It is at least so large: good leads among the others lower it. Say with --rate which share is good."


def _points(calibration: Calibration, learning: Learning) -> Iterator[str]:
    method, dropped, alone = calibration.form.scoring.method, learning.dropped, learning.validation.alone
    questions = list(zip(scored_questions(calibration.form), scored_questions(learning.form), strict=True))
    names = [f"    {choice_name(old, choice)}" for old, _ in questions for choice in old.choices]
    width = max(len(name) for name in [*names, *(old.id for old, _ in questions)])
    yield heading(f"{'':<{width}}  {'yours':>6}  {'new':>6}")
    for old, new in questions:
        notes = [f"alone: AUC {alone[old.id]}"] if old.id in alone else []
        if old.id in dropped:
            notes.append("not among the widest")
        elif new.max_points is not None:
            notes.append(f"max_points {old.max_points} → {new.max_points}")
            notes += [] if old in calibration.clients.absent else ["which caps nothing"]
        yield f"{old.id:<{width}}  {'':>6}  {'':>6}  {', '.join(notes)}".rstrip()
        for before, after in zip(old.choices, new.choices, strict=True):
            name, rules_out = f"    {choice_name(old, before)}", "  rules out" if before.rules_out else ""
            yield f"{name:<{width}}  {worth(before, method):>6}  {after.points:>6}{rules_out}"
    if dropped:
        yield f"Kept, as their points range widest: {', '.join(learning.scorecard.points)}."
        if calibration.clients.absent:
            absent = ", ".join(question.id for question in calibration.clients.absent)
            yield f"Also kept, as the table has no column to judge them by: {absent}."
    yield (
        f"Most telling alone: {', '.join(_telling(learning))}. Was this known when the form was filled in? If not, "
        "leave it out with --map 'COLUMN='."
    )


def _telling(learning: Learning) -> list[str]:
    """Return the questions that tell most by themselves, the most telling first."""
    alone = learning.validation.alone
    return sorted(alone, key=lambda question: -alone[question].mean)[:_MOST_TELLING]


def _thresholds(calibration: Calibration, learning: Learning) -> Iterator[str]:
    old, new = calibration.form.scoring.grades, learning.form.scoring
    if not learning.graded:
        yield TOO_FEW_TOTALS
        return
    grades = ", ".join(f"{grade} from {points}" for grade, points in new.grades.items())
    minimum = "".join(f", at least {points} for {axis}" for axis, points in new.minimum.items())
    yield f"For the same share of your clients in each grade: {grades}{minimum}."
    yield f"(Yours: {', '.join(f'{grade} from {points}' for grade, points in old.items())}.)"
    for grade, total, chance in _chances(calibration):
        yield f"  A lead of {total}, just {grade}: {chance:.0%} likely to be a good client"
    if calibration.verdict is Verdict.CALIBRATED:
        rate = "as many prospects are good as in the table; if not, say how many with --rate"
        if learning.true_rate is not None:
            rate = f"{learning.true_rate * 100:g}% of the prospects are good, as you say with --rate"
        yield f"  These chances hold where {rate}."


def _chances(calibration: Calibration) -> Iterator[tuple[Grade, int, float]]:
    """Yield each grade with its threshold and the chance of a lead who just reaches it, where these can be used."""
    learning = calibration.learning
    if learning and learning.graded and calibration.verdict is Verdict.CALIBRATED:
        for grade, total in reversed([*learning.form.scoring.grades.items()]):
            yield grade, total, float(learning.scorecard.chances(np.array([total]))[0])
