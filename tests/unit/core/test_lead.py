"""Leads, and the effect of each attempt on its lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from prequal.core.answers import TRAP
from prequal.core.lead import (
    Decision,
    Invitation,
    InvitationState,
    Lead,
    Status,
    first_attempt,
    is_new_invitation,
    lead_id,
)
from prequal.core.lifecycle import Step, allows, resubmitted
from prequal.core.scoring import score
from support import builders
from support.builders import NOW

LATER = NOW + timedelta(days=3)
EXPIRED = NOW + timedelta(days=14)
DECIDED = Decision(by="owner", verdict="decline", reason="A competitor", at=NOW)


def fresh(now: datetime = LATER, **changes: str | int) -> Lead:
    """Return the lead that a later, qualified attempt alone would make."""
    return builders.lead(now, **{"name": "Ada King", "budget": "around", **changes})


# The first attempt


def test_a_qualified_prospect_is_invited() -> None:
    """A qualified lead has a pending invitation that is valid for the form's number of days."""
    lead = builders.lead()
    assert lead.score.qualified
    assert lead.status is Status.INVITED
    assert lead.invitation == Invitation(state=InvitationState.PENDING, expires_at=EXPIRED)


def test_an_unqualified_prospect_is_received() -> None:
    """An unqualified lead is stored without an invitation."""
    lead = builders.lead(**builders.UNQUALIFIED)
    assert (lead.status, lead.invitation) == (Status.RECEIVED, None)


def test_an_attempt_caught_by_the_trap_is_quarantined() -> None:
    """An attempt that fills in the trap is quarantined and not invited, even if its score qualifies."""
    lead, attempt = builders.admitted(**{TRAP: "Cheap watches"})
    assert lead.score.qualified
    assert (lead.status, lead.invitation, attempt.quarantined) == (Status.QUARANTINED, None, True)


def test_the_lead_holds_the_submission() -> None:
    """The lead and its attempt hold the submitted values, the form's version and the time."""
    form = builders.form()
    submission = builders.submission(company="Engines", website="https://engines.example", lang="fr", source="a friend")
    lead, attempt = first_attempt(form, submission, score(form, submission.answers), NOW)
    for kept in (lead, attempt):
        assert (kept.name, kept.company, kept.website) == ("Ada Lovelace", "Engines", "https://engines.example")
        assert (kept.language, kept.answers, kept.source) == ("fr", submission.answers, submission.source)
        assert (kept.form_version, kept.score) == (form.version, score(form, submission.answers))
        assert kept.received_at == NOW
    assert (lead.form_id, lead.email, lead.attempts, lead.updated_at) == ("web-design", "ada@example.com", 1, NOW)
    assert (lead.decision, lead.outcome, attempt.quarantined) == (None, None, False)


def test_form_and_address_identify_a_lead() -> None:
    """A lead's id depends on the form and on the address, whose case does not matter."""
    assert lead_id("web-design", "Ada@example.com") == lead_id("web-design", "ada@EXAMPLE.com")
    ids = {lead_id(form, email) for form in ("a", "b") for email in ("ada@example.com", "eve@example.com")}
    assert len(ids) == 4
    assert (
        builders.lead(email="ADA@example.com").id
        == builders.lead(name="Eve").id
        == lead_id("web-design", "ada@example.com")
    )


# Replays


def test_the_browsers_id_is_the_attempts_id() -> None:
    """An attempt takes the id that the browser made, and the same id is a replay at any later time."""
    _, attempt = builders.admitted(submission_id="abcd1234")
    assert attempt.id == attempt.replay_key == "abcd1234"
    assert attempt.replays_until == datetime.max.replace(tzinfo=UTC)


def test_equal_values_are_a_replay_for_a_day() -> None:
    """Without an id, the replay key is a fingerprint of the submitted values, valid for one day."""
    _, attempt = builders.admitted()
    assert attempt.replay_key == builders.submission().fingerprint
    assert attempt.replays_until == NOW + timedelta(days=1)


def test_equal_values_after_a_day_are_another_attempt() -> None:
    """Equal values submitted after a day have the same replay key and another id."""
    _, first = builders.admitted()
    _, second = builders.admitted(NOW + timedelta(days=1, seconds=1))
    assert first.replay_key == second.replay_key
    assert first.id != second.id


# Another attempt


def test_a_later_attempt_replaces_the_answers() -> None:
    """A lead has the name, answers, score and source of its last attempt, and the date of its first."""
    existing = builders.lead(**builders.UNQUALIFIED, source="a friend")
    lead = resubmitted(existing, fresh(pages=3, lang="fr"))
    assert (lead.name, lead.language, lead.source.source) == ("Ada King", "fr", "")
    assert lead.answers == {"budget": "around", "timeline": "soon", "pages": 3}
    assert lead.score == fresh(pages=3).score
    assert (lead.received_at, lead.updated_at, lead.attempts) == (NOW, LATER, 2)
    assert lead.id == existing.id


