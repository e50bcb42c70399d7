"""HTTP: a request becomes a call of a use case, and what comes of it an answer, the same for everyone."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from flask import Response
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    RequestEntityTooLarge,
    ServiceUnavailable,
    TooManyRequests,
    UnsupportedMediaType,
)
from werkzeug.routing import Map, Rule
from werkzeug.wsgi import get_input_stream

from prequal import log
from prequal.core.answers import Source
from prequal.core.errors import InvalidAnswersError, LinkExpiredError, LinkUnknownError, StoreUnavailableError
from prequal.limits import MAX_BODY_BYTES, SubmissionLimit
from prequal.pages.headers import PAGE_HEADERS
from prequal.pages.site import Notice, Site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Request

    from prequal.booking import Booking
    from prequal.intake import Intake

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_RETRY_SECONDS = 30
# A refusal that comes while the browser still sends would be lost, so this much more is read, and thrown away.
_DRAINED_BYTES = 1024 * 1024

_ROUTES = Map(
    [
        Rule("/api/leads", methods=["POST"], endpoint="submit"),
        Rule("/api/leads", methods=["OPTIONS"], endpoint="preflight"),
        Rule("/api/health", methods=["GET"], endpoint="health"),
        Rule("/b/<token>", methods=["GET"], endpoint="follow"),
    ]
)

_NOTICES = {404: Notice.NOT_FOUND, 413: Notice.TOO_LARGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Answers the requests of contract section 3. `origins`: the other sites that may post from a script."""

    intake: Intake
    booking: Booking
    site: Site
    origins: frozenset[str]
    limit: SubmissionLimit = field(default_factory=SubmissionLimit)
    seconds: Callable[[], float] = time.monotonic

    def respond(self, request: Request) -> Response:
        """Answer any request, whatever happens."""
        request.max_content_length = MAX_BODY_BYTES
        try:
            response = self._routed(request)
        except HTTPException as refusal:
            response = _unread(request, self._refused(request, refusal))
        except Exception as error:  # noqa: BLE001, the outermost edge
            log.request_failed(error)
            response = _unread(request, self._refused(request, _trouble(500)))
        return self._shared_with(request.headers.get("Origin", ""), response)

    def _routed(self, request: Request) -> Response:
        endpoint, values = _ROUTES.bind_to_environ(request.environ).match()
        match endpoint:
            case "submit":
                return self._submit(request)
            case "preflight":
                return self._preflight(request)
            case "follow":
                return self._follow(request, **values)
            case _:
                return _json({"status": "ok"})

    def _submit(self, request: Request) -> Response:
        sent = _sent(request)
        language = self.site.form.language(str(sent.get("lang", "")))
        try:
            self._count(request)
            _, lead, admission = self.intake.receive(sent)
        except InvalidAnswersError as invalid:
            log.submission_refused(invalid.errors)
            return self._to_correct(request, language, sent, invalid)
        except StoreUnavailableError as error:
            log.store_unavailable(error)
            return self._to_repeat(request, language, sent, ServiceUnavailable(retry_after=_RETRY_SECONDS))
        except TooManyRequests as refusal:
            return self._to_repeat(request, language, sent, refusal)
        log.submission_admitted(lead, admission)
        if request.mimetype == _JSON:
            return _json({"status": "received"}, status=202)
        return _redirect(self.site.public_url + self.site.thanks_path(language))

    def _count(self, request: Request) -> None:
        client = _client(request)
        if client and (seconds := self.limit.seconds_to_wait(client, self.seconds())):
            log.request_limited()
            raise TooManyRequests(retry_after=seconds)

    def _to_correct(
        self, request: Request, language: str, sent: Mapping[str, Any], invalid: InvalidAnswersError
    ) -> Response:
        if request.mimetype == _JSON:
            return self._problem(422, language, errors=self.site.messages(invalid, language))
        return _page(self.site.landing(language, sent, invalid), status=422)

    def _to_repeat(self, request: Request, language: str, sent: Mapping[str, Any], refusal: HTTPException) -> Response:
        """Answer that the same should be sent again later: nothing that was typed is lost."""
        if request.mimetype == _JSON:
            return _with_headers(refusal, self._problem(refusal.code or 500, language))
        page = self.site.landing(language, sent, trouble=True)
        return _with_headers(refusal, _page(page, status=refusal.code or 500))

    def _follow(self, request: Request, token: str) -> Response:
        try:
            lead, address = self.booking.follow(token, look_only=request.method == "HEAD")
        except LinkUnknownError as error:
            log.link_refused(error)
            return _page(self.site.notice(Notice.UNKNOWN_LINK, self.site.form.default_language), status=404)
        except LinkExpiredError as error:
            log.link_refused(error)
            return _page(self.site.notice(Notice.EXPIRED, self.site.form.language(error.language)), status=410)
        except StoreUnavailableError as error:
            log.store_unavailable(error)
            return self._refused(request, _trouble(503))
        log.link_followed(lead)
        return _redirect(address)

    def _preflight(self, request: Request) -> Response:
        if request.headers.get("Origin") not in self.origins:
            raise MethodNotAllowed(["POST"])
        allowed = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Content-Type",
            "Access-Control-Max-Age": "86400",
        }
        return Response(status=204, headers=allowed)

    def _shared_with(self, origin: str, response: Response) -> Response:
        if self.origins:
            response.headers["Vary"] = "Origin"
        if origin in self.origins:
            response.headers["Access-Control-Allow-Origin"] = origin
        return response

    def _refused(self, request: Request, refusal: HTTPException) -> Response:
        code, language = refusal.code or 500, self.site.form.default_language
        if request.path.startswith("/api/") and request.mimetype != _FORM:
            return _with_headers(refusal, self._problem(code, language))
        notice = _NOTICES.get(code, Notice.TROUBLE if code >= 500 else Notice.NOT_UNDERSTOOD)  # noqa: PLR2004, 5xx is ours
        return _with_headers(refusal, _page(self.site.notice(notice, language), status=code))

    def _problem(self, status: int, language: str, **more: object) -> Response:
        """Answer in the shape of RFC 9457."""
        title, detail = self.site.problem(status, language)
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
        return _json(body, status=status, mimetype="application/problem+json")


