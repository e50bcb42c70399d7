"""The process that serves: the application, and beside it the work that no visitor waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed

from prequal import bootstrap, bootstrap_desk, bootstrap_worker, log
from prequal.bootstrap_store import open_store
from prequal.compiled import Compiled
from prequal.core.errors import StoreUnavailableError
from prequal.services.mail_round import LONG_ROUND
from prequal.services.ports import Store
from prequal.serving.app import METHODS, make_public_app
from prequal.serving.desk_server import add_desk
from prequal.serving.repeating import repeating
from prequal.serving.server_settings import ServerSettings
from prequal.web.responses import json_text

_SECONDS_BETWEEN_SWEEPS = 30


@contextmanager
def run_process(
    settings: ServerSettings, compiled: Compiled, site: Path, is_stopping: Callable[[], bool]
) -> Iterator[Flask]:
    """Open the store, send mails and sweep for the length of the block; yield the application.

    The mails of a submission are sent once it is answered. The sweep finishes whatever a process before this one left.
    """
    with ExitStack() as stack:
        # REST serves both: Google's client would take half the memory of the process.
        announces = bool(settings.webhooks)
        store = stack.enter_context(closing(open_store(settings.store, over_rest=True, announces=announces)))
        web = bootstrap.build_web(settings, compiled, store)
        sweep = bootstrap_worker.compose_sweep(settings, compiled, store)
        mails = replace(sweep.mails, is_stopping=is_stopping)

        app = make_public_app(__package__, web, site)
        add_desk(app, bootstrap_desk.build_desk(settings, compiled, store))
        _add_readiness(app, store, is_stopping)
        _call_after_posts(app, stack.enter_context(repeating(partial(mails.run, LONG_ROUND))))
        start_sweep = stack.enter_context(
            repeating(partial(replace(sweep, mails=mails).run, LONG_ROUND), _SECONDS_BETWEEN_SWEEPS)
        )
        start_sweep()
        yield app


def _add_readiness(app: Flask, store: Store, is_stopping: Callable[[], bool]) -> None:
    @app.route("/api/ready", methods=METHODS)  # the function's paths begin like this one, and would not know it
    def ready() -> Response:
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(["GET", "HEAD"])
        if is_stopping():
            return json_text({"status": "stopping"}, status=503)
        try:
            store.find_lead("ready")  # there is none; that the store answers is enough
        except StoreUnavailableError as error:
            log.store_unavailable(error)
            return json_text({"status": "store unavailable"}, status=503)
        return json_text({"status": "ready"})


def _call_after_posts(app: Flask, call: Callable[[], None]) -> None:
    @app.after_request
    def arrange(response: Response) -> Response:
        if request.method == "POST" and response.status_code < 400:  # noqa: PLR2004, 4xx and 5xx change nothing
            # Once the answer is out: its time must not tell who is qualified.
            response.call_on_close(call)
        return response
