"""Reading of requests: their bodies, and the submitted fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from prequal.core.source import Source

if TYPE_CHECKING:
    from flask import Request

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

_MAX_SUBMISSION_BYTES = 32 * 1024


def read_body(request: Request, max_bytes: int) -> bytes:
    """Return the body of a request; RequestEntityTooLarge when it is larger."""
    # A body of unknown length would be cut at the limit silently; the byte beyond the limit shows that it is larger.
    request.max_content_length = max_bytes + 1
    content = request.get_data()
    if len(content) > max_bytes:
        raise RequestEntityTooLarge
    return content


def read_submission(request: Request) -> Mapping[str, Any]:
    """Return the submitted fields: the value of each, or the list of its values when there are several."""
    if request.mimetype not in (FORM, JSON):
        raise UnsupportedMediaType
    content = read_body(request, _MAX_SUBMISSION_BYTES)
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
    """Return the source in the address of the page, for the fields that no script has filled in."""
    try:
        query = parse_qs(urlsplit(request.referrer or "").query)
    except ValueError:  # an impossible host
        return {}
    names = [field.name for field in fields(Source)]
    return {name: query[name][0] for name in names if name in query and not posted.get(name)}
