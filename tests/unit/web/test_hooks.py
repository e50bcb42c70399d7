"""Webhooks of schedulers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.lead import Booking, Lead, Note, Status
from prequal.owner.terminal import describe_lead
from prequal.pages.zone import UTC_ZONE
from prequal.services.ports import Store
from support import builders, scheduling
from support.builders import NOW
from support.scheduling import STARTS_AT, Cal, Calendly, SavvyCal, Sent, signed
from support.world import CAL_SECRET, CALENDLY_SECRET, SAVVYCAL_SECRET, World

if TYPE_CHECKING:
    from werkzeug.test import Client

HOUR = timedelta(hours=1)


@pytest.fixture(params=[Cal(), Calendly(), SavvyCal()], ids=["cal", "calendly", "savvycal"])
def scheduler(request: pytest.FixtureRequest) -> Any:
    """Return each scheduler in turn."""
    return request.param


@pytest.fixture(params=[Cal(), Calendly()], ids=["cal", "calendly"])
def replacing(request: pytest.FixtureRequest) -> Any:
    """Return each scheduler for which a rescheduled booking is another one."""
    return request.param


@pytest.fixture(params=[Cal(), SavvyCal()], ids=["cal", "savvycal"])
def confirming(request: pytest.FixtureRequest) -> Any:
    """Return each scheduler whose bookings may need the owner's confirmation."""
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
        assert client.post(world.link()).status_code == 303

    def test_rescheduled(self, client: Client, world: World, replacing: Any) -> None:
        """The lead stays booked, for the new time; a late message on the old booking has no effect then."""
        replacing.made("one", NOW + HOUR).to(client)
        for sent in replacing.moved("two", "one", NOW + 2 * HOUR):
            assert sent.to(client).status_code == 200
        replacing.cancelled("one", NOW + 3 * HOUR).to(client)
        replacing.made("one", NOW + 3 * HOUR).to(client)

        assert lead_of(world).status is Status.BOOKED
        assert booking_of(world).id.endswith("two")

    def test_rescheduled_under_the_same_id(self, client: Client, world: World) -> None:
        """A booking of SavvyCal moves and keeps its id."""
        SavvyCal().made(at=NOW + HOUR).to(client)
        later = STARTS_AT + HOUR

        assert SavvyCal().moved("one", NOW + 2 * HOUR, later).to(client).status_code == 200
        assert booking_of(world).starts_at == later
        SavvyCal().made(at=NOW + HOUR).to(client)
        assert booking_of(world).starts_at == later

    def test_rescheduled_with_messages_out_of_order(self, client: Client, world: World, replacing: Any) -> None:
        """The messages on a rescheduled booking have the same effect in any order."""
        for sent in reversed([replacing.made("one", NOW + HOUR), *replacing.moved("two", "one", NOW + 2 * HOUR)]):
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

    def test_requested(self, client: Client, world: World, confirming: Any) -> None:
        """A requested booking is none yet; the owner's confirmation makes it one, and a rejection ends it."""
        confirming.requested("one", NOW + HOUR).to(client)
        assert (lead_of(world).status, booking_of(world).is_requested) == (Status.INVITED, True)

        confirming.rejected("one", NOW + 2 * HOUR).to(client)
        assert (lead_of(world).status, booking_of(world).is_requested) == (Status.INVITED, False)

        confirming.requested("two", NOW + 3 * HOUR).to(client)
        confirming.confirmed("two", NOW + 4 * HOUR).to(client)
        assert (lead_of(world).status, booking_of(world).booked_at) == (Status.BOOKED, NOW + 4 * HOUR)

    def test_a_lead_with_an_international_domain(self, client: Client, world: World, scheduler: Any) -> None:
        """An address is compared as the form stores it."""
        lead, attempt = builders.admitted(email="idn@mañana.example.com")
        world.store.admit(lead, attempt, [], lambda existing: (existing, ()))
        assert lead.email == "idn@xn--maana-pta.example.com"

        assert scheduler.by_address("IDN@MAÑANA.example.com").to(client).status_code == 200

        booked = world.store.find_lead(lead.id)
        assert booked is not None
        assert booked.status is Status.BOOKED

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


