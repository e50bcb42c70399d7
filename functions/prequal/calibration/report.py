"""A calibration in words, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from prequal.calibration.calibrating import Calibration, Learning
from prequal.calibration.clients import Clients
from prequal.calibration.columns import scored
from prequal.calibration.design import name_of
from prequal.calibration.grades import TOO_ALIKE, Thresholds
from prequal.calibration.verdict import Verdict
from prequal.core.form import Grade, Kind, Option, Question
from prequal.core.scoring import worth

_MOST_STRANGE = 5


def as_json(calibration: Calibration) -> dict[str, Any]:
    """Return the calibration for other programs; figures are null where too few clients are known to have any."""
    trial = calibration.learning.trial if calibration.learning else None
    return {
        "rows": len(calibration.clients.good),
        "good": int(calibration.clients.good.sum()),
        "auc": _rounded(asdict(trial.auc)) if trial else None,
        "auc_owner": round(trial.auc_owner, 4) if trial else None,
        "log_loss": round(trial.log_loss, 4) if trial else None,
        "log_loss_base": round(trial.log_loss_base, 4) if trial else None,
        "verdict": calibration.verdict.value,
        "points": {question: dict(points) for question, points in calibration.points.items()},
        **_limits(calibration),
    }


def _limits(calibration: Calibration) -> dict[str, Any]:
    """Return what else a form takes to score by these points; where they can't be three grades, null."""
    form, learning = calibration.form, calibration.learning
    own = Thresholds(
        hot=form.scoring.grades[Grade.HOT], warm=form.scoring.grades[Grade.WARM], minimum=form.scoring.minimum
    )
    limits = learning.thresholds if learning else own
    return {
        "grades": {"hot": limits.hot, "warm": limits.warm} if limits else None,
        "minimum": {axis.value: points for axis, points in limits.minimum.items()} if limits else None,
        "max_points": {
            question.id: calibration.caps.get(question.id) for question in scored(form) if question.kind is Kind.MANY
        },
    }


def in_words(calibration: Calibration) -> str:
    """Return the calibration for a person."""
    return "\n".join(_lines(calibration))


def _lines(calibration: Calibration) -> Iterator[str]:
    yield from _who(calibration.clients)
    learning = calibration.learning
    if learning is None:
        yield f"\n{calibration.words}"
        return
    yield ""
    yield from _figures(calibration.clients, learning)
    yield ""
    yield from _cards(calibration, learning)
    yield ""
    yield from _grades(calibration, learning)
    if calibration.verdict is Verdict.CALIBRATED:
        yield from _chances(learning)
    yield ""
    yield from learning.suspicions
    yield calibration.words


def _who(clients: Clients) -> Iterator[str]:
    good, rows = int(clients.good.sum()), len(clients.good)
    share = f" ({good / rows:.0%})" if rows else ""
    yield f"{rows:,} clients to learn from: {good:,} good{share}, {clients.others:,} not."
    persons = clients.persons_of_either
    if sum(persons) < rows:
        yield (
            f"  {sum(persons):,} persons, each counted once in verdict and intervals: "
            f"{persons[0]:,} good at least once, {persons[1]:,} not"
        )
    for reason, count in clients.left_out.items():
        yield f"  {count:,} left out: {reason}"
    if clients.undated:
        yield f"  {clients.undated:,} without a date: learned from, but on neither side of the newest fifth"
    if clients.ruled_out:
        yield (
            f"  {clients.ruled_out:,} set aside: an answer rules them out, whatever their points; "
            f"{clients.ruled_out_good:,} of them were good"
        )
    for question, values in clients.strange.items():
        most = sorted(values.items(), key=lambda item: -item[1])
        shown = ", ".join(f"“{value}” ({count:,})" for value, count in most[:_MOST_STRANGE])
        rest = ", …" if len(most) > _MOST_STRANGE else ""
        yield f"  {question}: counted as its average, as no answer is called {shown}{rest}"
    for absent in clients.absent:
        yield f"  {absent.id}: no column; its points stay, on the new scale"


