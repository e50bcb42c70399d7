"""One form over HTTP: its intake, and the answers to submissions that were not admitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prequal.core.errors import InvalidAnswersError
from prequal.pages.site import Site
from prequal.services.intake import Intake
from prequal.web import requests, responses

if TYPE_CHECKING:
    from flask import Request, Response
    from werkzeug.exceptions import HTTPException


@dataclass(frozen=True, slots=True, kw_only=True)
class FormEndpoint:
    """A form that visitors submit."""

    intake: Intake
    site: Site
    #: Of a submission: `body_limit` of the form.
    max_bytes: int

    def ask_to_correct(
        self, request: Request, language: str, sent: Mapping[str, Any], invalid: InvalidAnswersError
    ) -> Response:
        """Return the form with the messages of invalid answers."""
        site, framed = self.site, requests.is_framed(request, self.site)
        if request.mimetype != requests.JSON:
            html = site.landing(language, sent, invalid, framed=framed)
            return responses.page(html, site.answer_headers(framed=framed), status=422)
        version = {"form_version": site.form.version} if invalid.outdated else {}
        messages = site.messages(invalid, language)
        return responses.problem(site, 422, language, outdated=invalid.outdated, **version, errors=messages)

    def ask_to_repeat(
        self, request: Request, language: str, sent: Mapping[str, Any], refusal: HTTPException
    ) -> Response:
        """Ask to send the same again later; the page keeps everything that was typed."""
        status, site = refusal.code or 500, self.site
        if request.mimetype == requests.JSON:
            response = responses.problem(site, status, language)
        else:
            framed = requests.is_framed(request, site)
            html = site.landing(language, sent, trouble=True, framed=framed)
            response = responses.page(html, site.answer_headers(framed=framed), status=status)
        return responses.with_headers(refusal, response)
