"""The desk's HTTP interface. Looking changes nothing: whatever changes, or searches, is a form with a token."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from werkzeug.exceptions import Forbidden, HTTPException, NotFound
from werkzeug.routing import Map, Rule

from prequal import log
from prequal.core.errors import (
    LeadNotFoundError,
    PrequalError,
    StoreUnavailableError,
    UnreadableDocumentError,
)
from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.desk import answers
from prequal.desk.entries import LINKS, Entry
from prequal.desk.form_pages import FormFiles, show_change, show_form, try_form, write_form
from prequal.desk.kept import KeptResults, Result
from prequal.desk.lead_pages import act, erase, show_lead
from prequal.desk.list_pages import list_leads, search
from prequal.desk.past_client_pages import list_past_clients
from prequal.desk.sessions import COOKIE, Session, Sessions
from prequal.owner.figures.aggregation import aggregate_by_form
from prequal.owner.figures.model import Figures
from prequal.owner.lookup import Leads
from prequal.owner.report.page import render_report
from prequal.pages.labels import count_leads
from prequal.pages.zone import Zone
from prequal.services.owner_decisions import OwnerDecision

if TYPE_CHECKING:
    from flask import Request, Response

# A what-if has a field for each of thirty options to thirty questions.
_FORM_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """Decisions of the owner about a lead."""

    steps: OwnerDecision
    #: Invites the lead of an id, for a reason.
    invite: Callable[[str, str], object]
    #: Deletes the lead of an id.
    erase: Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The owner's site."""

    business: str
    leads: Leads
    #: None where the leads can only be read.
    decisions: Decisions | None
    #: Returns the known forms by version, those of some versions among them if they are stored.
    load_forms: Callable[[Collection[str]], Mapping[str, Form]]
    sessions: Sessions
    entry: Entry
    zone: Zone
    clock: Callable[[], datetime]
    #: Returns the documents of the current forms by id, the main one first.
    load_documents: Callable[[], Mapping[str, Mapping[str, Any]]]
    #: None where the form file can't be changed.
    form_files: FormFiles | None = None
    #: Returns the link for past clients of each form, which works until an instant; None where no secret is known.
    past_client_links: Callable[[datetime], Mapping[str, str]] | None = None
    kept: KeptResults = field(default_factory=KeptResults)

    def respond(self, request: Request) -> Response:
        """Answer any request, whatever happens."""
        try:
            return self._answer(request)
        except LeadNotFoundError:
            return self._refuse(NotFound())
        except HTTPException as refusal:
            return self._refuse(refusal)
        except UnreadableDocumentError as error:
            log.document_unreadable(error)
            title, text, status = "This lead can’t be read", str(error), 500
        except StoreUnavailableError as error:
            log.store_unavailable(error)
            title, text, status = "The store does not answer", "Nothing is lost. Try again in a minute.", 503
        except PrequalError as error:  # such as the faults of a form file
            title, text, status = "That can’t be done now", str(error), 409
        except Exception as error:  # noqa: BLE001, the outermost edge
            log.request_failed(error)
            title, text, status = "Something is wrong here", "The log says what. Go back, and try again.", 500
        return answers.message(title, text, status=status, business=self.business)

    def _refuse(self, refusal: HTTPException) -> Response:
        status = refusal.code or 500
        title, text = {
            403: ("This form has expired", "Go back, load the page again, and repeat what you were doing."),
            404: ("There is nothing here", "The lead may have been erased, or its retention has ended."),
        }.get(status, ("That can’t be done here", "Go back to the list, and try again from there."))
        response = answers.message(title, text, status=status, business=self.business)
        for name, value in refusal.get_headers():
            if name == "Allow":
                response.headers[name] = value
        return response

    def _answer(self, request: Request) -> Response:
        endpoint: Callable[..., Response]
        endpoint, values = _ROUTES.match(request.path, request.method)
        if endpoint in (answers.stylesheet, answers.script):  # which need no session
            return endpoint()
        session = self.sessions.read(request.cookies.get(COOKIE, ""), self.clock())
        if session is None:
            return self.entry.admit(request, self.clock())
        request.max_content_length = _FORM_BYTES
        if request.method == "POST" and not self.sessions.accepts(session, request.form.get("token", "")):
            raise Forbidden
        return endpoint(self, request, session, **values)

    def show_report(self, request: Request, session: Session) -> Response:
        """Show the report if it is kept, else the button that makes it."""
        kept, form_id = self.kept.find("report", self.clock()), request.args.get("form", "")
        if kept is None:
            return self.page("report.html", session)
        if form_id not in kept.value:
            raise NotFound
        others = {each or "All forms": f"/desk/report?{urlencode({'form': each})}" for each in kept.value}
        del others[form_id or "All forms"]
        # A single form is all forms.
        others = others if len(kept.value[""].forms) > 1 else {}
        return answers.report(render_report(kept.value[form_id], form_id, back="/desk/", others=others))

    def make_report(self, _request: Request, _session: Session) -> Response:
        """Read every lead, and show the report."""

        def count(leads: Iterator[Lead]) -> Mapping[str, Figures]:
            visits = list(self.leads.iter_visits())
            asked = list(self.leads.iter_past_clients(log.document_unreadable))
            return aggregate_by_form(
                leads, self.load_forms(()), self.clock(), self.zone, names=True, visits=visits, past_clients=asked
            )

        self.read_all("report", count)
        return answers.redirect("/desk/report")

    def show_desk(self, _request: Request, _session: Session, **_values: str) -> Response:
        """Lead whoever has signed in already to the list."""
        return answers.redirect("/desk/")

    def leave(self, _request: Request, _session: Session) -> Response:
        """End the session in this browser."""
        response = answers.redirect("/desk/")
        response.delete_cookie(COOKIE, path="/desk", httponly=True, samesite="Lax")
        return response

    def read_all(self, key: object, work: Callable[[Iterator[Lead]], Any]) -> Result:
        """Return the result of work on every lead, which are read only if none is kept."""
        now = self.clock()
        if kept := self.kept.find(key, now):
            return kept
        number = 0

        def count() -> Iterator[Lead]:
            nonlocal number
            for lead in self.leads.iter_leads(None, log.document_unreadable):
                number += 1
                yield lead

        value = work(count())
        return self.kept.keep(key, Result(value, number, now))

    def say_read(self, result: Result) -> str:
        """Return the number of leads read for a result, and the time, as a sentence."""
        return f"{count_leads(result.reads)} read at {self.zone.time(result.at)}."

    def page(self, template: str, session: Session, *, status: int = 200, **values: Any) -> Response:  # noqa: ANN401, the template's
        """Return a page with the token of its forms."""
        token = self.sessions.form_token(session)
        return answers.page(template, status=status, business=self.business, token=token, **values)


