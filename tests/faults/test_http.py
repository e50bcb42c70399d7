"""The deployed function while its store is unavailable, and afterwards."""

from __future__ import annotations

import socket
import sys
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

import pytest

from faults.process import database_locked
from faults.rest_wire import RestWire
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.services.ports import Store
from support.emulating import EmulatedStore
from support.running import (
    Answer,
    Server,
    environment,
    free_port,
    post_form,
    post_json,
    prospect,
    until,
    write_entry_point,
)

# One visitor with the page's script, and one without.
_JSON = prospect("Ada Lovelace", submission_id="a-submission")
_HTML = prospect("Grace Hopper")


def _function(folder: Path, **settings: str) -> Server:
    port = free_port()
    source = write_entry_point(folder)
    command = [sys.executable, "-m", "functions_framework", "--target", "submit", "--source", source]
    environ = environment(
        PREQUAL_SENDER="Studio North <hello@studio.example>",
        PREQUAL_BOOKING_URL="https://cal.example/",
        PREQUAL_SECRET="a secret that is long",
        PREQUAL_MAIL=f"outbox:{folder / 'outbox'}",
        **settings,
    )
    return Server(command=[*command, "--port", str(port)], folder=folder, port=port, environ=environ)


def _check_refusals(url: str) -> None:
    """Check the answers to both visitors, who send at the same time."""

    def _post(post: Callable[[str, Mapping[str, str]], Answer], fields: Mapping[str, str]) -> Answer:
        return post(url, fields)

    with ThreadPoolExecutor(2) as pool:
        script, page = pool.map(_post, (post_json, post_form), (_JSON, _HTML))
    assert (script.status, page.status) == (503, 503)
    assert script.headers["Retry-After"] == page.headers["Retry-After"] == "30"
    assert script.headers["Content-Type"] == "application/problem+json"
    assert page.headers["Content-Type"].startswith("text/html")
    for kept in (f'value="{_HTML["name"]}"', f'value="{_HTML["email"]}"'):
        assert kept in page.body
    assert page.body.count(" checked") == 4  # the four answers


def _check_receipts(url: str, store: Store) -> None:
    """Check that both submissions are accepted once the store is back, and that sending them again changes nothing."""
    for _ in range(2):
        until(lambda: post_json(url, _JSON).status == 202, "the store to be back")
        until(lambda: post_form(url, _HTML).status == 303, "the store to be back")
    assert {lead.email: lead.attempts for lead in store.iter_leads()} == {_JSON["email"]: 1, _HTML["email"]: 1}


def _nothing_listens(_port: int) -> AbstractContextManager[object]:
    return nullcontext()


def _nothing_answers(port: int) -> AbstractContextManager[object]:
    return socket.create_server(("127.0.0.1", port))


@pytest.mark.parametrize("away", [_nothing_listens, _nothing_answers])
def test_an_unreachable_firestore_is_answered_with_503(
    emulator: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    away: Callable[[int], AbstractContextManager[object]],
) -> None:
    """While Firestore is unreachable the answer is 503 and keeps the fields; afterwards the lead is stored once."""
    port, project = free_port(), f"test-{uuid.uuid4().hex[:12]}"
    settings = {"PREQUAL_STORE": f"firestore:{project}", "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{port}"}
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator)
    with _function(tmp_path, **settings) as function, closing(EmulatedStore(project)) as store:
        with away(port):
            _check_refusals(function.leads)
        with RestWire(emulator).serving(port):
            _check_receipts(function.leads, store)


def test_a_locked_database_is_answered_with_503(tmp_path: Path) -> None:
    """While the database is locked the answer is 503 and keeps the fields; afterwards the lead is stored once."""
    file = tmp_path / "prequal.db"
    with _function(tmp_path, PREQUAL_STORE=f"sqlite:{file}") as function, closing(SqliteLeadStore(file)) as store:
        with database_locked(file):
            _check_refusals(function.leads)
        _check_receipts(function.leads, store)
