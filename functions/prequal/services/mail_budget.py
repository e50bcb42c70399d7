"""The mail budget: nobody can have this business write to strangers, or to one person again and again.

Invitations are counted by the worker, in the write that claims them, per UTC day. The owner's own are not counted.
Briefs on leads that were not invited are counted apart, so that nobody can flood the owner either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from prequal.core.form import Form
from prequal.core.lead import HoldReason
from prequal.core.mail import Delivery, Mail, MailKind
from prequal.core.mailbox import LARGE_PROVIDERS
from prequal.services.mailboxes import Mailboxes
from prequal.services.ports import Entry

A_DAY_TO_A_MAILBOX = 1
A_MONTH_TO_A_MAILBOX = 3
A_DAY_TO_A_DOMAIN = 10
# The share of a day's total for one network of clients: a fifth.
NETWORKS = 5
_MONTH = timedelta(days=30)
# Of the counts, and of the owner's notice.
_KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The budget's answer about one mail. It goes out now if it is neither held nor put off."""

    held_for: HoldReason | None = None
    #: The beginning of the next day, if only the day's total is used up.
    put_off_until: datetime | None = None
    #: Changed entries of the ledger, by their keys.
    entries: Mapping[str, Entry] = field(default_factory=dict)
    #: The notice to the owner.
    mails: Sequence[Mail] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailBudget:
    """Budget of the invitations that scores cause."""

    form: Form
    mailboxes: Mailboxes
    #: Who is told when it is exceeded; empty for nobody.
    owner: str

    def judge(self, mail: Mail, read: Callable[[str], Entry], now: datetime) -> Verdict:
        """Return whether a mail to a prospect may go out, and count it if so. A mail is counted once."""
        box_key = self.mailboxes.entry_key(mail.to)
        box = read(box_key)
        if box.get("suppressed_at"):
            return Verdict(held_for=HoldReason.SUPPRESSED)
        if mail.kind is not MailKind.INVITATION or not mail.counted:
            return Verdict()
        today, month_ago = f"{now:%Y-%m-%d}", f"{now - _MONTH:%Y-%m-%d}"
        recent = {mail_id: day for mail_id, day in box.get("invitations", {}).items() if day > month_ago}
        # Hashed, as a mail's id holds its lead's, of which nothing stays after an erasure.
        counted_as = self.mailboxes.hash(mail.id)
        if counted_as in recent:
            return Verdict()
        day_key = f"day.{today}"
        day = read(day_key)
        counted = day.get("invitations", {})
        domain = mail.to.rpartition("@")[2].lower()
        mark = {"domain": "" if domain in LARGE_PROVIDERS else self.mailboxes.hash(domain), "network": mail.network}
        over = (
            today in recent.values()
            or len(recent) >= A_MONTH_TO_A_MAILBOX
            or _count(counted, mark, "domain") >= A_DAY_TO_A_DOMAIN
            or _count(counted, mark, "network") >= max(1, self.form.most_a_day // NETWORKS)
        )
        if over or len(counted) >= self.form.most_a_day:
            tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
            tells = bool(self.owner) and not day.get("told")
            return Verdict(
                held_for=HoldReason.BUDGET if over else None,
                put_off_until=None if over else tomorrow,
                entries={day_key: {"invitations": counted, "told": True, "expire_at": now + _KEPT}} if tells else {},
                mails=[self._notice(mail.sender, now)] if tells else [],
            )
        kept_until = max(box.get("expire_at") or now, now + _MONTH)
        return Verdict(
            entries={
                box_key: {"invitations": {**recent, counted_as: today}, "suppressed_at": None, "expire_at": kept_until},
                day_key: {**day, "invitations": {**counted, counted_as: mark}, "expire_at": now + _KEPT},
            }
        )

    def count_brief(self, mail: Mail, read: Callable[[str], Entry], now: datetime) -> Mapping[str, Entry] | None:
        """Return the changed entries of the ledger if a mail to the owner goes out; None if too many went out today."""
        if not mail.counted or mail.delivery.first_tried_at:
            return {}
        key = f"briefs.{now:%Y-%m-%d}"
        number = read(key).get("number", 0)
        if number >= self.form.most_a_day:
            return None
        return {key: {"number": number + 1, "expire_at": now + _KEPT}}

    def _notice(self, sender: str, now: datetime) -> Mail:
        form = self.form
        return Mail(
            id=f"notice-{form.id}-{now:%Y-%m-%d}",
            lead_id="",
            kind=MailKind.NOTICE,
            to=self.owner,
            sender=sender,
            reply_to=sender,
            language=form.default_language,
            created_at=now,
            content={"business": form.business.name, "most_a_day": form.most_a_day},
            expire_at=now + _MONTH,
            delivery=Delivery(due_at=now),
        )


def _count(counted: Mapping[str, Any], mark: Mapping[str, str], name: str) -> int:
    """Return the number of a day's invitations with the same mark; an unknown mark is never the same."""
    return sum(other[name] == mark[name] for other in counted.values()) if mark[name] else 0
