"""The development server: page, function and inbox in one process, and what sends the mails; stopped by Ctrl-C."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import FrameType

from werkzeug.serving import make_server

from prequal import bootstrap, bootstrap_worker, log
from prequal.config import local, settings
from prequal.core.errors import PrequalError
from prequal.dev.app import development_app
from prequal.dev.cloud import EMULATOR_HOST, is_local, local_cloud
from prequal.forms.compilation import compile_files
from prequal.forms.site_builder import build_site

_HOST = "127.0.0.1"
# Enough for a burst of visitors to wait their turn rather than be turned away.
_BACKLOG = 512
_SECONDS_BETWEEN_ROUNDS = 0.3
_SECONDS_BETWEEN_SWEEPS = 60
_SITE = Path("build/site")


def serve(port: int, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Build the site and serve everything on `http://localhost:PORT` until interrupted.

    Raises:
        PrequalError: a setting or a file of the owner's is wrong, or the port is taken.

    """
    settings.check(environ)
    compiled = compile_files(settings.read_form(environ))
    environ = local.write_local_settings(environ, compiled.form.business, port)
    chosen = settings.read(environ)
    signal.signal(signal.SIGTERM, _interrupt)
    with ExitStack() as stack:
        listener = stack.enter_context(closing(_listen(port)))
        cloud = stack.enter_context(local_cloud(chosen.store, environ)) if is_local(chosen.store, environ) else None
        if cloud:
            os.environ[EMULATOR_HOST] = cloud  # where Google's client looks for it
        leads = stack.enter_context(closing(bootstrap.open_store(chosen.store)))
        web = bootstrap.build_web(chosen, compiled, leads)
        build_site(web.site, _SITE)
        outbox = chosen.mail.folder if isinstance(chosen.mail, settings.Outbox) else Path(".prequal/outbox")
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        app = development_app(web, _SITE, outbox, chosen.cal_secret)
        server = make_server(_HOST, port, app, threaded=True, fd=listener.fileno())
        reminder = bootstrap.build_composer(chosen, compiled).reminder
        digest = bootstrap_worker.build_digest(compiled.form, chosen.sender, chosen.owner, leads)
        sweep = bootstrap_worker.build_sweep(chosen.mail, compiled, leads, reminder, digest)
        stack.enter_context(_repeated(sweep.run, _SECONDS_BETWEEN_SWEEPS))
        if not cloud:  # whose events send the mails
            stack.enter_context(_repeated(sweep.mails.run, _SECONDS_BETWEEN_ROUNDS))
        say(_welcome(chosen, environ, port, cloud))
        server.serve_forever()


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
