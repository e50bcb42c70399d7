"""The verdict on a lead in sentences: why the score did not invite it, and why an invitation waits."""

from collections.abc import Iterator
from dataclasses import asdict

from prequal.core.form import Form
from prequal.core.lead import HoldReason, Lead, Status
from prequal.core.near_miss import find_shortfalls
from prequal.pages.shortfall import explain_shortfall

_HELD = {
    HoldReason.BUDGET: "The invitation waits for you: it exceeds the mail budget.",
    HoldReason.CAPTCHA: "The invitation waits for you: Turnstile did not confirm that a person sent the form.",
    HoldReason.SUPPRESSED: "The invitation is held: somebody at this address had not asked for it.",
}


def explain_verdict(lead: Lead, form: Form | None) -> Iterator[str]:
    """Yield the reasons why a lead was not invited by its score, or why its invitation is held; `form` scored it."""
    if lead.status is Status.QUARANTINED:
        yield "The spam trap caught it: it filled in a field that people do not see."
    if form and not lead.score.qualified:
        shortfalls = find_shortfalls(lead.score, form.scoring)
        yield from explain_shortfall(asdict(lead.score), shortfalls, form.scoring.qualify, "en")
    else:
        yield from explain_shortfall(asdict(lead.score), {}, "", "en")
    if lead.invitation and lead.invitation.held_for:
        yield _HELD[lead.invitation.held_for]
