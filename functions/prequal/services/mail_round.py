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
# The same where only the owner waits: mails follow each other without a pause.
LONG_ROUND = timedelta(minutes=10)
# After this time, a list of due mails is read anew: a slow webhook must not keep an invitation waiting.
FRESH = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRound:
    """Round of due mails, one at a time. Any number may run at once."""

    queue: MailQueue
    sender: MailSender
    clock: Callable[[], datetime]
    #: Whether the process is about to end: then no other mail is started.
    is_stopping: Callable[[], bool] = bool

    def run(self, time: timedelta = ROUND, limit: int = BATCH) -> dict[str, int]:
        """Send due mails until none is left, or the time is up; return the numbers sent, put off and given up.

        Each is tried once. Every `limit` mails, or after a slow one, the queue is read again, so that those to
        prospects go first.
        """
        ends_at = self.clock() + time
        tried, states = set[str](), Counter[MailState]()
        with self.sender.session() as sender:
            while mail_ids := [each for each in self.queue.list_due_mails(self.clock(), limit) if each not in tried]:
                read_at = self.clock()
                for mail_id in mail_ids:
                    tried.add(mail_id)
                    try:
                        state = sender.send(mail_id)
                    except PrequalError as error:  # it must not keep the others waiting
                        log.mail_failed(mail_id, error)
                        continue
                    if state:
                        states[state] += 1
                    now = self.clock()
                    if now > ends_at or self.is_stopping():
                        return _counts(states)
                    if now > read_at + FRESH:
                        break
        return _counts(states)


def _counts(states: Counter[MailState]) -> dict[str, int]:
    return {
        "sent": states[MailState.SENT],
        "put_off": states[MailState.RETRYING],
        "given_up": states[MailState.FAILED],
    }
