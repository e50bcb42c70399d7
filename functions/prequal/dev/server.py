"""The development server: page, function and inbox in one process, and what sends the mails; stopped by Ctrl-C."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.serving import make_server

from prequal import bootstrap, log, settings
from prequal.authoring.site_builder import build_site
from prequal.core.errors import PrequalError, SettingsError
from prequal.dev.app import development_app
from prequal.dev.cloud import EMULATOR_HOST, is_local, local_cloud

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
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
    environ = _completed(environ, compiled, port)
    chosen = settings.read(environ)
    signal.signal(signal.SIGTERM, _interrupt)
    with ExitStack() as stack:
        listener = stack.enter_context(closing(_listen(port)))
        cloud = stack.enter_context(local_cloud(chosen.store, environ)) if is_local(chosen.store, environ) else None
        if cloud:
            os.environ[EMULATOR_HOST] = cloud  # where Google's client looks for it
        leads = stack.enter_context(closing(bootstrap.store(chosen.store)))
        web = bootstrap.web(chosen, compiled, leads)
        build_site(web.site, _SITE)
        outbox = chosen.mail.folder if isinstance(chosen.mail, settings.Outbox) else Path(".prequal/outbox")
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        app = development_app(web, _SITE, outbox)
        server = make_server(_HOST, port, app, threaded=True, fd=listener.fileno())
        delivery = bootstrap.delivery(chosen.mail, leads)
        stack.enter_context(_repeated(delivery.sweep, _SECONDS_BETWEEN_SWEEPS))
        if not cloud:  # whose events send the mails
            stack.enter_context(_repeated(delivery.deliver_due, _SECONDS_BETWEEN_ROUNDS))
        say(_welcome(chosen, environ, port, cloud))
        server.serve_forever()


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


@contextmanager
def _repeated(action: Callable[[], object], seconds: float) -> Iterator[None]:
    """Do something again and again beside the block."""
    stop = threading.Event()
    worker = threading.Thread(target=_repeat, args=(action, seconds, stop))
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def _repeat(action: Callable[[], object], seconds: float, stop: threading.Event) -> None:
    while not stop.wait(seconds):
        try:
            action()
        except Exception as error:  # noqa: BLE001, the next round must not suffer from this one
            log.request_failed(error)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _welcome(chosen: settings.Settings, environ: Mapping[str, str], port: int, cloud: str | None) -> str:
    here = f"http://localhost:{port}"
    mail = chosen.mail.folder if isinstance(chosen.mail, settings.Outbox) else chosen.mail.host
    store = environ.get("PREQUAL_STORE")
    leads = chosen.store.path if isinstance(chosen.store, settings.SqliteStore) else store
    welcome = f"""\
prequal is running; Ctrl-C stops it.

  The page      {here}/
  The inbox     {here}/inbox/
  The function  {here}/api/health

Leads are kept in {leads}; mails go to {mail}."""
    if not cloud:
        return welcome
    return f"""{welcome}
Firestore's emulator forgets everything when it stops. Until then, another terminal sees the leads after

  export PREQUAL_STORE={store} {EMULATOR_HOST}={cloud}"""
