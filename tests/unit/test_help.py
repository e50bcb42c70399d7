"""The help of the commands, and its examples."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from prequal.cli import main
from prequal.cli.command_group import Command
from support import builders
from support.commands import admit, commands
from support.running import CHECKOUT

if TYPE_CHECKING:
    from click.testing import Result

# Those that serve, package, reach the cloud, or need many clients: their examples are only parsed.
_PARSED = ("dev", "serve", "desk", "package", "deploy", "doctor", "calibrate")
_SETTINGS = {
    "PREQUAL_PUBLIC_URL": "https://studio.example",
    "PREQUAL_SENDER": "North <post@studio.example>",
    "PREQUAL_BOOKING_URL": "https://calendar.example/north",
    "PREQUAL_SECRET": "a" * 32,
}


COMMANDS = dict(commands(main, "prequal"))
EXAMPLES = {
    example: name for name, command in COMMANDS.items() if isinstance(command, Command) for example in command.examples
}


def test_the_summaries_are_those_of_the_commands() -> None:
    """The help, which imports no command, lists each with the first sentence of its own help."""
    context = click.Context(main)
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}

    assert main.summaries == {name: command and command.get_short_help_str(1000) for name, command in found.items()}


def test_help_and_version_import_no_command() -> None:
    """Help and version come at once: they import neither a command nor what commands need."""
    script = "import sys; from prequal.cli import main; main(sys.argv[1:], standalone_mode=False); print(*sys.modules)"
    for option in ("--help", "--version"):
        done = subprocess.run([sys.executable, "-c", script, option], capture_output=True, text=True, check=True)
        modules = {name for name in done.stdout.splitlines()[-1].split() if name.startswith("prequal.")}
        assert modules == {
            *("prequal.cli", "prequal.cli.command_group", "prequal.core", "prequal.core.errors"),
            *("prequal.cli.signals", "prequal.files", "prequal.log", "prequal.resources"),
        }


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_terminal(name: str, run: Callable[..., Result]) -> None:
    """At 80 columns, no sentence of a help is cut off, and each command has an example of itself."""
    shown = run(*name.split()[1:], "--help", COLUMNS="80").stdout.splitlines()

    assert max(map(len, shown)) <= 80
    assert not [line for line in shown[1:] if line.endswith("...")]
    if not isinstance(COMMANDS[name], click.Group):
        assert name in {EXAMPLES.get(line.strip()) for line in shown}


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_run(example: str, run: Callable[..., Result], tmp_path: Path) -> None:
    """Every example is a line that works, in a folder with the files that it names."""
    (tmp_path / "schema").mkdir()
    for form in ("schema/form.yaml", "new.yaml"):
        (tmp_path / form).write_text(json.dumps(builders.document()))
    shutil.copytree(CHECKOUT / "tests/exports/alltypes", tmp_path / "export")
    (tmp_path / "settings.env").touch()
    admit(datetime.now(UTC), **({"budget": "below"} if "invite" in example else {}))

    name = EXAMPLES[example]
    arguments = shlex.split(example)[1:]
    if name.split()[1] in _PARSED:
        own = arguments[arguments.index(name.split()[-1]) + 1 :]
        assert COMMANDS[name].make_context(name, own).command
    else:
        done = run(*arguments, **_SETTINGS)
        assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize(("words", "completed"), [("prequal dig", "digest"), ("prequal leads list --since", "--since")])
def test_bash_completes_commands(words: str, completed: str, tmp_path: Path) -> None:
    """The lines of the guide make bash complete commands and options."""
    guide = (CHECKOUT / "docs/how-to/shell-completion.md").read_text(encoding="utf-8")
    [lines] = re.findall(r"```sh\n(.*?bash.*?)```", guide, re.DOTALL)
    asked = f"COMP_WORDS=({words}) COMP_CWORD={words.count(' ')}"
    script = f'{lines}. ~/.bashrc; {asked}; _prequal_completion prequal; echo "${{COMPREPLY[@]}}"'
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))

    done = subprocess.run(
        ["bash", "-c", script], check=True, env={"HOME": str(tmp_path), "PATH": path}, capture_output=True, text=True
    )

    assert (done.stdout, done.stderr) == (f"{completed}\n", "")


def test_completion_imports_no_command() -> None:
    """To complete the name of a command, none is imported."""
    script = "import sys; from prequal.cli import main; main([], prog_name='prequal')"
    environ = {**os.environ, "_PREQUAL_COMPLETE": "zsh_complete", "COMP_WORDS": "prequal ", "COMP_CWORD": "1"}

    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", script], env=environ, capture_output=True, text=True, check=False
    )

    assert done.stdout.split("\n")[::3][:-1] == ["plain"] * len(main.summaries)
    assert "prequal.cli.signals" in done.stderr
    assert "prequal.cli.common" not in done.stderr
