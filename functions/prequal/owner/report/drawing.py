"""Drawings of matplotlib's as a part of a page: its type, its colours in the light and in the dark, no script."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# What matplotlib draws in stands for the page's own colours, which change with the light.
INK, QUIET, LINE, PAPER = "#010001", "#020002", "#030003", "#040004"
HOT, WARM, COLD = "#050005", "#060006", "#070007"
_COLOURS = {
    INK: "ink",
    QUIET: "quiet",
    LINE: "line",
    PAPER: "paper",
    HOT: "hot",
    WARM: "warm",
    COLD: "cold",
}
_POINTS_PER_INCH = 72
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_COLOUR = re.compile("|".join(_COLOURS))
_UNWANTED = (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style")
_REFERENCE = re.compile(r"((?:^|url\()#)([\w-]+)")
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "prequal",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 14,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": INK,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.facecolor": "none",
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 1,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.major.pad": 6,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "patch.edgecolor": INK,
    "patch.force_edgecolor": True,
    "patch.linewidth": 1,
}

ET.register_namespace("", _SVG)
ET.register_namespace("xlink", _XLINK)


@contextmanager
def paper(width: int, height: int) -> Iterator[Figure]:
    """Return a figure of this size, in pixels of the page, to draw on in the page's style."""
    with mpl.rc_context(_STYLE):
        yield Figure(figsize=(width / _POINTS_PER_INCH, height / _POINTS_PER_INCH))


def frame(figure: Figure, *, left: int = 0, right: int = 0, top: int = 0, bottom: int = 0) -> Axes:
    """Return axes that leave margins, in pixels."""
    width, height = figure.get_size_inches() * _POINTS_PER_INCH
    box = (left / width, bottom / height, 1 - (left + right) / width, 1 - (top + bottom) / height)
    return figure.add_axes(box)


def svg(figure: Figure, name: str, title: str, description: str) -> Markup:
    """Return the drawing, to stand in a page in which `name` is its own; the same drawing gives the same bytes."""
    written = io.StringIO()
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # The browser writes the words, in faces that have them.
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    root = ET.fromstring(written.getvalue())  # noqa: S314, matplotlib has written it
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in _UNWANTED]:
            parent.remove(child)
    _settle(root, name)
    box, words = root.get("viewBox", ""), {"title": title, "desc": description}
    root.attrib.clear()
    root.attrib |= {"viewBox": box, "role": "img", "aria-labelledby": " ".join(f"{name}-{tag}" for tag in words)}
    for position, (tag, text) in enumerate(words.items()):
        element = ET.Element(f"{{{_SVG}}}{tag}", {"id": f"{name}-{tag}"})
        element.text = text
        root.insert(position, element)
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704, it has escaped every text


def _settle(root: ET.Element, name: str) -> None:
    """Use the page's colours, and keep but those ids that something refers to, as the drawing's own."""
    used = {found[1] for part in root.iter() for value in part.attrib.values() for found in _REFERENCE.findall(value)}
    for part in root.iter():
        for key, value in list(part.attrib.items()):
            if key != "id":
                referring = _REFERENCE.sub(rf"\1{name}-\2", value)
                part.attrib[key] = _COLOUR.sub(lambda found: f"var(--{_COLOURS[found[0]]})", referring)
            elif value in used:
                part.attrib[key] = f"{name}-{value}"
            else:
                del part.attrib[key]
