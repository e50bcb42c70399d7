"""Use case: a past client answers the form at the private link that the owner handed out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prequal.core.answers import make_parser
from prequal.core.errors import LinkExpiredError, LinkUnknownError
from prequal.core.form import Form
from prequal.core.past_client import PastClient, past_client, questionnaire
from prequal.services.ports import PastClients
from prequal.services.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class PastClientLink:
    """A link for all past clients of a form. It ends on its day, and with the secret that signed it.

    Every method raises LinkUnknownError if the token isn't ours or its form is gone, and LinkExpiredError if the link
    no longer works.
    """

    tokens: Tokens
    store: PastClients
    #: The forms in use, by their ids.
    forms: Mapping[str, Form]
    clock: Callable[[], datetime]

    def look(self, token: str) -> Form:
        """Return the form of a link that works."""
        form_id, expires_at = self.tokens.read(token)
        form = self.forms.get(form_id)
        if form is None:
            raise LinkUnknownError("The form of this link is gone.")
        if expires_at <= self.clock():
            raise LinkExpiredError(form_id, "")
        return form

    def receive(self, token: str, submitted: Mapping[str, Any]) -> PastClient:
        """Save the answers of a past client; those that the trap caught are not saved.

        Raises:
            InvalidAnswersError: nothing was saved; the error lists the messages by field.
            StoreUnavailableError: they may or may not have been saved; sending them again is safe.
        """
        form = self.look(token)
        submission = make_parser(questionnaire(form))(submitted)
        client = past_client(form, submission, self.clock())
        if not submission.trapped:
            self.store.save_past_client(client)
        return client