class TestLaterMessages:
    """Messages by which only the booking's own id leads to the lead."""

    def test_cal_forgets_the_lead_when_a_booking_is_cancelled(
        self, any_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A cancellation without metadata, of a booking under another address, ends the lead's booking."""
        world = World(any_store)
        any_store.admit(*builders.admitted(), [], lambda existing: (existing, ()))
        client = world.client(tmp_path, monkeypatch)
        Cal().made("b1", NOW + HOUR).to(client)
        assert lead_of(world).status is Status.BOOKED

        told = Cal().told("BOOKING_CANCELLED", "b1", NOW + 2 * HOUR, status="CANCELLED", requestReschedule=False)
        del told["payload"]["metadata"]
        Cal().sent(told).to(client)

        assert lead_of(world).status is Status.INVITED

    def test_cal_forgets_the_lead_when_a_booking_moves(self, client: Client, world: World) -> None:
        """A rescheduled booking is found by the id of the one that it replaces, and later by its own."""
        Cal().made("c1", NOW + HOUR).to(client)
        metadata, later = {"videoCallUrl": "https://video.example/2"}, STARTS_AT + HOUR
        moved = Cal().told("BOOKING_RESCHEDULED", "c2", NOW + 2 * HOUR, rescheduleUid="c1", metadata=metadata)
        moved["payload"]["startTime"] = f"{later:%Y-%m-%dT%H:%M:%SZ}"

        Cal().sent(moved).to(client)
        assert (booking_of(world).id, booking_of(world).starts_at) == ("c2", later)

        Cal().sent(Cal().told("BOOKING_CANCELLED", "c2", NOW + 3 * HOUR, metadata=None)).to(client)
        assert lead_of(world).status is Status.INVITED

    def test_calendly_without_the_lead(self, client: Client, world: World) -> None:
        """A rescheduled booking is found by `old_invitee`, and its cancellation by `uri`."""
        Calendly().made("one", NOW + HOUR).to(client)
        [made, *_] = Calendly().moved("two", "one", NOW + 2 * HOUR)
        told = json.loads(made.body)
        told["payload"]["tracking"] = {"utm_content": None}

        Calendly().sent(told).to(client)
        assert booking_of(world).id.endswith("two")

        cancelled = Calendly().told("invitee.canceled", "two", NOW + 3 * HOUR, tracking={})
        Calendly().sent(cancelled).to(client)
        assert lead_of(world).status is Status.INVITED

    def test_savvycal_without_the_lead(self, client: Client, world: World) -> None:
        """A cancellation is found by the booking's id."""
        SavvyCal().made("one", NOW + HOUR).to(client)

        SavvyCal().sent(SavvyCal().told("event.canceled", "one", NOW + 2 * HOUR, metadata={})).to(client)

        assert lead_of(world).status is Status.INVITED


class TestGuests:
    def test_a_guest_gets_a_note(self, client: Client, world: World, scheduler: Any) -> None:
        """A lead who is only a guest of somebody else's booking is not booked; the history says so, once."""
        sent = scheduler.with_guests("stranger@example.com", "ADA@example.com")
        for _ in range(2):
            assert sent.to(client).status_code == 200

        lead = lead_of(world)
        assert (lead.status, lead.booking) == (Status.INVITED, None)
        text = "A guest of an appointment for 2026-03-07 09:30 UTC, which somebody else booked, has this address."
        assert lead.notes == (Note(at=NOW, by="scheduler", text=text),)
        assert f"2 Mar 2026, 09:30 UTC   scheduler: {text}\n" in describe_lead(lead, [], [], {}, UTC_ZONE)

    def test_a_guest_of_a_lead(self, client: Client, world: World, scheduler: Any) -> None:
        """The lead who books is booked, and a guest who is a lead too gets the note."""
        grace, attempt = builders.admitted(email="grace@example.com")
        world.store.admit(grace, attempt, [], lambda existing: (existing, ()))

        scheduler.with_guests("ada@example.com", "grace@example.com").to(client)

        by_address = {lead.email: (lead.status, len(lead.notes)) for lead in world.leads}
        assert by_address == {"ada@example.com": (Status.BOOKED, 0), "grace@example.com": (Status.INVITED, 1)}

    def test_a_lead_among_its_own_guests(self, client: Client, world: World, scheduler: Any) -> None:
        """A lead whose address is both the booker's and a guest's needs no note."""
        scheduler.with_guests("ada@example.com", "ada@example.com").to(client)

        assert (lead_of(world).status, lead_of(world).notes) == (Status.BOOKED, ())

    def test_a_guest_does_not_stand_in_for_the_booker(self, client: Client, world: World, scheduler: Any) -> None:
        """If the booker's address can't be read, the next one is still only a guest's."""
        scheduler.with_guests("\ud800", "ada@example.com").to(client)

        assert (lead_of(world).status, len(lead_of(world).notes)) == (Status.INVITED, 1)

    def test_another_attempt_keeps_the_notes(self, client: Client, world: World) -> None:
        """Notes stay with the lead."""
        Cal().with_guests("stranger@example.com", "ada@example.com").to(client)

        answer = client.post("/api/leads", json=builders.sent(submission_id="another-one"))

        assert answer.status_code == 202
        assert (lead_of(world).attempts, len(lead_of(world).notes)) == (2, 1)


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
            b'{"triggerEvent": "BOOKING_CREATED", "createdAt": "2026-03-02T09:30:00Z", "payload": {"uid": ""}}',
            b'{"triggerEvent": "BOOKING_CREATED", "createdAt": "2026-03-02T09:30:00Z", "payload": {"uid": "\\ud800"}}',
            b'{"triggerEvent": "BOOKING_CREATED", "createdAt": "2026-03-02T09:30:00Z", "payload": {"uid": "%s"}}'
            % (b"x" * 1001),
        ],
    )
    def test_a_signed_message_with_unknown_content(self, client: Client, body: bytes) -> None:
        """400 shows the owner that it can't be read, for example because of a payload template."""
        headers = {"X-Cal-Signature-256": signed(CAL_SECRET, body)}

        assert client.post("/api/hooks/cal", data=body, headers=headers).status_code == 400

    @pytest.mark.parametrize(
        "email", ["\ud800", "ada\ud800@example.com", "", " ", "@", "a" * 9999, None, 7, ["a@b.example"]]
    )
    def test_an_impossible_address(self, client: Client, world: World, scheduler: Any, email: Any) -> None:
        """An address that nobody can have finds nobody; the lead's id still counts."""
        assert scheduler.by_address(email).to(client).status_code == 200
        assert scheduler.with_guests("ada@example.com", email).to(client).status_code == 200
        assert lead_of(world).status is Status.BOOKED

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
        for private in ("Ada", "ada@", CAL_SECRET, CALENDLY_SECRET, SAVVYCAL_SECRET):
            assert private not in caplog.text


