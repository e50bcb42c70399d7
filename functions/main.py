"""The deployed functions. Wrong settings stop them at the start, with every fault named."""

from __future__ import annotations

import gc

# All that is imported stays. Looking through it for garbage, again and again, was a seventh of a cold start.
gc.disable()

import os
from functools import cache
from typing import TYPE_CHECKING

import functions_framework

from prequal import bootstrap, log
from prequal.config import settings

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent
    from flask import Request, Response

    from prequal.services.delivery import Delivery
    from prequal.services.sweep import Sweeper
    from prequal.web.app import Web

log.start()
_settings = settings.read(os.environ)
_store = bootstrap.store(_settings.store)
# Frozen, it is never looked at again either, and stays shared with the processes that the server forks.
gc.freeze()
gc.enable()


@functions_framework.http
def submit(request: Request) -> Response:
    """Take submissions, and lead invited prospects on to the booking page."""
    return _web().respond(request)


@functions_framework.cloud_event
def deliver(event: CloudEvent) -> None:
    """Send the mail whose document was created: `google.cloud.firestore.document.v1.created` on `mail/{id}`."""
    _delivery().deliver(event["document"].rpartition("/")[2])


@functions_framework.http
def sweep(_request: Request) -> dict[str, int]:
    """Finish what is due: for a scheduler, every few minutes, and for nobody else."""
    return _sweeper().sweep()


# Each function builds what it needs, and not what the others do.
@cache
def _web() -> Web:
    return bootstrap.web(_settings, bootstrap.compiled(os.environ), _store)


@cache
def _sweeper() -> Sweeper:
    from prequal import workers  # noqa: PLC0415, visitors would wait for it

    compiled = bootstrap.compiled(os.environ)
    reminder = bootstrap.letters(_settings, compiled).reminder
    digests = workers.digests(compiled.form, _settings.sender, _settings.owner, _store)
    return workers.sweeper(_settings.mail, compiled, _store, reminder, digests)


@cache
def _delivery() -> Delivery:
    from prequal import workers  # noqa: PLC0415, visitors would wait for it

    return workers.delivery(_settings.mail, _store)
