"""Use case: a round of sending the mails that are due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from prequal import log
from prequal.core.errors import PrequalError
from prequal.core.mail import MailState
from prequal.services.mail_sender import MailSender
from prequal.services.ports import MailQueue

BATCH = 50
# No mail is started after this time; the one in progress still has its lease.
ROUND = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRound:
    """Round of due mails, one at a time. Any number may run at once."""

    queue: MailQueue
    sender: MailSender
    clock: Callable[[], datetime]

    def run(self, limit: int = BATCH) -> dict[str, int]:
        """Send at most `limit` due mails, for a bounded time, and return the numbers sent, put off and given up."""
        began_at = self.clock()
        states = Counter[MailState]()
        for mail_id in self.queue.list_due_mails(began_at, limit):
            try:
                state = self.sender.send(mail_id)
            except PrequalError as error:  # it must not keep the others waiting
                log.mail_failed(mail_id, error)
                continue
            if state:
                states[state] += 1
            if self.clock() - began_at > ROUND:
                break
        return {
            "sent": states[MailState.SENT],
            "put_off": states[MailState.RETRYING],
            "given_up": states[MailState.FAILED],
        }
