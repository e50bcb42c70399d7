"""The server: gunicorn, with one process that serves and works, and one that replaces it when it dies.

A second process would gain little, as SQLite has one writer, and would halve the precision of the rate limit.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from prequal import bootstrap, log
from prequal.bootstrap_store import open_store
from prequal.config.settings import SqliteStore
from prequal.forms.compilation import compile_files
from prequal.forms.site_builder import build_site
from prequal.serving import server_settings
from prequal.serving.listener import listen, refuse_connections
from prequal.serving.process import run_process

if TYPE_CHECKING:
    from flask import Flask

OPTIONS: Mapping[str, Any] = {
    "workers": 1,  # whatever WEB_CONCURRENCY says
    "threads": 32,
    # Longer than proxies keep an idle connection, so that they never send a request on one that is just being closed.
    "keepalive": 130,
    "graceful_timeout": 30,
    "limit_request_line": 8190,  # links in advertisements are long
    "loglevel": "error",  # others name visitors' addresses
    "control_socket_disable": True,
}


class _Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Process that serves and works, and leaves no visitor behind when it stops."""

    def load_wsgi(self) -> None:
        """Leave the application to `run`, which opens and closes what it needs."""

    def run(self) -> None:
        """Serve and work until the process is to stop."""
        with self.app.start_process(lambda: not self.alive) as self.wsgi:
            super().run()

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001, gunicorn's signature
        """Accept connections or not; at the end, take all that wait before the last listener closes and resets them."""
        super().set_accept_enabled(enabled)
        for listener in () if enabled or self.alive else self.sockets:
            taken = -1
            while taken != self.nr_conns:
                taken = self.nr_conns
                self.accept(listener)
            listener.close()


class _Arbiter(Arbiter):  # type: ignore[misc]
    """Parent of the workers, which share its listeners."""

    def stop(self, graceful: bool = True) -> None:  # noqa: FBT001, FBT002, gunicorn's signature
        """Stop the workers, after which nobody can connect; a single worker that stops leaves the listeners alone."""
        for listener in self.LISTENERS:
            refuse_connections(listener)
        super().stop(graceful)


class _Gunicorn(BaseApplication):  # type: ignore[misc]
    """gunicorn with these options, whose workers start and end with a process of ours."""

    def __init__(
        self,
        options: Mapping[str, object],
        start_process: Callable[[Callable[[], bool]], AbstractContextManager[Flask]],
    ) -> None:
        self.options = options
        self.start_process = start_process
        super().__init__()

    def load_config(self) -> None:
        """Set the options."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Run until a signal ends it, and exit."""
        _Arbiter(self).run()


def serve(environ: Mapping[str, str], host: str, port: int, echo: Callable[[str], None]) -> None:
    """Serve page and function at an address, and send mails, until SIGTERM; then finish what is in progress.

    Raises:
        PrequalError: a setting or a file of the owner's is wrong, the store can't be opened, or the port is in use.
    """
    settings = server_settings.read(environ)
    compiled = compile_files(settings.form)
    # Created, migrated and closed: no connection survives the fork of the process that serves, which opens its own.
    open_store(settings.store, over_rest=True).close()
    if isinstance(settings.store, SqliteStore) and server_settings.is_ephemeral(settings.store.path.parent):
        log.store_ephemeral(settings.store.path)
    listener = listen(host, port)
    folder = Path(mkdtemp(prefix="prequal-"))
    sites = bootstrap.configured_sites(settings, compiled)
    build_site(sites, folder / "site")
    echo(f"prequal serves {settings.public_url} on http://{host}:{port}.")
    options = {
        **OPTIONS,
        "worker_class": _Worker,
        "bind": f"fd://{listener.detach()}",
        "on_exit": lambda _arbiter: shutil.rmtree(folder),
    }
    _Gunicorn(options, partial(run_process, settings, compiled, folder / "site")).run()
