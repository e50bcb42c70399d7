"""Webhooks by which schedulers report that somebody has booked or cancelled a call."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from werkzeug.exceptions import BadRequest, NotFound, Unauthorized

from prequal import log
from prequal.adapters.schedulers import Scheduler
from prequal.core.errors import IllegalStepError, LeadNotFoundError
from prequal.services.booking_recorder import BookingRecorder
from prequal.web.requests import read_body

if TYPE_CHECKING:
    from flask import Request

# A scheduler sends everything it knows about a team and its calendars; half of this would be much.
_MAX_BODY_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Receiver of the webhooks.

    There is no rate limit: a request that doesn't come from a scheduler costs no more than checking a signature.
    """

    #: The schedulers for which the owner has set a secret, by their names in the path.
    schedulers: Mapping[str, Scheduler]
    recorder: BookingRecorder
    clock: Callable[[], datetime]

    def receive(self, request: Request, name: str) -> None:
        """Record a booking or cancellation.

        Messages that change nothing are accepted too: bookings of other people, and steps that the lead's status
        doesn't allow. The scheduler would otherwise repeat them again and again, and then stop sending anything.

        Raises:
            HTTPException: there is no such webhook, the signature is wrong, or the content is not as documented.
            StoreUnavailableError: the scheduler should send it again.
        """
        scheduler = self.schedulers.get(name)
        if scheduler is None:
            raise NotFound
        body, now = read_body(request, _MAX_BODY_BYTES), self.clock()
        if not scheduler.has_signed(body, request.headers.get(scheduler.header, ""), now):
            log.hook_refused(name, "signature")
            raise Unauthorized
        try:
            news = scheduler.parse_news(json.loads(body))
        except (ValueError, OverflowError, RecursionError) as error:
            log.hook_refused(name, "content")
            raise BadRequest from error
        if news is None:
            return
        try:
            lead = self.recorder.record(news)
        except (LeadNotFoundError, IllegalStepError) as refusal:
            log.booking_ignored(name, refusal)
        else:
            log.booking_heard(name, lead)
