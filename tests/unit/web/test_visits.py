"""Messages of the page on how far a visit came."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from prequal.core.errors import StoreUnavailableError
from prequal.core.visits import VisitCounts
from prequal.services.visit_counting import add_source
from prequal.web.rate_limit import BUCKET_SIZE
from support import builders
from unit.web.posting import post_json

if TYPE_CHECKING:
    from werkzeug.test import Client, TestResponse

    from support.world import World


def leave(client: Client, *, headers: dict[str, str] | None = None, **message: Any) -> TestResponse:
    """Send what a browser sends when its visitor leaves the page."""
    body = json.dumps({"form_version": builders.form().version, "source": "", "stage": 2, **message})
    return client.post("/api/progress", data=body, content_type="text/plain;charset=UTF-8", headers=headers)


def counted(world: World) -> list[tuple[str, dict[str, int]]]:
    """Return the sources and counts that are stored."""
    return [(counts.source, dict(counts.counts)) for counts in world.store.iter_visits()]


def test_a_visit_is_counted(world: World, client: Client) -> None:
    """The answer is empty, and the counts hold the day, the form and a number, nothing that tells visitors apart."""
    response = leave(client, headers={"Origin": "https://blog.example", "Cookie": "a=b", "User-Agent": "mine"})

    assert (response.status_code, response.data) == (204, b"")
    assert "Set-Cookie" not in response.headers
    form = builders.form()
    assert list(world.store.iter_visits()) == [
        VisitCounts(day="2026-03-02", form_id=form.id, form_version=form.version, source="", counts={"stage_2": 1})
    ]


def test_a_visit_that_is_continued_is_moved(world: World, client: Client) -> None:
    """A visit that is left twice counts once, where it came to; the time counts once it is sent."""
    leave(client, stage=0)
    leave(client, stage=12, reported=0, pace=13)

    assert dict(counted(world)[0][1] | counted(world)[1][1] | counted(world)[2][1]) == {
        "stage_0": 0,
        "sent": 1,
        "pace_13": 1,
    }


def test_only_the_owners_sources_are_named(world: World, client: Client) -> None:
    """A source that a link of the owner's names is counted apart; all that others make up are one."""
    add_source(world.store, "ada")
    for source in ("ada", "made up", ["ada"], {"a": 1}, "ada@example.com"):
        leave(client, source=source)

    assert sorted(counted(world)) == [("", {"stage_2": 3}), ("ada", {"stage_2": 2})]


def test_the_number_of_sources_is_bounded(world: World, client: Client) -> None:
    """A hundred sources are counted apart, the newest."""
    for number in range(101):
        add_source(world.store, f"source {number}")
    add_source(world.store, "source 1")
    for number in (0, 1, 2, 100):
        leave(client, source=f"source {number}")

    assert {source for source, _ in counted(world)} == {"", "source 1", "source 2", "source 100"}


@pytest.mark.parametrize(
    "changes",
    [
        {"form_version": "0" * 12},
        {"form_version": ["a"]},
        {"form_version": {}},
        {"stage": 99},
        {"stage": "2"},
        {"stage": 2, "reported": 5},
    ],
)
def test_what_is_unknown_counts_nowhere(world: World, client: Client, changes: dict[str, Any]) -> None:
    """A message about another version or stage gets the same answer, and is not counted."""
    assert leave(client, **changes).status_code == 204
    assert counted(world) == []


@pytest.mark.parametrize(
    ("body", "status"), [("", 400), ("{", 400), ("[" * 3000, 400), ("[1]", 400), (" " * 5000, 413)]
)
def test_what_is_no_message_is_refused(world: World, client: Client, body: str, status: int) -> None:
    """A body that is no object of JSON, or is long, is refused."""
    assert client.post("/api/progress", data=body, content_type="text/plain").status_code == status
    assert client.get("/api/progress").status_code == 405
    assert counted(world) == []


def test_a_client_counts_only_so_often(world: World, client: Client) -> None:
    """Beyond its bucket, a client's visits are answered alike and not counted; its submissions have their own."""

    def visitor(last: int) -> dict[str, str]:
        return {"X-Forwarded-For": f"192.0.2.{last}, 10.0.0.1"}

    statuses = {leave(client, headers=visitor(1)).status_code for _ in range(BUCKET_SIZE + 5)}

    assert statuses == {204}
    assert counted(world) == [("", {"stage_2": BUCKET_SIZE})]
    leave(client, headers=visitor(2))
    assert counted(world) == [("", {"stage_2": BUCKET_SIZE + 1})]
    assert client.post("/api/leads", json=builders.sent(), headers=visitor(1)).status_code == 202


def test_a_store_that_fails_costs_a_count_only(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """If the store does not answer, the visitor's browser is told nothing, and the log has a warning."""

    def fail(*_: object) -> None:
        raise StoreUnavailableError("busy")

    monkeypatch.setattr(world.store, "add_visits", fail)
    with caplog.at_level("WARNING", "prequal"):
        assert leave(client).status_code == 204

    assert "visit lost" in caplog.text


def test_a_submission_does_not_count_as_a_visit(world: World, client: Client) -> None:
    """Leads include people without JavaScript, so only the page's messages count visits."""
    assert post_json(client).status_code == 202
    assert counted(world) == []
