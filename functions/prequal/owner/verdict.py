"""The verdict on a lead in sentences: why the score did not invite it, and why an invitation waits."""

from collections.abc import Iterator

from prequal.core.form import Axis, Form, Method
from prequal.core.lead import HoldReason, Lead, Status

_HELD = {
    HoldReason.BUDGET: "The invitation waits for you: it exceeds the mail budget.",
    HoldReason.CAPTCHA: "The invitation waits for you: Turnstile did not confirm that a person sent the form.",
    HoldReason.SUPPRESSED: "The invitation is held: somebody at this address had not asked for it.",
}


def explain_verdict(lead: Lead, form: Form | None) -> Iterator[str]:
    """Yield the reasons why a lead was not invited by its score, or why its invitation is held; `form` scored it."""
    score = lead.score
    if lead.status is Status.QUARANTINED:
        yield "The spam trap caught it: it filled in a field that people do not see."
    for reason in score.ruled_out:
        yield f"Ruled out: {reason}."
    if form and not score.qualified:
        least = form.scoring.grades.get(form.scoring.qualify)
        unit = "points" if score.method is Method.POINTS else "desired answers"
        if least is not None and not score.grade.reaches(form.scoring.qualify):
            yield f"{score.total} of {score.max} {unit}, where {least} are needed to be {form.scoring.qualify}."
        for axis, subtotal in ((Axis.FIT, score.fit), (Axis.INTENT, score.intent)):
            minimum = form.scoring.minimum.get(axis)
            if minimum is not None and subtotal < minimum:
                yield f"{subtotal} for {axis}, where {minimum} is the minimum."
    if lead.invitation and lead.invitation.held_for:
        yield _HELD[lead.invitation.held_for]
