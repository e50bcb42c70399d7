"""WSGI application of the built site and the function."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, redirect, request, send_from_directory

from prequal.pages.headers import ASSET_CACHING, NO_CACHING, PAGE_CACHING
from prequal.pages.site import headers_by_path
from prequal.web.app import Web

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def make_public_app(package: str, web: Web, site: Path) -> Flask:
    """Make the application, in the name of a package; `site` is the folder of the built site."""
    app = Flask(package, static_folder=None)
    site = site.resolve()
    pages = headers_by_path([form.site for form in web.forms.values()])

    @app.route("/api/<path:_rest>", methods=METHODS)
    @app.route("/b/<path:_rest>", methods=METHODS)
    def function(_rest: str) -> Response:
        return web.respond(request)

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def page(path: str) -> AnyResponse:
        if path and not path.endswith("/") and is_file(site / path / "index.html"):
            return redirect(f"/{path}/")
        response = send_from_directory(site, path + "index.html" if path.endswith("/") or not path else path)
        response.headers["Cache-Control"] = ASSET_CACHING if path.startswith("assets/") else PAGE_CACHING
        response.headers.update(pages[max((start for start in pages if f"/{path}".startswith(start)), key=len)])
        return response

    @app.errorhandler(404)
    def not_found(_error: Exception) -> Response:
        response = send_from_directory(site, "404.html", conditional=False)
        response.status_code = 404
        response.headers["Cache-Control"] = NO_CACHING
        response.headers.update(pages["/"])
        return response

    return app


def is_file(path: Path) -> bool:
    """Whether a path is that of a file; False also if no file can have it."""
    try:
        return path.is_file()
    except OSError:  # the name is too long for one
        return False
