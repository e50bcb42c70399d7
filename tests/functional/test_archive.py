"""The deployed archive: it stands on its own, and the same input makes the same bytes."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import venv
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from importlib.metadata import PackageNotFoundError, distribution
from itertools import product
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from lint.locks import pins
from prequal.config.settings import FirestoreStore
from prequal.dev.emulator import firestore_emulator, register_mail_trigger
from prequal.dev.processes import find_free_address, run_guarded, wait_until_serving
from support.running import (
    CHECKOUT,
    UNQUALIFIED,
    Server,
    address,
    environment,
    exported,
    free_port,
    link_in,
    outbox,
    post_form,
    post_json,
    prequal,
    prospect,
    run,
    until,
)

SETTINGS = {
    "PREQUAL_SENDER": "Studio North <hello@studio.example>",
    "PREQUAL_BOOKING_URL": "https://cal.example/intro?email={email}",
    "PREQUAL_SECRET": "a secret that is long",
    "PREQUAL_PUBLIC_URL": "https://studio.example",
}
OWNER = "owner@studio.example"
# Builds what each function runs on, shows a past client the questionnaire, whose page is imported only then, and prints
# the files of the modules of ours that this imports.
IMPORTS = """
import os, sys, main
from datetime import timedelta
from flask import Flask, request
from prequal.bootstrap import past_client_links, utc_now
for build in (main._web, main._sweep, main._mail_sender, main._desk):
    build()
[link] = past_client_links(main._settings, ["web-design"], utc_now() + timedelta(days=1)).values()
with Flask("main").test_request_context(link.removeprefix("https://studio.example")):
    assert main._web().respond(request).status_code == 200
for name, module in list(sys.modules.items()):
    if name.partition(".")[0] == "prequal":
        print(os.path.relpath(module.__file__))
"""
NEED_THE_FILES_OF_THE_OWNER = [
    "build",
    "check",
    "dev",
    "package",
    "serve",
    "inspect .",
    "export --from .",
    "leads list --from .",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """The archive unpacked in a folder, and the Python of an environment with its requirements alone."""

    folder: Path
    python: Path
    home: Path
    built: Path

    def exported(self, **settings: str) -> list[dict[str, Any]]:
        """Return the leads in its store, as the owner exports them."""
        return exported(self.folder, **settings)

    def server(self, **settings: str) -> Server:
        """Return the function as the cloud runs it, not yet started."""
        port = free_port()
        command = self.function("submit", f"localhost:{port}")
        return Server(command=command, folder=self.folder, port=port, environ=self.environment(**settings))

    def function(self, target: str, place: str) -> list[str]:
        """Return the command that runs a function at a place as the cloud does."""
        host, _, port = place.partition(":")
        run_it = [str(self.python), "-m", "functions_framework", "--target", target]
        return [*run_it, "--source", str(self.folder / "main.py"), "--host", host, "--port", port]

    def environment(self, **settings: str) -> dict[str, str]:
        """Return next to nothing, and these."""
        return {"PATH": os.defpath, "HOME": str(self.home), **settings}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    """Package, unpack, and give it the packages that it asks for itself, and no others."""
    built, folder, home, clean = map(tmp_path_factory.mktemp, ("built", "function", "home", "clean"))
    packaged = prequal(built, "package", **SETTINGS)
    assert packaged.returncode == 0, packaged.stderr
    with zipfile.ZipFile(built / "build/function.zip") as archive:
        archive.extractall(folder)

    venv.create(clean)
    [packages] = clean.glob("lib/python*/site-packages")
    for name in pins("functions/requirements.txt"):
        copy_package(name, packages)
    python = clean / "bin/python"
    checked = run([sys.executable, "-m", "pip", "--python", str(python), "check"], folder, os.environ)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return Unpacked(folder=folder, python=python, home=home, built=built / "build")


def copy_package(name: str, folder: Path) -> None:
    """Copy a package that these tests have, in the same version, unless it is for another platform."""
    with suppress(PackageNotFoundError):
        for file in distribution(name).files or ():
            if ".." not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), folder / file)


@pytest.fixture(scope="module")
def function(unpacked: Unpacked) -> Iterator[Server]:
    """Run the unpacked function, with the settings that it must have."""
    with unpacked.server(**SETTINGS) as server:
        yield server


def test_it_takes_submissions_in_either_way(unpacked: Unpacked, function: Server) -> None:
    """The archive alone accepts a lead as JSON and as a form, and both are stored."""
    as_json = post_json(function.leads, prospect("Ada"))
    as_form = post_form(function.leads, prospect("Grace", lang="fr"))

    names = [lead["name"] for lead in unpacked.exported()]
    assert (as_json.status, as_json.body) == (202, '{"status": "received"}')
    assert (as_form.status, as_form.headers["Location"]) == (303, "https://studio.example/fr/thanks/")
    assert names == ["Ada", "Grace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """The functions of the archive, each in a process, and Firestore's emulator between them."""

    unpacked: Unpacked
    settings: Mapping[str, str]
    submit: str
    sweep: str
    desk: str
    end_deliver: Callable[[], None]

    def mails(self, name: str) -> list[EmailMessage]:
        """Return the mails that went to a prospect of this name."""
        return [mail for mail in outbox(self.unpacked.home) if mail["To"] == address(name)]

    def owners_mail(self, words: str) -> str:
        """Return the text of a mail to the owner that contains some words; empty if there is none."""
        bodies = [mail.get_body(("plain",)) for mail in outbox(self.unpacked.home) if mail["To"] == OWNER]
        return next((text for body in bodies if body and words in (text := body.get_content())), "")

    def statuses(self) -> dict[str, str]:
        """Return each lead's status by name."""
        return {lead["name"]: lead["status"] for lead in self.unpacked.exported(**self.settings)}


