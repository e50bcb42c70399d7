"""One prospect, one lead, and what each attempt makes of it."""

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
    """Return the lead that another, qualified attempt would make by itself."""
    return builders.lead(now, **{"name": "Ada King", "budget": "around", **changes})


# The first attempt


def test_a_qualified_prospect_is_invited() -> None:
    """A qualified lead has an invitation, which waits to be sent and is valid for as long as the form says."""
    lead = builders.lead()
    assert lead.score.qualified
    assert lead.status is Status.INVITED
    assert lead.invitation == Invitation(state=InvitationState.PENDING, expires_at=EXPIRED)


def test_an_unqualified_prospect_is_received() -> None:
    """A lead that isn't qualified is kept all the same, without an invitation."""
    lead = builders.lead(**builders.UNQUALIFIED)
    assert (lead.status, lead.invitation) == (Status.RECEIVED, None)


def test_what_a_trap_caught_is_quarantined() -> None:
    """Whoever filled in the trap gets no invitation, however many points."""
    lead, attempt = builders.admitted(**{TRAP: "Cheap watches"})
    assert lead.score.qualified
    assert (lead.status, lead.invitation, attempt.quarantined) == (Status.QUARANTINED, None, True)


def test_the_lead_is_the_submission() -> None:
    """The lead and its attempt say what was submitted, under which form, and when."""
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


def test_a_lead_is_known_by_form_and_address() -> None:
    """The same address on the same form is the same lead, however it is capitalised; another form or address isn't."""
    assert lead_id("web-design", "Ada@example.com") == lead_id("web-design", "ada@EXAMPLE.com")
    ids = {lead_id(form, email) for form in ("a", "b") for email in ("ada@example.com", "eve@example.com")}
    assert len(ids) == 4
    assert (
        builders.lead(email="ADA@example.com").id
        == builders.lead(name="Eve").id
        == lead_id("web-design", "ada@example.com")
    )


# Replays


def test_the_browsers_id_is_the_attempts() -> None:
    """An id made in the browser names the attempt, and the same one is a replay for ever."""
    _, attempt = builders.admitted(submission_id="abcd1234")
    assert attempt.id == attempt.replay_key == "abcd1234"
    assert attempt.replays_until == datetime.max.replace(tzinfo=UTC)


def test_the_same_words_are_a_replay_for_a_day() -> None:
    """Without an id the words stand for it, until a day has passed."""
    _, attempt = builders.admitted()
    assert attempt.replay_key == builders.submission().fingerprint
    assert attempt.replays_until == NOW + timedelta(days=1)


def test_the_same_words_another_day_are_another_attempt() -> None:
    """What is said again after the day has the same key, and an id of its own."""
    _, first = builders.admitted()
    _, second = builders.admitted(NOW + timedelta(days=1, seconds=1))
    assert first.replay_key == second.replay_key
    assert first.id != second.id


# Another attempt


def test_another_attempt_is_what_was_said_last() -> None:
    """A lead has the name, answers, score and source of the last attempt, and still the day of the first."""
    existing = builders.lead(**builders.UNQUALIFIED, source="a friend")
    lead = resubmitted(existing, fresh(pages=3, lang="fr"))
    assert (lead.name, lead.language, lead.source.source) == ("Ada King", "fr", "")
    assert lead.answers == {"budget": "around", "timeline": "soon", "pages": 3}
    assert lead.score == fresh(pages=3).score
    assert (lead.received_at, lead.updated_at, lead.attempts) == (NOW, LATER, 2)
    assert lead.id == existing.id


def test_a_better_attempt_is_invited() -> None:
    """Who wasn't qualified before and is now gets an invitation."""
    existing = builders.lead(**builders.UNQUALIFIED)
    lead = resubmitted(existing, fresh())
    assert lead.status is Status.INVITED
    assert is_new_invitation(existing, lead)


