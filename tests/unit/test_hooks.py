"""Webhooks of schedulers."""

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
    """Return a world with one invited lead."""
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
    """Return its booking."""
    booking = lead_of(world).booking
    assert booking is not None
    return booking


class TestBookings:
    def test_booked(self, client: Client, world: World, scheduler: Any) -> None:
        """The lead is booked, with the scheduler's times."""
        answer = scheduler.made(at=NOW + HOUR).to(client)

        assert (answer.status_code, answer.get_json()) == (200, {"status": "received"})
        assert lead_of(world).status is Status.BOOKED
        booking = booking_of(world)
        assert booking.id.endswith("one")
        assert (booking.booked_at, booking.starts_at, booking.cancelled_at) == (NOW + HOUR, STARTS_AT, None)

    def test_cancelled(self, client: Client, world: World, scheduler: Any) -> None:
        """The lead is invited again, and the link works."""
        scheduler.made(at=NOW + HOUR).to(client)

        assert scheduler.cancelled(at=NOW + 2 * HOUR).to(client).status_code == 200

        assert lead_of(world).status is Status.INVITED
        assert client.get(world.link()).status_code == 303

    def test_rescheduled(self, client: Client, world: World, scheduler: Any) -> None:
        """The lead stays booked, for the new time; a cancellation of the old booking has no effect then."""
        scheduler.made("one", NOW + HOUR).to(client)
        for sent in scheduler.moved("two", "one", NOW + 2 * HOUR):
            assert sent.to(client).status_code == 200
        scheduler.cancelled("one", NOW + 3 * HOUR).to(client)

        assert lead_of(world).status is Status.BOOKED
        assert booking_of(world).id.endswith("two")

    def test_rescheduled_with_messages_out_of_order(self, client: Client, world: World, scheduler: Any) -> None:
        """The messages on a rescheduled booking have the same effect in any order."""
        for sent in reversed([scheduler.made("one", NOW + HOUR), *scheduler.moved("two", "one", NOW + 2 * HOUR)]):
            assert sent.to(client).status_code == 200

        assert lead_of(world).status is Status.BOOKED
        assert booking_of(world).id.endswith("two")

    def test_repeated_messages(self, client: Client, world: World, scheduler: Any) -> None:
        """A repeated message changes nothing, also after others."""
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

    def test_a_booking_without_an_id(self, client: Client, world: World, scheduler: Any) -> None:
        """Without the lead's id, the email address identifies the lead."""
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


class TestMessagesWithoutEffect:
    def test_a_booking_of_somebody_else(
        self, client: Client, world: World, scheduler: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The owner's other bookings are acknowledged, and change no lead."""
        caplog.set_level("INFO", logger="prequal")

        assert scheduler.by_address("stranger@example.com").to(client).status_code == 200

        assert lead_of(world) == builders.lead()
        assert "booking ignored" in caplog.text
        assert "stranger" not in caplog.text

    def test_a_step_that_the_status_forbids(
        self, client: Client, world: World, scheduler: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is acknowledged, or the scheduler would repeat it for a day; the log has the reason."""
        caplog.set_level("INFO", logger="prequal")
        world.store.change_lead(lead_of(world).id, lambda lead: (replace(lead, status=Status.WON), ()))

        assert scheduler.made().to(client).status_code == 200

        assert lead_of(world).status is Status.WON
        assert f"Lead {lead_of(world).id} is won and can't be booked" in caplog.text

    def test_an_event_of_another_kind(self, client: Client, world: World, scheduler: Any) -> None:
        """A message that isn't about a booking is acknowledged."""
        assert scheduler.something_else().to(client).status_code == 200

        assert lead_of(world) == builders.lead()


class TestSignatures:
    @pytest.mark.parametrize("change", ["body", "signature", "no signature", "secret"])
    def test_a_wrong_signature(self, client: Client, world: World, scheduler: Any, change: str) -> None:
        """A changed body, a wrong or missing signature, and another secret are 401."""
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
    def test_a_malformed_signature(self, client: Client, scheduler: Any, header: str) -> None:
        """A header without a valid signature is 401."""
        sent = scheduler.made()
        [name] = sent.headers

        assert replace(sent, headers={name: header}).to(client).status_code == 401

    @pytest.mark.parametrize(("seconds", "status"), [(180, 200), (181, 401), (-180, 200), (-181, 401)])
    def test_calendly_signs_the_time(self, client: Client, world: World, seconds: int, status: int) -> None:
        """A message that was signed over three minutes ago, or ahead, may be a replay."""
        sent = Calendly().made()
        world.clock.forward(timedelta(seconds=seconds))

        assert sent.to(client).status_code == status

    def test_the_time_cannot_be_changed(self, client: Client, world: World) -> None:
        """The time is part of the signed content."""
        sent = Calendly().made()
        world.clock.forward(HOUR)
        [(header, value)] = sent.headers.items()
        now = int(world.clock.now.timestamp())
        renewed = replace(sent, headers={header: f"t={now}," + value.partition(",")[2]})

        assert renewed.to(client).status_code == 401

    def test_one_schedulers_secret_is_not_anothers(self, client: Client) -> None:
        """Each scheduler has its own secret."""
        told = Cal().told("BOOKING_CREATED", "one", NOW)

        assert Cal().sent(told, CALENDLY_SECRET).to(client).status_code == 401


class TestTrouble:
    def test_a_scheduler_without_a_secret(self, client: Client, world: World, scheduler: Any) -> None:
        """Without a secret there is no webhook."""
        world.web = replace(world.web, hooks=replace(world.web.hooks, schedulers={}))

        assert scheduler.made().to(client).status_code == 404

    def test_a_store_that_is_down(self, client: Client, store: SqliteLeadStore, scheduler: Any) -> None:
        """503 makes the scheduler send it again."""
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
    def test_a_signed_message_with_unknown_content(self, client: Client, body: bytes) -> None:
        """400 shows the owner that it can't be read, for example because of a payload template."""
        headers = {"X-Cal-Signature-256": signed(CAL_SECRET, body)}

        assert client.post("/api/hooks/cal", data=body, headers=headers).status_code == 400

    def test_a_large_body(self, client: Client, world: World, scheduler: Any) -> None:
        """A scheduler may send more than a visitor, up to a limit."""
        assert scheduler.made(description="x" * 200_000).to(client).status_code == 200
        assert scheduler.made(description="x" * 300_000).to(client).status_code == 413
        assert lead_of(world).status is Status.BOOKED

    def test_only_by_post(self, client: Client) -> None:
        """Any other method is 405."""
        assert client.get("/api/hooks/cal").status_code == 405

    def test_the_log_has_ids_only(self, client: Client, scheduler: Any, caplog: pytest.LogCaptureFixture) -> None:
        """The log has no names, addresses or secrets."""
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
def test_arbitrary_payloads(scheduler: schedulers.Scheduler, told: dict[str, Any], about: Any, at: Any) -> None:
    """Anything but a documented message is a ValueError."""
    for odd in (about, told | {"payload": about}, told | {"createdAt": at, "created_at": at}):
        try:
            scheduler.parse_news(odd)
        except ValueError:
            continue
