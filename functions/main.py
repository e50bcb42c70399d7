"""Deployed functions. Wrong settings stop the start, and every fault is named."""

from __future__ import annotations

import gc

# All imports stay alive. Repeated garbage collection among them was a seventh of a cold start.
gc.disable()

import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import functions_framework

from prequal import bootstrap, log
from prequal.bootstrap_store import open_store
from prequal.compiled import read_compiled
from prequal.config.settings import Settings

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent
    from flask import Request, Response

    from prequal.desk.app import Desk
    from prequal.services.mail_sender import MailSender
    from prequal.services.sweep import Sweep
    from prequal.web.app import Web

_COMPILED = Path(__file__).with_name("compiled.json")

log.start()
_settings = Settings(os.environ)
# Somebody waits for what these two import.
_store = open_store(
    _settings.store,
    over_rest=os.environ.get("FUNCTION_TARGET") in ("submit", "desk"),
    announces=bool(_settings.webhooks),
)
# Frozen objects are never collected, and stay shared with the processes that the server forks.
gc.freeze()
gc.enable()


@functions_framework.http
def submit(request: Request) -> Response:
    """Answer visitors and schedulers: submissions, booking links, webhooks."""
    return _web().respond(request)


@functions_framework.cloud_event
def deliver(event: CloudEvent) -> None:
    """Send the mail whose document was created: `google.cloud.firestore.document.v1.created` on `mail/{id}`."""
    _mail_sender().send(event["document"].rpartition("/")[2])


@functions_framework.http
def sweep(_request: Request) -> dict[str, int]:
    """Finish what is due. Only a scheduler may call this, every few minutes."""
    return _sweep().run()


@functions_framework.http
def desk(request: Request) -> Response:
    """Answer the owner: sign-in, the leads, decisions about them."""
    return _desk().respond(request)


# Each function builds its own part only.
@cache
def _web() -> Web:
    return bootstrap.build_web(_settings, read_compiled(_COMPILED), _store)


@cache
def _sweep() -> Sweep:
    from prequal import bootstrap_worker  # noqa: PLC0415, visitors would wait for it

    return bootstrap_worker.compose_sweep(_settings, read_compiled(_COMPILED), _store)


@cache
def _mail_sender() -> MailSender:
    from prequal import bootstrap_worker  # noqa: PLC0415, visitors would wait for it

    return bootstrap_worker.build_mail_sender(_settings, read_compiled(_COMPILED), _store)


@cache
def _desk() -> Desk:
    from prequal import bootstrap_desk  # noqa: PLC0415, visitors would wait for it

    return bootstrap_desk.build_desk(_settings, read_compiled(_COMPILED), _store)


if __name__ == "__main__":  # for a timer on a machine of one's own: `python main.py sweep`
    if sys.argv[1:] != ["sweep"]:
        sys.exit("Usage: python main.py sweep")
    from prequal.services.mail_round import LONG_ROUND

    sys.exit(1 if _sweep().run(LONG_ROUND)["given_up"] else 0)
