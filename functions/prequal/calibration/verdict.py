"""The verdict on learned points: a word, and its meaning for the owner."""

from collections.abc import Sequence
from enum import StrEnum

from prequal.calibration.cells import shown
from prequal.calibration.clients import Clients
from prequal.calibration.validation import CrossValidation, UnivariateAuc
from prequal.core.text import counted

# The persons of either outcome that it takes to learn anything that lasts, and to trust percentages.
_MIN_TO_LEARN, _MIN_FOR_CHANCES = 10, 40
# An AUC that answers from before the sale never reach: of one question, and of all together.
_PERFECT_ALONE, _PERFECT = 0.9, 0.97
# The lead of a strong question over all others together from which on it is questionable.
_LEAD = 0.02
_RANDOM = 0.5  # the AUC of a coin
# By whether there are good clients, and others.
_ONE_OUTCOME = {
    (True, False): "All of these clients are good, and good ones alone can't show what sets them apart. Add those you "
    "lost or turned down: at least {least}, at best as many as you won. Your points stay as they are.",
    (False, True): "None of these clients is good, so there is nothing to learn from. Add those you won: at least "
    "{least}. Your points stay as they are.",
}
_FEW = (
    "{good} and {others} are not enough: to learn anything that lasts takes at least {least} of each. "
    "Your points stay as they are: your own judgement is the better guide for now."
)


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
    words = {"good": counted(good, "good client"), "others": counted(others, "other"), "least": _MIN_TO_LEARN}
    return _ONE_OUTCOME.get((good > 0, others > 0), _FEW).format(**words)


def mostly_unread(clients: Clients) -> str:
    """Return the reason why nothing is learned if most of a column was not read, and a remedy; empty if all were.

    The points of such a column would be an accident of the cells that could be read.
    """
    for question, count in clients.unread.items():
        if 2 * count > clients.filled[question]:
            column = shown(clients.columns[question])
            return (
                f"Most of the column {column} matches no answer to {question}. Correct its cells, or leave it out with "
                f"--map '{column}='. Your points stay as they are."
            )
    return ""


def tell_unread(clients: Clients) -> str:
    """Return a sentence on the cells that were not read, to follow another; empty if there is none."""
    parts = [f"{count:,} of {clients.filled[question]:,} in {question}" for question, count in clients.unread.items()]
    return f" Cells that were not read: {', '.join(parts)}." if parts else ""


def find_suspicions(validation: CrossValidation, aucs: Sequence[UnivariateAuc]) -> list[str]:
    """Describe what predicts the outcome too well to have been known before the sale."""
    suspicions = []
    for found in aucs:
        if not found.strong:
            continue
        name, alone, others = found.question, found.alone.mean, found.others
        ask = f"Is it known only after the sale, or filled in afterwards? Then leave it out, with --map '{name}='."
        if alone >= _PERFECT_ALONE:
            fault = f"Suspiciously perfect: {name} alone all but tells the outcome (AUC {alone:.2f})."
            suspicions.append(f"{fault} {ask}")
        elif others is not None and alone >= others + _LEAD:
            fault = f"Suspiciously good: {name} alone (AUC {alone:.2f}) predicts more than all other questions together"
            suspicions.append(f"{fault} ({others:.2f}). {ask}")
    mean = validation.auc.mean
    if not suspicions and mean >= _PERFECT:
        fault = f"Suspiciously perfect: hardly any client is ranked wrongly (AUC {mean:.2f})."
        suspicions.append(f"{fault} Was every answer known before the sale, and none filled in afterwards?")
    return suspicions


def judge(found: CrossValidation, persons: tuple[int, int], suspicions: Sequence[str]) -> tuple[Verdict, str]:
    """Return the verdict and its meaning for the owner; `persons` are the numbers of good ones and of others."""
    enough = min(persons) >= _MIN_FOR_CHANCES
    if suspicions:
        return Verdict.SUSPICIOUS, "Suspicious: don't use these points before you know why they do so well."
    if enough and found.log_loss < min(found.log_loss_base, found.log_loss_owner):
        meaning = "the new points beat both your own and the base rate, and their percentages can be used."
        return Verdict.CALIBRATED, f"Calibrated: {meaning}"
    if found.auc.low <= _RANDOM:
        reason = "so far nothing shows that they rank better than a coin does. Keep your own."
    elif found.auc.mean <= found.auc_owner:
        reason = "they rank clients no better than your own points do. Keep your own."
    elif not enough:
        reason = f"use them to rank leads, not for percentages; that takes {_MIN_FOR_CHANCES} clients of each outcome."
    else:
        reason = "they rank well, but their percentages are no better than the base rate's or your card's."
    return Verdict.PROVISIONAL, f"Provisional: {reason}"
