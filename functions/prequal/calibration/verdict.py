"""The verdict on learned points: a word, and its meaning for the owner."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from prequal.calibration.validation import CrossValidation, UnivariateAuc

# The persons of either outcome that it takes to learn anything that lasts, and to trust percentages.
_MIN_TO_LEARN, _MIN_FOR_CHANCES = 10, 40
# An AUC that answers from before the sale never reach: of one question, and of all together.
_PERFECT_ALONE, _PERFECT = 0.9, 0.97
# The lead of a strong question over all others together from which on it is questionable.
_LEAD = 0.02
_RANDOM = 0.5  # the AUC of a coin
_KEPT = "Your points stay as they are"
_ASK = "Is it known only after the sale, or filled in afterwards? Then leave it out, with --map '{}='."


class Verdict(StrEnum):
    """The reliability of learned points."""

    NOT_CALIBRATED = "not calibrated"
    SUSPICIOUS = "suspicious"
    PROVISIONAL = "provisional"
    CALIBRATED = "calibrated"


def too_few(good: int, others: int) -> str:
    """Return the reason why nothing can be learned from so few persons, and a remedy; empty if something can."""
    if good >= _MIN_TO_LEARN and others >= _MIN_TO_LEARN:
        return ""
    if not good + others:
        return "The table has no usable client: each needs an outcome, and an answer to at least one question."
    if not others:
        return (
            "All of these clients are good, and good ones alone can't show what sets them apart. Add those you lost or "
            f"turned down: at least {_MIN_TO_LEARN}, at best as many as you won. {_KEPT}."
        )
    if not good:
        return (
            "None of these clients is good, so there is nothing to learn from. Add those you won: "
            f"at least {_MIN_TO_LEARN}. {_KEPT}."
        )
    return (
        f"There are {good} good clients and {others} others; to learn anything that lasts takes at least "
        f"{_MIN_TO_LEARN} of each. {_KEPT}: your own judgement is the better guide for now."
    )


def find_suspicions(validation: CrossValidation, aucs: Sequence[UnivariateAuc]) -> list[str]:
    """Describe what predicts the outcome too well to have been known before the sale."""
    suspicions = []
    for found in aucs:
        name, alone = found.question, found.alone.mean
        if not found.strong:
            continue
        if alone >= _PERFECT_ALONE:
            suspicions.append(
                f"Suspiciously perfect: {name} alone all but tells the outcome (AUC {alone:.2f}). {_ASK.format(name)}"
            )
        elif found.others is not None and alone >= found.others + _LEAD:
            suspicions.append(
                f"Suspiciously good: {name} alone (AUC {alone:.2f}) predicts more than all other questions together "
                f"({found.others:.2f}). {_ASK.format(name)}"
            )
    mean = validation.auc.mean
    if not suspicions and mean >= _PERFECT:
        suspicions.append(
            f"Suspiciously perfect: hardly any client is ranked wrongly (AUC {mean:.2f}). Was every answer known "
            "before the sale, and none filled in afterwards?"
        )
    return suspicions


def judge(validation: CrossValidation, persons: tuple[int, int], suspicions: Sequence[str]) -> tuple[Verdict, str]:
    """Return the verdict and its meaning for the owner; `persons` are the numbers of good ones and of others."""
    if suspicions:
        return Verdict.SUSPICIOUS, "Suspicious: don't use these points before you know why they do so well."
    if min(persons) >= _MIN_FOR_CHANCES and validation.log_loss < min(
        validation.log_loss_base, validation.log_loss_owner
    ):
        return (
            Verdict.CALIBRATED,
            "Calibrated: the new points beat both your own and the base rate, and their percentages can be used.",
        )
    if validation.auc.low <= _RANDOM:
        reason = "so far nothing shows that they rank better than a coin does. Keep your own."
    elif validation.auc.mean <= validation.auc_owner:
        reason = "they rank clients no better than your own points do. Keep your own."
    elif min(persons) < _MIN_FOR_CHANCES:
        reason = f"use them to rank leads, not for percentages; that takes {_MIN_FOR_CHANCES} clients of each outcome."
    else:
        reason = "they rank well, but their percentages are no better than the base rate's or your card's."
    return Verdict.PROVISIONAL, f"Provisional: {reason}"
