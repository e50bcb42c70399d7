"""Reading of requests: their bodies, the submitted fields, and the language of the page that sent them."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from prequal.core.source import Source

if TYPE_CHECKING:
    from flask import Request

    from prequal.pages.site import Site

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

_MOST_FIELDS = 1000
# Room for a source in any script.
_MOST_MESSAGE_BYTES = 4096
# Beginnings of the names of the character sets that forms are sent in. Other codecs of Python's are no plain texts.
_CHARSETS = ("utf-8", "ascii", "iso8859", "cp125", "koi8", "gb", "big5", "euc", "shift_jis")


def read_body(request: Request, max_bytes: int) -> bytes:
    """Return the body of a request; RequestEntityTooLarge when it is larger."""
    # A body of unknown length would be cut at the limit silently; the byte beyond the limit shows that it is larger.
    request.max_content_length = max_bytes + 1
    content = request.get_data()
    if len(content) > max_bytes:
        raise RequestEntityTooLarge
    return content


def read_message(request: Request) -> Mapping[str, Any]:
    """Return a short message of the page: an object of JSON, as text, which browsers let any site send."""
    try:
        message = json.loads(read_body(request, _MOST_MESSAGE_BYTES))
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    if not isinstance(message, dict):
        raise BadRequest
    return message


def read_submission(request: Request, max_bytes: int) -> Mapping[str, Any]:
    """Return the submitted fields: the value of each, or the list of its values when there are several."""
    if request.mimetype not in (FORM, JSON):
        raise UnsupportedMediaType
    charset = _charset(request)
    content = read_body(request, max_bytes)
    try:
        posted = _read_form(content, charset) if request.mimetype == FORM else json.loads(content)
    except RecursionError:
        # No answer of ours is nested: an object as deep as this has none.
        posted = {} if content.lstrip().startswith(b"{") else None
    except ValueError as error:
        raise BadRequest from error
    if not isinstance(posted, dict):
        raise BadRequest
    return {**posted, **_source_of_page(request, posted)} if request.mimetype == FORM else posted


def _charset(request: Request) -> str:
    """Return the declared character set; that of Latin-1 is a superset, as browsers take it to be."""
    try:
        charset = codecs.lookup(request.mimetype_params.get("charset", "utf-8")).name
    except (LookupError, ValueError):
        raise UnsupportedMediaType from None
    if not charset.startswith(_CHARSETS):
        raise UnsupportedMediaType
    return "cp1252" if charset in ("ascii", "iso8859-1") else charset


def _read_form(content: bytes, charset: str) -> dict[str, Any]:
    fields_of_form: dict[str, list[str]] = {}
    text = content.decode(charset)
    for name, value in parse_qsl(
        text, keep_blank_values=True, encoding=charset, errors="strict", max_num_fields=_MOST_FIELDS
    ):
        fields_of_form.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in fields_of_form.items()}


def page_path(request: Request) -> str:
    """Return the path of the page that sent a request."""
    return "/" + (request.referrer or "").partition("://")[2].partition("/")[2]


def page_language(request: Request, site: Site) -> str:
    """Return the language of the page that sent a request: by the page's address, else by the browser's languages."""
    form, language = site.form, site.paths.find_language(page_path(request))
    is_ours = (request.referrer or "").startswith(f"{site.public_url}/")
    if language and (is_ours or language != form.default_language):
        return language
    spoken = (form.find_language(tag) for tag, quality in request.accept_languages if quality > 0)
    return next(filter(None, spoken), form.default_language)


def is_framed(request: Request, site: Site) -> bool:
    """Whether a page in a frame sent this: it adds `?frame` to the address."""
    return bool(site.frames) and "frame" in request.args


def _source_of_page(request: Request, posted: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the source in the address of the page, for the fields that no script has filled in."""
    try:
        query = parse_qs(urlsplit(request.referrer or "").query)
    except ValueError:  # an impossible host
        return {}
    names = [field.name for field in fields(Source)]
    return {name: query[name][0] for name in names if name in query and not posted.get(name)}