@pytest.fixture
def cloud(emulator_installed: None, unpacked: Unpacked) -> Iterator[Cloud]:  # noqa: ARG001, it may skip
    """Run all of them, as the cloud does: the emulator's events are sent to `deliver`."""
    addresses = {target: find_free_address() for target in ("submit", "deliver", "sweep", "desk")}
    with ExitStack() as stack:
        log = stack.enter_context((unpacked.home / "functions.log").open("wb"))
        emulator = stack.enter_context(firestore_emulator(unpacked.home / "emulator.log", addresses["deliver"]))
        settings = {
            **SETTINGS,
            "PREQUAL_OWNER": OWNER,
            "PREQUAL_DESK_URL": f"http://{addresses['desk']}",
            "PREQUAL_STORE": "firestore:demo-archive",
            "PREQUAL_MAIL": f"outbox:{unpacked.home / '.prequal/outbox'}",
            "FIRESTORE_EMULATOR_HOST": emulator,
        }
        processes = {target: stack.enter_context(ExitStack()) for target in addresses}
        started = {
            place: processes[target].enter_context(
                run_guarded(unpacked.function(target, place), unpacked.environment(**settings), log)
            )
            for target, place in addresses.items()
        }
        for place, process in started.items():
            assert wait_until_serving(process, place), (unpacked.home / "functions.log").read_text()
        register_mail_trigger(emulator, FirestoreStore(project="demo-archive", database="(default)"))
        yield Cloud(
            unpacked=unpacked,
            settings=settings,
            submit=f"http://{addresses['submit']}",
            sweep=f"http://{addresses['sweep']}/",
            desk=f"http://{addresses['desk']}",
            end_deliver=processes["deliver"].close,
        )


def test_the_whole_story_goes_through_its_functions(cloud: Cloud) -> None:
    """An event sends the invitation, whose link leads on; the owner decides; the sweeper sends what no event has."""
    post_json(f"{cloud.submit}/api/leads", prospect("Ada"))
    [invitation] = until(lambda: cloud.mails("Ada"), "the event to send the invitation")
    followed = post_form(link_in(invitation).replace(SETTINGS["PREQUAL_PUBLIC_URL"], cloud.submit), {})
    assert (followed.status, followed.headers["Location"]) == (303, "https://cal.example/intro?email=ada%40example.com")

    cloud.end_deliver()
    post_json(f"{cloud.submit}/api/leads", prospect("Grace"))
    post_json(f"{cloud.submit}/api/leads", prospect("Alan", UNQUALIFIED))
    browser = signed_in(cloud)
    [lead] = re.findall(r'href="/desk/(leads/[^"]+)">Alan<', browser.open(f"{cloud.desk}/desk").read().decode())
    page = browser.open(f"{cloud.desk}/desk/{lead}").read().decode()
    [token, *_] = re.findall('name="token" value="(.+?)"', page)
    invited = browser.open(f"{cloud.desk}/desk/{lead}/invite", urlencode({"token": token, "text": "Why not"}).encode())
    [style] = re.findall('href="(/desk/desk[^"]+css)"', page)
    assert "Invited." in invited.read().decode()
    assert b".who" in browser.open(f"{cloud.desk}{style}").read()
    form = browser.open(f"{cloud.desk}/desk/form").read().decode()
    [script] = re.findall('src="(/desk/desk[^"]+js)"', form)
    assert b"addEventListener" in browser.open(f"{cloud.desk}{script}").read()
    report = browser.open(f"{cloud.desk}/desk/report", urlencode({"token": token}).encode())
    assert "<svg" in report.read().decode()
    swept = json.loads(post_json(cloud.sweep, {}).body)

    assert (len(cloud.mails("Grace")), len(cloud.mails("Alan"))) == (1, 1), swept
    assert cloud.statuses() == {"Ada": "opened", "Grace": "invited", "Alan": "invited"}


