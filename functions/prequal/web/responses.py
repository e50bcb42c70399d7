"""Building of responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Response
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.wsgi import get_input_stream

from prequal.pages.headers import NO_CACHING, NO_REFERRER
from prequal.web.requests import JSON

if TYPE_CHECKING:
    from flask import Request
    from werkzeug.exceptions import HTTPException

    from prequal.pages.site import Notice, Site

# A refusal that comes while the browser is still sending would be lost, so this much more is read and thrown away.
_DRAINED_BYTES = 1024 * 1024
# Once a fault of ours, or of the store, may be over.
_RETRY_SECONDS = 30


def with_headers(refusal: HTTPException, response: Response) -> Response:
    """Add the headers that the refusal needs: Allow, Retry-After."""
    for name, value in refusal.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    if response.status_code >= 500:  # noqa: PLR2004, 5xx is ours
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def json_text(body: Mapping[str, object], *, status: int = 200, mimetype: str = JSON) -> Response:
    """Return a response of JSON."""
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status=status, mimetype=mimetype, headers={"Cache-Control": NO_CACHING})


def page(html: str, headers: Mapping[str, str], *, status: int) -> Response:
    """Return a page that must not be cached: it may hold what somebody typed."""
    return Response(html, status=status, mimetype="text/html", headers={**headers, "Cache-Control": NO_CACHING})


def notice(site: Site, message: Notice, language: str, *, status: int, framed: bool = False) -> Response:
    """Return a page for one message."""
    return page(site.notice(message, language), site.answer_headers(framed=framed), status=status)


def problem(site: Site, status: int, language: str, *, outdated: bool = False, **details: object) -> Response:
    """Return a problem document (RFC 9457)."""
    title, detail = site.problem(status, language, outdated=outdated)
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **details}
    return json_text(body, status=status, mimetype="application/problem+json")


def redirect(address: str) -> Response:
    """Return a redirect that keeps the address of this page, which may be a secret booking link, from the next one."""
    headers = {"Location": address, "Cache-Control": NO_CACHING, "Referrer-Policy": NO_REFERRER}
    return Response(status=303, headers=headers)


def stream(request: Request, response: Response) -> Response:
    """Return the response as a stream: functions-framework reads a request to its end before any other response."""
    # What was read already has its end, where another look at the socket would wait for more.
    body = vars(request).get("stream") or get_input_stream(request.environ)
    # A longer one would not be read to its end anyway, and may never come.
    left = _DRAINED_BYTES if (request.content_length or 0) <= _DRAINED_BYTES else 0
    try:
        while left > 0 and (chunk := body.read(min(left, 64 * 1024))):
            left -= len(chunk)
    except (OSError, RequestEntityTooLarge, BadRequest):
        pass
    response.response = iter([response.get_data()])
    return response
