"""Pages of several leads: the list, and what a search finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from werkzeug.exceptions import BadRequest

from prequal import log
from prequal.core.form import Grade
from prequal.core.lead import Lead, Status, is_lead_id
from prequal.core.lead_filter import LeadFilter
from prequal.desk import answers
from prequal.desk.views import lead_row

if TYPE_CHECKING:
    from flask import Request, Response

    from prequal.desk.app import Desk
    from prequal.desk.sessions import Session

_PAGE = 50
# The list of what a search finds ends here: a narrower search shows more.
_MOST_FOUND = 200


def list_leads(desk: Desk, request: Request, session: Session) -> Response:
    """Show a page of the leads, newest first."""
    chosen = {name: request.args.get(name, "") for name in ("status", "grade", "form")}
    try:
        wanted = LeadFilter(
            status=Status(chosen["status"]) if chosen["status"] else None,
            grade=Grade(chosen["grade"]) if chosen["grade"] else None,
            form=chosen["form"] or None,
        )
        after = _read_place(request.args.get("after", ""))
    except ValueError as error:
        raise BadRequest from error
    page = desk.leads.list_newest(wanted, _PAGE, after, log.document_unreadable)
    more = {**{name: value for name, value in chosen.items() if value}, "after": _place(page[-1])} if page else {}
    return desk.page(
        "list.html",
        session,
        leads=[lead_row(lead, desk.zone) for lead in page],
        chosen=chosen,
        statuses=[status.value for status in Status],
        grades=[grade.value for grade in Grade],
        forms=_form_ids(desk),
        is_first=after is None,
        more=f"?{urlencode(more)}" if len(page) == _PAGE else "",
    )


def search(desk: Desk, request: Request, session: Session) -> Response:
    """Show the leads that contain a text; every lead is read."""
    text = request.form.get("text", "").strip()
    if not text:
        return answers.redirect("/desk/")
    result = desk.read_all(("search", text.casefold()), lambda leads: _find(text, leads))
    number, found = result.value
    return desk.page(
        "found.html",
        session,
        text=text,
        read=desk.say_read(result),
        number=number,
        forms=_form_ids(desk),
        leads=[lead_row(lead, desk.zone) for lead in found],
    )


def _form_ids(desk: Desk) -> Sequence[str]:
    return sorted({form.id for form in desk.load_forms(()).values()})


def _find(text: str, leads: Iterable[Lead]) -> tuple[int, Sequence[Lead]]:
    """Return the number of leads that contain a text, and the newest of them, newest first."""
    found = list(filter(LeadFilter(search=text).matches, leads))
    return len(found), found[: -_MOST_FOUND - 1 : -1]


def _place(lead: Lead) -> str:
    """Return the place of a lead in the list, for the address of the next page."""
    return f"{lead.received_at.astimezone(UTC).isoformat()}_{lead.id}"


def _read_place(text: str) -> tuple[datetime, str] | None:
    """Return the place in an address; ValueError if it is none."""
    if not text:
        return None
    instant, _, lead_id = text.partition("_")
    received_at = datetime.fromisoformat(instant)
    if received_at.tzinfo is None or not is_lead_id(lead_id):
        raise ValueError(text)
    return received_at, lead_id
