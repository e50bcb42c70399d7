"""HTTP entry point: submissions, visits, booking links, webhooks and health."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from flask import Response
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    ServiceUnavailable,
    TooManyRequests,
)
from werkzeug.routing import Map, MapAdapter, Rule, UnicodeConverter

from prequal import log
from prequal.core.errors import InvalidAnswersError, LinkExpiredError, LinkUnknownError, StoreUnavailableError
from prequal.core.text import first_text
from prequal.pages.site import Notice, Site, notice_of
from prequal.services.booking_link import BookingLink
from prequal.services.past_client_link import PastClientLink
from prequal.services.tokens import pasted_token
from prequal.services.visit_counting import VisitCounting
from prequal.web import requests, responses
from prequal.web.client import client_address, client_key, client_network, describe_client
from prequal.web.form_endpoint import FormEndpoint
from prequal.web.hooks import Hooks
from prequal.web.past_clients import LINKS, receive_questionnaire, show_questionnaire, thank_past_client
from prequal.web.rate_limit import RateLimiter

if TYPE_CHECKING:
    from flask import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """The public site's HTTP interface: everything but its static pages."""

    #: By the forms' ids, the main one first.
    forms: Mapping[str, FormEndpoint]
    booking: BookingLink
    past_clients: PastClientLink
    hooks: Hooks
    visits: VisitCounting
    #: Other origins whose scripts may post submissions.
    origins: frozenset[str]
    #: The number of trusted proxies that append to X-Forwarded-For.
    hops: int
    limiter: RateLimiter = field(default_factory=RateLimiter)
    #: Apart, so that looking at the page takes no submission away.
    visit_limiter: RateLimiter = field(default_factory=RateLimiter)
    #: A steady clock.
    seconds: Callable[[], float] = time.monotonic
    #: Submissions are answered at a multiple of these seconds after they came, as the time would tell who is qualified.
    #: Zero turns it off.
    beat: float
    pause: Callable[[float], object] = time.sleep

    @property
    def main(self) -> FormEndpoint:
        """The main form."""
        return next(iter(self.forms.values()))

    def respond(self, request: Request) -> Response:
        """Answer any request, whatever happens."""
        try:
            endpoint, values = _routes(*self.forms).match(request.path, request.method)
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
        """Answer with what `prequal doctor` compares: the forms' versions, the time, and who is asking."""
        now, client = self.main.intake.clock().isoformat(timespec="milliseconds"), describe_client(request, self.hops)
        versions = {form_id: each.site.form.version for form_id, each in self.forms.items()}
        version = self.main.site.form.version
        body = {"status": "ok", "form_version": version, "form_versions": versions, "time": now, "client": client}
        return responses.json_text(body)

    def submit(self, request: Request, form_id: str = "") -> Response:
        """Admit a submission to a form, or send it back to be corrected or repeated."""
        form = self.forms[form_id] if form_id else self.main

        def admit(sent: Mapping[str, Any], network: str) -> None:
            log.submission_admitted(*form.intake.receive(sent, network))

        return self.receive(request, form, admit)

    def receive(
        self, request: Request, form: FormEndpoint, admit: Callable[[Mapping[str, Any], str], None]
    ) -> Response:
        """Answer what was sent with a form, and is admitted with the network of its client."""
        arrival = self.seconds()
        sent = requests.read_submission(request, form.max_bytes)
        language = form.site.form.language(first_text(sent.get("lang")))
        try:
            address = client_address(request, self.hops)
            self._limit(address)
            admit(sent, "" if address is None else client_network(address))
        except InvalidAnswersError as invalid:
            log.submission_refused(invalid.errors, outdated=invalid.outdated)
            return form.ask_to_correct(request, language, sent, invalid)
        except StoreUnavailableError as error:
            log.store_unavailable(error)
            return form.ask_to_repeat(request, language, sent, ServiceUnavailable())
        except TooManyRequests as refusal:
            return form.ask_to_repeat(request, language, sent, refusal)
        if self.beat:
            self.pause((arrival - self.seconds()) % self.beat)
        if request.mimetype == requests.JSON:
            return responses.json_text({"status": "received"}, status=202)
        framed = requests.is_framed(request, form.site)
        return responses.redirect(form.site.thanks_address(language, framed=framed))

    def _limit(self, address: str | None) -> None:
        if address is not None and (seconds := self.limiter.take(client_key(address), self.seconds())):
            log.request_limited()
            raise TooManyRequests(retry_after=seconds)

    def show_link(self, _request: Request, token: str) -> Response:
        """Show the page of a booking link. It changes nothing: mail scanners and previews come here too."""

        def show() -> Response:
            lead = self.booking.look(token)
            site = self._site_of(lead.form_id)
            html = site.invitation(lead, f"/b/{token}", site.form.language(lead.language))
            return responses.page(html, site.invitation_headers(self.booking.schemes), status=200)

        return self.answer_link(show)

    def follow_link(self, _request: Request, token: str) -> Response:
        """Redirect a prospect from the page of a booking link to the booking page."""

        def follow() -> Response:
            lead, address = self.booking.follow(token)
            log.link_followed(lead)
            return responses.redirect(address)

        return self.answer_link(follow)

    def disown_link(self, _request: Request, token: str) -> Response:
        """End an invitation that somebody had not asked for."""

        def disown() -> Response:
            lead = self.booking.disown(token)
            log.link_disowned(lead)
            site = self._site_of(lead.form_id)
            return responses.notice(site, Notice.DISOWNED, site.form.language(lead.language), status=200)

        return self.answer_link(disown)

    def answer_link(self, answer: Callable[[], Response]) -> Response:
        """Return an answer about a link, or the page of one that isn't ours, or no longer works."""
        try:
            return answer()
        except LinkUnknownError as error:
            log.link_refused(error)
            site = self.main.site
            return responses.notice(site, Notice.UNKNOWN_LINK, site.form.default_language, status=404)
        except LinkExpiredError as error:
            log.link_refused(error)
            notice, site = Notice.DECLINED if error.declined else Notice.EXPIRED, self._site_of(error.form_id)
            return responses.notice(site, notice, site.form.language(error.language), status=410)

    def receive_hook(self, request: Request, scheduler: str) -> Response:
        """Record what a scheduler reports."""
        self.hooks.receive(request, scheduler)
        return responses.json_text({"status": "received"})

    def count_visit(self, request: Request) -> Response:
        """Count how far a visit of the page came; nobody is told whether it counts."""
        message, address = requests.read_message(request), client_address(request, self.hops)
        if address is None or not self.visit_limiter.take(client_key(address), self.seconds()):
            try:
                self.visits.count(message)
            except StoreUnavailableError as error:
                log.visit_lost(error)
        return Response(status=204)

    def preflight(self, request: Request, form_id: str = "") -> Response:  # noqa: ARG002, the same for every form
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

    def _site_of(self, form_id: str) -> Site:
        """Return the pages of a form, or those of the main form if it is not in use."""
        return self.forms.get(form_id, self.main).site

    def _site_around(self, request: Request) -> Site:
        """Return the pages of the form that a request is for, by its own address or that of the page that sent it."""
        form_id = request.path.removeprefix("/api/leads/").rstrip("/")
        if form_id in self.forms:
            return self.forms[form_id].site
        page, (main, *others) = requests.page_path(request), (form.site for form in self.forms.values())
        return next((site for site in others if site.paths.find_language(page)), main)

    def _refuse(self, request: Request, refusal: HTTPException) -> Response:
        site = self._site_around(request)
        status, language = refusal.code or 500, requests.page_language(request, site)
        if request.path.startswith("/api/") and request.mimetype != requests.FORM:
            return responses.with_headers(refusal, responses.problem(site, status, language))
        framed = requests.is_framed(request, site)
        notice = responses.notice(site, notice_of(status), language, status=status, framed=framed)
        return responses.with_headers(refusal, notice)


