"""Use case: a visitor submits the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prequal.core.answers import Submission
from prequal.core.form import Form
from prequal.core.lead import Admission, Lead, first_attempt, is_new_invitation
from prequal.core.lifecycle import resubmitted
from prequal.core.mail import Mail
from prequal.core.scoring import Answer, Score
from prequal.services.mail_composer import MailComposer
from prequal.services.ports import LeadStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Intake of submissions: validated, scored, and admitted in one atomic write."""

    form: Form
    parse: Callable[[Mapping[str, Any]], Submission]
    score: Callable[[Mapping[str, Answer]], Score]
    store: LeadStore
    composer: MailComposer
    clock: Callable[[], datetime]

    def receive(self, submitted: Mapping[str, Any]) -> tuple[Lead, Admission]:
        """Admit a submission. Once this returns, it is durable, and so is its queued invitation.

        Returns the lead that this submission alone would make, and the result of the admission.

        Raises:
            InvalidAnswersError: nothing was kept; the error lists the messages by field.
            StoreUnavailableError: it may or may not have been kept; sending it again is safe.
        """
        submission = self.parse(submitted)
        now = self.clock()
        fresh, attempt = first_attempt(self.form, submission, self.score(submission.answers), now)

        def again(existing: Lead) -> tuple[Lead, Sequence[Mail]]:
            lead = resubmitted(existing, fresh)
            return lead, self._compose_mails(existing, lead, now)

        admission = self.store.admit(fresh, attempt, self._compose_mails(None, fresh, now), again)
        return fresh, admission

    def _compose_mails(self, before: Lead | None, lead: Lead, now: datetime) -> Sequence[Mail]:
        if not is_new_invitation(before, lead):
            return ()
        brief = self.composer.brief(lead, before, now)
        invitation = self.composer.invitation(lead, now)
        return (invitation, brief) if brief else (invitation,)
