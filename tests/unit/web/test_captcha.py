"""Submissions where Turnstile is asked: invited if it takes the sender for a person, else held for the owner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.adapters.turnstile import TOKEN, Turnstile
from prequal.core.answers import TRAP
from prequal.core.errors import StoreUnavailableError
from prequal.core.lead import HoldReason, Invitation, InvitationState, Lead, Status
from prequal.core.mail import MailKind
from prequal.services.mailboxes import Mailboxes
from prequal.services.owner_decisions import OwnerInvitation
from support import builders
from support.mails import read
from support.verifier import SECRET, VALID, Verifier, verifier
from support.world import World

if TYPE_CHECKING:
    from werkzeug.test import Client, TestResponse

_DAY = timedelta(days=1)


@pytest.fixture
def server() -> Iterator[Verifier]:
    """Serve."""
    with verifier() as serving:
        yield serving


@pytest.fixture
def world(store: SqliteLeadStore, server: Verifier) -> World:
    """Return an empty world with the verifier, and with briefs for the owner."""
    world = World(store)
    captcha = Turnstile(secret=SECRET, verifier=server.url, seconds=60)
    world.change_main(captcha=captcha, composer=builders.composer())
    return world


@pytest.fixture
def client(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a client of the function."""
    return world.client(tmp_path, monkeypatch)


def post(client: Client, token: str | None = VALID, **changes: Any) -> TestResponse:
    """Post as the page's script does, with the token that Turnstile's script got."""
    return client.post("/api/leads", json={**builders.sent(**changes), TOKEN: token})


def invitation_of(lead: Lead) -> tuple[InvitationState, HoldReason | None]:
    """Return the state of a lead's invitation, and the reason for which it is held."""
    assert lead.invitation
    return lead.invitation.state, lead.invitation.held_for


def mails_of(world: World) -> list[MailKind]:
    """Return the kinds of the first lead's mails."""
    return sorted(mail.kind for mail in world.store.list_mails(world.leads[0].id))


HELD = (InvitationState.HELD, HoldReason.CAPTCHA)
PENDING = (InvitationState.PENDING, None)


def test_a_valid_token_is_invited(client: Client, world: World) -> None:
    """A qualified person is invited, as without Turnstile."""
    assert post(client).status_code == 202

    [lead] = world.leads
    assert (lead.status, invitation_of(lead)) == (Status.INVITED, PENDING)
    assert mails_of(world) == [MailKind.BRIEF, MailKind.INVITATION]


@pytest.mark.parametrize("token", [None, "", "made up", "x" * 3000, ["x"], {"x": 1}, 7])
def test_without_a_valid_token_it_is_held(client: Client, world: World, token: Any) -> None:
    """The answers are kept, the owner is told, and nobody is invited; the answer is the same."""
    invited = post(client, email="grace@example.com")
    held = post(client, token)

    assert (held.status_code, held.data, dict(held.headers)) == (202, invited.data, dict(invited.headers))
    [lead] = [lead for lead in world.leads if lead.email == "ada@example.com"]
    assert (lead.status, invitation_of(lead), lead.due_at) == (Status.RECEIVED, HELD, None)
    [brief] = world.store.list_mails(lead.id)
    said = read(brief)
    assert "Nothing proves that a person sent this" in " ".join(said.text.split())
    assert said.subject.startswith("Not invited: ")
    assert f"Invite them at the desk:\nhttps://studio.example/desk/leads/{lead.id}#invite" in said.text
    assert "Nothing proves that a person sent this" in said.html


def test_without_javascript_it_is_held(client: Client, world: World, server: Verifier) -> None:
    """A plain form post has no token. It leads to the same page, and nobody is asked."""
    answer = client.post("/api/leads", data=builders.sent(submission_id=None))

    assert (answer.status_code, answer.headers["Location"]) == (303, "https://studio.example/thanks/")
    assert [invitation_of(lead) for lead in world.leads] == [HELD]
    assert server.asked == []


@pytest.mark.parametrize("answer", [(500, b""), (200, b"<h1>Down</h1>"), (200, b'{"success": "yes"}')])
def test_where_nobody_can_tell_it_is_held(
    client: Client, world: World, server: Verifier, answer: tuple[int, bytes]
) -> None:
    """A verifier that is down costs no lead, and lets nobody through."""
    server.answer = answer

    assert post(client).status_code == 202
    assert [invitation_of(lead) for lead in world.leads] == [HELD]


def test_a_replay_is_recognised_before_its_token(client: Client, world: World, server: Verifier) -> None:
    """A submission that arrives again keeps its invitation, though its token has been used, and asks nobody."""
    answers = [post(client, submission_id="the-same-again").status_code for _ in range(3)]

    assert answers == [202] * 3
    assert [(lead.attempts, invitation_of(lead)) for lead in world.leads] == [(1, PENDING)]
    assert len(server.asked) == 1


