"""The weekly digest: counted and written once, by whoever comes by first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from prequal import log
from prequal.core.digest import LOOKS_BACK, Digest, last_start_of, make_digest
from prequal.core.errors import PrequalError
from prequal.core.mail import Mail
from prequal.services.ports import Store


def digest(store: Store, form_id: str, until: datetime, now: datetime) -> Digest:
    """Return the digest of a form's leads."""
    leads = store.iter_leads(since=until - LOOKS_BACK)
    return make_digest((lead for lead in leads if lead.form_id == form_id), until, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """Sees to it that each week has its digest, from its day on (0 is Monday); any number may do so at once.

    `write` makes a digest the mail of this id.
    """

    store: Store
    form_id: str
    weekday: int
    write: Callable[[Digest, str, datetime], Mail]
    clock: Callable[[], datetime]

    def sweep(self) -> None:
        """Add the week's digest, unless it is there; the leads are only read where it isn't."""
        now = self.clock()
        until = last_start_of(self.weekday, now)
        # Of the calendar's week, so that another day doesn't bring a second one.
        mail_id = f"digest-{self.form_id}-{until:%G-w%V}"
        try:
            if not self.store.has_mail(mail_id):
                mail = self.write(digest(self.store, self.form_id, until, now), mail_id, now)
                if self.store.add_mail(mail):
                    log.digest_written(mail)
        except PrequalError as error:  # which must not keep the mails of others waiting
            log.digest_failed(mail_id, error)
