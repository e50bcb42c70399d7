"""The digest: what a week brought, and what waits for the owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from prequal.core.lead import InvitationState, Lead, Status
from prequal.core.source import source_name
from prequal.core.stages import Stage, reached_at

WEEK = timedelta(weeks=1)
# What becomes of a lead that came in earlier than this is no news of the week, and not worth reading them all for.
LOOKS_BACK = timedelta(weeks=13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What the seven days up to `until` brought.

    `week` and `before` have how many leads came to each stage in these seven days, and in the seven before; `sources`
    and `qualified` how many of those received came from where, and how many of them qualified; `ruled_out` how many
    were, by the owner's reasons. The lists are of leads for the owner to look at: those whom no mail reached, those
    whose call is over without an outcome, and those whose link ends within a week.
    """

    until: datetime
    week: Counter[Stage] = field(default_factory=Counter)
    before: Counter[Stage] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    qualified: Counter[str] = field(default_factory=Counter)
    ruled_out: Counter[str] = field(default_factory=Counter)
    undelivered: list[Lead] = field(default_factory=list)
    undecided: list[Lead] = field(default_factory=list)
    ending: list[Lead] = field(default_factory=list)


def make_digest(leads: Iterable[Lead], until: datetime, now: datetime) -> Digest:
    """Return the digest of leads; what a trap caught is left out."""
    digest = Digest(until=until)
    for lead in leads:
        if lead.status is not Status.QUARANTINED:
            _count(digest, lead)
            _look_at(digest, lead, now)
    return digest


def last_start_of(weekday: int, now: datetime) -> datetime:
    """Return the last midnight, in UTC, with which such a day began: 0 is Monday."""
    today = now.astimezone(UTC).date()
    return datetime.combine(today - timedelta(days=(today.weekday() - weekday) % 7), time(), UTC)


def _count(digest: Digest, lead: Lead) -> None:
    for stage, at in reached_at(lead).items():
        if at < digest.until:
            if at >= digest.until - WEEK:
                digest.week[stage] += 1
            elif at >= digest.until - 2 * WEEK:
                digest.before[stage] += 1
    if digest.until - WEEK <= lead.received_at < digest.until:
        source = source_name(lead.source)
        digest.sources[source] += 1
        digest.qualified[source] += lead.score.qualified
        digest.ruled_out.update(set(lead.score.ruled_out))


def _look_at(digest: Digest, lead: Lead, now: datetime) -> None:
    invitation, booking = lead.invitation, lead.booking
    if lead.status is Status.BOOKED and booking:
        if (booking.starts_at or booking.booked_at + WEEK) < now:
            digest.undecided.append(lead)
    elif lead.status in (Status.INVITED, Status.OPENED) and invitation:
        if invitation.state is InvitationState.FAILED:
            digest.undelivered.append(lead)
        elif now < invitation.expires_at <= now + WEEK:
            digest.ending.append(lead)
