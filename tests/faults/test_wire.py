"""Firestore's client on an unreliable connection: its own retries take effect once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from faults import parts
from faults.wire import FirstOfEach, Trouble, Wire
from prequal.adapters.firestore.store import FirestoreLeadStore
from prequal.adapters.outbox import OutboxMailer
from prequal.core.lead import InvitationState, Status
from prequal.core.mail import MailKind, MailState
from support import builders
from support.builders import NOW, Clock

_PASSING = [Trouble.REFUSED, Trouble.ANSWER_LOST, Trouble.BROKEN_OFF]


@contextmanager
def _store_behind(trouble: FirstOfEach, emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FirestoreLeadStore]:
    with Wire(emulator, trouble).serving() as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        with closing(FirestoreLeadStore(f"test-{uuid.uuid4().hex[:12]}")) as store:
            yield store


@pytest.mark.parametrize("trouble", _PASSING)
def test_a_submission_survives_a_bad_connection(
    emulator: str, monkeypatch: pytest.MonkeyPatch, trouble: Trouble
) -> None:
    """A first and a later submission are each stored once if every call fails once, or its answer is lost."""
    line = FirstOfEach(trouble)
    with _store_behind(line, emulator, monkeypatch) as store:
        intake = parts.intake(store, Clock())
        for number, answers in enumerate([builders.UNQUALIFIED, builders.QUALIFIED]):
            line.arm()
            intake.receive(builders.sent(submission_id=f"submission-{number}", **answers))

        (lead,) = store.iter_leads()
        assert (lead.status, lead.attempts, len(store.list_attempts(lead.id))) == (Status.INVITED, 2, 2)
        assert parts.waiting(store, NOW) == [MailKind.INVITATION]
    assert line.struck >= 2


@pytest.mark.parametrize("trouble", _PASSING)
def test_a_mail_survives_a_bad_connection(
    emulator: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trouble: Trouble
) -> None:
    """A claim and a settlement succeed if every call fails once, or its answer is lost."""
    line = FirstOfEach(trouble)
    with _store_behind(line, emulator, monkeypatch) as store:
        parts.intake(store, Clock()).receive(builders.sent())
        (mail_id,) = store.list_due_mails(NOW, 9)
        line.arm()
        taken = store.claim_mail(mail_id, lambda mail, _lead: replace(mail, message="Hello").claimed("ours", NOW))
        assert taken is not None
        receipt = OutboxMailer(tmp_path).send(taken)
        line.arm()

        assert store.settle_mail(taken.accepted(receipt, NOW), "ours", lambda lead: lead)

        assert parts.mail_in(store, mail_id).delivery.state is MailState.SENT
    assert line.struck >= 4


@pytest.mark.parametrize("trouble", _PASSING)
def test_a_change_survives_a_bad_connection(emulator: str, monkeypatch: pytest.MonkeyPatch, trouble: Trouble) -> None:
    """A booking link redirects and records its opening if every call fails once, or its answer is lost."""
    line = FirstOfEach(trouble)
    with _store_behind(line, emulator, monkeypatch) as store:
        lead, _ = parts.intake(store, Clock()).receive(builders.sent())
        assert lead.invitation is not None
        booking = parts.booking(store, Clock())
        line.arm()

        booking.follow(booking.tokens.issue(lead, lead.invitation.expires_at))

        (after,) = store.iter_leads()
        assert after.invitation is not None
        assert (after.status, after.invitation.state) == (Status.OPENED, InvitationState.OPENED)
    assert line.struck >= 2


@pytest.mark.parametrize("trouble", _PASSING)
def test_changing_each_lead_survives_a_bad_connection(
    emulator: str, monkeypatch: pytest.MonkeyPatch, trouble: Trouble
) -> None:
    """Every lead is changed once, and returned so, if every call fails once, or its answer is lost."""
    line = FirstOfEach(trouble)
    with _store_behind(line, emulator, monkeypatch) as store:
        before, _ = parts.intake(store, Clock()).receive(builders.sent())
        line.arm()

        steps = list(store.change_each_lead(lambda lead: replace(lead, attempts=lead.attempts + 1)))

        after = replace(before, attempts=2)
        assert steps == [(before, after)]
        assert list(store.iter_leads()) == [after]
    assert line.struck >= 2