@pytest.mark.parametrize("status", [Status.INVITED, Status.OPENED])
def test_a_live_invitation_stays_the_only_one(status: Status) -> None:
    """While an invitation is good, another attempt makes no second one, and the lead stands where it stood."""
    existing = replace(builders.lead(), status=status)
    lead = resubmitted(existing, fresh(EXPIRED - timedelta(seconds=1)))
    assert (lead.status, lead.invitation) == (status, existing.invitation)
    assert not is_new_invitation(existing, lead)
    assert lead.attempts == 2


@pytest.mark.parametrize("status", [Status.INVITED, Status.OPENED])
def test_an_expired_invitation_is_renewed(status: Status) -> None:
    """From the moment that an invitation expires, a qualified attempt gets a new one."""
    existing = replace(builders.lead(), status=status)
    lead = resubmitted(existing, fresh(EXPIRED))
    assert lead.status is Status.INVITED
    assert lead.invitation is not None
    assert lead.invitation.expires_at == EXPIRED + timedelta(days=14)
    assert is_new_invitation(existing, lead)


def test_a_worse_attempt_leaves_a_live_invitation() -> None:
    """Who is invited stays so, even if a later attempt would not be; the owner sees the later answers."""
    existing = builders.lead()
    lead = resubmitted(existing, fresh(LATER, **builders.UNQUALIFIED))
    assert (lead.status, lead.invitation) == (Status.INVITED, existing.invitation)
    assert not lead.score.qualified
    assert not is_new_invitation(existing, lead)


def test_a_worse_attempt_after_the_invitation_expired() -> None:
    """Once the invitation has expired, an attempt that isn't qualified is received like a first one."""
    lead = resubmitted(builders.lead(), fresh(EXPIRED, **builders.UNQUALIFIED))
    assert (lead.status, lead.invitation) == (Status.RECEIVED, None)


@pytest.mark.parametrize("status", [Status.BOOKED, Status.DECLINED])
def test_what_is_settled_with_a_prospect_stands(status: Status) -> None:
    """Who has booked, or was declined by the owner, is not invited anew, and the decision stays."""
    existing = replace(builders.lead(), status=status, decision=DECIDED)
    lead = resubmitted(existing, fresh(EXPIRED))
    assert (lead.status, lead.invitation, lead.decision) == (status, existing.invitation, DECIDED)
    assert not is_new_invitation(existing, lead)


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.WON, Status.LOST, Status.EXPIRED, Status.QUARANTINED])
def test_a_round_that_is_over_may_begin_anew(status: Status) -> None:
    """After a round has ended, however it did, a qualified attempt begins another; what came of the first is kept."""
    existing = replace(builders.lead(), status=status, outcome="won", decision=DECIDED)
    lead = resubmitted(existing, fresh())
    assert (lead.status, lead.outcome, lead.decision) == (Status.INVITED, "won", None)
    assert is_new_invitation(existing, lead)


def test_an_invited_lead_without_an_invitation_gets_one() -> None:
    """A lead that should be invited and has no invitation gets one with the next attempt."""
    existing = replace(builders.lead(), invitation=None)
    assert is_new_invitation(existing, resubmitted(existing, fresh()))


def test_a_trapped_attempt_changes_nothing() -> None:
    """What a trap caught is counted, and changes nothing that a person said."""
    existing = builders.lead()
    assert resubmitted(existing, fresh(LATER, **{TRAP: "x"})) == replace(existing, attempts=2)


def test_every_status_is_decided() -> None:
    """Whether another attempt may be invited is known for each status: only while nothing is under way."""
    standing = {status for status in Status if not allows(status, Step.RESUBMIT)}
    assert standing == {Status.INVITED, Status.OPENED, Status.BOOKED, Status.DECLINED}


# Whether a step invites


def test_a_first_attempt_invites_when_qualified() -> None:
    """A new lead makes an invitation when it has one."""
    assert is_new_invitation(None, builders.lead())
    assert not is_new_invitation(None, builders.lead(**builders.UNQUALIFIED))
