"""The development server as a process, under concurrent requests, crashes and restarts."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from support.running import (
    CHECKOUT,
    PATIENCE,
    QUALIFIED,
    UNQUALIFIED,
    Answer,
    Server,
    address,
    development_server,
    exported,
    free_port,
    get,
    link_in,
    outbox,
    post_form,
    post_json,
    prequal,
    prospect,
    until,
)

CROWD = 50


def all_at_once(server: Server, submissions: Sequence[dict[str, str]]) -> list[Answer]:
    """Send all of them at the same moment."""
    together = threading.Barrier(len(submissions))

    def send(fields: dict[str, str]) -> Answer:
        together.wait()
        return post_json(server.leads, fields)

    with ThreadPoolExecutor(len(submissions)) as crowd:
        return list(crowd.map(send, submissions))


def send_due_mails(folder: Path) -> None:
    """Send every mail that is due, so that the outbox is complete."""
    assert prequal(folder, "deliver").returncode == 0


def test_a_submission_sent_many_times_at_once_counts_once(tmp_path: Path) -> None:
    """The same submission, fifty times at once, is one lead with one attempt and one invitation."""
    with development_server(tmp_path) as server:
        answers = all_at_once(server, [prospect("Ada", submission_id="same-submission")] * CROWD)

    send_due_mails(tmp_path)
    [lead] = exported(tmp_path)
    assert {(answer.status, answer.body) for answer in answers} == {(202, '{"status": "received"}')}
    assert (lead["email"], lead["attempts"]) == (address("Ada"), 1)
    assert [mail["To"] for mail in outbox(tmp_path)] == [address("Ada")]


def test_a_person_who_sends_many_at_once_is_one_lead(tmp_path: Path) -> None:
    """Fifty submissions of one person at once are one lead with fifty attempts and one invitation."""
    with development_server(tmp_path) as server:
        answers = all_at_once(server, [prospect("Ada", submission_id=f"submission-{n}") for n in range(CROWD)])

    send_due_mails(tmp_path)
    [lead] = exported(tmp_path)
    assert {answer.status for answer in answers} == {202}
    assert (lead["email"], lead["attempts"]) == (address("Ada"), CROWD)
    assert [mail["To"] for mail in outbox(tmp_path)] == [address("Ada")]


def test_answered_submissions_survive_a_crash(tmp_path: Path) -> None:
    """After kill -9 amid 200 submissions, each that was answered is a lead, and each invitation arrives, once."""
    answered: list[str] = []
    enough, crashed = threading.Event(), threading.Event()

    def send(n: int) -> None:
        if n >= 150:  # so that some are always left to be sent
            crashed.wait()
        # Of each way to post, one half qualifies.
        fields = prospect(f"Prospect {n}", UNQUALIFIED if n % 2 else QUALIFIED) | {"email": f"prospect.a{n}@web.de"}
        post, expected = (post_form, 303) if n % 4 < 2 else (post_json, 202)
        try:
            answer = post(server.leads, fields)
        except (OSError, HTTPException):
            return
        assert answer.status == expected
        answered.append(fields["email"])
        if len(answered) >= 60:
            enough.set()

    # Without a mail budget, so that every invitation is seen to arrive.
    document = (CHECKOUT / "schema/form.yaml").read_text(encoding="utf-8")
    (tmp_path / "form.yaml").write_text(document.replace("\ninvitation:\n", "\ninvitation:\n  most_a_day: 1000\n"))
    with development_server(tmp_path, PREQUAL_FORM=str(tmp_path / "form.yaml")) as server:
        with ThreadPoolExecutor(40) as crowd:
            sending = crowd.map(send, range(200))
            assert enough.wait(PATIENCE), "the server answered too few"
            assert server.stop(signal.SIGKILL) == -signal.SIGKILL
            crashed.set()
            list(sending)

        server.start()
        leads = exported(tmp_path)
        qualified = [lead["email"] for lead in leads if lead["score"]["qualified"]]
        # One that was being sent at the crash goes out when its lease has run out.
        until(lambda: len(outbox(tmp_path)) >= len(qualified), "the invitations")

    send_due_mails(tmp_path)
    assert set(answered) <= {lead["email"] for lead in leads}
    assert sorted(mail["To"] for mail in outbox(tmp_path)) == sorted(qualified)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(tmp_path: Path, by: signal.Signals) -> None:
    """SIGINT and SIGTERM end it with exit status 0, one word, and no traceback."""
    with development_server(tmp_path) as server:
        post_json(server.leads, prospect("Ada"))
        status = server.stop(by)

    assert status == 0
    assert server.log.endswith("\nStopped.\n")
    assert "Traceback" not in server.log


def test_two_in_one_folder(tmp_path: Path) -> None:
    """Another server in the same folder, at another port, leaves the pages of the first as they are."""
    with development_server(tmp_path) as first, development_server(tmp_path) as second:
        for server in (first, second):
            assert f'href="{server.url}/"' in get(f"{server.url}/").body


def test_a_port_in_use(tmp_path: Path) -> None:
    """A port in use is one sentence that says what to do, and exit status 2."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        started = prequal(tmp_path, "dev", "--port", str(port))
        by_make = prequal(tmp_path, "dev", "--port", str(port), MAKELEVEL="1")

    assert started.stderr == f"Port {port} is already in use. Try `prequal dev --port 8081`.\n"
    assert by_make.stderr == f"Port {port} is already in use. Try `make run PORT=8081`.\n"
    assert (started.returncode, started.stdout) == (2, "")


