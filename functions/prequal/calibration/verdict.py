"""How far to trust what was learned, as a word and in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from prequal.calibration.measures import Interval
from prequal.calibration.validation import Trial

# Of either outcome: fewer than the first teach nothing that lasts, fewer than the second no percentages.
FEWEST, ENOUGH = 10, 40
# A question alone, and all together, that part good from other clients like this know more than a form can.
_PERFECT_ALONE, _PERFECT = 0.9, 0.97
# One that certainly tells so much, and more than all others together by this, is worth a question back.
_STRONG_ALONE, _AHEAD = 0.75, 0.02


class Verdict(StrEnum):
    """The one word for it."""

    NOT_CALIBRATED = "not calibrated"
    SUSPICIOUS = "suspicious"
    PROVISIONAL = "provisional"
    CALIBRATED = "calibrated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a question tells by itself, and what all the others tell together, as AUC; None where it wasn't asked."""

    question: str
    alone: Interval
    others: float | None = None


def is_strong(alone: Interval) -> bool:
    """Whether a question certainly tells so much that the others are worth comparing with."""
    return alone.low >= _STRONG_ALONE


def too_few(good: int, others: int) -> str:
    """Return why nothing can be learned, and what would help; empty when something can."""
    if good >= FEWEST and others >= FEWEST:
        return ""
    if not good + others:
        return "The table has no client of use: each needs an outcome, and an answer to at least one question."
    if not others:
        return (
            "All of these clients are good, and good ones alone can't tell what sets them apart. Add those you lost or "
            f"turned down: at least {FEWEST}, at best as many as you won. Your points stay as they are."
        )
    if not good:
        return (
            "None of these clients is good, so there is nothing to learn from. Add those you won: "
            f"at least {FEWEST}. Your points stay as they are."
        )
    return (
        f"There are {good} good clients and {others} others; to learn anything that lasts takes at least {FEWEST} of "
        "each. Your points stay as they are: your own judgement is the better guide for now."
    )


def suspicions(trial: Trial, worths: Sequence[Worth]) -> list[str]:
    """Return what looks too good to be known before the sale."""
    found = []
    for worth in worths:
        alone = worth.alone.mean
        if not is_strong(worth.alone):
            continue
        if alone >= _PERFECT_ALONE:
            found.append(
                f"Suspiciously perfect: {worth.question} alone all but tells the outcome (AUC {alone:.2f}). "
                f"{_ASK.format(worth.question)}"
            )
        elif worth.others is not None and alone >= worth.others + _AHEAD:
            found.append(
                f"Suspiciously good: {worth.question} alone (AUC {alone:.2f}) tells more than all other questions "
                f"together ({worth.others:.2f}). {_ASK.format(worth.question)}"
            )
    if not found and trial.auc.mean >= _PERFECT:
        found.append(
            f"Suspiciously perfect: hardly any client is on the wrong side (AUC {trial.auc.mean:.2f}). Was every "
            "answer known before the sale, and none filled in afterwards?"
        )
    return found


_ASK = "Is it known only after the sale, or filled in afterwards? Then leave it out, with --map '{}='."


def judged(trial: Trial, good: int, others: int, suspicious: Sequence[str]) -> Verdict:
    """Return the verdict on what was learned from so many persons of both outcomes, enough to try."""
    if suspicious:
        return Verdict.SUSPICIOUS
    better = trial.log_loss < min(trial.log_loss_base, trial.log_loss_owner)
    return Verdict.CALIBRATED if min(good, others) >= ENOUGH and better else Verdict.PROVISIONAL


def in_words(verdict: Verdict, trial: Trial, good: int, others: int) -> str:
    """Return what the verdict means for the owner."""
    if verdict is Verdict.SUSPICIOUS:
        return "Suspicious: don't use these points before you know why they do so well."
    if verdict is Verdict.CALIBRATED:
        return "Calibrated: the new points beat both your own and the base rate, and their percentages can be used."
    if trial.auc.low <= 0.5:  # noqa: PLR2004, a coin's
        rest = "so far nothing shows that they rank better than a coin does. Keep your own."
    elif trial.auc.mean <= trial.auc_owner:
        rest = "they rank clients no better than your own points do. Keep your own."
    elif min(good, others) < ENOUGH:
        rest = f"use them to rank leads, not for percentages; that takes {ENOUGH} clients of each outcome."
    else:
        rest = "they rank well, but their percentages are no better than the base rate's or your card's."
    return f"Provisional: {rest}"
