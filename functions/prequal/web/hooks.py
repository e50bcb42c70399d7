"""The hooks: a scheduler says that somebody has booked, or has cancelled."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from werkzeug.exceptions import BadRequest, NotFound, Unauthorized

from prequal import log
from prequal.adapters.schedulers import Scheduler
from prequal.core.errors import LeadNotFoundError
from prequal.core.form import Form
from prequal.core.lifecycle import IllegalStepError
from prequal.services import decisions
from prequal.services.ports import Store
from prequal.web import requests

if TYPE_CHECKING:
    from flask import Request

# A scheduler sends all it knows of a team and its calendars; half of this would be much.
_MAX_BODY_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Hears the schedulers that the owner has given a secret, by the names that they have in the path.

    Nobody is counted here: what doesn't come from a scheduler costs no more than a signature.
    """

    schedulers: Mapping[str, Scheduler]
    form: Form
    store: Store
    clock: Callable[[], datetime]

    def hear(self, request: Request, name: str) -> None:
        """Take in what a scheduler says.

        What changes nothing is taken in too, or the scheduler would send it again and again, and then nothing more:
        appointments of other people, and steps that the lead's status doesn't allow.

        Raises:
            HTTPException: nobody listens here, or it isn't from the scheduler, or it can't be understood.
            StoreUnavailableError: it should be sent again.

        """
        scheduler = self.schedulers.get(name)
        if scheduler is None:
            raise NotFound
        body, now = requests.body(request, _MAX_BODY_BYTES), self.clock()
        if not scheduler.has_signed(body, request.headers.get(scheduler.header, ""), now):
            log.hook_refused(name, "signature")
            raise Unauthorized
        try:
            news = scheduler.news(json.loads(body))
        except (ValueError, OverflowError, RecursionError) as error:
            log.hook_refused(name, "content")
            raise BadRequest from error
        if news is None:
            return
        try:
            lead = decisions.hear(self.store, self.form, news, now)
        except (LeadNotFoundError, IllegalStepError) as refusal:
            log.booking_ignored(name, refusal)
        else:
            log.booking_heard(name, lead)