def _sent(request: Request) -> Mapping[str, Any]:
    """Return what was posted: each field's value, or the list of its values when there are several."""
    match request.mimetype:
        case "application/x-www-form-urlencoded":
            sent = {name: values[0] if len(values) == 1 else values for name, values in request.form.lists()}
            return {**sent, **_source_of_page(request, sent)}
        case "application/json":
            try:
                sent = json.loads(request.get_data())
            except (ValueError, RecursionError) as error:
                raise BadRequest from error
            if not isinstance(sent, dict):
                raise BadRequest
            return sent
        case _:
            raise UnsupportedMediaType


def _source_of_page(request: Request, sent: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the source that the page's own address names, where no script has put it into the form."""
    query = parse_qs(urlsplit(request.referrer or "").query)
    return {
        field.name: query[field.name][0] for field in fields(Source) if field.name in query and not sent.get(field.name)
    }


def _client(request: Request) -> str | None:
    """Return who to count, or None for a visitor on this very machine.

    Behind a front end that is the first address of X-Forwarded-For. It can be forged, which lets a flood through; any
    other hop is one that many honest visitors share.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")[0].strip()
    if forwarded:
        return forwarded
    try:
        return None if ip_address(request.remote_addr or "").is_loopback else request.remote_addr
    except ValueError:
        return request.remote_addr


def _unread(request: Request, response: Response) -> Response:
    """Return an answer that leaves the request's body alone, as functions-framework reads it otherwise to its end."""
    body = get_input_stream(request.environ)
    left = _DRAINED_BYTES
    try:
        while left > 0 and (chunk := body.read(min(left, 64 * 1024))):
            left -= len(chunk)
    except (OSError, RequestEntityTooLarge, BadRequest):
        pass
    response.response = iter([response.get_data()])
    return response


def _trouble(code: int) -> HTTPException:
    refusal = ServiceUnavailable(retry_after=_RETRY_SECONDS)
    refusal.code = code
    return refusal


def _with_headers(refusal: HTTPException, response: Response) -> Response:
    """Add what the refusal must say in headers: Allow, Retry-After."""
    for name, value in refusal.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _json(body: Mapping[str, object], *, status: int = 200, mimetype: str = _JSON) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status=status, mimetype=mimetype, headers={"Cache-Control": "no-store"})


def _page(html: str, *, status: int) -> Response:
    headers = {**PAGE_HEADERS, "Cache-Control": "no-store"}
    return Response(html, status=status, mimetype="text/html", headers=headers)


def _redirect(address: str) -> Response:
    headers = {"Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(status=303, headers=headers)
