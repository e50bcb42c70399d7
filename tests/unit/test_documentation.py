"""Commands and costs in the documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from prequal.cli import main
from support.running import CHECKOUT

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield each command that is not a group, with its full name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
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
    [named] = re.findall(r"^((?:`[\w-]+`(?:,\s| and )?)+) take\s`--json`", README, re.MULTILINE)
    speaking = {
        name.split()[0]
        for name, command in COMMANDS.items()
        if any("--json" in parameter.opts for parameter in command.params)
    }

    assert set(re.findall(r"`([\w-]+)`", named)) == speaking


def test_the_cost_of_a_month_follows_from_the_operations() -> None:
    """The formulas of the page on costs are the sums of its table, and so are the figures beside them."""
    guide = (CHECKOUT / "docs/explanation/costs.md").read_text(encoding="utf-8")
    costs = guide[guide.index("## What it costs") : guide.index("## If it grows")]
    rows = re.findall(r"^\| [^|]+ \| ([\d,]*) \| ([\d,]*) \| ?([\d,]*) ?\|$", costs, re.MULTILINE)
    kinds = zip(*([int(cell.replace(",", "") or 0) for cell in cells] for cells in rows), strict=True)

    for name, (once, qualified, sending, again, link, sweep, visit) in zip(
        ("reads", "writes", "deletes"), kinds, strict=True
    ):
        [(formula, figure)] = re.findall(rf"^- {name}: (.+) = \*\*(.+)\*\*$", costs, re.MULTILINE)
        terms = re.sub(r"\*([a-z])\*", r"\1", formula.replace(",", ""))  # the variables are in italics
        python = re.sub(r"(?<=\w) (?=[a-z(])", "*", terms)
        for n, q, a, s, v in ((1000, 0.3, 0, 30, 10_000), (7, 0.5, 0.25, 3, 9)):
            expected = n * (once + (qualified - once + sending + link) * q + again * a) + sweep * s + visit * v
            assert eval(python, {"n": n, "q": q, "a": a, "s": s, "v": v}) == pytest.approx(expected)  # noqa: S307, ours
        assert int(figure.replace(",", "")) == eval(python, {"n": 1000, "q": 0.3, "a": 0, "s": 30, "v": 10_000})  # noqa: S307
