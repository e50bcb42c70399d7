"""Pages of the form: the what-if, and on the owner's machine the change of the form file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from werkzeug.exceptions import NotFound

from prequal import log
from prequal.analysis.adjustments import Value
from prequal.analysis.faults import Where
from prequal.analysis.shares import Shares, percent
from prequal.core.errors import PrequalError
from prequal.core.form import form_from
from prequal.core.lead import Lead
from prequal.desk import answers
from prequal.desk.form_fields import FormFields
from prequal.desk.kept import Result
from prequal.desk.what_if import WhatIf
from prequal.owner.rescoring.alike import AlikeLeads, MovingLead

if TYPE_CHECKING:
    from flask import Request, Response

    from prequal.desk.app import Desk
    from prequal.desk.sessions import Session

_STALE = "The form has changed since this page was loaded. These are its values now: make your change again."


class UnchangeableError(PrequalError):
    """Raised when the form file can't be changed as asked; it is as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormChange:
    """A change of the form file, before it is written."""

    path: str
    #: As `diff -u` shows it; empty if nothing changes.
    difference: str
    #: Identifies the file's present content.
    mark: str
    #: The examples of the file with another result than the owner expects.
    surprises: Sequence[str]


class FormFiles(Protocol):
    """The form files, where the desk may change them."""

    def load(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the forms' documents by id, the main one first, as they are now; PrequalError if one has faults."""

    def propose(self, form_id: str, values: Mapping[Where, Value | None]) -> FormChange:
        """Return the change that values make, without making it; PrequalError if it can't be made."""

    def write(self, form_id: str, values: Mapping[Where, Value | None], mark: str) -> None:
        """Make the change; PrequalError if the file is not the marked one any more, or can't be written."""


def show_form(desk: Desk, request: Request, session: Session) -> Response:
    """Show the form's values, and the shares of all possible answers; no lead is read."""
    documents = desk.load_documents()
    form_id = request.args.get("form", "") or next(iter(documents))
    done = "The form file has the new values." if request.args.get("done") and desk.form_files else ""
    return _page(desk, session, WhatIf(document=_document(documents, form_id), sent={}), done=done)


def try_form(desk: Desk, request: Request, session: Session) -> Response:
    """Show who would be invited by other values, and read every lead for it unless that is to be kept up only."""
    what_if = _sent(desk, request)
    if what_if is None:
        return _stale(desk, request, session)
    return _page(desk, session, what_if, reads="live" not in request.form)


def show_change(desk: Desk, request: Request, session: Session) -> Response:
    """Show the difference that the values make in the form file."""
    what_if = _sent(desk, request)
    if what_if is None:
        return _stale(desk, request, session)
    try:
        change = _files_for(desk, what_if).propose(what_if.form.id, what_if.changes)
    except PrequalError as error:
        return _page(desk, session, what_if, fault=str(error), status=409)
    sent = [(name, value) for name, value in what_if.sent.items() if name not in ("token", "mark")]
    return desk.page("form_change.html", session, change=change, sent=sent, lines=list(_lines(change.difference)))


def write_form(desk: Desk, request: Request, session: Session) -> Response:
    """Change the form file, if it is still as it was shown."""
    what_if = _sent(desk, request)
    if what_if is None:
        return _stale(desk, request, session)
    try:
        _files_for(desk, what_if).write(what_if.form.id, what_if.changes, request.form.get("mark", ""))
    except PrequalError as error:
        return _page(desk, session, what_if, fault=str(error), status=409)
    log.desk_form_written(what_if.form.id, what_if.form.version)
    return answers.redirect(f"/desk/form?form={what_if.form.id}&done=written")


def _files_for(desk: Desk, what_if: WhatIf) -> FormFiles:
    """Return the form files, if they can have these values; otherwise raise UnchangeableError."""
    if desk.form_files is None:
        raise UnchangeableError("This desk can’t write the form file. On your machine, this page of prequal desk can.")
    if what_if.faults:
        raise UnchangeableError("Mend what is marked here first.")
    if not what_if.changes:
        raise UnchangeableError("Every value is as in the form file: there is nothing to write.")
    return desk.form_files


def _sent(desk: Desk, request: Request) -> WhatIf | None:
    """Return the values of a form of the page; None if they are for another version of the form."""
    what_if = WhatIf(
        document=_document(desk.load_documents(), request.form.get("form", "")), sent=request.form.to_dict()
    )
    return what_if if request.form.get("version") == what_if.before.form.version else None


def _stale(desk: Desk, request: Request, session: Session) -> Response:
    now = WhatIf(document=_document(desk.load_documents(), request.form.get("form", "")), sent={})
    return _page(desk, session, now, fault=_STALE, status=409)


def _document(documents: Mapping[str, Mapping[str, Any]], form_id: str) -> Mapping[str, Any]:
    if form_id not in documents:
        raise NotFound
    return documents[form_id]


def _page(  # noqa: PLR0913, one value a part of the page
    desk: Desk,
    session: Session,
    what_if: WhatIf,
    *,
    reads: bool = False,
    done: str = "",
    fault: str = "",
    status: int = 200,
) -> Response:
    documents, form = desk.load_documents(), what_if.form
    faults = what_if.faults if what_if.sent else {}
    return desk.page(
        "form.html",
        session,
        status=422 if faults else status,
        forms=list(documents),
        form=form.id,
        version=what_if.before.form.version,
        fields=FormFields(what_if).for_page(),
        shares=list(_shares(what_if.before.shares, (what_if.before if faults else what_if.after).shares)),
        moves=None if faults else _moves(desk, what_if, reads=reads),
        faults=list(faults.values()),
        can_write=desk.form_files is not None,
        done=done,
        fault=fault,
    )


def _shares(before: Shares, after: Shares) -> Iterator[Mapping[str, Any]]:
    """Yield the shares before and after, of each grade and of those who are invited."""
    now = after.by_name()
    for name, share in before.by_name().items():
        yield {
            "name": "invited" if name == "qualified" else name,
            "before": percent(share),
            "after": percent(now[name]),
            "was_at": _hundredths(share),
            "is_at": _hundredths(now[name]),
        }


def _hundredths(share: Fraction) -> str:
    return f"{float(share * 100):.2f}"


def _moves(desk: Desk, what_if: WhatIf, *, reads: bool) -> Mapping[str, Any] | None:
    """Return the leads that would move; None if no leads are kept, and none are to be read."""
    forms = [form_from(document) for document in desk.load_documents().values()]
    key = ("what-if", *((form.id, *(each.id for each in form.questions if each.axis)) for form in forms))

    def count(leads: Iterator[Lead]) -> AlikeLeads:
        alike = AlikeLeads(forms)
        for lead in leads:
            alike.add(lead)
        return alike

    kept: Result | None = desk.read_all(key, count) if reads else desk.kept.find(key, desk.clock())
    if kept is None:
        return None
    moves = kept.value.rescore(what_if.form, desk.clock())
    anyway = kept.value.rescore(what_if.before.form, desk.clock()).moving
    return {
        "read": desk.say_read(kept),
        "anyway": anyway,
        "newest": [_moving(desk, lead) for lead in moves.newest],
        **{name: getattr(moves, name) for name in ("leads", "moving", "gained", "lost", "to_invite", "in_doubt")},
    }


def _moving(desk: Desk, lead: MovingLead) -> Mapping[str, Any]:
    verdict = ""
    if lead.before.qualified is not lead.after.qualified:
        verdict = "would qualify" if lead.after.qualified else "would no longer qualify"
    return {
        "id": lead.id,
        "name": lead.name,
        "status": lead.status,
        "received": desk.zone.day(lead.received_at),
        "before": lead.before,
        "after": lead.after,
        "verdict": verdict,
    }


def _lines(difference: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of a difference, each with what it is."""
    for line in difference.splitlines():
        heading = line.startswith(("--- ", "+++ ", "@@"))
        yield "quiet" if heading else {"+": "added", "-": "removed"}.get(line[:1], ""), line
