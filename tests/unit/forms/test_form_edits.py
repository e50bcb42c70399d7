"""Edits of the form file: any value that can be adjusted, in any layout, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ruamel.yaml import YAML

from prequal.analysis.adjustments import MINIMUM, adjust, adjustable
from prequal.forms.form_edits import UnwritableError, edit_form
from prequal.forms.form_file import read_form
from support.shipped_form import write_form

_BLOCK = """\
id: web-design
languages: [en]
currency: EUR
starting_price: 5000
business: {name: Studio North, url: "https://studio.example", privacy_url: "https://studio.example/privacy"}
questions:
  - id: budget   # the question that decides
    axis: fit
    type: many
    label: What?
    max_points: 15   # two at most
    options:
      - {id: around, label: About that, points: 20, desired: true}
      - id: unsure
        label: Not sure
  - {id: pages, axis: intent, type: number, label: Pages?, bands: [{up_to: 5, points: 5}, {}]}
scoring:
  grades:
    hot: 50   # rare
    warm: 30
  minimum:
    fit: 20
"""
_FLOW = _BLOCK.partition("scoring:")[0] + 'scoring: {grades: {hot: 50, warm: 30}, qualify: "hot"}\n'
_TRAITS = (_BLOCK.replace("scoring:\n", "scoring:\n  method: traits\n").replace("50", "2").replace("30", "1")).replace(
    "    fit: 20", "    fit: 1\n    intent: 1"
)


def as_json(text: str) -> str:
    """Return a form file in JSON."""
    return json.dumps(loaded(text), indent=1)


def other_values(document: dict[str, Any], random: Random) -> dict[Any, Any]:
    """Return other values for some of a form's."""
    values: dict[Any, Any] = {}
    for where, present in adjustable(document).items():
        match where[-1]:
            case "desired":
                values[where] = random.choice([True, False])
            case "qualify":
                values[where] = random.choice(["hot", "warm", "cold"])
            case "max_points" | "fit" | "intent":
                values[where] = random.choice([present, None, 7, -3])
            case _:
                values[where] = random.choice([present, 0, 12, -4, 1_000_000])
    return values


@pytest.mark.parametrize("layout", [str, as_json], ids=["yaml", "json"])
@pytest.mark.parametrize("text", [_BLOCK, _FLOW, _TRAITS], ids=["block", "flow", "traits"])
@pytest.mark.parametrize("seed", range(12))
def test_any_values(tmp_path: Path, layout: Callable[[str], str], text: str, seed: int) -> None:
    """The file has exactly the new values afterwards, some of them added and some removed; its comments stay."""
    path = tmp_path / "form.yaml"
    path.write_text(layout(text), encoding="utf-8")
    document = read_form(path)
    values = other_values(document, Random(seed))  # noqa: S311, it keeps no secret

    before, after = edit_form(path, values)
    path.write_text(after, encoding="utf-8")

    assert before == layout(text)
    # The values alone, as a grade below another is a fault that the check finds.
    assert adjustable(loaded(after)) == {**adjustable(document), **values}
    assert loaded(after) == adjust(document, values)
    if layout is str:
        kept = ["# the question that decides", *(["# rare"] if "# rare" in text else [])]
        assert all(comment in after for comment in kept)


def loaded(text: str) -> dict[str, Any]:
    """Return the document of a form file, checked or not."""
    document: dict[str, Any] = YAML(typ="safe").load(text)
    return document


def test_one_line_of_the_shipped_form(tmp_path: Path) -> None:
    """One change is one line, and taking it back gives the very file again."""
    path = write_form(tmp_path)
    document = read_form(path)
    for where in (("questions", 0, "options", 1, "points"), ("scoring", "grades", "hot"), (*MINIMUM, "fit")):
        present = adjustable(document)[where]
        before, after = edit_form(path, {where: 33})
        changed = [(old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
        path.write_bytes(after.encode())
        assert len(changed) == 1
        assert edit_form(path, {where: present})[1] == before
        path.write_bytes(before.encode())


def test_a_comment_among_minimums_is_not_lost(tmp_path: Path) -> None:
    """Minimums that only a person can remove are refused, and the file is as it was."""
    path = tmp_path / "form.yaml"
    text = _BLOCK.replace("    fit: 20\n", "    fit: 20\n    # why not?\n    intent: 5\n")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnwritableError, match="only you can change"):
        edit_form(path, {("scoring", "minimum", "intent"): None})
    assert path.read_text(encoding="utf-8") == text