_texts = st.text(st.characters(), max_size=9)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=9,
)


@st.composite
def _bent(draw: st.DrawFn, told: Any) -> Any:
    """Return a documented message, of which any parts are something else."""
    if draw(st.integers(0, 9)) == 0:
        return draw(_json)
    if isinstance(told, dict):
        return {name: draw(_bent(value)) for name, value in told.items()}
    return [draw(_bent(value)) for value in told] if isinstance(told, list) else told


@pytest.mark.parametrize(
    ("scheduler", "events"),
    [
        (Cal(), ["BOOKING_CREATED", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED", "BOOKING_REQUESTED"]),
        (Calendly(), ["invitee.created", "invitee.canceled"]),
        (SavvyCal(), ["event.created", "event.rescheduled", "event.canceled", "event.requested", "event.declined"]),
    ],
    ids=["cal", "calendly", "savvycal"],
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_arbitrary_payloads(
    client: Client, caplog: pytest.LogCaptureFixture, scheduler: Any, events: list[str], data: st.DataObject
) -> None:
    """Any signed message is recorded, ignored, or refused with 400."""
    caplog.clear()
    told = scheduler.told(data.draw(st.sampled_from(events)), data.draw(_texts), NOW)

    answer = scheduler.sent(data.draw(_bent(told))).to(client)

    assert answer.status_code in (200, 400)
    assert "Traceback" not in caplog.text
