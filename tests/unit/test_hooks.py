"""Appointments, as schedulers tell of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prequal.adapters import schedulers
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.lead import Booking, Lead, Status
from prequal.services.ports import Store
from support import builders, scheduling
from support.builders import NOW
from support.scheduling import STARTS_AT, Cal, Calendly, Sent, signed
from support.world import CAL_SECRET, CALENDLY_SECRET, World

if TYPE_CHECKING:
    from werkzeug.test import Client

HOUR = timedelta(hours=1)


@pytest.fixture(params=[Cal(), Calendly()], ids=["cal", "calendly"])
def scheduler(request: pytest.FixtureRequest) -> Any:
    """Return each scheduler in turn."""
    return request.param


@pytest.fixture
def world(store: SqliteLeadStore) -> World:
    """Return a world with one lead, who is invited."""
    lead, attempt = builders.admitted()
    store.admit(lead, attempt, [], lambda existing: (existing, ()))
    return World(store)


@pytest.fixture
def client(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a client of the function."""
    return world.client(tmp_path, monkeypatch)


def lead_of(world: World) -> Lead:
    """Return the one lead."""
    (lead,) = world.leads
    return lead


def booking_of(world: World) -> Booking:
    """Return its appointment."""
    booking = lead_of(world).booking
    assert booking is not None
    return booking


class TestAppointments:
    def test_booked(self, client: Client, world: World, scheduler: Any) -> None:
        """Who books is booked, from when the scheduler says, for when it begins."""
        answer = scheduler.made(at=NOW + HOUR).to(client)

        assert (answer.status_code, answer.get_json()) == (200, {"status": "received"})
        assert lead_of(world).status is Status.BOOKED
        booking = booking_of(world)
        assert booking.id.endswith("one")
        assert (booking.booked_at, booking.starts_at, booking.cancelled_at) == (NOW + HOUR, STARTS_AT, None)

    def test_cancelled(self, client: Client, world: World, scheduler: Any) -> None:
        """Who cancels is invited again, and the link works."""
        scheduler.made(at=NOW + HOUR).to(client)

        assert scheduler.cancelled(at=NOW + 2 * HOUR).to(client).status_code == 200

        assert lead_of(world).status is Status.INVITED
        assert client.get(world.link()).status_code == 303

    def test_moved(self, client: Client, world: World, scheduler: Any) -> None:
        """Who chooses another time stays booked, for the new one; the end of the old one means nothing then."""
        scheduler.made("one", NOW + HOUR).to(client)
        for sent in scheduler.moved("two", "one", NOW + 2 * HOUR):
            assert sent.to(client).status_code == 200
        scheduler.cancelled("one", NOW + 3 * HOUR).to(client)

        assert lead_of(world).status is Status.BOOKED
        assert booking_of(world).id.endswith("two")

    def test_moved_in_another_order(self, client: Client, world: World, scheduler: Any) -> None:
        """What is told of a change comes in any order to the same."""
        for sent in reversed([scheduler.made("one", NOW + HOUR), *scheduler.moved("two", "one", NOW + 2 * HOUR)]):
            assert sent.to(client).status_code == 200

        assert lead_of(world).status is Status.BOOKED
        assert booking_of(world).id.endswith("two")

    def test_told_again(self, client: Client, world: World, scheduler: Any) -> None:
        """The same again changes nothing, whatever came in between."""
        made, cancelled = scheduler.made(at=NOW + HOUR), scheduler.cancelled(at=NOW + 2 * HOUR)
        made.to(client)
        world.clock.forward(timedelta(seconds=1))
        booked = lead_of(world)
        assert made.to(client).status_code == 200
        assert lead_of(world) == booked

        cancelled.to(client)
        world.clock.forward(timedelta(seconds=1))
        invited = lead_of(world)
        assert [sent.to(client).status_code for sent in (cancelled, made, cancelled)] == [200, 200, 200]
        assert lead_of(world) == invited

    def test_by_address(self, client: Client, world: World, scheduler: Any) -> None:
        """Where the scheduler has kept no id, the address tells who it is."""
        assert scheduler.by_address("ADA@example.com").to(client).status_code == 200

        assert lead_of(world).status is Status.BOOKED

    @pytest.mark.parametrize("lead_id", ["f" * 24, "../mail/1", "/", "", "ada@example.com"])
    def test_an_invalid_lead_id(
        self, any_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lead_id: str
    ) -> None:
        """A made-up id, which in Firestore could be the path of another document, is ignored; the address counts."""
        world = World(any_store)
        any_store.admit(*builders.admitted(), [], lambda existing: (existing, ()))
        booked = Cal().made(metadata={"lead": lead_id}, attendees=[{"email": "ada@example.com"}])

        assert booked.to(world.client(tmp_path, monkeypatch)).status_code == 200
        assert lead_of(world).status is Status.BOOKED


