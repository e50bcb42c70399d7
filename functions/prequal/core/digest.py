"""The weekly digest: a summary of the past week, and the leads that need the owner's attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from prequal.core.days import start_of
from prequal.core.form import Form
from prequal.core.lead import SHORT_ID, InvitationState, Lead, Status
from prequal.core.source import source_name
from prequal.core.stages import Stage, reached_at

WEEK = timedelta(weeks=1)
# A digest reads leads back to this age: news of older ones isn't worth reading them all every week.
LOOKS_BACK = timedelta(weeks=13)
# The number of sources, reasons and leads that a digest names.
_LISTED = 5


class Weeks(NamedTuple):
    """Two weeks of whole days: the instants at which the first begins, the second begins, and both have ended."""

    before: datetime
    since: datetime
    until: datetime

    @classmethod
    def until_day(cls, day: date, zone: tzinfo | None) -> Weeks:
        """Return the two weeks that end when a day begins."""
        return cls(*(start_of(day - weeks * WEEK, zone) for weeks in (2, 1, 0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Summary of a week, beside the week before."""

    weeks: Weeks
    #: Leads that reached each stage in this week, and in the one before.
    week: Counter[Stage] = field(default_factory=Counter)
    before: Counter[Stage] = field(default_factory=Counter)
    #: Leads received, and qualified, by source.
    sources: Counter[str] = field(default_factory=Counter)
    qualified: Counter[str] = field(default_factory=Counter)
    #: Leads received, and qualified, by the form's id.
    forms: Counter[str] = field(default_factory=Counter)
    qualified_by_form: Counter[str] = field(default_factory=Counter)
    #: Leads ruled out, by the owner's reasons.
    ruled_out: Counter[str] = field(default_factory=Counter)
    #: Leads whose invitation could not be delivered.
    undelivered: list[Lead] = field(default_factory=list)
    #: Leads whose invitation waits for the owner to release it.
    held: list[Lead] = field(default_factory=list)
    #: Leads whose call is over and that have no outcome yet.
    undecided: list[Lead] = field(default_factory=list)
    #: Leads whose day to answer an offer has passed.
    unanswered: list[Lead] = field(default_factory=list)
    #: Leads whose booking link expires within a week.
    ending: list[Lead] = field(default_factory=list)


def make_digest(leads: Iterable[Lead], weeks: Weeks, now: datetime, form_ids: Iterable[str] = ()) -> Digest:
    """Return the digest of leads, which names these forms in any case; quarantined leads are left out."""
    digest = Digest(weeks=weeks, forms=Counter(dict.fromkeys(form_ids, 0)))
    for lead in leads:
        if lead.status is not Status.QUARANTINED:
            _count(digest, lead)
            _list_for_attention(digest, lead, now)
    return digest


def last_day(weekday: int, today: date) -> date:
    """Return the last day, today included, that is this weekday: 0 for Monday."""
    return today - timedelta(days=(today.weekday() - weekday) % 7)


def _count(digest: Digest, lead: Lead) -> None:
    weeks = digest.weeks
    for stage, at in reached_at(lead).items():
        if weeks.since <= at < weeks.until:
            digest.week[stage] += 1
        elif weeks.before <= at < weeks.since:
            digest.before[stage] += 1
    if weeks.since <= lead.received_at < weeks.until:
        source = source_name(lead.source)
        digest.sources[source] += 1
        digest.qualified[source] += lead.score.qualified
        digest.forms[lead.form_id] += 1
        digest.qualified_by_form[lead.form_id] += lead.score.qualified
        digest.ruled_out.update(set(lead.score.ruled_out))


def _list_for_attention(digest: Digest, lead: Lead, now: datetime) -> None:
    invitation, booking = lead.invitation, lead.booking
    if lead.status is Status.BOOKED and booking:
        if (booking.starts_at or booking.booked_at + WEEK) < now:
            digest.undecided.append(lead)
    elif lead.status is Status.OFFERED and lead.offered:
        if lead.offered.until and lead.offered.until < now:
            digest.unanswered.append(lead)
    elif lead.is_held:
        digest.held.append(lead)
    elif lead.status in (Status.INVITED, Status.OPENED) and invitation:
        if invitation.state is InvitationState.FAILED:
            digest.undelivered.append(lead)
        elif now < invitation.expires_at <= now + WEEK:
            digest.ending.append(lead)


def digest_content(form: Form, digest: Digest) -> dict[str, Any]:
    """Return a digest as the content of a mail. It names leads by id only, as an erasure does not find this mail."""
    return {
        "business": asdict(form.business),
        "until": digest.weeks.until,
        "week": {stage.value: digest.week[stage] for stage in Stage},
        "before": {stage.value: digest.before[stage] for stage in Stage},
        "sources": [
            {"name": name, "received": count, "qualified": digest.qualified[name]}
            for name, count in _most_frequent(digest.sources)
        ],
        "forms": [
            {"name": name, "received": count, "qualified": digest.qualified_by_form[name]}
            for name, count in digest.forms.items()
        ],
        "ruled_out": [{"name": reason, "count": count} for reason, count in _most_frequent(digest.ruled_out)],
        "undecided": _named_leads(digest.undecided),
        "unanswered": _named_leads(digest.unanswered),
        "undelivered": _named_leads(digest.undelivered),
        "held": _named_leads(digest.held),
        "ending": _named_leads(digest.ending),
    }


def _most_frequent(counts: Counter[str]) -> Sequence[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_LISTED]


def _named_leads(leads: Sequence[Lead]) -> dict[str, Any]:
    named = [{"id": lead.id[:SHORT_ID], "grade": lead.score.grade.value} for lead in leads[:_LISTED]]
    return {"leads": named, "more": len(leads) - len(named)}
