"""Commands and costs in the documentation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import click
import pytest

from prequal.cli import main
from support import guides
from support.commands import commands
from support.running import CHECKOUT

# Reasons why blocks of the documentation are not run, and the number of blocks.
NOT_RUN = {
    "installs packages": 1,
    "needs Docker": 3,
    "needs Google Cloud": 14,
    "needs a server and root": 5,
    "shows other leads": 1,
    "takes minutes": 1,
}


def test_what_is_not_run() -> None:
    """Each block that no test runs has one of these reasons, and no block is left out silently."""
    marked = [block.value for page in guides.pages() for block in guides.blocks(page) if block.mark == "not run"]

    assert Counter(marked) == NOT_RUN


def faults(words: Sequence[str]) -> Iterator[str]:
    """Yield what a command line names and prequal doesn't have: a command, or an option of it."""
    known = {option for parameter in main.params for option in (*parameter.opts, *parameter.secondary_opts)}
    command: click.Command = main
    context = click.Context(main, help_option_names=["-h", "--help"])
    for word in words:
        if word.startswith("-"):
            known |= {name for each in command.get_params(context) for name in (*each.opts, *each.secondary_opts)}
            if word.partition("=")[0] not in known:
                yield f"no option {word}"
        elif isinstance(command, click.Group) and re.fullmatch("[a-z-]+", word):
            found = command.get_command(context, word)
            if not found:
                yield f"no command {word}"
                return
            command = found


@pytest.mark.parametrize("page", guides.pages())
def test_the_commands_exist(page: str) -> None:
    """Every command and every option that a page names exists, as does every target of make."""
    targets = set(re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for named in guides.commands(page):
        program, *words = named.split()
        if program == "prequal":
            assert [*faults(words)] == [], named
        else:
            assert next(word for word in words if "=" not in word) in targets, named


@pytest.mark.parametrize("folder", ["how-to", "reference", "explanation"])
def test_the_index_has_each_page(folder: str) -> None:
    """The index of a folder leads to each of its pages, by its title."""
    listed = dict(re.findall(r"^- \[(.+)\]\(([\w-]+\.md)\)", guides.read(f"docs/{folder}/index.md"), re.MULTILINE))
    pages = [page for page in guides.pages() if page.startswith(f"docs/{folder}/") and not page.endswith("index.md")]

    assert {title: f"docs/{folder}/{name}" for title, name in listed.items()} == {
        guides.read(page).partition("\n")[0].removeprefix("# "): page for page in pages
    }


def test_the_commands_with_json_are_named() -> None:
    """The reference names the commands that take --json, and no others."""
    page = guides.read("docs/reference/commands.md")
    [named] = re.findall(r"((?:`[\w-]+`(?:,\s| and )?)+)\s+take\s`--json`", page)
    speaking = {
        name.split()[0]
        for name, command in commands(main)
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