def test_faulty_settings_are_all_named(tmp_path: Path) -> None:
    """Each faulty setting is one sentence that begins with its name, and nothing starts."""
    faulty = {
        "PREQUAL_FORM": "nope.yaml",
        "PREQUAL_STORE": "shoebox",
        "PREQUAL_MAIL": "pigeon",
        "PREQUAL_SENDER": "x",
        "PREQUAL_PUBLIC_URL": "studio.example",
    }

    started = prequal(tmp_path, "dev", "--port", str(free_port()), **faulty)

    assert [sentence.split()[0] for sentence in started.stderr.splitlines()] == list(faulty)
    assert (started.returncode, started.stdout) == (2, "")
    assert not (tmp_path / "build").exists()


def test_a_link_outlives_a_restart(tmp_path: Path) -> None:
    """The link of an invitation still leads to the booking page after the server was restarted."""
    with development_server(tmp_path) as server:
        post_json(server.leads, prospect("Ada"))
        [mail] = until(lambda: outbox(tmp_path), "the invitation")
        server.stop()
        server.start()
        answer = post_form(link_in(mail), {})

    booking = urlsplit(answer.headers["Location"])
    assert (answer.status, booking.path) == (303, "/booking")
    assert parse_qs(booking.query)["email"] == [address("Ada")]


def test_only_this_machines_names_are_answered(tmp_path: Path) -> None:
    """A foreign site whose name leads to this machine reads neither the inbox nor the page, and posts nothing."""
    with development_server(tmp_path) as server:

        def status(path: str, host: str, method: str = "GET") -> int:
            connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
            with closing(connection):
                connection.request(method, path, "{}", {"Host": host, "Content-Type": "application/json"})
                return connection.getresponse().status

        ours = [f"localhost:{server.port}", "localhost", f"127.0.0.1:{server.port}", "LOCALHOST:80", "[::1]:8080"]
        foreign = [
            "evil.example", f"evil.example:{server.port}", "localhost.evil.example", "127.0.0.1.evil.example",
            "192.0.2.1", "localhost@evil.example", "[::2]:80", "[::1", "[", ":80", "0x7f000001.example", "a b",
        ]  # fmt: skip
        assert [status("/inbox/", host) for host in ours] == [200] * len(ours)
        for path in ("/inbox/", "/inbox/0", "/", "/api/health", "/b/nobody", "/booking", "/nowhere"):
            assert [status(path, host) for host in foreign] == [403] * len(foreign)
        assert status("/api/leads", "evil.example", "POST") == 403


def test_a_name_too_long_for_a_file_is_not_found(tmp_path: Path) -> None:
    """An address that can't be one of a file is missing, and no error of the server."""
    with development_server(tmp_path) as server:
        for path in ("/inbox/{}", "/inbox/{}/html", "/{}", "/{}/", "/assets/{}"):
            assert get(server.url + path.format("a" * 300)).status == 404
            assert get(server.url + path.format("%00")).status == 404


def test_a_refusal_is_sent_at_once(tmp_path: Path) -> None:
    """The refusal of a complete request doesn't wait for more input."""
    with development_server(tmp_path) as server:
        assert post_json(f"{server.url}/api/hooks/cal", {"triggerEvent": "BOOKING_CREATED"}).status == 401
        assert post_json(server.leads, []).status == 400
