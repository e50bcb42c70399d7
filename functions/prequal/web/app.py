"""HTTP entry point: submissions, booking links, webhooks and health."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Response
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    ServiceUnavailable,
    TooManyRequests,
)
from werkzeug.routing import Map, Rule, UnicodeConverter

from prequal import log
from prequal.core.errors import InvalidAnswersError, LinkExpiredError, LinkUnknownError, StoreUnavailableError
from prequal.core.text import first_text
from prequal.pages.site import Notice, Site, notice_of
from prequal.services.booking_link import BookingLink
from prequal.services.intake import Intake
from prequal.services.tokens import pasted_token
from prequal.web import requests, responses
from prequal.web.client import client_address, client_key, client_network, describe_client
from prequal.web.hooks import Hooks
from prequal.web.rate_limit import RateLimiter

if TYPE_CHECKING:
    from flask import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """The public site's HTTP interface: everything but its static pages."""

    intake: Intake
    booking: BookingLink
    hooks: Hooks
    site: Site
    #: Other origins whose scripts may post submissions.
    origins: frozenset[str]
    #: Of a submission: `body_limit` of the form.
    max_bytes: int
    #: The number of trusted proxies that append to X-Forwarded-For.
    hops: int
    limiter: RateLimiter = field(default_factory=RateLimiter)
    #: A steady clock.
    seconds: Callable[[], float] = time.monotonic
    #: Submissions are answered at a multiple of these seconds after they came, as the time would tell who is qualified.
    #: Zero turns it off.
    beat: float
    pause: Callable[[float], object] = time.sleep

    def respond(self, request: Request) -> Response:
        """Answer any request, whatever happens."""
        try:
            endpoint, values = _ROUTES.match(request.path, request.method)
            response: Response = endpoint(self, request, **values)
        except HTTPException as refusal:
            response = responses.stream(request, self._refuse(request, refusal))
        except StoreUnavailableError as error:
            log.store_unavailable(error)
            response = self._refuse(request, ServiceUnavailable())
        except Exception as error:  # noqa: BLE001, the outermost edge
            log.request_failed(error)
            response = responses.stream(request, self._refuse(request, InternalServerError()))
        return self._allow_origin(request.headers.get("Origin", ""), response)

    def check_health(self, request: Request) -> Response:
        """Answer with what `prequal doctor` compares: the form's version, the time, and who is asking."""
        now, client = self.intake.clock().isoformat(timespec="milliseconds"), describe_client(request, self.hops)
        version = self.site.form.version
        return responses.json_text({"status": "ok", "form_version": version, "time": now, "client": client})

    def submit(self, request: Request) -> Response:
        """Admit a submission, or send it back to be corrected or repeated."""
        arrival = self.seconds()
        sent = requests.read_submission(request, self.max_bytes)
        language = self.site.form.language(first_text(sent.get("lang")))
        try:
            address = client_address(request, self.hops)
            self._limit(address)
            lead, admission = self.intake.receive(sent, "" if address is None else client_network(address))
        except InvalidAnswersError as invalid:
            log.submission_refused(invalid.errors, outdated=invalid.outdated)
            return self._ask_to_correct(request, language, sent, invalid)
        except StoreUnavailableError as error:
            log.store_unavailable(error)
            return self._ask_to_repeat(request, language, sent, ServiceUnavailable())
        except TooManyRequests as refusal:
            return self._ask_to_repeat(request, language, sent, refusal)
        log.submission_admitted(lead, admission)
        if self.beat:
            self.pause((arrival - self.seconds()) % self.beat)
        if request.mimetype == requests.JSON:
            return responses.json_text({"status": "received"}, status=202)
        return responses.redirect(self.site.public_url + self.site.thanks_path(language))

    def _limit(self, address: str | None) -> None:
        if address is not None and (seconds := self.limiter.take(client_key(address), self.seconds())):
            log.request_limited()
            raise TooManyRequests(retry_after=seconds)

    def _ask_to_correct(
        self, request: Request, language: str, sent: Mapping[str, Any], invalid: InvalidAnswersError
    ) -> Response:
        if request.mimetype != requests.JSON:
            return self._page(self.site.landing(language, sent, invalid), status=422)
        version = {"form_version": self.site.form.version} if invalid.outdated else {}
        messages = self.site.messages(invalid, language)
        return self._problem(422, language, outdated=invalid.outdated, **version, errors=messages)

    def _ask_to_repeat(
        self, request: Request, language: str, sent: Mapping[str, Any], refusal: HTTPException
    ) -> Response:
        """Ask to send the same again later; the page keeps everything that was typed."""
        status = refusal.code or 500
        if request.mimetype == requests.JSON:
            response = self._problem(status, language)
        else:
            response = self._page(self.site.landing(language, sent, trouble=True), status=status)
        return responses.with_headers(refusal, response)

    def show_link(self, _request: Request, token: str) -> Response:
        """Show the page of a booking link. It changes nothing: mail scanners and previews come here too."""

        def show() -> Response:
            lead = self.booking.look(token)
            html = self.site.invitation(lead, f"/b/{token}", self.site.form.language(lead.language))
            scheme = urlsplit(self.booking.booking_url).scheme
            return responses.page(html, self.site.invitation_headers(scheme), status=200)

        return self._answer_link(show)

    def follow_link(self, _request: Request, token: str) -> Response:
        """Redirect a prospect from the page of a booking link to the booking page."""

        def follow() -> Response:
            lead, address = self.booking.follow(token)
            log.link_followed(lead)
            return responses.redirect(address)

        return self._answer_link(follow)

    def disown_link(self, _request: Request, token: str) -> Response:
        """End an invitation that somebody had not asked for."""

        def disown() -> Response:
            lead = self.booking.disown(token)
            log.link_disowned(lead)
            return self._notice(Notice.DISOWNED, self.site.form.language(lead.language), status=200)

        return self._answer_link(disown)

    def _answer_link(self, answer: Callable[[], Response]) -> Response:
        try:
            return answer()
        except LinkUnknownError as error:
            log.link_refused(error)
            return self._notice(Notice.UNKNOWN_LINK, self.site.form.default_language, status=404)
        except LinkExpiredError as error:
            log.link_refused(error)
            notice = Notice.DECLINED if error.declined else Notice.EXPIRED
            return self._notice(notice, self.site.form.language(error.language), status=410)

    def receive_hook(self, request: Request, scheduler: str) -> Response:
        """Record what a scheduler reports."""
        self.hooks.receive(request, scheduler)
        return responses.json_text({"status": "received"})

    def preflight(self, request: Request) -> Response:
        """Allow scripts of the named origins to post submissions."""
        if request.headers.get("Origin") not in self.origins:
            raise MethodNotAllowed(["POST"])
        allowed = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Content-Type",
            "Access-Control-Max-Age": "86400",
        }
        return Response(status=204, headers=allowed)

    def _allow_origin(self, origin: str, response: Response) -> Response:
        if self.origins:
            response.headers["Vary"] = "Origin"
        if origin in self.origins:
            response.headers["Access-Control-Allow-Origin"] = origin
        return response

    def _refuse(self, request: Request, refusal: HTTPException) -> Response:
        status, language = refusal.code or 500, requests.page_language(request, self.site.form, self.site.public_url)
        if request.path.startswith("/api/") and request.mimetype != requests.FORM:
            return responses.with_headers(refusal, self._problem(status, language))
        return responses.with_headers(refusal, self._notice(notice_of(status), language, status=status))

    def _notice(self, notice: Notice, language: str, *, status: int) -> Response:
        return self._page(self.site.notice(notice, language), status=status)

    def _page(self, html: str, *, status: int) -> Response:
        return responses.page(html, self.site.answer_headers, status=status)

    def _problem(self, status: int, language: str, *, outdated: bool = False, **details: object) -> Response:
        """Return a problem document (RFC 9457)."""
        title, detail = self.site.problem(status, language, outdated=outdated)
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **details}
        return responses.json_text(body, status=status, mimetype="application/problem+json")


class _PastedToken(UnicodeConverter):
    """Token of a booking link, without what may follow a pasted link."""

    def to_python(self, value: str) -> str:
        """Return the token."""
        return pasted_token(value)


_ROUTES = Map(
    [
        Rule("/api/leads", methods=["POST"], endpoint=Web.submit),
        Rule("/api/leads", methods=["OPTIONS"], endpoint=Web.preflight),
        Rule("/api/hooks/<scheduler>", methods=["POST"], endpoint=Web.receive_hook),
        Rule("/api/health", methods=["GET"], endpoint=Web.check_health),
        Rule("/b/<pasted:token>", methods=["GET"], endpoint=Web.show_link),
        Rule("/b/<pasted:token>", methods=["POST"], endpoint=Web.follow_link),
        Rule("/b/<pasted:token>/not-me", methods=["POST"], endpoint=Web.disown_link),
    ],
    converters={"pasted": _PastedToken},
    merge_slashes=False,
    strict_slashes=False,  # a slash may follow a pasted link
).bind("")
