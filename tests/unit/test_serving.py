"""A process of the production server: its pages, its readiness, its mails and its listener."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from typing import TYPE_CHECKING

import pytest

from prequal import bootstrap
from prequal.compiled import Compiled
from prequal.forms.compilation import compile_files
from prequal.forms.site_builder import build_site
from prequal.pages.headers import ASSET_CACHING, NO_CACHING, PAGE_CACHING
from prequal.serving import server_settings
from prequal.serving.listener import refuse_connections
from prequal.serving.process import run_process
from prequal.serving.repeating import repeating
from support.running import CHECKOUT, PATIENCE, address, outbox, prospect, until

if TYPE_CHECKING:
    from werkzeug.test import Client

FORM = str(CHECKOUT / "schema/form.yaml")
NEEDED = {
    "PREQUAL_FORM": FORM,
    "PREQUAL_MAIL": "outbox:outbox",
    "PREQUAL_SENDER": "Studio North <hello@studio.example>",
    "PREQUAL_BOOKING_URL": "https://cal.example/intro",
    "PREQUAL_SECRET": "a secret that is long",
    "PREQUAL_PUBLIC_URL": "https://studio.example",
}


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    """Return the default form."""
    return compile_files(Path(FORM))


@pytest.fixture(scope="module")
def site(compiled: Compiled, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build its site."""
    folder = tmp_path_factory.mktemp("site")
    build_site(bootstrap.build_sites(compiled, "https://studio.example"), folder)
    return folder


@dataclass(slots=True)
class Process:
    """A process with an empty store, as a client and its gunicorn see it."""

    client: Client
    folder: Path
    is_stopping: bool = False

    @property
    def has_swept(self) -> bool:
        """Whether the sweep has reached its end."""
        with closing(sqlite3.connect(self.folder / "prequal.db")) as connection:
            found = connection.execute("SELECT count(*) FROM ledger WHERE key = 'retention'").fetchone()
            return bool(found[0])


@pytest.fixture
def process(compiled: Compiled, site: Path, tmp_path: Path) -> Iterator[Process]:
    """Run a process."""
    places = {"PREQUAL_STORE": f"sqlite:{tmp_path}/prequal.db", "PREQUAL_MAIL": f"outbox:{tmp_path}/.prequal/outbox"}
    settings = server_settings.read({**NEEDED, **places})
    with run_process(settings, compiled, site, lambda: made.is_stopping) as app:
        made = Process(client=app.test_client(), folder=tmp_path)
        yield made


def test_pages_have_their_headers(process: Process, site: Path) -> None:
    """Pages are revalidated, assets kept, and missing pages never cached; all have the headers of the site."""
    [style] = site.glob("assets/style.*.css")
    paths = ("/", "/fr/privacy/", f"/assets/{style.name}", "/nowhere")
    answers = {path: process.client.get(path, buffered=True) for path in paths}

    assert {path: answer.status_code for path, answer in answers.items()} == {
        "/": 200,
        "/fr/privacy/": 200,
        f"/assets/{style.name}": 200,
        "/nowhere": 404,
    }
    assert [answer.headers["Cache-Control"] for answer in answers.values()] == [
        PAGE_CACHING,
        PAGE_CACHING,
        ASSET_CACHING,
        NO_CACHING,
    ]
    assert {answer.headers["Content-Security-Policy"][:18] for answer in answers.values()} == {"default-src 'none'"}
    assert answers["/nowhere"].data == (site / "404.html").read_bytes()
    assert process.client.get("/fr").headers["Location"] == "/fr/"


def test_it_is_ready_while_the_store_answers(process: Process) -> None:
    """Readiness is 200 while the store answers, and 503 when it doesn't, or when the process is stopping."""
    before = process.client.get("/api/ready")
    process.is_stopping = True
    stopping = process.client.get("/api/ready")
    process.is_stopping = False
    with closing(sqlite3.connect(process.folder / "prequal.db")) as connection:
        connection.execute("DROP TABLE leads")
    broken = process.client.get("/api/ready")

    assert [answer.status_code for answer in (before, stopping, broken)] == [200, 503, 503]
    assert [answer.headers["Cache-Control"] for answer in (before, stopping, broken)] == [NO_CACHING] * 3
    assert process.client.get("/api/health").status_code == 200


def test_a_submission_sends_its_invitation(process: Process) -> None:
    """The invitation goes out once the answer is read; the sweep could send none, as the queue was empty then."""
    until(lambda: process.has_swept, "the first sweep")
    answer = process.client.post("/api/leads", json=prospect("Ada"))
    sent_before = outbox(process.folder)
    answer.close()

    [mail] = until(lambda: outbox(process.folder), "the invitation")
    assert (answer.status_code, sent_before, mail["To"]) == (202, [], address("Ada"))


def test_what_is_repeated_is_finished() -> None:
    """A repeated action survives its errors, and the end of the block waits for the one in progress."""
    running, go_on = Event(), Event()
    begun, finished = list[int](), list[int]()

    def act() -> None:
        begun.append(len(begun))
        if begun == [0]:
            raise ValueError
        running.set()
        go_on.wait(PATIENCE)
        finished.append(begun[-1])

    with repeating(act, seconds=0.001):
        assert running.wait(PATIENCE)
        Timer(0.05, go_on.set).start()

    assert finished == [1]


def test_who_has_connected_is_not_reset() -> None:
    """After the listener refuses connections, one that waits is still accepted and read, and no other comes in."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as early:
        refuse_connections(listener)
        early.sendall(b"early")
        with pytest.raises(TimeoutError):
            socket.create_connection(listener.getsockname(), timeout=0.2)
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.recv(9) == b"early"


@pytest.mark.parametrize(("given", "hops"), [({}, 1), ({"PREQUAL_HOPS": "2"}, 2), ({"PREQUAL_HOPS": "0"}, 0)])
def test_one_proxy_is_expected(given: dict[str, str], hops: int) -> None:
    """Unless `PREQUAL_HOPS` is set, one proxy is trusted: the one that terminates TLS."""
    assert server_settings.read({**NEEDED, **given}).hops == hops


def test_an_ephemeral_folder_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder on the container's own file system is ephemeral, one on a volume isn't."""
    device = tmp_path.stat().st_dev
    mounts = tmp_path / "mountinfo"
    monkeypatch.setattr(server_settings, "_MOUNTS", mounts)

    def is_ephemeral(kind: str, number: str = f"{device >> 8 & 0xFFF}:{device & 0xFF}") -> bool:
        mounts.write_text(
            f"21 1 0:1 / /proc rw - proc proc rw\n36 21 {number} / /data rw shared:1 - {kind} /dev/x rw\n"
        )
        return server_settings.is_ephemeral(tmp_path)

    assert [is_ephemeral(kind) for kind in ("overlay", "tmpfs", "ext4")] == [True, True, False]
    assert not is_ephemeral("overlay", "0:9999")


def test_the_owners_zone_on_a_server() -> None:
    """A server's own time zone says nothing of the owner's: without PREQUAL_ZONE, times are in UTC."""
    assert str(server_settings.read(NEEDED).zone) == "UTC"
    assert str(server_settings.read({**NEEDED, "PREQUAL_ZONE": "Europe/Oslo"}).zone) == "Europe/Oslo"
