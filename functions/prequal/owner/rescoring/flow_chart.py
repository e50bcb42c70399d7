"""Flow chart of a rescoring, as SVG: grades before on the left, grades after on the right."""

from collections import Counter
from collections.abc import Mapping
from typing import TypeVar

from prequal.owner.rescoring.comparison import RescoringSummary
from prequal.owner.rescoring.output import GRADES, VERDICTS
from prequal.pages.labels import count_leads
from prequal.svg import Drawing

_Side = TypeVar("_Side")
_MARGIN, _LABEL, _BAR, _WAY = 32, 120, 12, 200
_PANEL = 2 * (_LABEL + _BAR) + _WAY
_TOP, _TALL, _GAP = 76, 280, 14
# One lead among a million is still visible, and a number has room to stand in its ribbon.
_THINNEST, _ROOMY = 1.5, 15
# The place of a ribbon's number on its way, across and down: there it stands beside the other ribbons.
_AT, _DOWN = 0.297, 0.156


def render_svg(summary: RescoringSummary) -> str:
    """Return the chart as a file: ribbons as broad as leads are many, yellow where they rise, green where they fall."""
    drawing = Drawing(3 * _MARGIN + 2 * _PANEL, _TOP + _TALL + 2 * _GAP + _MARGIN)
    move = "moves" if summary.moving.count == 1 else "move"
    title = f"{summary.moving.count:,} of {count_leads(summary.leads)} {move} under version {summary.form.version}"
    drawing.text("strong", (_MARGIN, _MARGIN), title)
    _panel(drawing, "Grade", GRADES, summary.grades, _MARGIN)
    _panel(drawing, "Invited by score", VERDICTS, summary.verdicts, 2 * _MARGIN + _PANEL)
    return drawing.for_file(title)


def _panel(
    drawing: Drawing, head: str, names: Mapping[_Side, str], counts: Counter[tuple[_Side, _Side]], left: int
) -> None:
    start, end = left + _LABEL + _BAR, left + _LABEL + _BAR + _WAY
    scale = _TALL / max(counts.total(), 1)
    before = {side: sum(counts[side, other] for other in names) for side in names}
    after = {side: sum(counts[other, side] for other in names) for side in names}
    for look, x, words in (("middle", start + _WAY / 2, head), ("end", start, "before"), ("", end, "now")):
        drawing.text(f"quiet {look}", (x, _TOP - 16), words)
    _ribbons(drawing, names, counts, _tops(before, scale), _tops(after, scale), scale, start)
    for look, x, label, totals in (("end", start - _BAR, start - _BAR - 10, before), ("", end, end + _BAR + 10, after)):
        for side, top in _tops(totals, scale).items():
            tall = max(totals[side] * scale, _THINNEST)
            drawing.box("solid", (x, top), _BAR, tall)
            drawing.text(look, (label, top + tall / 2 + 5), f"{names[side]} {totals[side]:,}")


def _tops(totals: Mapping[_Side, int], scale: float) -> dict[_Side, float]:
    """Return the upper edge of each part of a column."""
    tops, y = {}, float(_TOP)
    for side, total in totals.items():
        tops[side] = y
        y += total * scale + _GAP
    return tops


def _ribbons(  # noqa: PLR0913, PLR0917, two columns and the space between them
    drawing: Drawing,
    names: Mapping[_Side, str],
    counts: Counter[tuple[_Side, _Side]],
    before: dict[_Side, float],
    after: dict[_Side, float],
    scale: float,
    x: int,
) -> None:
    order = list(names)
    ribbons: list[tuple[_Side, _Side, float, float]] = []
    for old in order:
        for new in order:
            ribbons.append((old, new, before[old], after[new]))
            before[old] += counts[old, new] * scale
            after[new] += counts[old, new] * scale
    # Those that stay lie below the others.
    for old, new, top, goal in sorted(ribbons, key=lambda ribbon: ribbon[0] != ribbon[1]):
        count = counts[old, new]
        rises = order.index(new) < order.index(old)
        if count:
            look = "stays" if old == new else "hot" if rises else "warm"
            path = _ribbon(x, top, goal, max(count * scale, _THINNEST))
            drawing.add(look, "path", d=path, title=f"{count_leads(count)}: {names[old]} → {names[new]}")
        if old != new and count * scale >= _ROOMY:
            at = (x + _WAY * _AT, top + (goal - top) * _DOWN + count * scale / 2 + 4)
            drawing.text(f"small middle {'on-hot' if rises else ''}".strip(), at, f"{count:,}")


def _ribbon(x: int, top: float, goal: float, breadth: float) -> str:
    middle, end = x + _WAY / 2, x + _WAY
    return (
        f"M{x} {top:.1f}C{middle} {top:.1f} {middle} {goal:.1f} {end} {goal:.1f}"
        f"v{breadth:.1f}C{middle} {goal + breadth:.1f} {middle} {top + breadth:.1f} {x} {top + breadth:.1f}Z"
    )
