"""Commands, settings and alerts in the documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from prequal.cli import main
from prequal.config.settings import Settings
from support.running import CHECKOUT

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield each command that is not a group, with its full name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands(main))


def described() -> Iterator[str]:
    """Yield each command of the README's table; `leads invite ID` · `decline ID` are two of one group."""
    for cell in re.findall(r"^\| (`prequal .*?) \| ", README, re.MULTILINE):
        group = ""
        for words in re.findall(r"`(.*?)`", cell):
            name = words.removeprefix("prequal ")
            group = "leads " if name.startswith("leads ") else group
            yield group + name.removeprefix("leads ").split()[0]


def test_every_command_is_in_the_table() -> None:
    """The README's table lists every command and no other."""
    assert sorted(described()) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    """Every command and option has a help text, and the README names every option."""
    command = COMMANDS[name]

    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.opts
            assert any(re.search(rf"(?<![\w-]){option}\b", README) for option in parameter.opts), parameter.opts


def test_the_readme_names_the_commands_with_json() -> None:
    """The README names the commands that take --json, and no others."""
    [named] = re.findall(r"^((?:`\w+`(?:, | and )?)+) take `--json`", README, re.MULTILINE)
    speaking = {
        name.split()[0]
        for name, command in COMMANDS.items()
        if any("--json" in parameter.opts for parameter in command.params)
    }

    assert set(re.findall(r"`(\w+)`", named)) == speaking


def test_every_setting_is_in_the_table() -> None:
    """The README's table lists every setting and no other."""
    [table] = re.findall(r"^\| name \| default \| what \|\n(?:\|.*\n)+", README, re.MULTILINE)

    assert set(re.findall(r"PREQUAL_\w+", table)) == {setting.name for setting in Settings.declared()}


def test_every_alert_is_explained() -> None:
    """The operations guide explains every alert and no other."""
    monitoring = (CHECKOUT / "infra/monitoring.tf").read_text(encoding="utf-8")
    named = re.findall(r'(?:title|display_name)\s*= "(prequal: [^"]+)"', monitoring)
    guide = (CHECKOUT / "docs/operations.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^\| `(prequal: .*?)` \|", guide, re.MULTILINE)) == sorted(named)
