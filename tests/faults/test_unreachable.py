"""An unreachable store: every call raises StoreUnavailableError, which becomes a 503."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest

from faults import parts
from faults.process import database_locked
from faults.rest_wire import WIRES, RestWire
from faults.wire import Call, Trouble, Wire
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.errors import LeadNotFoundError, StoreUnavailableError
from prequal.core.lead import Lead
from prequal.core.mail import Mail
from prequal.services.ports import Store
from support import builders
from support.builders import NOW, Clock
from support.emulating import TRANSPORTS, AnyTransport, EmulatedStore
from support.mails import claim_mail
from support.running import PATIENCE

# The visitor's limit; no call may wait longer.
_SECONDS = 10


def _admit(store: Store) -> object:
    return parts.intake(store, Clock()).receive(builders.sent())


def _settle(store: Store) -> object:
    return store.settle_mail(builders.invitation(), "ours", _same)


def _same(lead: Lead) -> Lead:
    return lead


def _unchanged(lead: Lead) -> tuple[Lead, Sequence[Mail]]:
    return lead, ()


def _ours(mail: Mail, _lead: Lead | None) -> Mail | None:
    return mail.claimed("ours", NOW)


_WRITES: dict[str, Callable[[Store], object]] = {
    "admit": _admit,
    "change": lambda store: store.change_lead("a-lead", _unchanged),
    "claim": lambda store: claim_mail(store, "a-mail", _ours),
    "settle": _settle,
    "erase": lambda store: store.erase_lead("a-lead"),
    "keep_form": lambda store: store.save_form(builders.document()),
    "add_mail": lambda store: store.add_mail(builders.invitation()),
}
_READS: dict[str, Callable[[Store], object]] = {
    "lead": lambda store: store.find_lead("a-lead"),
    "attempts": lambda store: store.list_attempts("a-lead"),
    "mails": lambda store: store.list_mails("a-lead"),
    "starting": lambda store: store.find_by_id_prefix("a", 2),
    "forms": lambda store: store.load_forms(),
    "due_leads": lambda store: store.list_due_leads(NOW, 9),
    "has_mail": lambda store: store.has_mail("a-mail"),
    "due_mails": lambda store: store.list_due_mails(NOW, 9),
}


def _successes(calls: Mapping[str, Callable[[], object]]) -> set[str]:
    """Make all calls concurrently and return the names of those that succeeded."""

    def succeeds(call: Callable[[], object]) -> bool:
        try:
            call()
        except StoreUnavailableError:
            return False
        return True

    with ThreadPoolExecutor(len(calls)) as pool:
        outcomes = zip(calls, pool.map(succeeds, calls.values(), timeout=PATIENCE), strict=True)
        return {name for name, succeeded in outcomes if succeeded}


@pytest.fixture(params=["refuses", "never answers"])
def nowhere(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return an address where no server listens, or where one never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        if request.param == "refuses":
            listening.close()
        yield address


@pytest.mark.parametrize("transport", TRANSPORTS.values(), ids=TRANSPORTS)
def test_an_unreachable_firestore_is_unavailable(
    nowhere: str, transport: AnyTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call fails if Firestore refuses connections or never answers."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", nowhere)
    with closing(EmulatedStore(transport=transport)) as store:
        calls = {name: partial(call, store) for name, call in {**_WRITES, **_READS}.items()}

        assert _successes(calls) == set()


def test_each_call_has_a_deadline(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline of each call is shorter than a visitor's wait for a whole request."""
    heard: list[Call] = []
    with Wire(emulator, heard=heard.append).serving() as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        with closing(EmulatedStore()) as store:
            for call in {**_WRITES, **_READS}.values():
                with suppress(LeadNotFoundError):
                    call(store)

    assert {call.name for call in heard} == {"BatchGetDocuments", "Commit", "RunQuery"}
    assert all(call.deadline and call.deadline < _SECONDS for call in heard)


def test_a_locked_database_is_unavailable(tmp_path: Path) -> None:
    """While another process locks the database, every concurrent write fails."""
    with closing(SqliteLeadStore(tmp_path / "prequal.db")) as store, database_locked(tmp_path / "prequal.db"):
        calls = {name: partial(call, store) for name, call in _WRITES.items()}

        assert _successes(calls) == set()


class _Sluggish:
    """Trouble for a database that is not `awake`: the first two calls hang, and each later one is slow."""

    def __init__(self) -> None:
        self.awake = True
        self._calls = iter([Trouble.SILENT, Trouble.SILENT])

    def __call__(self, _name: str) -> Trouble | None:
        return None if self.awake else next(self._calls, Trouble.SLOW)


@pytest.mark.parametrize(("transport", "wire"), WIRES.values(), ids=WIRES)
def test_a_slow_firestore_is_unavailable(
    emulator: str, transport: AnyTransport, wire: type[Wire | RestWire], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A submission fails if its calls together take too long, although each alone does not."""
    line = _Sluggish()
    with wire(emulator, line).serving() as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        with closing(EmulatedStore(transport=transport)) as store:
            intake = parts.intake(store, Clock())
            intake.receive(builders.sent(submission_id="submission-1"))
            line.awake = False

            again = builders.sent(submission_id="submission-2")
            assert _successes({"admit": lambda: intake.receive(again)}) == set()

            line.awake = True
            intake.receive(again)
            (lead,) = store.iter_leads()
            assert lead.attempts == 2
