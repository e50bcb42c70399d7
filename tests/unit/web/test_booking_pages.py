"""Booking pages by rule: each lead is sent to theirs, and nobody else learns of any."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.form import Form, form_from
from prequal.core.lead import Status
from support import builders, scheduling
from support.world import World
from unit.web.posting import post_form, post_json

if TYPE_CHECKING:
    from werkzeug.test import Client

_PREFILLED = "name={first_name}&email={email}&metadata[lead]={lead}"
_PAGES = [
    {"if": {"services": ["build"]}, "url": f"https://build.example/call?{_PREFILLED}&work={{answers.services}}"},
    {"if": {"language": ["fr"], "grade": ["warm"]}, "url": f"https://fr.example/appel?{_PREFILLED}&grade={{grade}}"},
]


def form_with_pages() -> Form:
    """Return a form with a booking page for building, and one for those who speak French."""
    return form_from({**builders.document(), "booking": _PAGES})


@pytest.fixture
def world(store: SqliteLeadStore) -> World:
    """Return a world whose form has booking pages."""
    return World(store, form_with_pages())


@pytest.mark.parametrize(
    ("answers", "page"),
    [
        ({"services": ["design", "build"], "lang": "fr"}, "https://build.example/call"),
        ({"lang": "fr"}, "https://fr.example/appel"),
        ({"lang": "fr", "pages": "12"}, "https://cal.example/intro"),  # which is hot
        ({}, "https://cal.example/intro"),
    ],
)
def test_each_lead_gets_the_first_page_for_them(
    client: Client, world: World, answers: dict[str, object], page: str
) -> None:
    """The first page whose condition holds is used, filled in, and without one that of the settings."""
    assert post_json(client, **answers).status_code == 202

    location = urlsplit(client.post(world.link()).headers["Location"])

    (lead,) = world.leads
    query = parse_qs(location.query, strict_parsing=True)
    assert f"{location.scheme}://{location.netloc}{location.path}" == page
    assert (query["email"], query["metadata[lead]"]) == (["ada@example.com"], [lead.id])
    assert query.get("work", ["design,build"]) == ["design,build"]
    assert query.get("grade", ["warm"]) == ["warm"]


def test_the_invited_attempt_decides(client: Client, world: World) -> None:
    """A later attempt, which nobody has proven, doesn't change where the link of the first leads."""
    post_json(client, services=["build"], submission_id="the-first-one")
    link = world.link()
    post_json(client, services=["design"], submission_id="the-second-one")
    assert client.post(link).headers["Location"].startswith("https://build.example/")


def test_an_attempt_that_its_link_proves_decides(client: Client, world: World) -> None:
    """Once the first invitation has expired, the link of the next one leads to the page for the next answers."""
    post_json(client, services=["build"], submission_id="the-first-one")
    world.clock.forward(timedelta(days=15))
    post_json(client, lang="fr", submission_id="the-second-one")
    assert client.post(world.link()).headers["Location"].startswith("https://fr.example/")


def test_the_policy_allows_every_page(client: Client, world: World) -> None:
    """The page of the link allows the schemes of all pages alike, so that it tells nothing about the lead."""
    post_json(client)
    assert "form-action 'self' https:;" in client.get(world.link()).headers["Content-Security-Policy"]


def test_the_policy_allows_a_page_on_this_machine(
    store: SqliteLeadStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A booking page on this machine, as in `prequal dev`, may be without TLS, beside those that have it."""
    local = {"if": {"language": ["fr"]}, "url": "http://localhost:8080/booking"}
    world = World(store, form_from({**builders.document(), "booking": [local]}))
    client = world.client(tmp_path, monkeypatch)
    post_json(client)
    assert "form-action 'self' http: https:;" in client.get(world.link()).headers["Content-Security-Policy"]


def test_no_answer_tells_of_the_rules(client: Client, world: World, store: SqliteLeadStore) -> None:
    """No answer, taken, refused or to be sent again, has a booking page, points or grades in it."""
    taken = [post_form(client, services=["build"]), client.get(world.link())]
    taken += [post_json(client, email="eve@example.com", **builders.UNQUALIFIED)]
    refused = [post_form(client, name=""), post_json(client, name="")]
    store.close()
    failed = [post_form(client, email="dan@example.com"), post_json(client, email="dan@example.com")]

    answers = [*taken, *refused, *failed]
    assert [answer.status_code for answer in answers] == [303, 200, 202, 422, 422, 503, 503]
    for answer in answers:
        said = answer.get_data(as_text=True) + str(answer.headers)
        for secret in ("build.example", "fr.example", "cal.example", "rules_out", "Cannot afford", "points", "warm"):
            assert secret not in said


def test_appointments_come_back_from_every_page(client: Client, world: World) -> None:
    """Each page may be at another scheduler: an appointment finds its lead by the id that the page was given."""
    ids = []
    for answers in ({"services": ["build"]}, {"lang": "fr", "email": "eve@example.com"}):
        post_json(client, **answers)
        lead = next(lead for lead in world.leads if lead.status is Status.INVITED and lead.invitation)
        assert lead.invitation is not None
        link = f"/b/{world.web.booking.tokens.issue(lead.id, lead.invitation.expires_at)}"
        ids += parse_qs(urlsplit(client.post(link).headers["Location"]).query)["metadata[lead]"]

    scheduling.Cal().made(uid="one", metadata={"lead": ids[0]}).to(client)
    scheduling.Calendly().made(uid="two", tracking={"utm_content": ids[1]}).to(client)

    booked = {lead.id: lead.booking.id for lead in world.leads if lead.booking and lead.status is Status.BOOKED}
    assert list(booked) == ids
    assert len(set(booked.values())) == 2
