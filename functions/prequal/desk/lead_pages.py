"""The page of one lead, and the owner's decisions about it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.exceptions import NotFound

from prequal import log
from prequal.core.errors import IllegalStepError, SettingsError
from prequal.core.lead import is_lead_id
from prequal.desk import answers
from prequal.desk.actions import DONE, INVITE, MissingWordsError, actions_for, make_change, read_reason
from prequal.desk.views import lead_page

if TYPE_CHECKING:
    from flask import Request, Response

    from prequal.desk.app import Desk
    from prequal.desk.sessions import Session


def show_lead(desk: Desk, request: Request, session: Session, lead_id: str) -> Response:
    """Show one lead."""
    return _page(desk, session, lead_id, done=DONE.get(request.args.get("done", ""), ""))


def act(desk: Desk, request: Request, session: Session, lead_id: str, action: str) -> Response:
    """Take a step with a lead, and show the lead."""
    sent: Mapping[str, str] = request.form
    if desk.decisions is None:
        return _page(desk, session, lead_id, fault="These leads can only be read.", status=409)
    try:
        if action == INVITE:
            why = read_reason(sent, "Say in a few words why you invite: it stays with the lead, for your own eyes.")
            desk.decisions.invite(lead_id, why)
        else:
            change = make_change(action, sent, desk.zone.tz)
            if change is None:
                raise NotFound
            desk.decisions.steps.apply(lead_id, change)
    except (MissingWordsError, IllegalStepError, SettingsError) as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(error, MissingWordsError) else HTTPStatus.CONFLICT
        return _page(desk, session, lead_id, fault=str(error), sent=sent, status=status)
    _note_change(desk, lead_id, action)
    return answers.redirect(f"/desk/leads/{lead_id}?done={action}")


def erase(desk: Desk, request: Request, session: Session, lead_id: str) -> Response:
    """Delete a lead for good."""
    if desk.decisions is None:
        return _page(desk, session, lead_id, fault="These leads can only be read.", status=409)
    if request.form.get("sure") != "yes":
        fault = "Tick the box to erase this lead: nothing brings it back."
        return _page(desk, session, lead_id, fault=fault, status=422)
    desk.decisions.erase(lead_id)
    _note_change(desk, lead_id, "erase")
    return answers.redirect("/desk/")


def _page(  # noqa: PLR0913, one value a part of the page
    desk: Desk,
    session: Session,
    lead_id: str,
    *,
    done: str = "",
    fault: str = "",
    sent: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    found = desk.leads.find_by_id_prefix(lead_id, 1) if is_lead_id(lead_id) else []
    if not found:
        raise NotFound
    [lead] = found
    attempts, mails = desk.leads.list_attempts(lead_id), desk.leads.list_mails(lead_id)
    forms = desk.load_forms({lead.form_version, *(attempt.form_version for attempt in attempts)})
    return desk.page(
        "lead.html",
        session,
        status=status,
        lead=lead_page(lead, attempts, mails, forms, desk.zone),
        actions=actions_for(lead) if desk.decisions else [],
        can_change=desk.decisions is not None,
        done=done,
        fault=fault,
        sent=sent or {},
    )


def _note_change(desk: Desk, lead_id: str, action: str) -> None:
    log.desk_acted(lead_id, action)
    desk.kept.forget()
