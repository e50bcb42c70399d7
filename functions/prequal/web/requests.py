"""Reading a request: what was posted, and by whom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from prequal.core.network import is_this_machine
from prequal.core.source import Source
from prequal.web.rate_limit import MAX_BODY_BYTES

if TYPE_CHECKING:
    from flask import Request

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def body(request: Request, most_bytes: int) -> bytes:
    """Return what was posted; RequestEntityTooLarge when that is more."""
    # One of unknown length would be cut at the limit without a word: the byte beyond it tells.
    request.max_content_length = most_bytes + 1
    content = request.get_data()
    if len(content) > most_bytes:
        raise RequestEntityTooLarge
    return content


def sent(request: Request) -> Mapping[str, Any]:
    """Return what was posted: each field's value, or the list of its values when there are several."""
    if request.mimetype not in (FORM, JSON):
        raise UnsupportedMediaType
    content = body(request, MAX_BODY_BYTES)
    if request.mimetype == FORM:
        posted = {name: values[0] if len(values) == 1 else values for name, values in request.form.lists()}
        return {**posted, **_source_of_page(request, posted)}
    try:
        posted = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    if not isinstance(posted, dict):
        raise BadRequest
    return posted


def _source_of_page(request: Request, posted: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the source that the page's own address names, where no script has put it into the form."""
    try:
        query = parse_qs(urlsplit(request.referrer or "").query)
    except ValueError:  # of an impossible host
        return {}
    return {
        field.name: query[field.name][0]
        for field in fields(Source)
        if field.name in query and not posted.get(field.name)
    }


def client(request: Request) -> str | None:
    """Return who to count, or None for a visitor on this very machine.

    Behind a front end that is the first address of X-Forwarded-For. It can be forged, which lets a flood through; any
    other hop is one that many honest visitors share.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")[0].strip()
    if forwarded:
        return forwarded
    return None if is_this_machine(request.remote_addr or "") else request.remote_addr
