"""Values of the desk's pages: leads in words, with times in the owner's zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from prequal.core.addresses import phone_link, web_link
from prequal.core.form import Form
from prequal.core.lead import Attempt, Lead
from prequal.core.mail import Mail
from prequal.core.scoring import Reason
from prequal.owner.form_labels import FormLabels
from prequal.owner.terminal import describe_reaction, history, short_status
from prequal.owner.verdict import explain_verdict
from prequal.pages.wording import language_name
from prequal.pages.zone import Zone


def lead_row(lead: Lead, zone: Zone) -> Mapping[str, Any]:
    """Return a lead as a line of a list."""
    return {
        "id": lead.id,
        "form": lead.form_id,
        "name": lead.name,
        "company": lead.company,
        "grade": lead.score.grade.value,
        "total": lead.score.total,
        "max": lead.score.max,
        "status": short_status(lead),
        "ruled_out": "; ".join(lead.score.ruled_out),
        "received": zone.day(lead.received_at),
    }


def lead_page(
    lead: Lead, attempts: Sequence[Attempt], mails: Sequence[Mail], forms: Mapping[str, Form], zone: Zone
) -> Mapping[str, Any]:
    """Return all about one lead."""
    # A rescored lead may have answers that only the forms of its attempts know.
    versions = (lead.form_version, *(attempt.form_version for attempt in reversed(attempts)))
    labels = FormLabels(*map(forms.get, versions))
    scored = {reason.question for reason in lead.score.reasons}
    return {
        **lead_row(lead, zone),
        "email": lead.email,
        "phone": lead.phone,
        "phone_link": phone_link(lead.phone),
        "website": lead.website,
        "website_link": web_link(lead.website),
        "language": language_name(lead.language, "en"),
        "source": [(name, value) for name, value in asdict(lead.source).items() if value],
        "qualified": lead.score.qualified,
        "fit": lead.score.fit,
        "intent": lead.score.intent,
        "verdict": list(explain_verdict(lead, forms.get(lead.form_version))),
        "answers": [
            *(
                (labels.question(reason.question), _answer(lead, reason, labels), f"{reason.points:+d}")
                for reason in lead.score.reasons
            ),
            *(
                (labels.question(question), labels.answer(question, answer), "")
                for question, answer in lead.answers.items()
                if question not in scored
            ),
        ],
        "unconfirmed": lead.unconfirmed,
        "notes": [(zone.minute(note.at), note.by, note.text) for note in reversed(lead.notes)],
        "happened": [(zone.minute(at), event) for at, event in history(lead, attempts, mails, forms, zone)],
        "kept_until": zone.day(lead.expire_at),
        # The last whole day, as in the mail.
        "link_until": zone.day(lead.invitation.expires_at - timedelta(days=1)) if lead.invitation else "",
    }


def _answer(lead: Lead, reason: Reason, labels: FormLabels) -> str:
    """Return an answer, and on a line of its own the reaction to what the page revealed."""
    reaction = describe_reaction(lead, reason.question, labels)
    return "\n".join(filter(None, (labels.answer(reason.question, reason.answer), reaction)))
