"""Use case: the owner's weekly digest is counted and queued, once a week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from prequal import log
from prequal.core.days import day_of, end_of
from prequal.core.digest import LOOKS_BACK, Digest, Weeks, add_visits, digest_content, last_day, make_digest
from prequal.core.documents import Skip
from prequal.core.errors import PrequalError
from prequal.core.form import Form
from prequal.core.lead_filter import LeadFilter
from prequal.core.mail import Delivery, Mail, MailKind
from prequal.services.ports import LeadStore, MailQueue, Store

# Read to count the new outcomes of a week at most.
_MOST_OUTCOMES = 200
# Longer than its week, in which it would be written again.
_KEPT = timedelta(days=30)


def count_week(store: Store, forms: Collection[Form], weeks: Weeks, now: datetime, skip: Skip) -> Digest:
    """Return the digest of some forms' leads and visits; `skip` is told of unreadable leads."""
    form_ids = {form.id for form in forms}
    leads = store.iter_leads(LeadFilter(since=weeks.until - LOOKS_BACK), skip)
    digest = make_digest((lead for lead in leads if lead.form_id in form_ids), weeks, now, forms)
    visits = store.iter_visits(day_of(weeks.before, weeks.zone).isoformat())
    add_visits(digest, (counts for counts in visits if counts.form_id in form_ids))
    digest.outcomes.update(_count_outcomes(store, forms, weeks.zone))
    return digest


def _count_outcomes(store: LeadStore, forms: Collection[Form], zone: tzinfo | None) -> Counter[str]:
    """Return the number of outcomes noted since the day on which each form's points were last learned."""
    learned = {form.id: form.scoring.learned for form in forms if form.scoring.learned}
    since = {form_id: end_of(day, zone) for form_id, day in learned.items()}
    found = store.list_outcomes(min(since.values()), _MOST_OUTCOMES) if since else ()
    return Counter(
        lead.form_id
        for lead in found
        if lead.form_id in since and lead.outcome_at and lead.outcome_at > since[lead.form_id]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyDigest:
    """Digest mail of each week. Any number may run at once: a week has one mail."""

    #: The main form.
    form: Form
    #: The forms whose leads it counts.
    forms: Collection[Form]
    #: The day on which a week's digest is due: 0 is Monday.
    weekday: int
    #: The owner's time zone, in which that day begins; None is this machine's.
    zone: tzinfo | None
    store: Store
    queue: MailQueue
    sender: str
    owner: str
    #: The address of the desk, from anywhere.
    desk_url: str
    clock: Callable[[], datetime]

    def run(self) -> None:
        """Queue the digest of the last week unless it exists; leads are read only if it does not."""
        now = self.clock()
        day = last_day(self.weekday, day_of(now, self.zone))
        # By calendar week, so that a change of the day, or of the zone, does not cause a second digest.
        mail_id = f"digest-{self.form.id}-{day:%G-w%V}"
        try:
            if not self.queue.has_mail(mail_id):
                mail = self._compose(mail_id, Weeks.until_day(day, self.zone), now)
                if mail and self.queue.add_mail(mail):
                    log.digest_written(mail)
        except PrequalError as error:  # it must not keep the other mails waiting
            log.digest_failed(mail_id, error)

    def _compose(self, mail_id: str, weeks: Weeks, now: datetime) -> Mail | None:
        digest = count_week(self.store, self.forms, weeks, now, log.document_unreadable)
        if not digest.has_begun:  # a new deployment's first week has not ended
            return None
        return Mail(
            id=mail_id,
            lead_id="",
            kind=MailKind.DIGEST,
            to=self.owner,
            sender=self.sender,
            reply_to=self.sender,
            language=self.form.default_language,
            created_at=now,
            content=digest_content(self.form, digest, self.desk_url),
            expire_at=now + _KEPT,
            delivery=Delivery(due_at=now),
        )