class TestWhatChangesNothing:
    def test_somebody_elses(
        self, client: Client, world: World, scheduler: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The owner's other appointments are acknowledged, and leave every lead as it is."""
        caplog.set_level("INFO", logger="prequal")

        assert scheduler.by_address("stranger@example.com").to(client).status_code == 200

        assert lead_of(world) == builders.lead()
        assert "booking ignored" in caplog.text
        assert "stranger" not in caplog.text

    def test_what_the_status_forbids(
        self, client: Client, world: World, scheduler: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A step that isn't allowed is acknowledged, or the scheduler would repeat it for a day; the log says why."""
        caplog.set_level("INFO", logger="prequal")
        world.store.change_lead(lead_of(world).id, lambda lead: (replace(lead, status=Status.WON), ()))

        assert scheduler.made().to(client).status_code == 200

        assert lead_of(world).status is Status.WON
        assert f"Lead {lead_of(world).id} is won and can't be booked" in caplog.text

    def test_another_matter(self, client: Client, world: World, scheduler: Any) -> None:
        """What isn't about an appointment is acknowledged."""
        assert scheduler.something_else().to(client).status_code == 200

        assert lead_of(world) == builders.lead()


class TestSignatures:
    @pytest.mark.parametrize("change", ["body", "signature", "no signature", "secret"])
    def test_what_is_not_signed_right(self, client: Client, world: World, scheduler: Any, change: str) -> None:
        """A body that was tampered with, another signature, none, and one by another secret are 401."""
        sent: Sent = scheduler.made()
        [(header, value)] = sent.headers.items()
        changed = {
            "body": replace(sent, body=sent.body.replace(b"Ada", b"Eve")),
            "signature": replace(sent, headers={header: value[:-1] + ("0" if value[-1] != "0" else "1")}),
            "no signature": replace(sent, headers={}),
            "secret": scheduler.sent(json.loads(sent.body), "another secret"),
        }[change]

        answer = changed.to(client)

        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert lead_of(world) == builders.lead()
        assert sent.to(client).status_code == 200

    @pytest.mark.parametrize(
        "header", ["é", "t=,v1=", "t=1,v1", "v1=abc", "t=" + "9" * 5000 + ",v1=a", "no-secret-provided"]
    )
    def test_headers_that_are_none(self, client: Client, scheduler: Any, header: str) -> None:
        """Whatever stands in the header, it is no signature."""
        sent = scheduler.made()
        [name] = sent.headers

        assert replace(sent, headers={name: header}).to(client).status_code == 401

    @pytest.mark.parametrize(("seconds", "status"), [(180, 200), (181, 401), (-180, 200), (-181, 401)])
    def test_calendly_signs_the_time(self, client: Client, world: World, seconds: int, status: int) -> None:
        """What Calendly signed more than three minutes ago, or ahead, somebody else may be sending again."""
        sent = Calendly().made()
        world.clock.forward(timedelta(seconds=seconds))

        assert sent.to(client).status_code == status

    def test_the_time_cannot_be_changed(self, client: Client, world: World) -> None:
        """The time is signed too."""
        sent = Calendly().made()
        world.clock.forward(HOUR)
        [(header, value)] = sent.headers.items()
        now = int(world.clock.now.timestamp())
        renewed = replace(sent, headers={header: f"t={now}," + value.partition(",")[2]})

        assert renewed.to(client).status_code == 401

    def test_one_schedulers_secret_is_not_anothers(self, client: Client) -> None:
        """Each has a secret of its own."""
        told = Cal().told("BOOKING_CREATED", "one", NOW)

        assert Cal().sent(told, CALENDLY_SECRET).to(client).status_code == 401


class TestTrouble:
    def test_nobody_listens(self, client: Client, world: World, scheduler: Any) -> None:
        """Without a secret there is no hook."""
        world.web = replace(world.web, hooks=replace(world.web.hooks, schedulers={}))

        assert scheduler.made().to(client).status_code == 404

    def test_a_store_that_is_down(self, client: Client, store: SqliteLeadStore, scheduler: Any) -> None:
        """503 has the scheduler send it again."""
        store.close()

        answer = scheduler.made().to(client)

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"\xff",
            b"[" * 20000,
            b'{"content": "Booked!"}',
            b'{"triggerEvent": "BOOKING_CREATED", "createdAt": "2026-03-02T09:30:00Z", "payload": {}}',
            b'{"triggerEvent": "BOOKING_CREATED", "createdAt": "2026-03-02T09:30:00", "payload": {"uid": "one"}}',
            b'{"triggerEvent": "BOOKING_CREATED", "createdAt": "0001-01-01T00:00:00+14:00", "payload": {"uid": "one"}}',
        ],
    )
    def test_what_is_not_as_documented(self, client: Client, body: bytes) -> None:
        """What is signed and can't be understood, such as a template of the owner's, is 400 for them to see."""
        headers = {"X-Cal-Signature-256": signed(CAL_SECRET, body)}

        assert client.post("/api/hooks/cal", data=body, headers=headers).status_code == 400

    def test_a_large_body(self, client: Client, world: World, scheduler: Any) -> None:
        """A scheduler may send more than a visitor, and not without end."""
        assert scheduler.made(description="x" * 200_000).to(client).status_code == 200
        assert scheduler.made(description="x" * 300_000).to(client).status_code == 413
        assert lead_of(world).status is Status.BOOKED

    def test_only_by_post(self, client: Client) -> None:
        """A hook is posted to."""
        assert client.get("/api/hooks/cal").status_code == 405

    def test_the_log_has_ids_only(self, client: Client, scheduler: Any, caplog: pytest.LogCaptureFixture) -> None:
        """Never a name, an address, or a secret."""
        caplog.set_level("INFO", logger="prequal")
        made = scheduler.made()
        for sent in (made, scheduler.cancelled(at=NOW + HOUR), replace(made, headers={}), scheduler.sent({})):
            sent.to(client)

        lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "prequal"]
        assert [line["message"] for line in lines] == ["booking heard", "booking heard", "hook refused", "hook refused"]
        assert [line.get("lead") for line in lines[:2]] == [scheduling.lead_id()] * 2
        for private in ("Ada", "ada@", CAL_SECRET, CALENDLY_SECRET):
            assert private not in caplog.text


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
_NAMES = ("metadata", "attendees", "uid", "startTime", "uri", "email", "tracking", "scheduled_event", "rescheduled")


@pytest.mark.parametrize(
    ("scheduler", "told"),
    [
        (schedulers.Cal(secret=""), Cal().told("BOOKING_CANCELLED", "one", NOW)),
        (schedulers.Calendly(secret=""), Calendly().told("invitee.canceled", "one", NOW)),
    ],
    ids=["cal", "calendly"],
)
@given(about=_json | st.dictionaries(st.sampled_from(_NAMES), _json), at=_json)
def test_whatever_they_say(scheduler: schedulers.Scheduler, told: dict[str, Any], about: Any, at: Any) -> None:
    """Anything else than what is documented is a ValueError."""
    for odd in (about, told | {"payload": about}, told | {"createdAt": at, "created_at": at}):
        try:
            scheduler.parse_news(odd)
        except ValueError:
            continue
