"""Random edits of the shipped form file, as people make them who can just edit a text file, and of worse kinds."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from prequal.forms.form_check import FormReport, check_form
from prequal.resources import SCHEMA
from support.search import ROUNDS, SEARCHES

EDITS = ROUNDS if SEARCHES else 25
SEED = random.randrange(10**9) if SEARCHES else 16  # noqa: S311, no secret
FORM = (SCHEMA / "form.yaml").read_text(encoding="utf-8")
CONTENT = "title: T\ndescription: D\nhero: {headline: H, lead: L, action: A}\nform: {title: F}\nprivacy: {contact: C}\n"

PIECES = [
    *("\t", " ", "  ", "\n", "\r\n", "\u00a0", "\ufeff", "\u200b", "\u2028", "\x85", "\x00", "\x1b", "é", "💶"),
    *(":", ": ", " #", "#", "- ", "-", "? ", "! ", "!x ", "!!int ", "&", "&a ", "*", "*a ", "<<: ", "%", "@", "`"),
    *("|", ">", "[", "]", "{", "}", ",", ", ", "'", '"', "“", "”", "«", "---\n", "...\n", "a", "Z", "0", "//"),
    *("{starting_price}", "\\", "\\u"),
]
VALUES = [
    *("5.000", "5,000", "5 000", "5_000", "0500", "1e3", "0x1F", "-1", "+5", ".5", ".inf", ".nan", "1.5", "9" * 400),
    *("true", "no", "yes", "null", "~", "", "2026-03-02", "12:30", "[]", "{}", "[a, b]", "{a: b}", "*a", "&a b"),
    *(
        "“Yes”",
        "Yes: no",
        "Yes # no",
        "- Yes",
        "> 5",
        "| x",
        "% x",
        "@x",
        '"x',
        "'x",
        '"x" y',
        "'it's'",
        "text",
        "!x y",
    ),
]
# Words of YAML's parser, of JSON Schema's validator and of Python, outside what a message quotes.
FOREIGN = re.compile(
    r"while |\bexpected\b|\bfound\b|token|scalar|stream|mapping|sequence|alias|anchor|directive|codec|schema|"
    r"\b(?:None|True|False|NoneType|str|int|float|dict|bool|tuple|property|properties|object|instance|type \')\b|"
    r"\w+Error|<[a-z]|0x"
)

QUOTED = re.compile(r"“.*”|\".*\"|^.*? (?=is not known|belongs to|is written twice|needs another)|: should be .*")


def replace_character(dice: random.Random, text: str) -> str:
    """Replace a character, or none, with something else, or nothing."""
    at = dice.randrange(len(text))
    return text[:at] + dice.choice([*PIECES, ""]) + text[at + dice.randrange(2) :]


def replace_value(dice: random.Random, text: str) -> str:
    """Replace what is behind a colon with a value of another type or spelling."""
    found = dice.choice(list(re.finditer(r"(?<=: )[^\n,}]*", text)))
    return text[: found.start()] + dice.choice(VALUES) + text[found.end() :]


def change_lines(dice: random.Random, text: str) -> str:
    """Remove, repeat, move, join or split lines, or cut the file."""
    lines = text.split("\n")
    at, to = dice.randrange(len(lines)), dice.randrange(len(lines))
    several = lines[at : at + dice.choice([1, 1, 2, 8])]
    match dice.randrange(6):
        case 0:
            del lines[at : at + len(several)]
        case 1:
            lines[at:at] = several
        case 2:
            lines[to:to] = several
        case 3:
            lines[at : at + 2] = ["".join(lines[at : at + 2])]
        case 4:
            cut = dice.randrange(len(lines[at]) + 1)
            lines[at : at + 1] = [lines[at][:cut], lines[at][cut:]]
        case _:
            del lines[max(at, 1) :]
    return "\n".join(lines)


def change_indentation(dice: random.Random, text: str) -> str:
    """Indent some lines more or less, by spaces or a tab."""
    lines = text.split("\n")
    at = dice.randrange(len(lines))
    for index in range(at, min(at + dice.choice([1, 1, 3]), len(lines))):
        more = dice.choice(["", " ", "  ", "\t", "\u00a0"])
        lines[index] = more + lines[index][0 if more else dice.randrange(1, 4) :]
    return "\n".join(lines)


KINDS: Sequence[Callable[[random.Random, str], str]] = (
    *(replace_character, replace_value, change_lines, change_indentation),
)


def edited(dice: random.Random) -> str:
    """Return the form file after one to three edits."""
    text = FORM
    for _ in range(dice.choice([1, 1, 2, 3])):
        text = dice.choice(KINDS)(dice, text or "\n")
    return text


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Return a folder of short page texts, in the form's languages."""
    for language in ("en", "fr", "nl", "ru", "pl"):
        (tmp_path / f"{language}.yaml").write_text(CONTENT, encoding="utf-8")
    return tmp_path


def test_random_edits_get_sentences_of_ours(content: Path) -> None:
    """Whatever becomes of the file, each fault is a sentence on a line of it, and none is of a library's."""
    dice = random.Random(SEED)  # noqa: S311, no secret
    path = content / "form.yaml"
    for number in range(EDITS):
        text = edited(dice)
        path.write_text(text, encoding="utf-8", newline="")
        assert_ours(check_form(path, content), text, f"seed {SEED}, edit {number}")


def assert_ours(report: FormReport, text: str, what: str) -> None:
    """Assert that every finding of a report is a sentence of ours, with its line."""
    lines = len(re.findall(r"\r\n|\r|\n", text)) + 1
    found = [*report.errors, *report.warnings]
    assert bool(report.errors) or report.analysis, what
    assert len(found) == len({(fault.line, fault.column, fault.message) for fault in found}), what
    for fault in found:
        assert 1 <= fault.line <= lines, (what, fault)
        assert fault.column >= 1, (what, fault)
        assert fault.message.endswith((".", "?")), (what, fault)
        assert fault.message.isprintable(), (what, fault)
        unquoted = re.sub(
            r"“.*”|\".*\"|^.*? (?=is not known|belongs to|is written twice)|: should be .*", "", fault.message
        )
        assert not FOREIGN.search(unquoted), (what, fault)