def signed_in(cloud: Cloud) -> OpenerDirector:
    """Return a browser that has signed in to the desk by a mailed link."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    browser.open(f"{cloud.desk}/desk/sign-in", b"")
    text = until(lambda: cloud.owners_mail(f"{cloud.desk}/desk/in/"), "the mail with the link")
    browser.open(re.findall(r"http\S+/desk/in/\S+", text)[0], b"")
    return browser


def test_it_renders_the_page_that_was_built(unpacked: Unpacked, function: Server) -> None:
    """The page that says what is missing has the controls of the static page, and loads the same files."""
    answer = post_form(function.leads, {"lang": "fr"})

    static = (unpacked.built / "site/fr/index.html").read_text()
    assert answer.status == 422
    assert ("lang", "fr") in parts(static)
    assert parts(answer.body) == parts(static)


def test_it_names_the_settings_that_it_misses(unpacked: Unpacked) -> None:
    """Without settings the function does not start, and says which ones it needs."""
    server = unpacked.server()

    started = run(server.command, server.folder, server.environ)

    assert started.returncode != 0
    assert all(f"{name} is missing" in started.stderr for name in SETTINGS if name != "PREQUAL_PUBLIC_URL")


def test_a_timer_sweeps(unpacked: Unpacked) -> None:
    """Without a scheduler, a timer runs main.py, whose exit status says if a mail was given up."""
    command = [str(unpacked.python), "main.py"]

    swept = run([*command, "sweep"], unpacked.folder, unpacked.environment(**SETTINGS))
    misused = run(command, unpacked.folder, unpacked.environment(**SETTINGS))

    assert (swept.returncode, '"severity": "ERROR"' in swept.stderr) == (0, False), swept.stderr
    assert (misused.returncode, misused.stderr) == (1, "Usage: python main.py sweep\n")


def test_it_holds_what_the_functions_import_and_nothing_else(unpacked: Unpacked) -> None:
    """Every module of ours in the archive is imported by some function, with some store and some way to mail."""
    stores = ("sqlite:test.db", "firestore:demo-archive")
    mails = ("outbox:outbox", "smtp://localhost:1?tls=none")
    imported = set[str]()
    for (store, mail), function in product(zip(stores, mails, strict=True), ("submit", "deliver")):
        settings = {**SETTINGS, "PREQUAL_STORE": store, "PREQUAL_MAIL": mail, "FIRESTORE_EMULATOR_HOST": "localhost:1"}
        settings["FUNCTION_TARGET"] = function
        settings |= {"PREQUAL_TURNSTILE_KEY": "1x00", "PREQUAL_TURNSTILE_SECRET": "a secret that is long"}
        settings |= {"PREQUAL_WEBHOOKS": "https://hooks.example", "PREQUAL_WEBHOOK_SECRET": "a secret that is long"}
        done = run([str(unpacked.python), "-c", IMPORTS], unpacked.folder, unpacked.environment(**settings))
        assert done.returncode == 0, done.stderr
        imported |= set(done.stdout.split())

    ours = (unpacked.folder / "prequal").rglob("*.py")
    modules = {path.relative_to(unpacked.folder) for path in ours if path.parent.name != "compiled_templates"}
    assert {str(path) for path in modules} == imported


@pytest.mark.parametrize("command", NEED_THE_FILES_OF_THE_OWNER)
def test_the_command_names_the_extra_that_is_not_installed(unpacked: Unpacked, command: str) -> None:
    """Installed without the extra, a command that reads the owner's files says in one sentence which one it is."""
    environ = unpacked.environment(PYTHONPATH=str(CHECKOUT / "functions"))

    refused = run([str(unpacked.python), "-m", "prequal", *command.split()], unpacked.home, environ)

    assert refused.stderr.count("\n") == 1, refused.stderr
    assert "install prequal[owner]" in refused.stderr
    assert (refused.returncode, refused.stdout) == (2, "")


def test_the_archive_bears_no_time(unpacked: Unpacked) -> None:
    """Every file of the archive has the same date, which is not that of its making."""
    with zipfile.ZipFile(unpacked.built / "function.zip") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_same_input_makes_the_same_bytes(tmp_path: Path) -> None:
    """Two checkouts that differ in place, in the times of their files and in the umask package the very same."""
    one, other = tmp_path / "one", tmp_path / "another/place"
    for part in ("functions", "schema", "site"):
        shutil.copytree(CHECKOUT / part, one / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(one, other)
    for path in other.rglob("*"):
        os.utime(path, (1e9, 1e9))

    packaged = [package(one, umask="022"), package(other, umask="077")]

    assert [done.returncode for done in packaged] == [0, 0], packaged
    assert contents(one / "build") == contents(other / "build")


def package(checkout: Path, *, umask: str) -> CompletedProcess[str]:
    """Package what is in another checkout."""
    environ = environment(PYTHONPATH=str(checkout / "functions"))
    environ.pop("PREQUAL_FORM")
    environ.pop("COVERAGE_PROCESS_CONFIG", None)  # what runs there is not the code that is measured
    return run(["sh", "-c", f"umask {umask} && '{sys.executable}' -m prequal package"], checkout, environ)


def contents(folder: Path) -> dict[str, bytes]:
    """Return all the files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def parts(html: str) -> list[tuple[str, str]]:
    """Return a page's controls by name, and the addresses of the files that it loads."""
    page = _Parts()
    page.feed(html)
    return page.found


class _Parts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("input", "textarea"):
            self.found.append((given["name"] or "", given.get("value") or ""))
        elif tag in ("link", "script"):
            self.found.append((tag, given.get("href") or given.get("src") or ""))
