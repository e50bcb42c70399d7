"""The REST transport on a real connection: TLS, tokens, and connections that are kept alive."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from faults.rest_wire import RestWire
from faults.wire import Call, FirstOfEach, Trouble
from prequal.adapters.firestore.rest_transport import RestTransport
from prequal.adapters.firestore.store import FirestoreLeadStore
from prequal.core.errors import StoreUnavailableError
from prequal.core.lead import Admission
from support import builders
from support.certificates import certificate
from support.emulating import EmulatedStore


class TokenServer(ThreadingHTTPServer):
    """Google's metadata server, and the address where key files are exchanged for tokens."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _TokenHandler)
        self.lifetime = 3600
        self.given = 0
        self.refuses = False
        self.address = f"127.0.0.1:{self.server_port}"


class _TokenHandler(BaseHTTPRequestHandler):
    server: TokenServer

    def do_GET(self) -> None:
        """Answer as the metadata server does, which wants its own header."""
        allowed = self.headers["Metadata-Flavor"] == "Google" and self.path.endswith("/default/token")
        self._answer(200 if allowed and not self.server.refuses else 403)

    def do_POST(self) -> None:
        """Exchange a signed assertion for a token."""
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._answer(200 if "assertion" in sent and not self.server.refuses else 401)

    def _answer(self, status: int) -> None:
        self.server.given += 1
        token = {"access_token": f"token-{self.server.given}", "expires_in": self.server.lifetime}
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(token if status == 200 else {"error": "invalid_grant"}).encode())

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    """Run a server of tokens."""
    with TokenServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def cloud(
    emulator: str, tokens: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[RestWire, FirestoreLeadStore]]:
    """Return a store as in the cloud: over TLS, with tokens of the metadata server."""
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("K_SERVICE", "submit")
    monkeypatch.setenv("GCE_METADATA_HOST", tokens.address)
    server_tls, _ = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    wire = RestWire(emulator, tls=server_tls)
    with wire.serving() as address, closing(_store_at(f"https://{address}")) as store:
        yield wire, store


def _store_at(address: str) -> FirestoreLeadStore:
    return FirestoreLeadStore(RestTransport("test-rest", address=address))


def test_calls_are_made_over_tls_with_a_token(cloud: tuple[RestWire, FirestoreLeadStore], tokens: TokenServer) -> None:
    """All calls share one connection and one token of the service account."""
    wire, store = cloud

    assert [store.find_lead("nobody"), store.find_lead("nobody")] == [None, None]

    assert (wire.connections, tokens.given) == (1, 1)
    assert wire.authorizations == ["Bearer token-1"] * 2


def test_an_expiring_token_is_replaced(cloud: tuple[RestWire, FirestoreLeadStore], tokens: TokenServer) -> None:
    """A token that the metadata server would no longer hand out is fetched anew."""
    wire, store = cloud
    tokens.lifetime = 200

    store.find_lead("nobody")
    store.find_lead("nobody")

    assert wire.authorizations == ["Bearer token-1", "Bearer token-2"]


def test_a_refused_token_is_unavailable(cloud: tuple[RestWire, FirestoreLeadStore], tokens: TokenServer) -> None:
    """Without a token nothing is called."""
    wire, store = cloud
    tokens.refuses = True

    with pytest.raises(StoreUnavailableError):
        store.find_lead("nobody")

    assert wire.authorizations == []


def test_a_foreign_certificate_is_refused(
    cloud: tuple[RestWire, FirestoreLeadStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No token goes to a server whose certificate nobody vouches for."""
    wire, store = cloud
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(StoreUnavailableError):
        store.find_lead("nobody")

    assert wire.authorizations == []


@pytest.fixture
def key_file(tokens: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Provide a service account's key as the default credentials."""
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "key.json"
    account = {"type": "service_account", "client_email": "owner@test.example", "private_key": key.decode()}
    file.write_text(json.dumps({**account, "project_id": "test-rest", "token_uri": f"http://{tokens.address}/token"}))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))


@pytest.mark.usefixtures("key_file")
def test_default_credentials(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On other machines google-auth finds the credentials, and fetches a token once."""
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    wire = RestWire(emulator)
    with wire.serving() as address, closing(_store_at(f"http://{address}")) as store:
        store.find_lead("nobody")
        store.find_lead("nobody")

    assert wire.authorizations == ["Bearer token-1"] * 2


@pytest.mark.usefixtures("key_file")
def test_refused_default_credentials(emulator: str, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that Google refuses are named, with what to do."""
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    tokens.refuses = True

    with (
        closing(_store_at(f"http://{emulator}")) as store,
        pytest.raises(StoreUnavailableError, match="run gcloud auth application-default login"),
    ):
        store.find_lead("nobody")


def test_missing_default_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credentials file that isn't there is named, with what to do."""
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nowhere.json"))

    with (
        closing(_store_at("http://127.0.0.1:9")) as store,
        pytest.raises(StoreUnavailableError, match="run gcloud auth application-default login"),
    ):
        store.find_lead("nobody")


@contextmanager
def _store_behind(wire: RestWire, monkeypatch: pytest.MonkeyPatch) -> Iterator[FirestoreLeadStore]:
    with wire.serving() as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        with closing(EmulatedStore(transport=RestTransport)) as store:
            yield store


def test_calls_at_once_have_connections_of_their_own(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls at the same time don't wait for each other, and later ones use the connections that are there."""
    together = threading.Barrier(3)
    meeting = True

    def meet(_name: str) -> None:
        if meeting:
            together.wait()

    wire = RestWire(emulator, trouble=meet)
    with _store_behind(wire, monkeypatch) as store, ThreadPoolExecutor(3) as threads:
        list(threads.map(store.find_lead, ["a", "b", "c"]))
        meeting = False
        for lead_id in ("d", "e", "f"):
            store.find_lead(lead_id)

    assert wire.connections == 3


def test_a_connection_that_the_server_has_closed_is_opened_again(
    emulator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next call after a server closed an idle connection is sent once, on a new one."""
    calls: list[Call] = []
    answers = iter([Trouble.CLOSES])
    wire = RestWire(emulator, trouble=lambda _name: next(answers, None), heard=calls.append)
    with _store_behind(wire, monkeypatch) as store:
        store.find_lead("nobody")
        store.find_lead("nobody")

    assert (wire.connections, len(calls)) == (2, 2)


def test_an_answer_of_a_proxy_is_repeated(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is no JSON is a failure that passes: what the call wrote is found by the next try."""
    line = FirstOfEach(Trouble.GARBLED)
    line.arm()
    with _store_behind(RestWire(emulator, line), monkeypatch) as store:
        lead, attempt = builders.admitted()

        assert store.admit(lead, attempt, [], lambda existing: (existing, ())) is Admission.REPLAY

        assert store.find_lead(lead.id) == lead
    assert line.struck == 3
