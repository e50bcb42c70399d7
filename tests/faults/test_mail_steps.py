"""A mail server that refuses, hangs or hangs up at every step of the talk, on a real socket.

Where nothing is uncertain, one kind of store will do.
"""

from __future__ import annotations

import pytest

from faults import parts
from faults.surly import STEPS, Manner, SurlyServer, hasty
from prequal.core.lead import InvitationState
from prequal.services.mail_sender import Uncertain
from prequal.services.ports import Store
from support import builders
from support.builders import Clock

_BEFORE_THE_MAIL = STEPS[: STEPS.index("DATA")]


def _tried_then_finished(store: Store, server: SurlyServer, policy: Uncertain) -> tuple[str, InvitationState]:
    """Return the first try's outcome, and the invitation's state once the server behaves and time has passed."""
    clock = Clock()
    lead, _ = parts.intake(store, clock).receive(builders.sent())
    with server.serving() as port:
        worker = parts.delivery(store, hasty(port, server), clock, policy)
        (first,) = worker.deliver_due()
        server.step = ""
        parts.finish(worker, clock)
    after = store.find_lead(lead.id)
    assert after is not None
    assert after.invitation is not None
    return first, after.invitation.state


@pytest.mark.parametrize("policy", Uncertain)
@pytest.mark.parametrize("manner", [Manner.REFUSES, Manner.HANGS, Manner.HANGS_UP])
@pytest.mark.parametrize("step", _BEFORE_THE_MAIL)
def test_what_breaks_off_before_the_mail_is_sent_later(
    store: Store, step: str, manner: Manner, policy: Uncertain
) -> None:
    """Before the mail itself is under way nothing is uncertain: it goes out later, once, whatever the policy."""
    server = SurlyServer(step, manner)

    came_to = _tried_then_finished(store, server, policy)

    assert came_to == ("put_off", InvitationState.SENT)
    assert len(server.accepted) == 1


@pytest.mark.parametrize("policy", Uncertain)
@pytest.mark.parametrize("step", ["DATA", "message"])
def test_what_is_refused_later_is_as_certain(store: Store, step: str, policy: Uncertain) -> None:
    """A refusal is certain at any step: the mail goes out later, once, whatever the policy."""
    server = SurlyServer(step, Manner.REFUSES)

    came_to = _tried_then_finished(store, server, policy)

    assert came_to == ("put_off", InvitationState.SENT)
    assert len(server.accepted) == 1


@pytest.mark.parametrize("manner", [Manner.HANGS, Manner.HANGS_UP])
@pytest.mark.parametrize(("step", "accepted"), [("message", 1), ("accepted", 2)])
def test_no_verdict_is_sent_again(any_store: Store, step: str, accepted: int, manner: Manner) -> None:
    """A mail without a verdict is sent again, by default; it arrives twice only where the first was accepted."""
    server = SurlyServer(step, manner)

    came_to = _tried_then_finished(any_store, server, Uncertain.RESEND)

    assert came_to == ("put_off", InvitationState.SENT)
    assert len(server.accepted) == accepted
    assert len(set(server.accepted)) == 1  # to the byte


@pytest.mark.parametrize("manner", [Manner.HANGS, Manner.HANGS_UP])
@pytest.mark.parametrize(("step", "accepted"), [("message", 0), ("accepted", 1)])
def test_no_verdict_is_held(any_store: Store, step: str, accepted: int, manner: Manner) -> None:
    """With the policy *hold* a mail without a verdict is left to the owner, who sees it, and never arrives twice."""
    server = SurlyServer(step, manner)

    came_to = _tried_then_finished(any_store, server, Uncertain.HOLD)

    assert came_to == ("given_up", InvitationState.FAILED)
    assert len(server.accepted) == accepted


@pytest.mark.parametrize("policy", Uncertain)
@pytest.mark.parametrize("manner", [Manner.REFUSES, Manner.HANGS, Manner.HANGS_UP])
def test_a_rude_goodbye_changes_nothing(store: Store, manner: Manner, policy: Uncertain) -> None:
    """An accepted mail counts as sent, however the session ends."""
    server = SurlyServer("QUIT", manner)

    came_to = _tried_then_finished(store, server, policy)

    assert came_to == ("sent", InvitationState.SENT)
    assert len(server.accepted) == 1


@pytest.mark.parametrize("manner", [Manner.HANGS, Manner.HANGS_UP])
def test_before_the_mail_is_asked_for_nothing_is_uncertain(store: Store, manner: Manner) -> None:
    """A server that never asked for the mail can't have it: even with the policy *hold* it goes out later."""
    server = SurlyServer("DATA", manner)

    came_to = _tried_then_finished(store, server, Uncertain.HOLD)

    assert came_to == ("put_off", InvitationState.SENT)
    assert len(server.accepted) == 1
