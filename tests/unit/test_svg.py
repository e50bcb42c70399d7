"""Drawings: well-formed, in the colours of the page, with round numbers on their axes."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from prequal.svg import PALETTE, STYLE_FOR_PAGE, Drawing, ticks, whole_step

SITE_STYLE = Path(__file__).parents[2] / "site" / "assets" / "style.css"


def test_any_words() -> None:
    """Text, titles and attributes are escaped."""
    drawing = Drawing(100, 50)
    drawing.text("", (0, 10), "<b> & “x”\nbelow")
    drawing.dot("hot", (1.04, 2), 3, title="a < b")
    drawing.add("", "path", d='"M0 0"')

    for svg in (drawing.for_file("<title>"), drawing.for_page("name", "<title>", "&")):
        root = ET.fromstring(svg)  # noqa: S314, it is ours
        texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
        assert texts == ["<b> & “x”", "below"]
        assert root.findtext("{http://www.w3.org/2000/svg}title") == "<title>"
        assert 'cx="1" cy="2"' in svg


def test_the_palette_is_that_of_the_page() -> None:
    """Charts have the colours of the page that prospects see, in the light and in the dark."""
    css = SITE_STYLE.read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#\w+);", part)) for part in re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    )

    for name in ("paper", "ink", "quiet", "line"):
        assert PALETTE[name] == (light[name], dark[name])
    assert PALETTE["hot"] == (light["accent"], light["accent"])


def test_every_colour_is_known() -> None:
    """A file has its colours literally, and a page defines all the variables that it uses."""
    assert "var(" not in Drawing(1, 1).for_file("")
    assert set(re.findall(r"var\(--(\w+)\)", STYLE_FOR_PAGE)) <= set(re.findall(r"--(\w+):", STYLE_FOR_PAGE))


@pytest.mark.parametrize(
    ("span", "step"), [(0, 1), (5, 1), (6, 2), (10, 2), (11, 5), (26, 10), (101, 50), (2501, 1000)]
)
def test_steps(span: int, step: int) -> None:
    """An axis has at most so many steps, each of 1, 2 or 5, or ten times as many."""
    assert whole_step(span, 5) == step


def test_ticks() -> None:
    """Ticks are the multiples of a step within the axis."""
    assert list(ticks(-3.5, 12.1, 8)) == [-2, 0, 2, 4, 6, 8, 10, 12]
