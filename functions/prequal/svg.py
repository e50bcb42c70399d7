"""SVG drawings in the product's palette: charts of the report, of a rescoring and of a calibration.

A drawing becomes a part of a page that has `STYLE_FOR_PAGE`, or a file of its own. Files hold each colour literally, as
not every program that shows SVG knows CSS variables.
"""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil

from markupsafe import Markup

from prequal.pages.labels import GRADE_COLOURS, INK

# On light and on dark paper. These are the colours of the page that prospects see, too: site/assets/style.css.
PALETTE: Mapping[str, tuple[str, str]] = {
    "paper": ("#f2f4f1", "#0e1716"),
    "ink": (INK, "#e8eeeb"),
    "quiet": ("#4a5957", "#a8b6b2"),
    "line": ("#c5cdc9", "#2f3e3b"),
    **{grade.value: (colour.on_light, colour.on_dark) for grade, colour in GRADE_COLOURS.items()},
}
_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif'

_LOOKS = f"""
text{{font-family:{_FONT};font-size:14px;fill:%(ink)s}}
.small{{font-size:13px}}.tiny{{font-size:11px}}.strong{{font-weight:600}}.quiet{{fill:%(quiet)s}}
.middle{{text-anchor:middle}}.end{{text-anchor:end}}.backed{{stroke:%(paper)s;stroke-width:4px}}
.axis{{stroke:%(ink)s}}.mark{{stroke:%(ink)s;stroke-width:1.5}}.dashed{{stroke-dasharray:4 3}}.grid{{stroke:%(line)s}}
.bar,.dot{{stroke:%(ink)s}}.hot{{fill:%(hot)s}}.warm{{fill:%(warm)s}}.cold{{fill:%(cold)s}}
.interval{{stroke:%(warm)s;stroke-width:5}}.curve{{fill:none;stroke:%(ink)s;stroke-width:2.5}}
.reference{{fill:none;stroke:%(warm)s;stroke-width:2.5;stroke-dasharray:5 4}}
.solid{{fill:%(ink)s}}.stays{{fill:%(line)s;opacity:.6}}.on-hot{{fill:{INK}}}
"""


_LIGHT, _DARK = ({name: colours[ground] for name, colours in PALETTE.items()} for ground in (0, 1))


def _variables(colours: Mapping[str, str]) -> str:
    return f":root{{{';'.join(f'--{name}:{colour}' for name, colour in colours.items())}}}"


_IN_THE_DARK = "@media screen and (prefers-color-scheme:dark)"
STYLE_FOR_PAGE = (
    f":root{{--text:{_FONT}}}{_variables(_LIGHT)}{_IN_THE_DARK}{{{_variables(_DARK)}}}"
    f"{_LOOKS % {name: f'var(--{name})' for name in PALETTE}}"
)
_PAPER = "svg{background:%(paper)s}"
_STYLE_FOR_FILE = (_PAPER + _LOOKS) % _LIGHT + f"{_IN_THE_DARK}{{{(_PAPER + _LOOKS) % _DARK}}}"


class Drawing:
    """Elements of SVG on a ground of a fixed size in pixels; the first parameter of each method is its CSS class."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._elements: list[str] = []

    def add(self, look: str, tag: str, words: str = "", *, title: str = "", **attributes: float | str) -> None:
        """Add an element; the title is what a pointer on it shows."""
        given = "".join(f' {name}="{_attribute(value)}"' for name, value in attributes.items())
        inner = escape(words, quote=False) + (f"<title>{escape(title, quote=False)}</title>" if title else "")
        self._elements.append(f'<{tag} class="{look}"{given}>{inner}</{tag}>')

    def line(self, look: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Add a line between two points."""
        self.add(look, "line", x1=start[0], y1=start[1], x2=end[0], y2=end[1])

    def box(self, look: str, corner: tuple[float, float], width: float, height: float) -> None:
        """Add a rectangle by its upper left corner."""
        self.add(look, "rect", x=corner[0], y=corner[1], width=width, height=height)

    def dot(self, look: str, centre: tuple[float, float], radius: float, title: str = "") -> None:
        """Add a circle with an outline."""
        self.add(f"dot {look}", "circle", cx=centre[0], cy=centre[1], r=radius, title=title)

    def text(self, look: str, at: tuple[float, float], words: str) -> None:
        """Add lines of text; the point is at the baseline of the first."""
        # An attribute, as the W3C's checker does not know the property of CSS.
        halo: dict[str, str] = {"paint-order": "stroke"} if "backed" in look else {}
        for number, line in enumerate(words.split("\n")):
            self.add(look, "text", line, x=at[0], y=at[1] + 16 * number, **halo)

    def for_page(self, name: str, title: str, description: str) -> Markup:
        """Return the drawing as a part of a page in which no other drawing has this name."""
        texts = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
        return Markup(self._svg(f"{name}-title {name}-desc", texts))  # noqa: S704, every text is escaped

    def for_file(self, title: str) -> str:
        """Return the drawing as the content of a file."""
        return self._svg("title", f'<title id="title">{escape(title)}</title>\n<style>{_STYLE_FOR_FILE}</style>') + "\n"

    def _svg(self, labels: str, head: str) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'aria-labelledby="{labels}">\n{head}\n' + "\n".join(self._elements) + "\n</svg>"
        )


def _attribute(value: float | str) -> str:
    return escape(value) if isinstance(value, str) else f"{round(value, 1):g}"


def whole_step(span: float, most: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, … by which a span has at most so many steps."""
    step = 1
    while span > step * most:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return step


def ticks(low: float, high: float, most: int) -> Sequence[int]:
    """Return whole numbers for an axis: round ones, at equal distances."""
    step = whole_step(high - low, most)
    return range(ceil(low / step) * step, int(high) + 1, step)
