"""Stages of a lead, with the times at which it reached them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from prequal.core.lead import InvitationState, Lead, Status


class Stage(StrEnum):
    """A stage of the funnel, from the first to the last."""

    RECEIVED = "received"
    QUALIFIED = "qualified"
    INVITED = "invited"
    OPENED = "opened"
    BOOKED = "booked"
    WON = "won"


def reached_at(lead: Lead) -> Mapping[Stage, datetime]:
    """Return the time at which the lead reached each stage, where recorded."""
    invitation = lead.invitation
    instants = {
        Stage.RECEIVED: lead.received_at,
        Stage.QUALIFIED: lead.received_at if lead.score.qualified else None,
        Stage.INVITED: invitation and invitation.sent_at,
        Stage.OPENED: invitation and invitation.opened_at,
        Stage.BOOKED: lead.booking.booked_at if lead.booking and lead.booking.confirmed else None,
        Stage.WON: (lead.outcome_at or lead.updated_at) if lead.outcome == Status.WON else None,
    }
    return {stage: at for stage, at in instants.items() if at}


def furthest_stage(lead: Lead) -> Stage:
    """Return the last stage that a lead reached; it counts as having reached every earlier one.

    A lead that the owner invited against its score counts as qualified. A lead was not invited if no mail server
    accepted its invitation, or if the owner declined it before the invitation was sent.
    """
    invitation = lead.invitation
    if lead.outcome == Status.WON:
        return Stage.WON
    if lead.booking and lead.booking.confirmed:
        return Stage.BOOKED
    if invitation and invitation.opened_at:
        return Stage.OPENED
    withdrawn = lead.status is Status.DECLINED and invitation and invitation.state is InvitationState.PENDING
    if invitation and invitation.state not in (InvitationState.FAILED, InvitationState.HELD) and not withdrawn:
        return Stage.INVITED
    return Stage.QUALIFIED if lead.score.qualified else Stage.RECEIVED
