"""Log: one JSON line per event, in words at a terminal; one function per kind of event.

Ids only: never an address, a name or an answer. Cloud Logging reads the keys `severity` and `message`.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prequal.core.errors import UnreadableDocumentError
    from prequal.core.lead import Admission, Lead
    from prequal.core.mail import Mail
    from prequal.core.past_client import PastClient

_logger = logging.getLogger("prequal")


def start() -> None:
    """Log to standard error, as standard output belongs to the commands."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_TerminalFormatter() if sys.stderr.isatty() else logging.Formatter("%(message)s"))
    _logger.handlers = [handler]
    _logger.setLevel(logging.INFO)
    _logger.propagate = False


def store_ephemeral(path: Path) -> None:
    """Log that the database would end with its container."""
    _write(logging.WARNING, "store ends with this container: mount a volume at its folder", store=str(path))


def submission_admitted(lead: Lead, admission: Admission) -> None:
    """Log that a submission was admitted."""
    _write(logging.INFO, "submission admitted", lead=lead.id, admission=admission.name.lower(), form=lead.form_version)


def past_client_saved(client: PastClient) -> None:
    """Log that a past client sent the questionnaire."""
    _write(logging.INFO, "past client saved", client=client.id, form=client.form_version)


def submission_refused(fields: Collection[str], *, outdated: bool) -> None:
    """Log that a submission was refused for these fields; `outdated` if its page was of another version."""
    _write(logging.INFO, "submission refused", fields=sorted(fields), outdated=outdated)


def request_limited() -> None:
    """Log that a client exceeded the rate limit."""
    _write(logging.WARNING, "request limited")


def captcha_failed(reasons: Sequence[str], *, misconfigured: bool) -> None:
    """Log that a token was refused, for these reasons; `misconfigured` if they concern all tokens."""
    _write(logging.ERROR if misconfigured else logging.INFO, "captcha failed", reasons=reasons)


def captcha_unavailable(error: Exception) -> None:
    """Log that no verdict on a token came in time."""
    _write(logging.WARNING, "captcha unavailable", cause=type(error).__name__)


def store_unavailable(error: Exception) -> None:
    """Log that the store did not answer, and the visitor was asked to try again."""
    _write(logging.ERROR, "store unavailable", cause=type(error.__cause__ or error).__name__)


def visit_lost(error: Exception) -> None:
    """Log that a visit may not be counted."""
    _write(logging.WARNING, "visit lost", cause=type(error.__cause__ or error).__name__)


def link_disowned(lead: Lead) -> None:
    """Log that somebody said that they had not asked for an invitation."""
    _write(logging.WARNING, "invitation disowned", lead=lead.id)


def link_followed(lead: Lead) -> None:
    """Log that a prospect was redirected to the booking page."""
    _write(logging.INFO, "booking link followed", lead=lead.id)


def link_refused(reason: Exception) -> None:
    """Log that a booking link, or one for past clients, was refused."""
    _write(logging.INFO, "link refused", reason=type(reason).__name__)


def hook_refused(scheduler: str, reason: str) -> None:
    """Log that a webhook was refused, for its signature or its content."""
    _write(logging.WARNING, "hook refused", scheduler=scheduler, reason=reason)


def booking_heard(scheduler: str, lead: Lead) -> None:
    """Log that a booking changed a lead."""
    _write(logging.INFO, "booking heard", scheduler=scheduler, lead=lead.id, status=lead.status.value)


def booking_ignored(scheduler: str, reason: Exception) -> None:
    """Log that a booking changed no lead. The reason names ids only."""
    _write(logging.INFO, "booking ignored", scheduler=scheduler, reason=str(reason))


def mail_tried(mail: Mail, *, kept: bool) -> None:
    """Log an attempt to send a mail; not `kept` if another sender had taken over, as the lease had run out."""
    level = logging.ERROR if mail.delivery.has_failed else logging.INFO
    delivery = mail.delivery
    _write(level, "mail tried", mail=mail.id, state=delivery.state.value, attempts=delivery.attempts, kept=kept)


def mail_not_sent(mail: Mail) -> None:
    """Log that a mail was withdrawn, held or put off."""
    _write(logging.INFO, "mail not sent", mail=mail.id, reason=mail.delivery.error)


def mail_failed(mail_id: str, error: Exception) -> None:
    """Log that an attempt to send a mail could not be made; it is repeated."""
    _write(logging.ERROR, "mail failed", mail=mail_id, cause=type(error.__cause__ or error).__name__)


def lead_followed_up(lead: Lead, step: str) -> None:
    """Log a reminder or an expiry."""
    _write(logging.INFO, "lead followed up", lead=lead.id, step=step)


def lead_failed(lead_id: str, error: Exception) -> None:
    """Log that a lead could not be followed up; it is tried again."""
    _write(logging.ERROR, "lead failed", lead=lead_id, cause=type(error.__cause__ or error).__name__)


def document_unreadable(error: UnreadableDocumentError) -> None:
    """Log that a document was left out, as it is damaged or newer."""
    _write(logging.ERROR, "document unreadable", document=error.name)


def digest_written(mail: Mail) -> None:
    """Log that the digest of a week was queued."""
    _write(logging.INFO, "digest written", mail=mail.id)


def digest_failed(mail_id: str, error: Exception) -> None:
    """Log that the digest of a week could not be written; it is tried again."""
    _write(logging.ERROR, "digest failed", mail=mail_id, cause=type(error.__cause__ or error).__name__)


def deletion_suspended(until: datetime) -> None:
    """Log that nothing is deleted until an instant, as the clock has leapt."""
    _write(logging.WARNING, "deletion suspended, as the clock has leapt", until=until.isoformat())


def desk_link_asked() -> None:
    """Log that somebody asked for a link to the desk."""
    _write(logging.INFO, "desk link asked")


def desk_link_unsent(error: Exception) -> None:
    """Log that the mail server did not take a link to the desk; its reply may name the owner."""
    _write(logging.ERROR, "desk link unsent", cause=type(error.__cause__ or error).__name__)


def desk_entered() -> None:
    """Log that the owner signed in to the desk."""
    _write(logging.INFO, "desk entered")


def desk_acted(lead_id: str, action: str) -> None:
    """Log a change that the owner made at the desk."""
    _write(logging.INFO, "desk acted", lead=lead_id, action=action)


def desk_form_written(form_id: str, version: str) -> None:
    """Log that the owner changed the form file at the desk."""
    _write(logging.INFO, "desk form written", form=form_id, version=version)


def swept(counts: Mapping[str, int]) -> None:
    """Log the counts of a sweep."""
    _write(logging.INFO, "swept", **counts)


def request_failed(error: Exception) -> None:
    """Log an internal error, with its traceback, which holds no values."""
    _write(logging.ERROR, "request failed", error, cause=type(error).__name__)


def _write(level: int, message: str, error: Exception | None = None, /, **details: object) -> None:
    line = json.dumps({"severity": logging.getLevelName(level), "message": message, **details})
    _logger.log(level, "%s", line, exc_info=error, extra={"event": message, "details": details})


class _TerminalFormatter(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802, logging's
        event, details = record.__dict__["event"], record.__dict__["details"]
        words = ", ".join(_phrase(name.replace("_", " "), value) for name, value in details.items())
        return f"{event[0].upper()}{event[1:]}{': ' if words else ''}{words}."


def _phrase(name: str, value: object) -> str:
    if isinstance(value, bool):
        return name if value else f"not {name}"
    return f"{name} {' '.join(map(str, value)) if isinstance(value, list) else value}"