def test_a_token_proves_one_submission(client: Client, world: World) -> None:
    """Neither another person's answers nor other answers of the same person may use the token again."""
    post(client, submission_id="the-first-one")
    post(client, submission_id="another-one", email="grace@example.com")

    assert {lead.email: invitation_of(lead) for lead in world.leads} == {
        "ada@example.com": PENDING,
        "grace@example.com": HELD,
    }


def test_a_submission_may_be_repeated_with_its_token(
    client: Client, world: World, server: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same answers with the same token are proven again, after the store failed the first time."""

    def fail(*_arguments: object) -> None:
        raise StoreUnavailableError("It is down.")

    with monkeypatch.context() as down:
        down.setattr(type(world.store), "admit", fail)
        assert post(client, submission_id="the-same-again").status_code == 503
    assert post(client, submission_id="the-same-again").status_code == 202

    assert [invitation_of(lead) for lead in world.leads] == [PENDING]
    assert len({asked["idempotency_key"] for asked in server.asked}) == 1


def test_everybody_is_asked_about(client: Client, world: World, server: Verifier) -> None:
    """The unqualified, and those in the trap, are verified too: the time of the answer would tell them apart."""
    post(client, f"{VALID}-1", budget="below")
    post(client, f"{VALID}-2", email="grace@example.com", **{TRAP: "x"})

    assert len(server.asked) == 2
    assert sorted(lead.status for lead in world.leads) == [Status.QUARANTINED, Status.RECEIVED]
    assert [lead.invitation for lead in world.leads] == [None, None]


def test_refused_answers_keep_their_token(client: Client, world: World, server: Verifier) -> None:
    """Answers that have to be corrected use no token up, as the page sends it again."""
    assert post(client, email="ada@").status_code == 422
    assert post(client).status_code == 202

    assert [invitation_of(lead) for lead in world.leads] == [PENDING]
    assert len(server.asked) == 1


def test_a_person_may_come_after_a_program(client: Client, world: World) -> None:
    """A held lead was never invited: a later attempt that is proven replaces it, and is invited."""
    post(client, None, name="Not Ada")
    world.clock.forward(_DAY)
    post(client)

    [lead] = world.leads
    assert (lead.name, lead.status, lead.attempts) == ("Ada Lovelace", Status.INVITED, 2)
    assert invitation_of(lead) == PENDING
    assert mails_of(world) == [MailKind.BRIEF, MailKind.BRIEF, MailKind.INVITATION]


def test_a_program_changes_nothing_that_is_invited(client: Client, world: World) -> None:
    """An attempt without proof stays beside a standing invitation, and beside one that has expired."""
    post(client)
    [invited] = world.leads
    post(client, None, name="Not Ada")
    world.clock.forward(30 * _DAY)
    post(client, None, name="Not Ada either")

    [lead] = world.leads
    assert (lead.name, lead.attempts, lead.unconfirmed) == ("Ada Lovelace", 3, 2)
    assert (lead.status, lead.invitation) == (Status.EXPIRED, invited.invitation)
    assert mails_of(world).count(MailKind.INVITATION) == 1


def test_the_owner_is_told_of_the_first_that_is_held(client: Client, world: World) -> None:
    """However often a program sends the form for one address, the owner gets one brief."""
    for number in range(5):
        post(client, None, submission_id=f"submission-{number}")
        world.clock.forward(_DAY)

    assert mails_of(world) == [MailKind.BRIEF]
    assert [(lead.attempts, invitation_of(lead)) for lead in world.leads] == [(5, HELD)]


def test_time_invites_nobody(client: Client, world: World) -> None:
    """A held lead is neither invited, nor reminded, nor expired by a sweep."""
    post(client, None)
    for _ in range(4):
        world.clock.forward(7 * _DAY)
        builders.follow_up(world.store, world.clock).run()

    assert [(lead.status, invitation_of(lead)) for lead in world.leads] == [(Status.RECEIVED, HELD)]
    assert mails_of(world) == [MailKind.BRIEF]


def test_the_owner_releases_it(client: Client, world: World) -> None:
    """`leads invite` sends the invitation, with dates of its own, which counts towards no budget."""
    post(client, None)
    [held] = world.leads
    world.clock.forward(20 * _DAY)
    forms, composer = builders.lead_forms(), builders.composer()
    mailboxes = Mailboxes(ledger=world.store)

    OwnerInvitation(forms=forms, store=world.store, mailboxes=mailboxes, composer=composer, clock=world.clock).send(
        held.id, "I know her"
    )

    [lead] = world.leads
    assert (lead.status, invitation_of(lead)) == (Status.INVITED, PENDING)
    assert isinstance(lead.invitation, Invitation)
    assert lead.invitation.expires_at > world.clock()
    assert mails_of(world) == [MailKind.BRIEF, MailKind.INVITATION]