_ROUTES = Map(
    [
        Rule("/desk/", methods=["GET"], endpoint=list_leads),
        Rule("/desk/search", methods=["POST"], endpoint=search),
        Rule("/desk/leads/<lead_id>", methods=["GET"], endpoint=show_lead),
        Rule("/desk/leads/<lead_id>/erase", methods=["POST"], endpoint=erase),
        Rule("/desk/leads/<lead_id>/<action>", methods=["POST"], endpoint=act),
        Rule("/desk/clients", methods=["GET"], endpoint=list_past_clients),
        Rule("/desk/report", methods=["GET"], endpoint=Desk.show_report),
        Rule("/desk/report", methods=["POST"], endpoint=Desk.make_report),
        Rule("/desk/form", methods=["GET"], endpoint=show_form),
        Rule("/desk/form", methods=["POST"], endpoint=try_form),
        Rule("/desk/form/change", methods=["POST"], endpoint=show_change),
        Rule("/desk/form/write", methods=["POST"], endpoint=write_form),
        Rule("/desk/sign-in", methods=["POST"], endpoint=Desk.show_desk),
        Rule(f"/desk{LINKS}/<token>", methods=["GET", "POST"], endpoint=Desk.show_desk),
        Rule("/desk/leave", methods=["POST"], endpoint=Desk.leave),
        Rule("/desk/<_name>.css", methods=["GET"], endpoint=answers.stylesheet),
        Rule("/desk/<_name>.js", methods=["GET"], endpoint=answers.script),
    ],
    merge_slashes=False,
    strict_slashes=False,
).bind("")
