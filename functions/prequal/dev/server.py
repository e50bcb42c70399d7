"""The development server: one process with a thread for the mails, stopped cleanly by Ctrl-C."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.serving import make_server

from prequal import bootstrap, log, settings
from prequal.authoring.site_builder import build_site
from prequal.core.errors import PrequalError, SettingsError
from prequal.dev.app import development_app

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from prequal.compiled import Compiled

_HOST = "127.0.0.1"
# Enough for a burst of visitors to wait their turn rather than be turned away.
_BACKLOG = 512
_SECONDS_BETWEEN_ROUNDS = 0.3
_SECONDS_BETWEEN_SWEEPS = 60
_SECRET_FILE = Path(".prequal/secret")
_SITE = Path("build/site")


def serve(port: int, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Build the site and serve everything on `http://localhost:PORT` until interrupted.

    Raises:
        PrequalError: a setting or a file of the owner's is wrong, or the port is taken.

    """
    compiled = bootstrap.compiled(environ)
    chosen = settings.read(_completed(environ, compiled, port))
    listener = _listen(port)
    with closing(bootstrap.store(chosen.store)) as leads:
        web = bootstrap.web(chosen, compiled, leads)
        build_site(web.site, _SITE)
        outbox = chosen.mail.folder if isinstance(chosen.mail, settings.Outbox) else Path(".prequal/outbox")
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        app = development_app(web, _SITE, outbox)
        server = make_server(_HOST, port, app, threaded=True, fd=listener.fileno())
        stop = threading.Event()
        delivery = bootstrap.delivery(chosen.mail, leads)
        workers = [
            threading.Thread(target=_repeat, args=(delivery.deliver_due, _SECONDS_BETWEEN_ROUNDS, stop)),
            threading.Thread(target=_repeat, args=(delivery.sweep, _SECONDS_BETWEEN_SWEEPS, stop)),
        ]
        for worker in workers:
            worker.start()
        say(_welcome(chosen, port))
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            server.serve_forever()
        finally:
            stop.set()
            for worker in workers:
                worker.join()
            listener.close()


def _completed(environ: Mapping[str, str], compiled: Compiled, port: int) -> Mapping[str, str]:
    """Return the settings with values that work on one machine wherever one is missing."""
    business = compiled.form.business
    here = f"http://localhost:{port}"
    with suppress(SettingsError):  # which is raised with all other faults, in a moment
        here = settings.read_public_url({"PREQUAL_PUBLIC_URL": environ.get("PREQUAL_PUBLIC_URL") or here})
    values = {
        "PREQUAL_PUBLIC_URL": here,
        "PREQUAL_SENDER": f'"{business.name}" <hello@{urlsplit(business.url).hostname}>',
        "PREQUAL_BOOKING_URL": f"{here}/booking?name={{name}}&email={{email}}&lead={{lead}}",
    }
    if not environ.get("PREQUAL_SECRET") and not environ.get("PREQUAL_SECRET_FILE"):
        values["PREQUAL_SECRET_FILE"] = str(_kept_secret())
    return {**values, **{name: value for name, value in environ.items() if value}}


def _kept_secret() -> Path:
    """Return the file of a secret that is made once, so that links still work after a restart."""
    if not _SECRET_FILE.exists():
        _SECRET_FILE.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(_SECRET_FILE, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return _SECRET_FILE


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((_HOST, port), backlog=_BACKLOG)
    except OSError as error:
        raise PrequalError(f"Port {port} can't be used ({error.strerror}): choose another, like PORT=8081.") from error


def _repeat(action: Callable[[], object], seconds: float, stop: threading.Event) -> None:
    while not stop.wait(seconds):
        try:
            action()
        except Exception as error:  # noqa: BLE001, the next round must not suffer from this one
            log.request_failed(error)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _welcome(chosen: settings.Settings, port: int) -> str:
    here = f"http://localhost:{port}"
    mail = chosen.mail.folder if isinstance(chosen.mail, settings.Outbox) else chosen.mail.host
    leads = (
        chosen.store.path if isinstance(chosen.store, settings.SqliteStore) else f"Firestore, {chosen.store.project}"
    )
    return f"""\
prequal is running; Ctrl-C stops it.

  The page      {here}/
  The inbox     {here}/inbox/
  The function  {here}/api/health

Leads are kept in {leads}; mails go to {mail}."""
