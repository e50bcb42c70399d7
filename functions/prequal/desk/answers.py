"""Answers of the desk: pages that nobody else may see, keep or frame."""

from __future__ import annotations

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path

from flask import Response

from prequal.owner.paper import PAPER_STYLE
from prequal.pages.headers import ASSET_CACHING, DESK_HEADERS, POLICY
from prequal.pages.templating import render


def page(template: str, *, status: int = 200, **values: object) -> Response:
    """Return a page of the desk."""
    html = render(
        f"desk/{template}",
        lang="en",
        stylesheet=f"/desk/desk.{_mark(_style())}.css",
        script=f"/desk/desk.{_mark(_script())}.js",
        **values,
    )
    response = Response(html, status=status, mimetype="text/html", headers=DESK_HEADERS)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "60"
    return response


def report(html: str) -> Response:
    """Return the report, which brings its style along."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; frame-ancestors 'none'"
    return Response(html, mimetype="text/html", headers={**DESK_HEADERS, POLICY: policy})


def message(title: str, text: str, *, status: int, **values: object) -> Response:
    """Return a page with one message; it leads to the list, but for those who are `out`."""
    return page("message.html", status=status, title=title, text=text, **values)


def redirect(address: str) -> Response:
    """Return a redirect to another page of the desk."""
    return Response(status=303, headers={**DESK_HEADERS, "Location": address})


def stylesheet() -> Response:
    """Return the stylesheet, whose address changes with its content."""
    return Response(_style(), mimetype="text/css", headers={**DESK_HEADERS, "Cache-Control": ASSET_CACHING})


def script() -> Response:
    """Return the script, whose address changes with its content."""
    return Response(_script(), mimetype="text/javascript", headers={**DESK_HEADERS, "Cache-Control": ASSET_CACHING})


@cache
def _style() -> str:
    return PAPER_STYLE + Path(__file__).with_name("desk.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    return Path(__file__).with_name("desk.js").read_text(encoding="utf-8")


@cache
def _mark(content: str) -> str:
    """Return a mark of a content: another content has another one."""
    return hashlib.sha256(content.encode()).hexdigest()[:8]