def _figures(clients: Clients, learning: Learning) -> Iterator[str]:
    trial = learning.trial
    interval = f"({trial.auc.low:.2f} to {trial.auc.high:.2f})"
    yield f"{'On clients not learned from':<28}  {'new':<22}  yours"
    yield f"  {'AUC, 95 % interval':<26}  {trial.auc.mean:.3f} {interval:<16}  {trial.auc_owner:.3f}    a coin 0.500"
    yield (
        f"  {'Log-loss, lower is better':<26}  {trial.log_loss:<22.3f}  {trial.log_loss_owner:.3f}    "
        f"the base rate {trial.log_loss_base:.3f}"
    )
    if clients.order is not None:
        newest = "too few to tell" if trial.newest is None else f"{trial.newest:.3f}, learned from the older clients"
        yield f"  {'AUC on the newest fifth':<26}  {newest}"
    yield "AUC is how often a good client has more points than another one."


def _cards(calibration: Calibration, learning: Learning) -> Iterator[str]:
    form = calibration.form
    alone = {worth.question: worth.alone.mean for worth in learning.worths}
    chosen = [block.question.id for block in learning.design.blocks]
    width = max(len(name) for question in scored(form) for name in [question.id, *_names(question)]) + 4
    yield f"{'':<{width}}  {'yours':>6}  {'new':>6}"
    for question in scored(form):
        worth_alone = f"alone: AUC {alone[question.id]:.3f}" if question.id in alone else ""
        out = "" if question.id in calibration.points else "not among the best"
        cap = "" if out else _cap(calibration, question)
        yield f"{question.id:<{width}}  {'':>6}  {'':>6}  {', '.join(filter(None, [worth_alone, out, cap]))}".rstrip()
        new = calibration.points.get(question.id, {})
        for choice in question.options or question.bands:
            name = name_of(question, choice)
            rules_out = "  rules out" if isinstance(choice, Option) and choice.rules_out else ""
            old = worth(choice, form.scoring.method)
            yield f"    {name:<{width - 4}}  {old:>6}  {new.get(name, 0):>6}{rules_out}"
    if len(chosen) < len(learning.worths):
        shares = learning.trial.chosen
        stable = min(shares.get(at, 0.0) for at in learning.learned.kept)
        yield f"The questions that tell most together: {', '.join(chosen)}."
        yield f"In trials on parts of the table, each of them was chosen in at least {stable:.0%} of the cases."
        if calibration.clients.absent:
            absent = ", ".join(question.id for question in calibration.clients.absent)
            yield f"Kept besides, as the table has no column that could tell: {absent}."


def _cap(calibration: Calibration, question: Question) -> str:
    """Say what becomes of the cap of a question that has one."""
    if question.max_points is None:
        return ""
    change = f"max_points {question.max_points} → {calibration.caps[question.id]}"
    return change if question in calibration.clients.absent else f"{change}, which caps nothing"


def _grades(calibration: Calibration, learning: Learning) -> Iterator[str]:
    old, new = calibration.form.scoring.grades, learning.thresholds
    if new is None:
        yield TOO_ALIKE
        return
    minimum = "".join(f", at least {points} for {axis}" for axis, points in new.minimum.items())
    yield f"For the same part of your clients in each grade: hot from {new.hot}, warm from {new.warm}{minimum}."
    yield f"(Yours: {', '.join(f'{grade} from {points}' for grade, points in old.items())}.)"


def _chances(learning: Learning) -> Iterator[str]:
    trial, thresholds, rate = learning.trial, learning.thresholds, learning.true_rate
    for name, total in (("warm", thresholds.warm), ("hot", thresholds.hot)) if thresholds else ():
        chance = learning.card.chances(np.array([total]))[0]
        yield f"  A lead of {total}, just {name}: {chance:.0%} likely to be a good client"
    yield (
        f"  Calibration: {trial.in_the_large:.2f} good ones came for each expected, slope {trial.slope:.2f}: "
        "1 is best; below 1, high chances are too high and low ones too low"
    )
    if rate is None:
        yield "  These chances hold where as many prospects are good as in the table; if not, say how many with --rate."
    else:
        yield f"  These chances hold where {rate * 100:g}% of the prospects are good, as you say with --rate."


def _names(question: Question) -> Iterator[str]:
    return (f"    {name_of(question, choice)}" for choice in question.options or question.bands)


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}