class _PastedToken(UnicodeConverter):
    """Token of a booking link, without what may follow a pasted link."""

    def to_python(self, value: str) -> str:
        """Return the token."""
        return pasted_token(value)


@cache
def _routes(*form_ids: str) -> MapAdapter:
    """Return the routes of a site with these forms."""
    of_form = "/api/leads/<any({}):form_id>".format(", ".join(f'"{form_id}"' for form_id in form_ids))
    return Map(
        [
            *(Rule(path, methods=["POST"], endpoint=Web.submit) for path in ("/api/leads", of_form)),
            *(Rule(path, methods=["OPTIONS"], endpoint=Web.preflight) for path in ("/api/leads", of_form)),
            Rule("/api/progress", methods=["POST"], endpoint=Web.count_visit),
            Rule("/api/hooks/<scheduler>", methods=["POST"], endpoint=Web.receive_hook),
            Rule("/api/health", methods=["GET"], endpoint=Web.check_health),
            Rule("/b/<pasted:token>", methods=["GET"], endpoint=Web.show_link),
            Rule("/b/<pasted:token>", methods=["POST"], endpoint=Web.follow_link),
            Rule("/b/<pasted:token>/not-me", methods=["POST"], endpoint=Web.disown_link),
            Rule(f"{LINKS}/<pasted:token>", methods=["GET"], endpoint=show_questionnaire),
            Rule(f"{LINKS}/<pasted:token>/<language>", methods=["GET"], endpoint=show_questionnaire),
            Rule(f"{LINKS}/<pasted:token>", methods=["POST"], endpoint=receive_questionnaire),
            Rule(f"{LINKS}/<pasted:token>/<language>/thanks", methods=["GET"], endpoint=thank_past_client),
        ],
        converters={"pasted": _PastedToken},
        merge_slashes=False,
        strict_slashes=False,  # a slash may follow a pasted link
    ).bind("")
