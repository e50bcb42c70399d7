"""The verdict on learned points: a word, and its meaning for the owner."""

from collections.abc import Sequence
from enum import StrEnum

from prequal.calibration.clients import Clients
from prequal.calibration.evaluation import Interval
from prequal.calibration.validation import CrossValidation
from prequal.core.text import counted
from prequal.tables.cells import shown

# The persons of either outcome that it takes to learn anything that lasts, and to trust percentages; and the leads that
# it takes in place of those who are not good.
_MIN_TO_LEARN, _MIN_FOR_CHANCES, _MIN_LEADS = 10, 40, 50
# An AUC that answers from before the sale never reach: of one question, and of all together.
_PERFECT_ALONE, _PERFECT = 0.9, 0.97
_SURE = 0.75  # for the lower end of the former's interval
# By whether there are good clients, and others.
_ONE_OUTCOME = {
    (True, False): "All of these clients are good, and good ones alone can't show what sets them apart. Add those you "
    "lost or turned down: at least {least}, at best as many as you won. Or compare them with the leads that came: "
    "--good-only does. Your points stay as they are.",
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


def too_few(good: int, others: int, *, unlabelled: bool = False) -> str:
    """Return the reason why nothing can be learned from so few persons, and a remedy; empty if something can."""
    if unlabelled and (good < _MIN_TO_LEARN or others < _MIN_LEADS):
        few = f"{counted(good, 'good client')} and {counted(others, 'lead')} beside them are not enough"
        return f"{few}: it takes at least {_MIN_TO_LEARN} and {_MIN_LEADS}. Your points stay as they are."
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


def find_suspicions(found: CrossValidation) -> list[str]:
    """Describe what predicts the outcome too well to have been known before the sale."""
    suspicions = [
        f"Suspiciously perfect: {name} alone all but tells the outcome (AUC {alone}). Is it known only after the sale, "
        f"or filled in afterwards? Then leave it out, with --map '{name}='."
        for name, alone in found.alone.items()
        if alone.mean >= _PERFECT_ALONE and alone.low >= _SURE
    ]
    if not suspicions and found.auc.mean >= _PERFECT:
        fault = f"Suspiciously perfect: hardly any client is ranked wrongly (AUC {found.auc})."
        suspicions.append(f"{fault} Was every answer known before the sale, and none filled in afterwards?")
    return suspicions


def judge(
    found: CrossValidation, clients: Clients, suspicions: Sequence[str], true_rate: float | None
) -> tuple[Verdict, str]:
    """Return the verdict and its meaning for the owner."""
    newest = found.newest
    if suspicions:
        return Verdict.SUSPICIOUS, "Suspicious: don't use these points before you know why they do so well."
    if clients.unlabelled:
        limit = (
            "Use them to rank leads, not for percentages. They hold only if the good clients came in the same way as "
            "the leads."
        )
    elif min(clients.group_counts) < _MIN_FOR_CHANCES:
        limit = f"Use them to rank leads, not for percentages: that takes {_MIN_FOR_CHANCES} clients of each outcome."
    elif found.log_loss >= min(found.log_loss_base, found.log_loss_owner):
        limit = "Their percentages are no better than the base rate's or your card's."
    elif newest and not newest.as_expected and true_rate is None:
        limit = (
            f"Percentages are withheld: of the newest fifth {newest.expected.mean:.0%} were expected to be good, and "
            f"{newest.actual:.0%} were. If you know the share among your prospects today, state it with --rate."
        )
    else:
        meaning = "the new points beat both your own and the base rate, and their percentages can be used."
        return Verdict.CALIBRATED, f"Calibrated: {meaning}"
    return Verdict.PROVISIONAL, f"Provisional: {_tell_lead(found.lead)} {limit}"


def _tell_lead(lead: Interval) -> str:
    """Return a sentence on how much better the new points rank clients than the owner's, and how sure that is."""
    better, size = "better" if lead.mean >= 0 else "worse", f"by {abs(lead.mean):.2f} in AUC"
    if lead.low <= 0 <= lead.high:
        truth = f"{-lead.low:.2f} worse to {lead.high:.2f} better"
        return f"They seem to rank clients {better} than your own points, {size}; it may be anything from {truth}."
    low, high = sorted((abs(lead.low), abs(lead.high)))
    keep = "" if lead.mean > 0 else " Keep your own."
    return f"They rank clients {better} than your own points, {size} ({low:.2f} to {high:.2f}).{keep}"
