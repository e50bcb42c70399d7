"""Files of settings: one form, which a shell and systemd read as prequal does."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prequal.config.settings_file import read_settings
from prequal.core.errors import PrequalError
from support.running import CHECKOUT
from support.tools import leave_out

if TYPE_CHECKING:
    from click.testing import Result

NAME = '"Ada\'s", Inc. <ada@studio.example>'
PASSWORD = """smtp://me:a$b&c`d"e f#g%h;i|j<k>(l)~\\m*n?o[p]!@smtp.example:587"""
READ_ALIKE = {
    f"PREQUAL_MAIL='{PASSWORD}'": PASSWORD,
    "PREQUAL_MAIL=smtp://me:p%27@smtp.example:587": "smtp://me:p%27@smtp.example:587",
    'PREQUAL_SENDER="Ada\'s Studio <hello@studio.example>"': "Ada's Studio <hello@studio.example>",
    f"PREQUAL_SENDER={shlex.quote(NAME)}": NAME,
    "  PREQUAL_HOPS=1 \t": "1",
    "PREQUAL_BOOKING_URL=https://cal.example/a?b={name}*[c]!^": "https://cal.example/a?b={name}*[c]!^",
}


@pytest.fixture
def settings(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a file of settings."""

    def write(text: str) -> Path:
        path = tmp_path / "settings.env"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("line", READ_ALIKE)
def test_three_readers_agree(settings: Callable[[str], Path], line: str) -> None:
    """Whatever prequal accepts means the same to a shell and to systemd: a password with every sign, too."""
    if not shutil.which("systemd-analyze"):
        leave_out("systemd-analyze was not found: install systemd to have its reading of settings compared.")
    path, value = settings(f"# ours\n\n{line}\n"), READ_ALIKE[line]
    name = line.strip().partition("=")[0]

    sourced = subprocess.run(
        ["sh", "-c", 'set -a; . "$0"; printenv "$1"', path, name], capture_output=True, text=True, check=True
    )
    # systemd reads this file, too, by the parser that reads EnvironmentFile=.
    escaped = value.replace("\\", r"\\").replace('"', r"\"").replace("%", "%%")
    systemd = subprocess.run(
        ["systemd-analyze", "condition", f'ConditionOSRelease="{name}={escaped}"'],
        env={**os.environ, "SYSTEMD_OS_RELEASE": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert read_settings(path).get(name, "") == value
    assert sourced.stdout == f"{value}\n"
    assert systemd.returncode == 0, systemd.stderr


@pytest.mark.parametrize(
    "line",
    [
        "PREQUAL_SENDER=Studio North",
        "PREQUAL_MAIL=smtp://me:a$b@smtp.example",
        'PREQUAL_MAIL="smtp://me:a$b@smtp.example"',
        "PREQUAL_MAIL=smtp://me:a&b@smtp.example",
        "PREQUAL_MAIL='smtp://me:a'b@smtp.example'",
        "PREQUAL_MAIL=smtp://me:a#b@smtp.example",
        "PREQUAL_HOPS=1 # nginx",
        "PREQUAL_STORE=~/prequal.db",
        "export PREQUAL_HOPS=1",
        "PREQUAL_HOPS = 1",
        "# a comment that systemd continues \\",
        "; a comment of systemd's",
        "PREQUAL-HOPS=1",
    ],
)
def test_what_readers_take_differently_is_refused(settings: Callable[[str], Path], line: str) -> None:
    """A line that a shell, systemd or Compose would each read in its own way is refused by its number."""
    path = settings(f"PREQUAL_HOPS=1\n{line}\n")

    with pytest.raises(PrequalError) as refused:
        read_settings(path)

    assert str(refused.value) == (
        f"{path}, line 2: write NAME='value', with nothing behind it, and a ' in a mail password as %27."
    )


@pytest.mark.parametrize("name", ["settings.example.env", "self-hosted/prequal.env"])
def test_the_templates_are_of_this_form(name: str) -> None:
    """The files to copy are read as they are."""
    assert read_settings(CHECKOUT / "infra" / name)["PREQUAL_SENDER"] == "Studio North <hello@studio.example>"


def test_every_command_takes_the_file(settings: Callable[[str], Path], run: Callable[..., Result]) -> None:
    """A file that an option or PREQUAL_SETTINGS names counts before the environment, except where it is empty."""
    path = settings("PREQUAL_FORM='theirs.yaml'\nPREQUAL_STORE=\n")
    ours = {"PREQUAL_FORM": "ours.yaml", "PREQUAL_STORE": "nowhere"}

    by_option = run("--settings", str(path), "check", **ours)
    by_variable = run("check", PREQUAL_SETTINGS=str(path), **ours)
    of_the_environment = run("--settings", str(path), "leads", "list", **ours)
    missing = run("--settings", "nowhere.env", "check", **ours)

    assert by_option.output.startswith("theirs.yaml")
    assert by_variable.output == by_option.output
    assert "instead of 'nowhere'" in of_the_environment.stderr
    assert missing.stderr == "nowhere.env can't be read or written: No such file or directory.\n"


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are refused in a sentence."""
    (tmp_path / "settings.env").write_bytes(b"PREQUAL_SENDER='Caf\xe9'\n")

    with pytest.raises(PrequalError, match=r"is not text: save it as UTF-8\.$"):
        read_settings(tmp_path / "settings.env")
