"""The local cloud: `prequal dev` with Firestore's emulator and the function that its events call."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from support.running import (
    Server,
    address,
    development_server,
    exported,
    free_port,
    link_in,
    outbox,
    post_form,
    post_json,
    prequal,
    prospect,
    until,
)

STORE = "firestore:demo-prequal"


@dataclass(frozen=True, slots=True)
class Process:
    """A process that runs, or ran."""

    id: int
    parent: int
    command: str


def running() -> list[Process]:
    """Return the processes of this machine, without zombies."""
    listed = subprocess.run(["ps", "-ewwo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True)
    lines = [line.split(maxsplit=3) for line in listed.stdout.splitlines()]
    return [Process(int(pid), int(parent), command) for pid, parent, state, command in lines if state[0] != "Z"]


def descendants(server: Server) -> list[Process]:
    """Return the descendants of a server's process."""
    assert server.process, "it isn't running"
    found, generation = [], {server.process.pid}
    processes = running()
    while children := [process for process in processes if process.parent in generation]:
        found += children
        generation = {child.id for child in children}
    return found


@pytest.mark.usefixtures("emulator_installed")
def test_an_event_sends_the_invitation(tmp_path: Path) -> None:
    """In another database than the default one too, the event of a new mail sends it, once and before any sweep.

    Its link leads to the appointment. On Ctrl-C the emulator and the function end with the server.
    """
    with development_server(tmp_path, PREQUAL_STORE=f"{STORE}/second") as server:
        post_json(server.leads, prospect("Ada"))
        until(lambda: server.logged("mail tried"), "the event")
        [invitation] = outbox(tmp_path)
        booking_page = urlsplit(post_form(link_in(invitation), {}).headers["Location"])
        booking = {"event": "BOOKING_CREATED", "uid": "a-booking", "starts": "2030-01-01T10:00"}
        booked = post_form(f"{server.url}{booking_page.path}", {**booking, **dict(parse_qsl(booking_page.query))})
        assert booked.status == 200, booked.body
        [lead] = exported(tmp_path, **server.settings_for_others)
        started = descendants(server)
        status = server.stop()

    assert (lead["email"], lead["status"]) == (address("Ada"), "booked")
    assert invitation["To"] == address("Ada")
    assert [(tried["state"], tried["attempts"]) for tried in server.logged("mail tried")] == [("sent", 1)]
    assert server.logged("swept") == []
    assert are_complete(started)
    assert not set(started) & set(running())
    assert status == 0
    assert server.log.endswith("\nStopped.\n")
    assert "Traceback" not in server.log


@pytest.mark.usefixtures("emulator_installed")
def test_a_sweep_sends_the_mail_of_a_lost_event(tmp_path: Path) -> None:
    """Without the function that receives the events, the next sweep sends the invitation.

    Nothing outlives the server, even if that is killed.
    """
    with development_server(tmp_path, "--sweep-every", "1", PREQUAL_STORE=STORE) as server:
        started = descendants(server)
        for process in started:
            if "functions_framework" in process.command:
                os.kill(process.id, signal.SIGKILL)
        post_json(server.leads, prospect("Ada"))
        until(lambda: outbox(tmp_path), "the sweep")
        until(lambda: any(swept["sent"] for swept in server.logged("swept")), "its log entry")
        server.stop(signal.SIGKILL)

    assert sum(swept["sent"] for swept in server.logged("swept")) == 1
    assert [mail["To"] for mail in outbox(tmp_path)] == [address("Ada")]
    assert are_complete(started)
    until(lambda: not set(started) & set(running()), "the end of what it started")


def are_complete(processes: Sequence[Process]) -> bool:
    """Return whether an emulator and a function are among these."""
    return all(
        any(part in process.command for process in processes) for part in ("CloudFirestore", "functions_framework")
    )


def test_a_running_emulator_is_used(tmp_path: Path, emulator: str) -> None:
    """With FIRESTORE_EMULATOR_HOST no emulator is started, and the server itself sends the mails, as with SQLite."""
    settings = {"PREQUAL_STORE": f"firestore:demo-{free_port()}", "FIRESTORE_EMULATOR_HOST": emulator}
    with development_server(tmp_path, **settings) as server:
        post_json(server.leads, prospect("Ada"))
        until(lambda: outbox(tmp_path), "the invitation")
        assert descendants(server) == []


def program(folder: Path, name: str, script: str) -> None:
    """Put a program on the path."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("gcloud", "gcloud was not found, which Firestore's emulator belongs to: install the Google Cloud CLI"),
        ("a gcloud that works", "gcloud doesn't work: run `gcloud info` to see why."),
        ("the component", "Firestore's emulator is not installed: run `gcloud components install"),
        ("Java", "Java was not found, which Firestore's emulator needs: install it"),
        ("a Java that works", "Firestore's emulator does not start: .prequal/emulator.log says why."),
    ],
)
def test_missing_parts_are_named(tmp_path: Path, missing: str, sentence: str) -> None:
    """Without a program that the emulator needs, one sentence names it, and nothing is left running."""
    (tmp_path / "bin").mkdir()
    if missing != "gcloud":
        program(tmp_path, "gcloud", "exit 1" if missing == "a gcloud that works" else f"echo {tmp_path}/sdk")
    if missing not in ("gcloud", "the component"):
        component = tmp_path / "sdk/platform/cloud-firestore-emulator"
        component.mkdir(parents=True)
        (component / "cloud-firestore-emulator.jar").touch()
    if missing != "Java":
        program(tmp_path, "java", "echo This Java is too old; exit 1")

    port = str(free_port())
    started = prequal(tmp_path, "dev", "--port", port, PREQUAL_STORE=STORE, PATH=str(tmp_path / "bin"))

    [said] = started.stderr.splitlines()
    assert said.startswith(sentence)
    assert (started.returncode, started.stdout) == (2, "")
    assert missing != "a Java that works" or "too old" in (tmp_path / ".prequal/emulator.log").read_text()
