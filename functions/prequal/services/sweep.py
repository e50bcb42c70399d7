"""Use case: the scheduled round of everything that nobody waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from prequal import log
from prequal.services.follow_up import FollowUp
from prequal.services.mail_round import ROUND, MailRound
from prequal.services.ports import FormArchive
from prequal.services.retention import Retention
from prequal.services.weekly_digest import WeeklyDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Round of saving the forms, following up, writing the digest, sending mails and deleting expired documents."""

    archive: FormArchive
    #: Documents of the forms in use, saved for those who read their leads later.
    forms: Sequence[Mapping[str, Any]]
    follow_up: FollowUp
    #: None if the owner wants no digests.
    digest: WeeklyDigest | None
    mails: MailRound
    retention: Retention

    def run(self, mail_time: timedelta = ROUND) -> dict[str, int]:
        """Do one round, with a time for its mails, and return its counts. Any number may run at once.

        Raises:
            StoreUnavailableError: the next round finishes this one's work.
        """
        for form in self.forms:
            self.archive.save_form(form)
        counts = self.follow_up.run()
        if self.digest:
            self.digest.run()
        counts |= self.mails.run(mail_time)
        counts["removed"] = self.retention.run()
        if any(counts.values()):
            log.swept(counts)
        return counts
