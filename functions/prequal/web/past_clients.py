"""The questionnaire over HTTP: the page behind the link for past clients, and what they send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from prequal import log
from prequal.core.answers import body_limit
from prequal.core.errors import LinkExpiredError
from prequal.pages.site import Notice
from prequal.web import requests, responses

if TYPE_CHECKING:
    from flask import Request, Response

    from prequal.pages.past_clients import QuestionnaireSite
    from prequal.web.app import Web

LINKS = "/b/clients"


def show_questionnaire(web: Web, request: Request, token: str, language: str = "") -> Response:
    """Show the questionnaire in a language, or else in the browser's."""

    def show(site: QuestionnaireSite) -> Response:
        html = site.landing(_language(request, site, language))
        return responses.page(html, site.answer_headers(), status=200)

    return _answer(web, request, token, show)


def receive_questionnaire(web: Web, request: Request, token: str) -> Response:
    """Save a past client's answers, or send them back to be corrected or repeated."""

    def admit(sent: Mapping[str, Any], _network: str) -> None:
        log.past_client_saved(web.past_clients.receive(token, sent))

    def receive(site: QuestionnaireSite) -> Response:
        form = replace(web.forms[site.form.id], site=site, max_bytes=body_limit(site.form))
        return web.receive(request, form, admit)

    return _answer(web, request, token, receive)


def thank_past_client(web: Web, request: Request, token: str, language: str) -> Response:
    """Thank a past client."""

    def thank(site: QuestionnaireSite) -> Response:
        return responses.page(site.thanked(_language(request, site, language)), site.answer_headers(), status=200)

    return _answer(web, request, token, thank)


def _answer(web: Web, request: Request, token: str, answer: Callable[[QuestionnaireSite], Response]) -> Response:
    """Answer a request for a link that works, or say that it doesn't."""
    from prequal.pages.past_clients import QuestionnaireSite  # noqa: PLC0415, few come, and a cold start waits for it

    def found() -> Response:
        try:
            site = web.forms[web.past_clients.look(token).id].site
            return answer(QuestionnaireSite.of(site, f"{LINKS}/{token}"))
        except LinkExpiredError as error:
            log.link_refused(error)
            site = web.forms[error.form_id].site
            language = requests.page_language(request, site)
            return responses.notice(site, Notice.EXPIRED_FOR_CLIENTS, language, status=410)

    return web.answer_link(found)


def _language(request: Request, site: QuestionnaireSite, wanted: str) -> str:
    return site.form.find_language(wanted) or requests.page_language(request, site)
