"""The log: one JSON line an event, one function a kind of event.

Ids only: never an address, a name or an answer. The keys `severity` and `message` are those Cloud Logging reads.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Collection, Mapping

from prequal.core.lead import Admission, Lead
from prequal.core.mail import Mail, MailState

_logger = logging.getLogger("prequal")


def start() -> None:
    """Write the log to standard error, which leaves standard output to the commands."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    _logger.handlers = [handler]
    _logger.setLevel(logging.INFO)
    _logger.propagate = False


def submission_admitted(lead: Lead, admission: Admission) -> None:
    """A submission was kept."""
    _write(logging.INFO, "submission admitted", lead=lead.id, admission=admission.name.lower(), form=lead.form_version)


def submission_refused(fields: Collection[str], *, outdated: bool) -> None:
    """A submission was sent back for these fields to be corrected. `outdated`: its page was of another version."""
    _write(logging.INFO, "submission refused", fields=sorted(fields), outdated=outdated)


def request_limited() -> None:
    """Somebody sent more than a person would."""
    _write(logging.WARNING, "request limited")


def store_unavailable(error: Exception) -> None:
    """The store did not answer, and the visitor was asked to try again."""
    _write(logging.ERROR, "store unavailable", cause=type(error.__cause__ or error).__name__)


def link_followed(lead: Lead) -> None:
    """A prospect went on to the booking page."""
    _write(logging.INFO, "booking link followed", lead=lead.id)


def link_refused(reason: Exception) -> None:
    """A booking link led nowhere."""
    _write(logging.INFO, "booking link refused", reason=type(reason).__name__)


def hook_refused(scheduler: str, reason: str) -> None:
    """A scheduler, or somebody who pretends to be one, sent what can't be taken: for its signature, or its content."""
    _write(logging.WARNING, "hook refused", scheduler=scheduler, reason=reason)


def booking_heard(scheduler: str, lead: Lead) -> None:
    """A scheduler told of an appointment; the lead is as it is after that."""
    _write(logging.INFO, "booking heard", scheduler=scheduler, lead=lead.id, status=lead.status.value)


def booking_ignored(scheduler: str, reason: Exception) -> None:
    """A scheduler told of an appointment that changes no lead; the reason names ids only."""
    _write(logging.INFO, "booking ignored", scheduler=scheduler, reason=str(reason))


def mail_tried(mail: Mail, *, kept: bool) -> None:
    """A mail was tried. Not `kept`: it took so long that another sender has taken over."""
    level = logging.ERROR if mail.delivery.state is MailState.FAILED else logging.INFO
    delivery = mail.delivery
    _write(level, "mail tried", mail=mail.id, state=delivery.state.value, attempts=delivery.attempts, kept=kept)


def mail_withdrawn(mail: Mail) -> None:
    """A mail is not sent, as what it was about is over: its invitation was withdrawn, or its lead is gone."""
    _write(logging.INFO, "mail withdrawn", mail=mail.id)


def mail_failed(mail_id: str, error: Exception) -> None:
    """A mail could not be tried, and will be again."""
    _write(logging.ERROR, "mail failed", mail=mail_id, cause=type(error.__cause__ or error).__name__)


def lead_followed_up(lead: Lead, step: str) -> None:
    """Time has brought a lead one step further."""
    _write(logging.INFO, "lead followed up", lead=lead.id, step=step)


def lead_failed(lead_id: str, error: Exception) -> None:
    """A lead could not be followed up, and will be later."""
    _write(logging.ERROR, "lead failed", lead=lead_id, cause=type(error.__cause__ or error).__name__)


def digest_written(mail: Mail) -> None:
    """The digest of a week waits to be sent."""
    _write(logging.INFO, "digest written", mail=mail.id)


def digest_failed(mail_id: str, error: Exception) -> None:
    """The digest of a week could not be written, and will be later."""
    _write(logging.ERROR, "digest failed", mail=mail_id, cause=type(error.__cause__ or error).__name__)


def swept(counts: Mapping[str, int]) -> None:
    """A sweep came to its end."""
    _write(logging.INFO, "swept", **counts)


def request_failed(error: Exception) -> None:
    """Something of ours is broken; the traceback goes with it, which holds no values."""
    _logger.error(_line(logging.ERROR, "request failed", {"cause": type(error).__name__}), exc_info=error)


def _write(level: int, message: str, **details: object) -> None:
    _logger.log(level, "%s", _line(level, message, details))


def _line(level: int, message: str, details: dict[str, object]) -> str:
    return json.dumps({"severity": logging.getLevelName(level), "message": message, **details})
