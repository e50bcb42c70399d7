"""YAML files: plain values with their places, and one clear fault for invalid YAML."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from prequal.forms.yaml_files import FaultyFileError, FileFault, YamlFile, read_yaml


def read(folder: Path, text: str | bytes) -> YamlFile:
    """Read a file of this content."""
    path = folder / "form.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_yaml(path)


def fault(folder: Path, text: str | bytes) -> FileFault:
    """Return the one fault of a file of this content."""
    with pytest.raises(FaultyFileError) as caught:
        read(folder, text)
    (only,) = caught.value.faults
    return only


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5000", 5000),
        ("-10", -10),
        ("+10", 10),
        ("5000.0", 5000.0),
        ("5.000", 5.0),
        ("0500", 500.0),
        ("1e3", 1000.0),
        ("2.5", 2.5),
        ("-.inf", float("-inf")),
        ("0x1F", 31.0),
        ("0o17", 15.0),
        ("9" * 5000, float("inf")),
        ("5_000", "5_000"),
        ("true", True),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("null", None),
        ("~", None),
        ("", None),
        ("2026-03-02", "2026-03-02"),
        ("2026-13-45", "2026-13-45"),
        ("2026-3-2 9:30:00 +1", "2026-3-2 9:30:00 +1"),
        ("!!timestamp never", "never"),
        ("12:30", "12:30"),
        ("'5000'", "5000"),
        ("|\n  two\n  lines", "two\nlines\n"),
        (">-\n  one\n  line", "one line"),
        ("[a, [b]]", ["a", ["b"]]),
        ("{b: 1, 2: c}", {"b": 1, "2": "c"}),
        ("!mine text", "text"),
        ("!mine [a, 1]", ["a", 1]),
        ("!!str 5000", "5000"),
        ("!!int ''", ""),
        (r'"\ud83d\udcb6 in UTF-16"', "💶 in UTF-16"),
        (r'"\ufeff"', "\ufeff"),
    ],
)
def test_values_are_plain(tmp_path: Path, text: str, value: Any) -> None:
    """Values follow YAML 1.2, as plain types of Python; a whole number is an int."""
    read_value = read(tmp_path, f"key: {text}\n").content["key"]
    assert read_value == value
    assert type(read_value) is type(value)


def test_keys_that_look_like_values_are_strings(tmp_path: Path) -> None:
    """Norwegian is a language, not a no."""
    assert read(tmp_path, "no: Ja\non: Off\ntrue: 1\n").content == {"no": "Ja", "on": "Off", "true": 1}


@pytest.mark.parametrize(("text", "value"), [("true", True), ("7", 7), ("7.5", 7.5), ("some words", "some words")])
def test_values_with_anchors_are_as_plain(tmp_path: Path, text: str, value: Any) -> None:
    """A value with an anchor has its usual type, at the anchor and at its aliases."""
    content = read(tmp_path, f"first: &it {text}\nsecond: *it\n").content
    assert content == {"first": value, "second": value}
    assert [type(one) for one in content.values()] == [type(value)] * 2


def test_a_surrogate_pair_is_the_same_key(tmp_path: Path) -> None:
    """Surrogate pairs are joined in keys too, so that a duplicate key is found."""
    assert read(tmp_path, r'{"\ud83d\udcb6": 1}').content == {"💶": 1}
    assert fault(tmp_path, '"\\ud83d\\udcb6": 1\n💶: 2\n').line == 2


def test_every_value_has_its_place(tmp_path: Path) -> None:
    """A key's place is where it begins, a list item's where its value does; both count from 1."""
    file = read(tmp_path, "# a comment\nid: x\nquestions:\n  - id: a\n    options: [{id: b}, c]\n  - d\n")
    places = {
        ("id",): (2, 1),
        ("questions",): (3, 1),
        ("questions", 0): (4, 5),
        ("questions", 0, "id"): (4, 5),
        ("questions", 0, "options"): (5, 5),
        ("questions", 0, "options", 0): (5, 15),
        ("questions", 0, "options", 0, "id"): (5, 16),
        ("questions", 0, "options", 1): (5, 24),
        ("questions", 1): (6, 5),
    }
    assert {where: (file.fault(where, "").line, file.fault(where, "").column) for where in places} == places


def test_a_missing_value_has_the_place_of_its_container(tmp_path: Path) -> None:
    """A fault about a missing value is at its container; in an empty file, at the beginning."""
    file = read(tmp_path, "\nscoring:\n  grades: {}\n")
    assert file.fault(("scoring", "grades", "hot"), "Add hot.") == FileFault(3, 3, "Add hot.")
    assert file.fault(("business", "name"), "Add it.") == FileFault(1, 1, "Add it.")
    assert read(tmp_path, "").fault(("id",), "Add id.") == FileFault(1, 1, "Add id.")


def test_a_merged_value_has_the_place_of_the_merge(tmp_path: Path) -> None:
    """Values merged from another mapping have the place of the mapping that merges them."""
    file = read(tmp_path, "first: &it {points: 5}\nsecond:\n  <<: *it\n  id: a\n")
    assert file.content["second"] == {"points": 5, "id": "a"}
    assert file.fault(("second", "points"), "").line == 3


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    """Editors on Windows begin a file with a byte order mark, and end lines with two characters."""
    file = read(tmp_path, "\ufeffid: a\r\nb: c\r\n")
    assert file.content == {"id": "a", "b": "c"}
    assert file.fault(("id",), "") == FileFault(1, 1, "")
    assert file.fault(("b",), "") == FileFault(2, 1, "")


def test_a_fault_can_be_printed(tmp_path: Path) -> None:
    """No fault takes over a terminal, or more than a line, by what it names of the file."""
    assert read(tmp_path, "id: a\n").fault(("id",), "\x1b[31m\n").message == "U+001B[31mU+000A"


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("id: a\nlanguages: [en\n", 2, 12, "Close this [ with ], or put the text in quotes."),
        ("id: a\nb: {en: Yes fr: Oui}\n", 2, 15, "Write a comma or } before this, or put the text in quotes."),
        ('b: {en: "Yes" fr: Oui}\n', 1, 15, 'Write a comma before this, or \\" for a quotation mark inside the text.'),
        ("id: a\n\tname: b\n", 2, 1, "Write spaces in place of this tab."),
        ("id:\ta\n", 1, 4, "Write spaces in place of this tab."),
        ("id: a\t\nb: c\n", 1, 6, "Write spaces in place of this tab."),
        ("id: a\nb:\u00a0c\nd: e\n", 2, 3, "Write a space in place of the character U+00A0 here, which"),
        ("a:\n  - b: c\n\u00a0\u00a0  d: e\n    f: g\n", 3, 1, "Write a space in place of the character U+00A0"),
        ("id: a\nid: b\n", 2, 1, "id is written twice here, first in line 1: keep one of the two, or check"),
        ("q:\n  - {id: a, label: b, id: c}\n", 2, 23, "id is written twice here, first in line 2: keep one of the"),
        ("id: a\n---\nid: b\n", 2, 1, "Remove this line and what follows: a file holds one document, not two."),
        ("id: *unknown\n", 1, 5, "Put this in quotes, as it begins with *, which stands for a value that is marked"),
        ("id: &a [*a]\n", 1, 9, "Put this in quotes, as it begins with *"),
        ("id: a\nid: 'b\n\n  c'\n", 2, 1, "id is written twice here, first in line 1: keep one of the two"),
        ("# ours\n%YAML 2.0\n---\nid: a\n", 2, 1, "Leave this line out, or write %YAML 1.2 here."),
        ("%TAG x\n---\nid: a\n", 1, 1, "Leave this line out, or write %YAML 1.2 here."),
        ("id: \x00\n", 1, 5, "Remove the character U+0000 here: it is not allowed in text."),
        ("id: a\r\nname: |\r\n  Studio\x07North\r\n", 3, 9, "Remove the character U+0007 here: it is not allowed"),
        ('id: a\nname: "\\ud83d"\n', 2, 7, "Write the other half of this character too: this \\u escape is one"),
        ('id: a\n"\\udcb6\\ud83d": b\n', 2, 1, "Write the other half of this character too: "),
        ('id: "\\U99999999"\n', 1, 5, "Write the characters themselves in this text: one of its escapes is beyond"),
        ('id: "C:\\path"\n', 1, 9, "Write \\\\ for a backslash in a text in double quotation marks."),
        (b"name: Ren\xe9\n", 1, 1, "Save this file as UTF-8 text."),
        ("name: René\n".encode("utf-16"), 1, 1, "Save this file as UTF-8 text."),
        ("a: Budget: how much?\n", 1, 10, "Put this text in quotes, as it contains a colon."),
        ("a:b\nc: d\n", 1, 2, "Write a space behind this colon."),
        ("a: b\nc:d\n", 2, 2, "Write a space behind this colon."),
        ("a: b\nc d\n", 2, 1, "Write a colon and a space behind this key, or indent this as a part of the text above."),
        ("a: b\n: c\n", 2, 1, "Write a key before this colon."),
        ("a: b\n? [c]\n: d\n", 2, 3, "Put this in quotes, as it begins with a bracket or *."),
        ("a: b\n!x c: d\n", 2, 1, "Write this key without “!x”."),
        ("a:\n  b: c\n   d: e\n", 3, 4, "Indent this line by 0 or 2 spaces in place of 3, or check the indentation of"),
        ("a:\n  b:\n    c: d\n   e: f\n", 4, 4, "Indent this line by 2 or 4 spaces in place of 3, or check"),
        ("a:\n  - id: b\n  c: d\n", 3, 3, "Indent this line by 4 spaces in place of 2, or write - before a list item."),
        ("a:\n  - b: {c: d}\n    - e\n", 3, 5, "Write the key of this list, like options:, above it, or check its"),
        ("a:\n  - b: c\n  -d: e\n", 3, 3, "Write a space behind this -."),
        ("a:\n  - b: c\n  • d: e\n", 3, 3, "Write - in place of • before a list item, or put this in quotes"),
        ("a: {price} is ours\n", 1, 4, "Put this text in quotes, as it begins with {."),
        ("a: {b: {price} is ours}\n", 1, 8, "Put this text in quotes, as it begins with {."),
        ("a: , b\n", 1, 4, "Write a value before this comma, or put the text that it belongs to in quotes."),
        ("a: ]\n", 1, 4, "Write a value before this ], or put the text that it belongs to in quotes."),
        *((f"a: {text}\n", 1, 4, f"Put this text in quotes, as it begins with {text[0]}.")
          for text in ("%b", "@b", "`b`", "- b", "? b", "| b", "> 5", "& b", "* b", "!<b")),
        ("a: {b: Our #1, c: d}\ne: f\n", 1, 12, "Put this text in quotes: otherwise # begins a comment, in which } is"),
        ('a: "b\n', 1, 4, 'Close this text with " at its end.'),
        ("a: 'b\n", 1, 4, "Close this text with ' at its end, or put it in double quotation marks."),
        ('a: "b\nc: "d"\n', 1, 4, "Close the quotation mark that opens here: as it is, the text runs on to line 2."),
        ('a: "b "c" d"\n', 1, 8, 'Write \\" for a quotation mark inside this text, or remove what follows the text.'),
        ("a: 'it's'\n", 1, 8, "Write '' for an apostrophe inside this text, or put the text in double"),
        ("a: &a {b: c}\nd: {<<: b}\n", 2, 5, "Write the name of a marked block behind <<, like <<: *name."),
        ("[" * 1000, 1, 22, "This is nested more than 20 levels deep: remove brackets or levels."),
        ("- " * 30 + "a", 1, 43, "This is nested more than 20 levels deep: remove brackets or levels."),
        ("a: &a [b, b, b, b, b, b, b, b, b]\n" + "".join(
            f"{key}: &{key} [{', '.join(['*' + before] * 9)}]\n" for before, key in pairwise("abcdefghij")
        ), 5, 28, "Write fewer values, or fewer with *: these are more than 50000."),
    ],
)  # fmt: skip
def test_invalid_yaml_gets_one_fault(tmp_path: Path, text: str | bytes, line: int, column: int, message: str) -> None:
    """A file that can't be read as YAML gets one fault, with the place where reading stopped."""
    found = fault(tmp_path, text)
    assert (found.line, found.column) == (line, column)
    assert found.message.startswith(message)
    assert "\n" not in found.message


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that doesn't exist is one fault, with its name."""
    with pytest.raises(FaultyFileError) as caught:
        read_yaml(tmp_path / "form.yaml")
    assert caught.value.faults == [FileFault(1, 1, "There is no such file.")]
    assert str(caught.value) == f"{tmp_path / 'form.yaml'}:1:1: There is no such file."


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A path that can't be opened is a fault with the reason."""
    with pytest.raises(FaultyFileError, match=r"This file can't be read: Is a directory\."):
        read_yaml(tmp_path)


def test_faults_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    """The error lists each fault once, by line, one line of text each."""
    path = tmp_path / "form.yaml"
    faults = [FileFault(7, 1, "Late."), FileFault(2, 9, "Right."), FileFault(2, 1, "Left."), FileFault(7, 1, "Late.")]
    error = FaultyFileError(path, faults)
    assert error.faults == [FileFault(2, 1, "Left."), FileFault(2, 9, "Right."), FileFault(7, 1, "Late.")]
    assert str(error) == f"{path}:2:1: Left.\n{path}:2:9: Right.\n{path}:7:1: Late."
