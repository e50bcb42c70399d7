"""Leads, and the effect of each attempt on its lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from prequal.core.answers import TRAP
from prequal.core.lead import (
    Decision,
    HoldReason,
    Invitation,
    InvitationState,
    Lead,
    Status,
    first_attempt,
    is_new_invitation,
    lead_id,
)
from prequal.core.lifecycle import disowned, opened, resubmitted
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


ACTIVE = [Status.INVITED, Status.OPENED, Status.BOOKED, Status.DECLINED, Status.WON, Status.LOST]


@pytest.mark.parametrize("answers", [{}, builders.UNQUALIFIED], ids=["qualified", "unqualified"])
@pytest.mark.parametrize("status", ACTIVE)
def test_an_attempt_of_an_invited_lead_stays_beside(status: Status, answers: dict[str, str]) -> None:
    """Anybody may know the address: nothing of the lead changes but the numbers of attempts and of unconfirmed ones."""
    existing = replace(builders.lead(), status=status, decision=DECIDED, outcome="won")

    lead = resubmitted(existing, fresh(EXPIRED - timedelta(seconds=1), **answers))

    assert lead == replace(existing, attempts=2, unconfirmed=1)


@pytest.mark.parametrize("status", [Status.BOOKED, Status.DECLINED, Status.WON, Status.LOST])
def test_an_outcome_outlives_the_invitation(status: Status) -> None:
    """No attempt moves a lead that is booked, declined, won or lost, however late it comes."""
    existing = replace(builders.lead(), status=status)

    assert resubmitted(existing, fresh(EXPIRED + timedelta(days=99))) == replace(existing, attempts=2, unconfirmed=1)


@pytest.mark.parametrize("status", [Status.INVITED, Status.OPENED, Status.EXPIRED])
def test_an_expired_invitation_is_renewed(status: Status) -> None:
    """From the instant at which an invitation expires, a qualified attempt gets a new one, and stays beside."""
    existing = replace(builders.lead(), status=status)
    again = fresh(EXPIRED)

    lead = resubmitted(existing, again)

    assert is_new_invitation(existing, lead)
    assert (lead.status, lead.invitation, lead.due_at) == (Status.INVITED, again.invitation, again.due_at)
    assert (lead.name, lead.answers, lead.score) == (existing.name, existing.answers, existing.score)
    assert (lead.shown_attempt, lead.invited_attempt) == (existing.shown_attempt, again.shown_attempt)
    assert (lead.attempts, lead.unconfirmed) == (2, 1)


def test_a_worse_attempt_after_the_invitation_expired() -> None:
    """After the invitation has expired, an unqualified attempt stays beside, and the retention is not shortened."""
    existing = builders.lead()

    lead = resubmitted(existing, fresh(EXPIRED, **builders.UNQUALIFIED))

    assert lead == replace(existing, status=Status.EXPIRED, attempts=2, unconfirmed=1)


def test_the_retention_is_never_shortened() -> None:
    """An attempt that alone would be deleted earlier does not bring the deletion forward."""
    existing = replace(builders.lead(**builders.UNQUALIFIED), expire_at=NOW + timedelta(days=999))

    assert resubmitted(existing, fresh()).expire_at == existing.expire_at


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.QUARANTINED])
def test_a_lead_that_was_never_invited_shows_the_last_attempt(status: Status) -> None:
    """A qualified attempt of a lead that was never invited replaces its answers and is invited."""
    existing = replace(builders.lead(**builders.UNQUALIFIED), status=status)
    again = fresh()

    lead = resubmitted(existing, again)

    assert (lead.status, lead.name, lead.score) == (Status.INVITED, "Ada King", again.score)
    assert (lead.shown_attempt, lead.invited_attempt, lead.unconfirmed) == (again.shown_attempt, again.shown_attempt, 0)
    assert is_new_invitation(existing, lead)


def test_an_attempt_caught_by_the_trap_changes_no_lead() -> None:
    """A later attempt caught by the trap is counted, and changes nothing else."""
    existing = builders.lead()
    assert resubmitted(existing, fresh(LATER, **{TRAP: "x"})) == replace(existing, attempts=2)


# Proof


def test_using_the_link_proves_the_attempt() -> None:
    """The lead shows the attempt whose link was used, and earlier unconfirmed ones are settled."""
    expired = replace(builders.lead(), status=Status.EXPIRED)
    again, attempt = builders.admitted(EXPIRED, name="Ada King")
    invited = resubmitted(expired, again)

    lead = opened(invited, EXPIRED + timedelta(hours=1), attempt)

    assert (lead.status, lead.proven, lead.unconfirmed) == (Status.OPENED, True, 0)
    assert (lead.name, lead.answers, lead.answered_at) == ("Ada King", attempt.answers, EXPIRED)
    assert lead.shown_attempt == attempt.id
    assert lead.received_at == NOW


def test_an_attempt_that_is_shown_is_only_proven() -> None:
    """Using the link of the attempt that the lead shows changes none of its answers; a second use changes nothing."""
    existing = builders.lead()

    lead = opened(existing, LATER)

    assert (lead.proven, lead.answers, lead.name) == (True, existing.answers, existing.name)
    assert opened(lead, LATER + timedelta(days=1)) is lead


@pytest.mark.parametrize("status", [Status.INVITED, Status.OPENED])
def test_an_invitation_that_nobody_asked_for_ends(status: Status) -> None:
    """The invitation of somebody who had not asked for it ends, and is held from then on."""
    lead = disowned(replace(builders.lead(), status=status), LATER)

    assert (lead.status, lead.due_at) == (Status.EXPIRED, None)
    assert lead.invitation is not None
    assert (lead.invitation.state, lead.invitation.held_for) == (InvitationState.HELD, HoldReason.SUPPRESSED)


@pytest.mark.parametrize("status", [Status.BOOKED, Status.WON, Status.LOST, Status.DECLINED])
def test_a_lead_with_an_outcome_cannot_be_disowned(status: Status) -> None:
    """Leads that are booked, won, lost or declined stay as they are."""
    lead = replace(builders.lead(), status=status)

    assert disowned(lead, LATER) is lead


# New invitations


def test_a_qualified_first_attempt_is_a_new_invitation() -> None:
    """A first attempt is a new invitation if the lead is qualified."""
    assert is_new_invitation(None, builders.lead())
    assert not is_new_invitation(None, builders.lead(**builders.UNQUALIFIED))
