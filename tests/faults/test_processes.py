"""Processes that are killed at any step, and concurrent processes on one store."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from faults import parts
from faults.faulty import Fault
from faults.process import Place, deliver, killed, race, receive, submitted
from faults.surly import SurlyServer
from prequal.adapters.smtp import SmtpMailer
from prequal.core.lead import InvitationState, Status
from prequal.core.mail import MailKind
from prequal.services.mail_sender import Uncertain
from prequal.services.ports import Store
from support import builders
from support.builders import NOW, Clock

_DEATHS = [Fault.DIES_BEFORE, Fault.DIES_WITHIN, Fault.DIES_AFTER]
_RACERS = 8


@pytest.fixture(params=["sqlite", "firestore"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return the location of an empty store of each kind."""
    if request.param == "sqlite":
        return Place(file=str(tmp_path / "prequal.db"))
    address = request.getfixturevalue("emulator")
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
    return Place(emulator=address, project=f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """Open the store in this process."""
    with closing(place.open()) as opened:
        yield opened


@pytest.mark.parametrize("death", _DEATHS)
@pytest.mark.parametrize("attempt", [1, 2])
def test_a_submission_survives_a_killed_process(place: Place, store: Store, attempt: int, death: Fault) -> None:
    """A submission whose process was killed during the admission is stored once when it is sent again."""
    if attempt == 2:
        receive(store, {**submitted(1), **builders.UNQUALIFIED})

    assert killed(place, "admit", death, receive, submitted(attempt)) == -signal.SIGKILL
    receive(store, submitted(attempt))

    (lead,) = store.iter_leads()
    assert (lead.status, lead.attempts, len(store.list_attempts(lead.id))) == (Status.INVITED, attempt, attempt)
    assert parts.waiting(store, NOW) == [MailKind.INVITATION]


@pytest.mark.parametrize("policy", Uncertain)
@pytest.mark.parametrize("death", _DEATHS)
@pytest.mark.parametrize("call", ["claim", "settle"])
def test_a_mail_survives_a_killed_process(
    place: Place, store: Store, call: str, death: Fault, policy: Uncertain
) -> None:
    """A mail whose process was killed while sending is finished by another, and not sent again once settled.

    An unsettled mail is sent again, or with the policy *hold* given up.
    """
    clock, server = Clock(), SurlyServer()
    receive(store, submitted())
    (mail_id,) = store.list_due_mails(NOW, 9)
    with server.serving() as port:
        assert killed(place, call, death, deliver, port, [mail_id]) == -signal.SIGKILL
        mailer = SmtpMailer(host="127.0.0.1", port=port, encryption="none")
        parts.finish(parts.delivery(store, mailer, clock, policy), clock)

    # A process that dies before or within a write writes nothing.
    claimed, settled = (call, death) == ("claim", Fault.DIES_AFTER), (call, death) == ("settle", Fault.DIES_AFTER)
    uncertain = claimed or (call == "settle" and not settled)
    held = uncertain and policy is Uncertain.HOLD
    sent = (call == "settle") + (not settled and not held)
    assert (len(server.accepted), _state(store)) == (sent, InvitationState.FAILED if held else InvitationState.SENT)


def _state(store: Store) -> InvitationState:
    (lead,) = store.iter_leads()
    assert lead.invitation is not None
    return lead.invitation.state


def test_a_race_for_a_mail_has_one_winner(place: Place, store: Store) -> None:
    """Of eight processes that send the same mails concurrently, one sends each."""
    server = SurlyServer()
    for number in range(3):
        receive(store, {**submitted(number), "email": f"prospect{number}@example.com"})
    mail_ids = list(store.list_due_mails(NOW, 9))

    with server.serving() as port:
        codes = race(place, [(deliver, (port, mail_ids))] * _RACERS)

    assert codes == [0] * _RACERS
    assert len(server.accepted) == len(set(server.accepted)) == len(mail_ids) == 3


def test_a_race_for_a_prospect_has_one_winner(place: Place, store: Store) -> None:
    """Eight processes that admit submissions of one prospect concurrently make one lead with one invitation."""
    codes = race(place, [(receive, (submitted(number),)) for number in range(_RACERS)])

    assert codes == [0] * _RACERS
    (lead,) = store.iter_leads()
    assert lead.attempts == len(store.list_attempts(lead.id)) == _RACERS
    assert len(store.list_due_mails(NOW, 9)) == 1
