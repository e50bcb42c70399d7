"""The development server: page, function, inbox and delivery of mails in one process."""

import errno
import logging
import os
import secrets
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from types import FrameType

from werkzeug.serving import make_server

from prequal import bootstrap, bootstrap_desk, bootstrap_worker
from prequal.bootstrap_store import open_store
from prequal.config import local, settings
from prequal.core.errors import PrequalError
from prequal.dev.emulator import EMULATOR_HOST, local_cloud, needs_emulator
from prequal.dev.processes import HOST
from prequal.dev.wsgi import make_app
from prequal.forms.compilation import compile_files
from prequal.forms.site_builder import build_site
from prequal.pages.zone import Zone
from prequal.serving.desk_forms import DeskForms
from prequal.serving.desk_server import start_address
from prequal.serving.repeating import repeating

# Connections of a burst of visitors that may wait rather than be refused.
_BACKLOG = 512
_SECONDS_BETWEEN_DELIVERIES = 0.3
# One for each port, as several may serve the same folder.
_SITE = ".prequal/site-{}"


def serve(port: int, sweep_seconds: float, environ: Mapping[str, str], echo: Callable[[str], None]) -> None:
    """Build the site and serve everything on `http://localhost:PORT` until Ctrl-C, sweeping in regular intervals.

    Raises:
        PrequalError: a setting or a file of the owner's is wrong, or the port is in use.
    """
    settings.check(environ, local.LocalSettings)
    compiled = compile_files(settings.read_form(environ))
    environ = local.write_local_settings(environ, compiled.main.business, port)
    chosen = local.LocalSettings(environ)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    with ExitStack() as stack:
        listener = stack.enter_context(closing(_listen(port)))
        cloud = (
            stack.enter_context(local_cloud(compiled, chosen.store, environ))
            if needs_emulator(chosen.store, environ)
            else None
        )
        if cloud:
            os.environ[EMULATOR_HOST] = cloud  # which Google's client reads
        leads = stack.enter_context(closing(open_store(chosen.store, announces=bool(chosen.webhooks))))
        web = bootstrap.build_web(chosen, compiled, leads)
        site = Path(_SITE.format(port))
        build_site([form.site for form in web.forms.values()], site)
        outbox = chosen.mail.folder if isinstance(chosen.mail, settings.Outbox) else Path(".prequal/outbox")
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        token = secrets.token_urlsafe(24)
        decisions = bootstrap_desk.build_decisions(
            leads, lambda: bootstrap_desk.build_invitation(chosen, compiled, leads)
        )
        form_files = DeskForms(settings.read_form(environ))
        desk = bootstrap_desk.build_local_desk(compiled, leads, decisions, token, Zone(chosen.zone), form_files)
        app = make_app(web, desk, site, outbox, chosen.cal_secret)
        server = make_server(HOST, port, app, threaded=True, fd=listener.fileno())
        sweep = bootstrap_worker.compose_sweep(chosen, compiled, leads)
        stack.enter_context(repeating(sweep.run, sweep_seconds))
        if not cloud:  # its events deliver the mails
            stack.enter_context(repeating(sweep.mails.run, _SECONDS_BETWEEN_DELIVERIES))
        echo(_welcome(chosen, environ, start_address(port, token), list(web.forms)[1:], cloud))
        server.serve_forever()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=_BACKLOG)
    except OSError as error:
        in_use = error.errno == errno.EADDRINUSE
        problem = "is already in use" if in_use else f"can't be opened ({os.strerror(error.errno or 0)})"
        other = 8081 if port != 8081 else 8082  # noqa: PLR2004, a port to suggest
        command = f"make run PORT={other}" if "MAKELEVEL" in os.environ else f"prequal dev --port {other}"
        raise PrequalError(f"Port {port} {problem}. Try `{command}`.") from error


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _welcome(
    chosen: settings.Settings, environ: Mapping[str, str], desk: str, others: Sequence[str], cloud: str | None
) -> str:
    here = desk.partition("/desk/")[0]
    mail = chosen.mail.folder if isinstance(chosen.mail, settings.Outbox) else chosen.mail.host
    store = environ.get("PREQUAL_STORE")
    leads = chosen.store.path if isinstance(chosen.store, settings.SqliteStore) else store
    pages = "".join(f"\n  The page      {here}/{form_id}/" for form_id in others)
    welcome = f"""\
prequal is running; Ctrl-C stops it.

  The page      {here}/{pages}
  The inbox     {here}/inbox/
  The desk      {desk}
  The function  {here}/api/health

Leads are stored in {leads}; mails go to {mail}."""
    if not cloud:
        return welcome
    return f"""{welcome}
Firestore's emulator forgets everything when it stops. Until then, commands in another terminal see the leads after

  export PREQUAL_STORE={store} {EMULATOR_HOST}={cloud}"""
