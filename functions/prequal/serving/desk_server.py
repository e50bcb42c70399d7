"""Server of the desk on the owner's machine."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING
from urllib.parse import SplitResult

from flask import Flask, Response, abort, redirect, request
from werkzeug.serving import make_server

from prequal.core.network import is_this_machine
from prequal.desk.app import Desk
from prequal.desk.entries import START
from prequal.serving.listener import listen

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as AnyResponse

_HOST = "127.0.0.1"


def serve_desk(make_desk: Callable[[str], Desk], port: int, announce: Callable[[str], object]) -> None:
    """Serve the desk on this machine until Ctrl-C; `announce` is told the address, which holds the start token.

    Raises:
        PrequalError: the port is in use.
    """
    token = secrets.token_urlsafe(24)
    app = Flask("prequal.desk", static_folder=None)
    refuse_other_hosts(app, "prequal desk")
    add_desk(app, make_desk(token))

    @app.get("/")
    def root() -> AnyResponse:
        return redirect("/desk/")

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # its log has the address of each request
    with listen(_HOST, port) as listener:
        server = make_server(_HOST, port, app, threaded=True, fd=listener.fileno())
        announce(start_address(port, token))
        server.serve_forever()


def start_address(port: int, token: str) -> str:
    """Return the address that opens the desk."""
    return f"http://localhost:{port}/desk/?{START}={token}"


def add_desk(app: Flask, desk: Desk) -> None:
    """Add the desk to an application."""

    @app.route("/desk/", defaults={"_rest": ""}, methods=["GET", "HEAD", "POST"])
    @app.route("/desk/<path:_rest>", methods=["GET", "HEAD", "POST"])
    def desk_page(_rest: str) -> Response:
        return desk.respond(request)


def refuse_other_hosts(app: Flask, name: str) -> None:
    """Refuse requests to an application whose host is not this machine.

    A site whose name leads here could otherwise have its visitors' browsers read what is private: DNS rebinding.
    """

    @app.before_request
    def refuse() -> None:
        if not is_this_machine(SplitResult("", request.host, "", "", "").hostname or ""):
            abort(403, f"{name} answers to localhost only, not to {request.host}.")
