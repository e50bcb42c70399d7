"""A reader of the documentation, who does in a project what a page says, step by step."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from prequal.core.lead import Lead
from prequal.forms.compilation import compile_files
from prequal.forms.yaml_files import read_yaml
from support.guides import Block
from support.running import (
    CHECKOUT,
    COMMAND,
    PATIENCE,
    QUALIFIED,
    UNQUALIFIED,
    environment,
    free_port,
    get,
    link_in,
    outbox,
    post_form,
    prospect,
    until,
)

_END = "The terminal is in "
# The command as a reader's terminal has it, except that it returns once it serves, as another terminal would be free.
_COMMAND = """#!/bin/bash
case "$1 $*" in *--help*) exec {command} "$@" ;; dev* | serve* | desk*) ;; *) exec {command} "$@" ;; esac
if [ -f {folder}/server.pid ]; then
  kill "$(cat {folder}/server.pid)"
  while (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.02; done
fi
: >{folder}/server.log
{command} "$@" --port {port} </dev/null >>{folder}/server.log 2>&1 &
echo $! >{folder}/server.pid
until [ -s {folder}/server.log ] && (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do
  kill -0 $! 2>/dev/null || {{ cat {folder}/server.log; exit 1; }}
  sleep 0.02
done
cat {folder}/server.log
"""
# The Makefile of the checkout, whose recipes run that command.
_MAKE = """#!/bin/sh
exec {make} --no-print-directory -f {checkout}/Makefile -o .venv/run PORT={port} "$@"
"""


@dataclass(slots=True)
class Reader:
    """A reader with a terminal in a copy of a project."""

    project: Path
    #: The lead that commands name `ID`, and whose address they write as that of Ada.
    lead: Lead
    port: int = field(default_factory=free_port)
    _shell: subprocess.Popen[str] = field(init=False)
    #: In which the terminal is.
    _folder: Path = field(init=False)
    _printed: str = field(init=False, default="")

    def __enter__(self) -> Self:
        bin_folder = self.project / ".venv/bin"
        bin_folder.mkdir(parents=True)
        values = {"command": COMMAND, "folder": self.project, "port": self.port, "checkout": CHECKOUT}
        scripts = {"prequal": _COMMAND, "make": _MAKE, "activate": ""}
        for name, script in scripts.items():
            (bin_folder / name).write_text(script.format(**values, make=shutil.which("make")))
            (bin_folder / name).chmod(0o755)
        (bin_folder / "python").symlink_to(sys.executable)
        path = f"{bin_folder}:{os.environ['PATH']}"
        environ = {**environment(PATH=path, BROWSER="true", PYTHONUTF8="1"), "HOME": str(self.project)}
        del environ["PREQUAL_FORM"]
        self._shell = subprocess.Popen(
            ["bash", "--norc"],
            cwd=self.project,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._type("set -e -o pipefail")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if (self.project / "server.pid").exists():
            subprocess.run(["kill", (self.project / "server.pid").read_text().strip()], check=False)
        self._shell.communicate()

    def follow(self, block: Block) -> None:
        """Do what a block says, in the folder in which the terminal is."""
        match block.mark, block.language:
            case ("not run", _):
                pass
            case ("reader", _):
                _DEEDS[block.value](self._folder, f"http://localhost:{self.port}")
            case ("file", _):
                _write(self._folder / block.value, block.text)
            case ("in", _):
                name, _, key = block.value.partition(", ")
                path = self._folder / name
                _merge(path, key, block.text)
                form = path if path.parent.name == "schema" else self._folder / "schema/form.yaml"
                compile_files(form)
            case ("", "sh"):
                self.run(self._filled(block.text))
            case ("", "text"):
                assert _matches(block.text, self._printed), f"It printed:\n{self._printed}"
            case _:
                raise AssertionError(f"A block of {block.language} has no mark that says what becomes of it.")

    def run(self, script: str) -> None:
        """Run a script in the terminal, which answers yes to every question."""
        (self.project / ".block").write_text(script)
        self._printed = self._type(f". {self.project}/.block < <(yes 2>&-)")

    def _filled(self, script: str) -> str:
        """Return a script with this reader's own values."""
        own = {r"\bID\b": self.lead.id, r"\bada@example\.com\b": self.lead.email, "8080": str(self.port)}
        for example, value in own.items():
            script = re.sub(example, value, script)
        return script

    def _type(self, line: str) -> str:
        assert self._shell.stdin
        assert self._shell.stdout
        self._shell.stdin.write(f'{line}\necho; echo "{_END}$PWD"\n')
        self._shell.stdin.flush()
        printed = ""
        timer = threading.Timer(PATIENCE, self._shell.kill)
        timer.start()
        try:
            for said in self._shell.stdout:
                if said.startswith(_END):
                    self._folder = Path(said.removeprefix(_END).strip())
                    return printed
                printed += said
        finally:
            timer.cancel()
        raise AssertionError(printed)


def _merge(path: Path, key: str, text: str) -> None:
    """Put a part into a file: of YAML in the place of what is there, else at the end."""
    if path.suffix != ".yaml":
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
        return
    part = path.with_name("part.yaml")
    part.write_text(text, encoding="utf-8")
    document, added = read_yaml(path).content, read_yaml(part).content
    part.unlink()
    merged = _merged(document, {key: added} if key else added)
    path.write_text(json.dumps(merged, ensure_ascii=False, indent=1), encoding="utf-8")


def _merged(old: Any, new: Any) -> Any:
    """Return a document with new values in the place of old ones: of a list, those with the same id."""
    match old, new:
        case dict(), dict():
            return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
        case [{"id": _}, *_], [{"id": _}, *_]:
            by_id = {each["id"]: each for each in old}
            return list({**by_id, **{each["id"]: _merged(by_id.get(each["id"]), each) for each in new}}.values())
    return new


def _write(path: Path, text: str) -> None:
    """Write a file that a page shows, if it is one of its kind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    match path.suffix:
        case ".json":
            json.loads(text)
        case ".toml":
            tomllib.loads(text)
        case ".yaml":
            read_yaml(path)
        case ".py":
            compile(text, path.name, "exec")


def _matches(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed: … stands for anything, and ids and times differ."""
    pattern = re.escape(_steady(shown).strip()).replace("…", ".*")
    return bool(re.search(pattern, _steady(printed), re.DOTALL))


def _steady(text: str) -> str:
    text = re.sub(r"\b[0-9a-f]{8,12}\b", "0", text)
    text = re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", "2000-01-01", text)
    return re.sub(r"localhost:\d+", "localhost", text)


def _answer(answers: Mapping[str, str], name: str) -> Callable[[Path, str], None]:
    def do(folder: Path, url: str) -> None:
        before = len(outbox(folder))
        assert post_form(f"{url}/api/leads", prospect(name, answers)).status == 303
        if answers is QUALIFIED:
            until(lambda: len(outbox(folder)) > before, "the invitation")

    return do


def _book(folder: Path, _url: str) -> None:
    [invitation] = (mail for mail in outbox(folder) if "/b/" in str(mail.get_body(("plain",))))
    scheduler = post_form(link_in(invitation), {}).headers["Location"]
    fields = dict(re.findall(r'name="([^"]+)"[^>]* value="([^"]*)"', get(scheduler).body))
    assert "Booked for" in post_form(scheduler, fields).body


#: What readers do in the browser, by the name that pages give it.
_DEEDS: Mapping[str, Callable[[Path, str], None]] = {
    "answers as the ideal client": _answer(QUALIFIED, "Ada Lovelace"),
    "answers without the budget": _answer(UNQUALIFIED, "Charles Babbage"),
    "books a call": _book,
}
