"""The weekly digest: a summary of the past week, and the leads that need the owner's attention."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, NamedTuple

from prequal.core.days import day_of, start_of
from prequal.core.form import Form
from prequal.core.lead import InvitationState, Lead, Status, desk_page
from prequal.core.mail import form_words
from prequal.core.near_miss import find_shortfalls, is_near_miss
from prequal.core.scoring import score_content
from prequal.core.source import source_name
from prequal.core.stages import Stage, reached_at
from prequal.core.visits import FieldLoss, Funnel, VisitCounts, field_losses

WEEK = timedelta(weeks=1)
# A digest reads leads back to this age: news of older ones isn't worth reading them all every week.
LOOKS_BACK = timedelta(weeks=13)
# The number of sources, reasons, leads and fields that a digest names.
_LISTED = 5


class Weeks(NamedTuple):
    """Two weeks of whole days: the instants at which the first begins, the second begins, and both have ended."""

    before: datetime
    since: datetime
    until: datetime
    #: The time zone of the days; None is this machine's.
    zone: tzinfo | None

    @classmethod
    def until_day(cls, day: date, zone: tzinfo | None) -> Weeks:
        """Return the two weeks that end when a day begins."""
        before, since, until = (start_of(day - weeks * WEEK, zone) for weeks in (2, 1, 0))
        return cls(before, since, until, zone)

    @property
    def last_day(self) -> date:
        """Return the last day of the second week."""
        return day_of(self.until - timedelta(seconds=1), self.zone)


class Waiting(StrEnum):
    """Reason why a lead waits for the owner, the most urgent first."""

    #: The call is over, and there is no outcome yet.
    UNDECIDED = "undecided"
    #: The day to answer an offer has passed.
    UNANSWERED = "unanswered"
    #: The booking link expires within a week.
    ENDING = "ending"
    #: The invitation waits for the owner to release it.
    HELD = "held"
    #: The invitation could not be delivered.
    UNDELIVERED = "undelivered"
    #: The lead, of this week, only just does not qualify.
    MISSED = "missed"
    #: This week somebody answered again, and nobody has proven who.
    UNCONFIRMED = "unconfirmed"


# Where the lead's page has what to do.
_PLACES = {Waiting.HELD: "#invite", Waiting.MISSED: "#invite"}


@dataclass(slots=True, kw_only=True)
class Digest:
    """Summary of a week, beside the week before."""

    weeks: Weeks
    #: The forms in use, by version.
    in_use: Mapping[str, Form] = field(default_factory=dict)
    #: Leads that reached each stage in this week, and in the one before.
    week: Counter[Stage] = field(default_factory=Counter)
    before: Counter[Stage] = field(default_factory=Counter)
    #: Visits of the page.
    visits: Funnel = field(default_factory=Funnel)
    visits_before: Funnel = field(default_factory=Funnel)
    #: Visits of this week, by the version of the form.
    visits_by_version: defaultdict[str, Funnel] = field(default_factory=lambda: defaultdict(Funnel))
    #: Leads received, and qualified, by source.
    sources: Counter[str] = field(default_factory=Counter)
    qualified: Counter[str] = field(default_factory=Counter)
    #: Leads received, and qualified, by the form's id.
    forms: Counter[str] = field(default_factory=Counter)
    qualified_by_form: Counter[str] = field(default_factory=Counter)
    #: Leads ruled out, by the owner's reasons.
    ruled_out: Counter[str] = field(default_factory=Counter)
    #: Leads that wait for the owner.
    waiting: Mapping[Waiting, list[Lead]] = field(default_factory=lambda: {reason: [] for reason in Waiting})
    #: Outcomes noted since the points of a form were last learned, by the form's id.
    outcomes: Counter[str] = field(default_factory=Counter)
    #: Whether any lead came before the week's end.
    has_begun: bool = False


def make_digest(leads: Iterable[Lead], weeks: Weeks, now: datetime, forms: Collection[Form]) -> Digest:
    """Return the digest of leads, which names these forms in any case; quarantined leads are left out."""
    in_use = {form.version: form for form in forms}
    digest = Digest(weeks=weeks, in_use=in_use, forms=Counter({form.id: 0 for form in forms}))
    for lead in leads:
        if lead.status is not Status.QUARANTINED:
            digest.has_begun |= lead.received_at < weeks.until
            _count(digest, lead)
            if reason := _find_reason(lead, digest, now):
                digest.waiting[reason].append(lead)
    return digest


def add_visits(digest: Digest, visits: Iterable[VisitCounts]) -> None:
    """Add the visits of both weeks, whose days are those of UTC."""
    since, until = (day_of(at, digest.weeks.zone).isoformat() for at in (digest.weeks.since, digest.weeks.until))
    for counts in visits:
        if since <= counts.day < until:
            digest.visits.add(counts.counts)
            digest.visits_by_version[counts.form_version].add(counts.counts)
        elif counts.day < since:
            digest.visits_before.add(counts.counts)


def count_visits(visits: Funnel) -> Mapping[str, int]:
    """Return the number of visits, of those in which the form was begun, and of those in which it was sent."""
    return {"seen": visits.reached(0), "begun": visits.reached(1), "sent": visits.sent}


def find_stops(digest: Digest) -> Iterator[tuple[Form, Sequence[FieldLoss]]]:
    """Return the fields of each form in use at which visits ended, the most first."""
    for version, form in digest.in_use.items():
        losses = [loss for loss in field_losses(form, digest.visits_by_version[version]) if loss.left]
        if losses:
            yield form, sorted(losses, key=lambda loss: -loss.left)


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


def _find_reason(lead: Lead, digest: Digest, now: datetime) -> Waiting | None:
    """Return the reason why a lead waits for the owner, the most urgent one if there are several."""
    weeks, form = digest.weeks, digest.in_use.get(lead.form_version)
    invitation, booking, offered = lead.invitation, lead.booking, lead.offered
    is_invited = lead.status in (Status.INVITED, Status.OPENED) and not lead.is_held
    is_new = weeks.since <= lead.received_at < weeks.until
    holds = {
        Waiting.UNDECIDED: lead.status is Status.BOOKED
        and booking
        and (booking.starts_at or booking.booked_at + WEEK) < now,
        Waiting.UNANSWERED: lead.status is Status.OFFERED and offered and offered.until and offered.until < now,
        Waiting.UNDELIVERED: is_invited and invitation and invitation.state is InvitationState.FAILED,
        Waiting.ENDING: is_invited and invitation and now < invitation.expires_at <= now + WEEK,
        Waiting.HELD: lead.is_held,
        Waiting.MISSED: lead.status is Status.RECEIVED and is_new and form and is_near_miss(lead.score, form.scoring),
        Waiting.UNCONFIRMED: lead.unconfirmed and lead.told_at and weeks.since <= lead.told_at < weeks.until,
    }
    return next((reason for reason, is_so in holds.items() if is_so), None)


def digest_content(form: Form, digest: Digest, desk_url: str) -> dict[str, Any]:
    """Return a digest as the content of a mail, in which leads have links to the desk, if it has an address."""
    return {
        "business": asdict(form.business),
        "until": digest.weeks.until,
        "last_day": digest.weeks.last_day.isoformat(),
        "week": {stage.value: digest.week[stage] for stage in Stage},
        "before": {stage.value: digest.before[stage] for stage in Stage},
        "visits": {
            name: [number, count_visits(digest.visits_before)[name]]
            for name, number in count_visits(digest.visits).items()
        },
        "stops": [
            {
                **form_words(form),
                "form": form.id,
                "language": form.default_language,
                "fields": [_field_content(form, loss) for loss in losses[:_LISTED]],
            }
            for form, losses in find_stops(digest)
        ],
        "sources": [
            {"name": name, "received": count, "qualified": digest.qualified[name]}
            for name, count in _most_frequent(digest.sources)
        ],
        "forms": [
            {"name": name, "received": count, "qualified": digest.qualified_by_form[name]}
            for name, count in digest.forms.items()
        ],
        "ruled_out": [{"name": reason, "count": count} for reason, count in _most_frequent(digest.ruled_out)],
        "waiting": [
            {
                "reason": reason.value,
                "leads": [_named(lead, reason, digest, desk_url) for lead in leads[:_LISTED]],
                "more": max(0, len(leads) - _LISTED),
            }
            for reason, leads in digest.waiting.items()
            if leads
        ],
        "outcomes": dict(digest.outcomes),
        "desk_url": desk_url,
    }


def _most_frequent(counts: Counter[str]) -> Sequence[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_LISTED]


def _field_content(form: Form, loss: FieldLoss) -> dict[str, Any]:
    question = form.question(loss.name)
    return {"label": question.label[form.default_language] if question else "", **loss._asdict()}


def _named(lead: Lead, reason: Waiting, digest: Digest, desk_url: str) -> dict[str, Any]:
    form = digest.in_use.get(lead.form_version) if reason is Waiting.MISSED else None
    return {
        **{name: getattr(lead, name) for name in ("id", "name", "email", "company")},
        "score": score_content(lead.score),
        "day": _find_day(lead, reason),
        "missed": form
        and {
            "shortfalls": dict(find_shortfalls(lead.score, form.scoring)),
            "qualify": form.scoring.qualify.value,
        },
        "desk_page": desk_page(desk_url, lead.id) + _PLACES.get(reason, "") if desk_url else "",
    }


def _find_day(lead: Lead, reason: Waiting) -> datetime | None:
    """Return an instant of the day that matters, if there is one."""
    match reason:
        case Waiting.UNDECIDED:
            return lead.booking.starts_at if lead.booking else None
        case Waiting.UNANSWERED:
            return lead.offered.until if lead.offered else None
        case Waiting.ENDING:  # the last whole day, as in the mail
            return lead.invitation.expires_at - timedelta(days=1) if lead.invitation else None
    return None