def test_a_better_attempt_is_invited() -> None:
    """A later attempt that qualifies is invited."""
    existing = builders.lead(**builders.UNQUALIFIED)
    lead = resubmitted(existing, fresh())
    assert lead.status is Status.INVITED
    assert is_new_invitation(existing, lead)


@pytest.mark.parametrize("status", [Status.INVITED, Status.OPENED])
def test_a_live_invitation_stays_the_only_one(status: Status) -> None:
    """While an invitation is valid, another attempt changes neither it nor the status."""
    existing = replace(builders.lead(), status=status)
    lead = resubmitted(existing, fresh(EXPIRED - timedelta(seconds=1)))
    assert (lead.status, lead.invitation) == (status, existing.invitation)
    assert not is_new_invitation(existing, lead)
    assert lead.attempts == 2


@pytest.mark.parametrize("status", [Status.INVITED, Status.OPENED])
def test_an_expired_invitation_is_renewed(status: Status) -> None:
    """From the instant at which an invitation expires, a qualified attempt gets a new one."""
    existing = replace(builders.lead(), status=status)
    lead = resubmitted(existing, fresh(EXPIRED))
    assert lead.status is Status.INVITED
    assert lead.invitation is not None
    assert lead.invitation.expires_at == EXPIRED + timedelta(days=14)
    assert is_new_invitation(existing, lead)


def test_a_worse_attempt_leaves_a_live_invitation() -> None:
    """An unqualified later attempt replaces the answers, and changes neither the invitation nor the retention."""
    existing = builders.lead()
    lead = resubmitted(existing, fresh(LATER, **builders.UNQUALIFIED))
    assert (lead.status, lead.invitation) == (Status.INVITED, existing.invitation)
    assert not lead.score.qualified
    assert lead.expire_at == existing.expire_at
    assert not is_new_invitation(existing, lead)


def test_a_worse_attempt_after_the_invitation_expired() -> None:
    """After the invitation has expired, an unqualified attempt is received like a first one."""
    lead = resubmitted(builders.lead(), fresh(EXPIRED, **builders.UNQUALIFIED))
    assert (lead.status, lead.invitation) == (Status.RECEIVED, None)


@pytest.mark.parametrize("status", [Status.BOOKED, Status.DECLINED])
def test_a_booked_or_declined_lead_keeps_its_status(status: Status) -> None:
    """A later attempt of a booked or declined lead changes neither its status, invitation nor decision."""
    existing = replace(builders.lead(), status=status, decision=DECIDED)
    lead = resubmitted(existing, fresh(EXPIRED))
    assert (lead.status, lead.invitation, lead.decision) == (status, existing.invitation, DECIDED)
    assert not is_new_invitation(existing, lead)


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.WON, Status.LOST, Status.EXPIRED, Status.QUARANTINED])
def test_a_lead_without_a_live_invitation_may_be_invited_again(status: Status) -> None:
    """A qualified attempt invites a lead that waits for nothing; its earlier outcome is kept."""
    existing = replace(builders.lead(), status=status, outcome="won", decision=DECIDED)
    lead = resubmitted(existing, fresh())
    assert (lead.status, lead.outcome, lead.decision) == (Status.INVITED, "won", None)
    assert is_new_invitation(existing, lead)


def test_an_invited_lead_without_an_invitation_gets_one() -> None:
    """An invited lead that has no invitation gets one with its next qualified attempt."""
    existing = replace(builders.lead(), invitation=None)
    assert is_new_invitation(existing, resubmitted(existing, fresh()))


def test_an_attempt_caught_by_the_trap_changes_no_lead() -> None:
    """A later attempt caught by the trap is counted, and changes nothing else."""
    existing = builders.lead()
    assert resubmitted(existing, fresh(LATER, **{TRAP: "x"})) == replace(existing, attempts=2)


def test_resubmission_is_refused_while_a_lead_is_active_or_declined() -> None:
    """A resubmission starts no new round of a lead that is invited, opened, booked or declined."""
    refused = {status for status in Status if not allows(status, Step.RESUBMIT)}
    assert refused == {Status.INVITED, Status.OPENED, Status.BOOKED, Status.DECLINED}


# New invitations


def test_a_qualified_first_attempt_is_a_new_invitation() -> None:
    """A first attempt is a new invitation if the lead is qualified."""
    assert is_new_invitation(None, builders.lead())
    assert not is_new_invitation(None, builders.lead(**builders.UNQUALIFIED))
