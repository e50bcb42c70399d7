"""Actions of the owner on one lead: the forms that its page offers, and the steps that they take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TypeAlias

from prequal.core.days import end_of
from prequal.core.errors import PrequalError
from prequal.core.lead import Lead, Status
from prequal.core.lifecycle import (
    Step,
    allows,
    booked_by_hand,
    can_be_repeated,
    declined,
    ended,
    noted_by_owner,
    offered,
)

Change: TypeAlias = Callable[[Lead, datetime], Lead]
"""A step of the lifecycle, at an instant."""


class MissingWordsError(PrequalError):
    """Raised when a form of the desk lacks what the action needs; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action that a lead's page offers."""

    name: str
    #: The words on the button.
    button: str
    #: What the action means, for the owner.
    help: str = ""
    #: The label of a text that goes with it.
    text: str = ""
    is_text_required: bool = False
    #: Whether it takes the day until which an answer is awaited.
    has_day: bool = False
    #: What the page says once it is done.
    done: str


INVITE, NOTE = "invite", "note"
_ACTIONS = (
    Action(
        name=INVITE,
        button="Invite",
        help="The invitation goes out at once, whatever the score.",
        text="Why do you invite them?",
        is_text_required=True,
        done="Invited. The mail is on its way.",
    ),
    Action(
        name="booked",
        button="They have an appointment",
        help="If your scheduler doesn’t report it.",
        done="Noted: there is an appointment.",
    ),
    Action(
        name="offered",
        button="An offer is made",
        help="With a day, the digest names them once it has passed.",
        has_day=True,
        done="Noted: an offer is made.",
    ),
    Action(name="won", button="Won", text="What decided it, if you know?", done="Won. Congratulations."),
    Action(name="lost", button="Lost", text="What decided it, if you know?", done="Noted: lost."),
    Action(
        name="decline",
        button="Decline",
        help="Their link stops working, and they get no mail from here. Nobody tells them: a few words of yours would.",
        text="Why do you decline?",
        is_text_required=True,
        done="Declined.",
    ),
)
_STEPS: Mapping[str, Step] = {
    INVITE: Step.INVITE,
    "booked": Step.BOOK,
    "offered": Step.OFFER,
    "won": Step.WIN,
    "lost": Step.LOSE,
    "decline": Step.DECLINE,
}
DONE = {action.name: action.done for action in _ACTIONS} | {NOTE: "Your note is kept."}


def actions_for(lead: Lead) -> Sequence[Action]:
    """Return the actions that the lead's status allows."""
    return [
        action
        for action in _ACTIONS
        if allows(lead.status, _STEPS[action.name]) or (action.name == INVITE and can_be_repeated(lead))
    ]


def read_reason(sent: Mapping[str, str], what_to_do: str) -> str:
    """Return the text of a form; MissingWordsError, which says what to do, if there is none."""
    if text := sent.get("text", "").strip():
        return text
    raise MissingWordsError(what_to_do)


def make_change(name: str, sent: Mapping[str, str], zone: tzinfo | None) -> Change | None:
    """Return the step that a form asks for; None for a name that is no step, MissingWordsError if words are missing."""
    reason = sent.get("text", "").strip() or None
    match name:
        case "booked":
            return booked_by_hand
        case "offered":
            until = _end_of_day(sent.get("day", ""), zone)
            return lambda lead, now: offered(lead, until, now)
        case "won" | "lost":
            return lambda lead, now: ended(lead, Status(name), now, reason)
        case "decline":
            why = read_reason(sent, "Say in a few words why you decline: it stays with the lead, for your own eyes.")
            return lambda lead, now: declined(lead, why, now)
        case "note":
            note = read_reason(sent, "Write a few words, then keep the note.")
            return lambda lead, now: noted_by_owner(lead, note, now)
    return None


def _end_of_day(day: str, zone: tzinfo | None) -> datetime | None:
    if not day.strip():
        return None
    try:
        return end_of(datetime.fromisoformat(day.strip()).date(), zone)
    except (ValueError, OverflowError) as error:
        raise MissingWordsError("Write the day like 2026-01-31.") from error
