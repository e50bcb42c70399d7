"""HTTP: a request becomes a call of a use case, and what comes of it an answer, the same for everyone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Response
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    ServiceUnavailable,
    TooManyRequests,
)
from werkzeug.routing import Map, Rule

from prequal import log
from prequal.core.errors import InvalidAnswersError, LinkExpiredError, LinkUnknownError, StoreUnavailableError
from prequal.core.text import first_text
from prequal.pages.site import Notice, Site
from prequal.services.booking_link import Booking
from prequal.services.intake import Intake
from prequal.web import requests, responses
from prequal.web.hooks import Hooks
from prequal.web.rate_limit import SubmissionLimit

if TYPE_CHECKING:
    from flask import Request

_RETRY_SECONDS = 30

_ROUTES = Map(
    [
        Rule("/api/leads", methods=["POST"], endpoint="submit"),
        Rule("/api/leads", methods=["OPTIONS"], endpoint="preflight"),
        Rule("/api/hooks/<scheduler>", methods=["POST"], endpoint="hear"),
        Rule("/api/health", methods=["GET"], endpoint="health"),
        Rule("/b/<token>", methods=["GET"], endpoint="follow"),
    ],
    merge_slashes=False,
)

_NOTICES = {404: Notice.NOT_FOUND, 413: Notice.TOO_LARGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Answers the requests of contract section 3. `origins`: the other sites that may post from a script."""

    intake: Intake
    booking: Booking
    hooks: Hooks
    site: Site
    origins: frozenset[str]
    limit: SubmissionLimit = field(default_factory=SubmissionLimit)
    seconds: Callable[[], float] = time.monotonic

    def respond(self, request: Request) -> Response:
        """Answer any request, whatever happens."""
        try:
            response = self._routed(request)
        except HTTPException as refusal:
            response = responses.unread(request, self._refused(request, refusal))
        except Exception as error:  # noqa: BLE001, the outermost edge
            log.request_failed(error)
            response = responses.unread(request, self._refused(request, _trouble(500)))
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
            case "hear":
                return self._hear(request, **values)
            case _:
                return self._health()

    def _health(self) -> Response:
        """Answer, with what tells whether page and function are in step."""
        time = self.intake.clock().isoformat(timespec="milliseconds")
        return responses.json_text({"status": "ok", "form_version": self.site.form.version, "time": time})

    def _submit(self, request: Request) -> Response:
        sent = requests.sent(request)
        language = self.site.form.language(first_text(sent.get("lang")))
        try:
            self._count(request)
            lead, admission = self.intake.receive(sent)
        except InvalidAnswersError as invalid:
            log.submission_refused(invalid.errors, outdated=invalid.outdated)
            return self._to_correct(request, language, sent, invalid)
        except StoreUnavailableError as error:
            log.store_unavailable(error)
            return self._to_repeat(request, language, sent, ServiceUnavailable(retry_after=_RETRY_SECONDS))
        except TooManyRequests as refusal:
            return self._to_repeat(request, language, sent, refusal)
        log.submission_admitted(lead, admission)
        if request.mimetype == requests.JSON:
            return responses.json_text({"status": "received"}, status=202)
        return responses.redirect(self.site.public_url + self.site.thanks_path(language))

    def _count(self, request: Request) -> None:
        client = requests.client(request)
        if client and (seconds := self.limit.seconds_to_wait(client, self.seconds())):
            log.request_limited()
            raise TooManyRequests(retry_after=seconds)

    def _to_correct(
        self, request: Request, language: str, sent: Mapping[str, Any], invalid: InvalidAnswersError
    ) -> Response:
        if request.mimetype == requests.JSON:
            messages = self.site.messages(invalid, language)
            if invalid.outdated:
                version = self.site.form.version
                return self._problem(422, language, outdated=True, form_version=version, errors=messages)
            return self._problem(422, language, errors=messages)
        return self._page(self.site.landing(language, sent, invalid), status=422)

    def _to_repeat(self, request: Request, language: str, sent: Mapping[str, Any], refusal: HTTPException) -> Response:
        """Answer that the same should be sent again later: nothing that was typed is lost."""
        if request.mimetype == requests.JSON:
            return responses.with_headers(refusal, self._problem(refusal.code or 500, language))
        page = self.site.landing(language, sent, trouble=True)
        return responses.with_headers(refusal, self._page(page, status=refusal.code or 500))

    def _follow(self, request: Request, token: str) -> Response:
        try:
            lead, address = self.booking.follow(token, look_only=request.method == "HEAD")
        except LinkUnknownError as error:
            log.link_refused(error)
            return self._page(self.site.notice(Notice.UNKNOWN_LINK, self.site.form.default_language), status=404)
        except LinkExpiredError as error:
            log.link_refused(error)
            return self._page(self.site.notice(Notice.EXPIRED, self.site.form.language(error.language)), status=410)
        except StoreUnavailableError as error:
            log.store_unavailable(error)
            return self._refused(request, _trouble(503))
        log.link_followed(lead)
        return responses.redirect(address)

    def _hear(self, request: Request, scheduler: str) -> Response:
        try:
            self.hooks.hear(request, scheduler)
        except StoreUnavailableError as error:
            log.store_unavailable(error)
            return self._refused(request, _trouble(503))
        return responses.json_text({"status": "received"})

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
        if request.path.startswith("/api/") and request.mimetype != requests.FORM:
            return responses.with_headers(refusal, self._problem(code, language))
        notice = _NOTICES.get(code, Notice.TROUBLE if code >= 500 else Notice.NOT_UNDERSTOOD)  # noqa: PLR2004, 5xx is ours
        return responses.with_headers(refusal, self._page(self.site.notice(notice, language), status=code))

    def _page(self, html: str, *, status: int) -> Response:
        return responses.page(html, self.site.answer_headers, status=status)

    def _problem(self, status: int, language: str, *, outdated: bool = False, **more: object) -> Response:
        """Answer in the shape of RFC 9457."""
        title, detail = self.site.problem(status, language, outdated=outdated)
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
        return responses.json_text(body, status=status, mimetype="application/problem+json")


def _trouble(code: int) -> HTTPException:
    refusal = ServiceUnavailable(retry_after=_RETRY_SECONDS)
    refusal.code = code
    return refusal
