"""Firestore on an unreliable connection: each change takes effect once, however often its call is repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from faults import parts
from faults.rest_wire import WIRES
from faults.wire import FirstOfEach, Trouble
from prequal.adapters.outbox import OutboxMailer
from prequal.core.errors import StoreUnavailableError
from prequal.core.lead import InvitationState, Status
from prequal.core.mail import MailKind, MailState
from support import builders
from support.builders import NOW, Clock
from support.emulating import EmulatedStore
from support.mails import claim_mail

_PASSING = [Trouble.REFUSED, Trouble.ANSWER_LOST, Trouble.BROKEN_OFF]


_OpenStore: TypeAlias = Callable[[FirstOfEach], AbstractContextManager[EmulatedStore]]


@pytest.fixture(params=[*WIRES.values()], ids=[*WIRES])
def open_store_behind(request: pytest.FixtureRequest, emulator: str, monkeypatch: pytest.MonkeyPatch) -> _OpenStore:
    """Return a function that opens a store whose connection is in trouble, by each transport."""
    transport, wire = request.param

    @contextmanager
    def open_store(trouble: FirstOfEach) -> Iterator[EmulatedStore]:
        with wire(emulator, trouble).serving() as address:
            monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
            with closing(EmulatedStore(transport=transport)) as store:
                yield store

    return open_store


@pytest.mark.parametrize("trouble", _PASSING)
def test_a_submission_survives_a_bad_connection(open_store_behind: _OpenStore, trouble: Trouble) -> None:
    """A first and a later submission are each stored once if every call fails once, or its answer is lost."""
    line = FirstOfEach(trouble)
    with open_store_behind(line) as store:
        intake = parts.intake(store, Clock())
        for number, answers in enumerate([builders.UNQUALIFIED, builders.QUALIFIED]):
            line.arm()
            intake.receive(builders.sent(submission_id=f"submission-{number}", **answers))

        (lead,) = store.iter_leads()
        assert (lead.status, lead.attempts, len(store.list_attempts(lead.id))) == (Status.INVITED, 2, 2)
        assert parts.waiting(store, NOW) == [MailKind.INVITATION]
    assert line.struck >= 2


@pytest.mark.parametrize("trouble", _PASSING)
def test_a_mail_survives_a_bad_connection(open_store_behind: _OpenStore, tmp_path: Path, trouble: Trouble) -> None:
    """A claim and a settlement succeed if every call fails once, or its answer is lost."""
    line = FirstOfEach(trouble)
    with open_store_behind(line) as store:
        parts.intake(store, Clock()).receive(builders.sent())
        (mail_id,) = store.list_due_mails(NOW, 9)
        line.arm()
        taken = claim_mail(store, mail_id, lambda mail, _lead: replace(mail, message="Hello").claimed("ours", NOW))
        assert taken is not None
        receipt = OutboxMailer(tmp_path).send(taken)
        line.arm()

        assert store.settle_mail(taken.accepted(receipt, NOW), "ours", lambda lead: lead)

        assert parts.mail_in(store, mail_id).delivery.state is MailState.SENT
    assert line.struck >= 4


@pytest.mark.parametrize("trouble", _PASSING)
def test_a_change_survives_a_bad_connection(open_store_behind: _OpenStore, trouble: Trouble) -> None:
    """A booking link redirects and records its opening if every call fails once, or its answer is lost."""
    line = FirstOfEach(trouble)
    with open_store_behind(line) as store:
        lead, _ = parts.intake(store, Clock()).receive(builders.sent())
        assert lead.invitation is not None
        booking = parts.booking(store, Clock())
        line.arm()

        booking.follow(booking.tokens.issue(lead.id, lead.invitation.expires_at))

        (after,) = store.iter_leads()
        assert after.invitation is not None
        assert (after.status, after.invitation.state) == (Status.OPENED, InvitationState.OPENED)
    assert line.struck >= 2


@pytest.mark.parametrize("trouble", _PASSING)
def test_changing_each_lead_survives_a_bad_connection(open_store_behind: _OpenStore, trouble: Trouble) -> None:
    """Every lead is changed once, and returned so, if every call fails once, or its answer is lost."""
    line = FirstOfEach(trouble)
    with open_store_behind(line) as store:
        before, _ = parts.intake(store, Clock()).receive(builders.sent())
        line.arm()

        steps = list(store.change_each_lead(lambda lead: replace(lead, attempts=lead.attempts + 1)))

        after = replace(before, attempts=2)
        assert steps == [(before, after)]
        assert list(store.iter_leads()) == [after]
    assert line.struck >= 2


def test_a_missing_index_is_named(open_store_behind: _OpenStore) -> None:
    """A query that no index answers yet is no outage: the error says what makes the index."""
    line = FirstOfEach(Trouble.UNINDEXED)
    with open_store_behind(line) as store:
        line.arm()
        with pytest.raises(StoreUnavailableError, match="lacks an index for this query: run prequal deploy"):
            list(store.iter_leads())
