"""A score in words for the owner: its result, and the reasons why it does not invite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prequal.core.form import Grade, Method
from prequal.core.text import N_
from prequal.pages.labels import GRADES
from prequal.pages.wording import catalogue

_RESULTS = {
    Method.POINTS: N_("%(grade)s: %(total)s of %(max)s points"),
    Method.TRAITS: N_("%(grade)s: %(total)s of %(max)s desired answers"),
}
_TOTALS = {
    Method.POINTS: N_("%(reached)d of %(max)d points; %(grade)s begins at %(needed)d."),
    Method.TRAITS: N_("%(reached)d of %(max)d desired answers; %(grade)s begins at %(needed)d."),
}
_AXES = {
    "fit": N_("Fit is %(reached)d, and the minimum %(needed)d."),
    "intent": N_("Intent is %(reached)d, and the minimum %(needed)d."),
}


def counts_points(score: Mapping[str, Any]) -> bool:
    """Return whether a score is a sum of points; those in mails of earlier versions don't say."""
    return Method(score.get("method", Method.POINTS)) is Method.POINTS


def describe_result(score: Mapping[str, Any], language: str) -> str:
    """Return grade and total of a score."""
    translate = catalogue(language).gettext
    result = {"grade": translate(GRADES[Grade(score["grade"])]), "total": score["total"], "max": score["max"]}
    return translate(_RESULTS[Method.POINTS if counts_points(score) else Method.TRAITS]) % result


def explain_shortfall(
    score: Mapping[str, Any], shortfalls: Mapping[str, int], qualify: str, language: str
) -> Iterator[str]:
    """Yield why a score does not reach the grade `qualify`, or what else it lacks; it may be one in a queued mail."""
    translate = catalogue(language).gettext
    for reason in score["ruled_out"]:
        yield translate(N_("Ruled out: %(reason)s.")) % {"reason": reason}
    for name, needed in shortfalls.items():
        sentence = _TOTALS[Method(score["method"])] if name == "total" else _AXES[name]
        grade = translate(GRADES[Grade(qualify)])
        yield translate(sentence) % {"reached": score[name], "max": score["max"], "grade": grade, "needed": needed}
