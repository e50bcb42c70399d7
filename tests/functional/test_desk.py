"""The desk as a process: its address, and leads that can only be read."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

from support.commands import admit
from support.exporting import write_export
from support.running import COMMAND, PATIENCE, environment, free_port, outbox, production_server, until
from support.shipped_form import write_form


@contextmanager
def desk(folder: Path, *options: str, **settings: str) -> Iterator[str]:
    """Run `prequal desk` in a folder, and yield the address that it prints."""
    command = [str(COMMAND), "desk", "--no-browser", "--port", str(free_port()), *options]
    log = folder / "desk.txt"
    with (
        log.open("w") as out,
        subprocess.Popen(command, cwd=folder, env=environment(**settings), stdout=out, stderr=out) as process,
    ):
        try:
            yield until(
                lambda: "".join(re.findall(r"http://\S+\n", log.read_text())).strip(), "the desk prints its address"
            )
        finally:
            process.terminate()
            process.wait(PATIENCE)


def browser() -> OpenerDirector:
    """Return a browser that keeps cookies."""
    return build_opener(HTTPCookieProcessor(CookieJar()))


def send_what_if(opener: OpenerDirector, home: str, path: str, **more: str) -> str:
    """Send the what-if with another lowest total for hot, and return the page."""
    page = opener.open(urljoin(home, "/desk/form")).read().decode().partition('class="what-if"')[2]
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page))
    data = urlencode({**fields, "scoring.grades.hot": "77", **more}).encode()
    answer: str = opener.open(urljoin(home, path), data=data).read().decode()
    return answer


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project's folder with one lead in its store."""
    monkeypatch.chdir(tmp_path)
    admit()
    return tmp_path


def test_the_printed_address_opens_the_desk(folder: Path) -> None:
    """The address alone lets in; other browsers, and sites that pretend to be this machine, stay out."""
    with desk(folder) as address:
        bare = address.partition("?")[0]
        with pytest.raises(HTTPError, match="403"):
            browser().open(bare)
        with pytest.raises(HTTPError, match="403"):
            browser().open(Request(address, headers={"Host": "evil.example"}))
        page = browser().open(address).read().decode()
        assert "Ada Lovelace" in page
        assert address.partition("=")[2] not in page


def test_the_form_file_is_changed_on_this_machine(folder: Path) -> None:
    """The what-if reads the project's form, and its last button writes it; over an export it is only shown."""
    path = write_form(folder)
    write_export(folder / "export", [])
    with desk(folder, PREQUAL_FORM=str(path)) as address:
        opener = browser()
        opener.open(address)
        assert "Into the form file" in send_what_if(opener, address, "/desk/form")
        [mark] = re.findall('name="mark" value="([^"]+)"', send_what_if(opener, address, "/desk/form/change"))
        assert "hot: 75" in path.read_text(encoding="utf-8")
        assert "The form file has the new values." in send_what_if(opener, address, "/desk/form/write", mark=mark)
        assert "hot: 77" in path.read_text(encoding="utf-8")
    with desk(folder, "--from", str(folder / "export"), PREQUAL_FORM=str(path)) as address:
        opener = browser()
        opener.open(address)
        assert "Into the form file" not in send_what_if(opener, address, "/desk/form", **{"scoring.grades.hot": "79"})


def test_the_production_server_mails_the_way_in(folder: Path) -> None:
    """The server's desk mails a link to the owner, whose button signs in; visitors see no desk."""
    with production_server(folder, PREQUAL_OWNER="owner@studio.example") as server:
        ours, others, home = browser(), browser(), f"{server.url}/desk/"
        assert "Mail me a link" in ours.open(home).read().decode()
        ours.open(f"{home}sign-in", data=b"")
        [mail] = until(lambda: outbox(folder), "the mail with the link")
        assert mail["To"] == "owner@studio.example"
        text = mail.get_body(("plain",))
        assert text is not None
        [link] = re.findall(rf"{home}in/\S+", text.get_content())
        assert "Sign in</button>" in ours.open(link).read().decode()
        with pytest.raises(HTTPError, match="403"):
            others.open(link, data=b"")
        assert "Ada Lovelace" in ours.open(link, data=b"").read().decode()
        assert "Ada Lovelace" not in others.open(home).read().decode()
        with pytest.raises(HTTPError, match="409"):
            send_what_if(ours, home, "/desk/form/change")
        assert server.logged("desk entered")
        assert not re.search("Ada|owner@|" + re.escape(link.rpartition("/")[2]), server.log)
