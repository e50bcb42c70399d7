"""Taking in a submission: check, score, and admit it in one atomic write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prequal.core.answers import Submission
from prequal.core.form import Form
from prequal.core.lead import Admission, Lead, another_attempt, first_attempt, invites
from prequal.core.mail import Mail
from prequal.core.scoring import Answer, Score
from prequal.services.ports import LeadStore, Letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Takes in what visitors send."""

    form: Form
    parse: Callable[[Mapping[str, Any]], Submission]
    score: Callable[[Mapping[str, Answer]], Score]
    store: LeadStore
    letters: Letters
    clock: Callable[[], datetime]

    def receive(self, submitted: Mapping[str, Any]) -> tuple[Lead, Admission]:
        """Admit a submission: once this returns, it is kept, and its invitation is sure to be sent.

        Returns the lead that it alone would make, and what admitting it came to.

        Raises:
            InvalidAnswersError: nothing was kept; it says why, by field.
            StoreUnavailableError: it may or may not have been kept; sending it again is safe.

        """
        submission = self.parse(submitted)
        now = self.clock()
        fresh, attempt = first_attempt(self.form, submission, self.score(submission.answers), now)

        def again(existing: Lead) -> tuple[Lead, Sequence[Mail]]:
            lead = another_attempt(existing, fresh)
            return lead, self._mails(existing, lead, now)

        admission = self.store.admit(fresh, attempt, self._mails(None, fresh, now), again)
        return fresh, admission

    def _mails(self, before: Lead | None, lead: Lead, now: datetime) -> Sequence[Mail]:
        if not invites(before, lead):
            return ()
        brief = self.letters.brief(lead, before, now)
        invitation = self.letters.invitation(lead, now)
        return (invitation, brief) if brief else (invitation,)
