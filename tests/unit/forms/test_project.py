"""A new owner's project, as `prequal new` makes it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from difflib import unified_diff
from email.utils import getaddresses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prequal.config.settings_file import read_settings
from prequal.forms.form_file import read_form
from prequal.forms.yaml_files import read_yaml
from prequal.pages.wording import languages
from prequal.resources import SCHEMA

if TYPE_CHECKING:
    from click.testing import Result


def in_languages(value: Any, spoken: list[str]) -> Any:
    """Return a document with the texts in these languages alone."""
    if isinstance(value, list):
        return [in_languages(item, spoken) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() <= set(languages()):
        return {language: value[language] for language in value if language in spoken}
    return {key: in_languages(item, spoken) for key, item in value.items()}


@pytest.mark.parametrize("spoken", [[language] for language in languages()] + [["fr", "en"], languages()], ids=",".join)
def test_a_project_has_the_chosen_languages_alone(run: Callable[..., Result], spoken: list[str]) -> None:
    """Form, bank and site are the shipped ones, but for the texts in other languages."""
    made = run("new", "studio", "--languages", ",".join(spoken))
    os.chdir("studio")
    checked = run("check")

    assert made.stdout == "Made studio. Next:\n  cd studio\n  prequal dev\n"
    assert (checked.exit_code, ": error: " in checked.stdout) == (0, False)
    assert read_form(Path("schema/form.yaml")) == {
        **in_languages(read_form(SCHEMA / "form.yaml"), spoken),
        "languages": spoken,
    }
    for path in SCHEMA.glob("questions/*.yaml"):
        bank = read_yaml(Path("schema/questions") / path.name).content
        assert bank == in_languages(read_yaml(path).content, spoken)
    assert sorted(path.stem for path in Path("site/content").iterdir()) == sorted(spoken)


def test_comments_and_layout_stay(run: Callable[..., Result]) -> None:
    """The form file is the shipped one with lines left out, and five values changed."""
    run("new", "studio", "--languages", "ru", "--business", "Ada", "--currency", "usd", "--starting-price", "5000")
    shipped = (SCHEMA / "form.yaml").read_text(encoding="utf-8").splitlines()
    lines = Path("studio/schema/form.yaml").read_text(encoding="utf-8").splitlines()

    added = [line[1:] for line in unified_diff(shipped, lines, n=0) if line.startswith("+") and line[:3] != "+++"]
    assert [line for line in added if line and "$" not in line] == [
        "languages: [ru]                   # the first is the default",
        "currency: USD",
        '  name: "Ada"',
    ]
    assert [line for line in lines if line.lstrip().startswith("#") and line not in added] == [
        line for line in shipped if line.lstrip().startswith("#")
    ]


def test_amounts_are_in_proportion_to_the_price(run: Callable[..., Result]) -> None:
    """The usual amounts and those in the texts follow the starting price, rounded; nothing is in another currency."""
    run("new", "studio", "--languages", "en,fr", "--currency", "CHF", "--starting-price", "2900")
    form = read_form(Path("studio/schema/form.yaml"))
    bank = Path("studio/schema/questions/budget.yaml").read_text(encoding="utf-8")

    assert (form["currency"], form["starting_price"], form["usual"]) == ("CHF", 2900, [2900, 7000])
    assert 'fr: "De {amount:4600} à {amount:8700}"' in bank
    assert "€" not in "".join(path.read_text(encoding="utf-8") for path in Path("studio/schema").rglob("*.yaml"))


@pytest.mark.parametrize("name", ["Studio North", 'Grace & "Co": #1', "Ada’s ’n’ Bob's", "{business}", "Ünïcode \\ 界"])
def test_any_name_of_a_business(run: Callable[..., Result], name: str) -> None:
    """A name is written so that the form, the page and a reader of settings take it as it is."""
    made = run("new", "studio", "--business", name)
    os.chdir("studio")

    assert (made.exit_code, read_form(Path("schema/form.yaml"))["business"]["name"]) == (0, name)
    sender = read_settings(Path("settings.env"))["PREQUAL_SENDER"]
    assert getaddresses([sender]) == [(name, "hello@studio.example")]
    assert run("build").exit_code == 0


def test_secrets_are_the_owners_alone(run: Callable[..., Result]) -> None:
    """The file for secrets is ignored by git, and nobody else can read it."""
    run("new", "studio")

    assert stat.S_IMODE(Path("studio/settings.env").stat().st_mode) == 0o600
    assert "settings.env" in Path("studio/.gitignore").read_text().splitlines()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--languages", "en,xx"], "There is no language xx: choose from en, fr, nl, pl, ru."),
        (["--languages", ","], "A form needs a language: choose from en, fr, nl, pl, ru."),
        (["--currency", "EURO"], "Write the currency as its ISO 4217 code, like EUR."),
        (["--currency", "a: b"], "Write the currency as its ISO 4217 code, like EUR."),
        (["--currency", "XAU"], "No country uses XAU today: write an ISO 4217 code, like EUR."),
        (["--starting-price", "5.000"], "Write the starting price with digits alone, such as 5000."),
        (["--starting-price", "0"], "Write the starting price with digits alone, such as 5000."),
        (["--starting-price", "9" * 12], "Write the starting price as a whole number, like 5000."),
        (["--business", " "], "Write words that can be seen here, without control characters."),
        (["--business", "a" * 121], "Write the name of your business."),
    ],
)
def test_a_wrong_value_is_a_sentence(run: Callable[..., Result], arguments: list[str], sentence: str) -> None:
    """Of a value that a form can't have, one sentence says what to do, and nothing is made."""
    refused = run("new", "studio", *arguments)

    assert (refused.exit_code, refused.stdout, refused.stderr) == (2, "", f"{sentence}\n")
    assert list(Path().iterdir()) == []


def test_a_folder_in_use_is_left_alone(run: Callable[..., Result]) -> None:
    """A folder with something in it is refused, as is a file; an empty folder is taken, also the one around."""
    Path("studio").mkdir()
    Path("studio/note").touch()

    for name in ("studio", "studio/note"):
        refused = run("new", name)
        assert (refused.exit_code, refused.stderr) == (2, f"{name} exists and isn't empty: name another folder.\n")
    Path("studio/note").unlink()
    os.chdir("studio")
    assert run("new", ".").exit_code == 0
    assert sorted(path.name for path in Path().iterdir()) == [
        ".gitignore", "README.md", "schema", "settings.env", "site",
    ]  # fmt: skip


def test_an_editor_finds_its_schemas(run: Callable[..., Result]) -> None:
    """Every schema that a file names for editors is there."""
    run("new", "studio")

    named = [
        (path.parent / line.partition("$schema=")[2]).is_file()
        for path in Path("studio").rglob("*.yaml")
        for line in path.read_text(encoding="utf-8").splitlines()[:1]
        if "$schema=" in line
    ]
    assert named
    assert all(named)
