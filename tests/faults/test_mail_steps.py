"""A mail server that refuses, hangs or closes the connection at each step of the SMTP session, on a real socket.

Tests in which the result is always certain run on one kind of store.
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


def _attempt_and_finish(store: Store, server: SurlyServer, policy: Uncertain) -> tuple[str, InvitationState]:
    """Return the first attempt's result, and the invitation's state once the server works again."""
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
def test_a_failure_before_the_message_is_retried(store: Store, step: str, manner: Manner, policy: Uncertain) -> None:
    """A session that fails before the message is transmitted is certain: the mail is sent once, with either policy."""
    server = SurlyServer(step, manner)

    result = _attempt_and_finish(store, server, policy)

    assert result == ("put_off", InvitationState.SENT)
    assert len(server.accepted) == 1


@pytest.mark.parametrize("policy", Uncertain)
@pytest.mark.parametrize("step", ["DATA", "message"])
def test_a_refusal_of_the_message_is_retried(store: Store, step: str, policy: Uncertain) -> None:
    """A temporary refusal is certain at any step: the mail is sent once, with either policy."""
    server = SurlyServer(step, Manner.REFUSES)

    result = _attempt_and_finish(store, server, policy)

    assert result == ("put_off", InvitationState.SENT)
    assert len(server.accepted) == 1


@pytest.mark.parametrize("manner", [Manner.HANGS, Manner.HANGS_UP])
@pytest.mark.parametrize(("step", "accepted"), [("message", 1), ("accepted", 2)])
def test_a_mail_without_a_reply_is_sent_again(any_store: Store, step: str, accepted: int, manner: Manner) -> None:
    """By default a mail without a reply is sent again; it arrives twice only if the server accepted the first."""
    server = SurlyServer(step, manner)

    result = _attempt_and_finish(any_store, server, Uncertain.RESEND)

    assert result == ("put_off", InvitationState.SENT)
    assert len(server.accepted) == accepted
    assert len(set(server.accepted)) == 1  # to the byte


@pytest.mark.parametrize("manner", [Manner.HANGS, Manner.HANGS_UP])
@pytest.mark.parametrize(("step", "accepted"), [("message", 0), ("accepted", 1)])
def test_a_mail_without_a_reply_is_held(any_store: Store, step: str, accepted: int, manner: Manner) -> None:
    """With the policy *hold*, a mail without a reply fails visibly and never arrives twice."""
    server = SurlyServer(step, manner)

    result = _attempt_and_finish(any_store, server, Uncertain.HOLD)

    assert result == ("given_up", InvitationState.FAILED)
    assert len(server.accepted) == accepted


@pytest.mark.parametrize("policy", Uncertain)
@pytest.mark.parametrize("manner", [Manner.REFUSES, Manner.HANGS, Manner.HANGS_UP])
def test_an_error_at_quit_changes_nothing(store: Store, manner: Manner, policy: Uncertain) -> None:
    """An accepted mail counts as sent even if the session's end fails."""
    server = SurlyServer("QUIT", manner)

    result = _attempt_and_finish(store, server, policy)

    assert result == ("sent", InvitationState.SENT)
    assert len(server.accepted) == 1


@pytest.mark.parametrize("manner", [Manner.HANGS, Manner.HANGS_UP])
def test_a_failure_at_the_data_command_is_certain(store: Store, manner: Manner) -> None:
    """A server that did not answer DATA cannot have the mail: it is sent later, even with the policy *hold*."""
    server = SurlyServer("DATA", manner)

    result = _attempt_and_finish(store, server, Uncertain.HOLD)

    assert result == ("put_off", InvitationState.SENT)
    assert len(server.accepted) == 1
