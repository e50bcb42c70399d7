"""Use case: a visitor submits the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from prequal.core.answers import Submission
from prequal.core.form import Form
from prequal.core.lead import Admission, Lead, Status, first_attempt, is_new_invitation
from prequal.core.lifecycle import held_back, is_held_back, resubmitted
from prequal.core.mail import Mail
from prequal.core.near_miss import Briefs
from prequal.core.scoring import Answer, Score
from prequal.services.mail_composer import MailComposer
from prequal.services.ports import Captcha, LeadStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Intake of submissions: validated, scored, and admitted in one atomic write."""

    form: Form
    parse: Callable[[Mapping[str, Any]], Submission]
    score: Callable[[Mapping[str, Answer]], Score]
    store: LeadStore
    composer: MailComposer
    clock: Callable[[], datetime]
    #: None where submissions need no proof that a person sent them.
    captcha: Captcha | None = None
    #: The leads of which the owner gets a brief.
    briefs: Briefs = Briefs.QUALIFIED

    def receive(self, submitted: Mapping[str, Any], network: str = "") -> tuple[Lead, Admission]:
        """Admit a submission from a network of clients. Once this returns, it is durable, and so are its queued mails.

        Returns the lead that this submission alone would make, and the result of the admission.

        Raises:
            InvalidAnswersError: nothing was kept; the error lists the messages by field.
            StoreUnavailableError: it may or may not have been kept; sending it again is safe.
        """
        submission = self.parse(submitted)
        now = self.clock()
        fresh, attempt = first_attempt(self.form, submission, self.score(submission.answers), now)
        if self.captcha:
            # The same for everybody, whatever the score: its time would tell.
            token = self.captcha.find_token(submitted)
            if token and self.store.has_replay(fresh.id, attempt):  # which has used the token
                return fresh, Admission.REPLAY
            if not (token and self.captcha.confirms(token, f"{fresh.id} {attempt.replay_key}")):
                fresh = held_back(fresh)

        def again(existing: Lead) -> tuple[Lead, Sequence[Mail]]:
            lead = resubmitted(existing, fresh)
            return self._with_mails(existing, lead, fresh, network)

        first, mails = self._with_mails(None, fresh, fresh, network)
        return fresh, self.store.admit(first, attempt, mails, again)

    def _with_mails(self, before: Lead | None, lead: Lead, fresh: Lead, network: str) -> tuple[Lead, Sequence[Mail]]:
        """Return the lead with the mails that an attempt causes.

        The owner is told of an attempt that starts an invitation, of the first one that is held, and, once a day, of
        one that stays beside, or that doesn't qualify and is one of those of which they want to hear.
        """
        now = fresh.received_at
        invites, held = is_new_invitation(before, lead), is_held_back(lead)
        unconfirmed = before is not None and lead.unconfirmed > before.unconfirmed
        news = invites and not (held and before and is_held_back(before))
        tells_once = (unconfirmed or self._is_worth_a_brief(fresh)) and not _was_told(lead, now)
        told = replace(lead, told_at=now) if tells_once else lead
        attempt = replace(fresh, attempts=lead.attempts)
        brief = None
        if news or tells_once:
            brief = self.composer.brief(attempt, before, now, unconfirmed=unconfirmed)
        # In the language of the attempt, which an invited lead may not show yet.
        invited = replace(lead, language=fresh.language)
        invitation = self.composer.counted_invitation(invited, now, network) if invites and not held else None
        return told, [mail for mail in (invitation, brief) if mail]

    def _is_worth_a_brief(self, fresh: Lead) -> bool:
        """Return whether an attempt that doesn't qualify, and that no trap caught, is worth a brief."""
        missed = fresh.status is Status.RECEIVED and not fresh.score.qualified
        return missed and self.briefs.includes(fresh.score, self.form.scoring)


def _was_told(lead: Lead, now: datetime) -> bool:
    return lead.told_at is not None and lead.told_at.date() == now.date()
