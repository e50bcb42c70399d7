"""The picture of a rescoring, as SVG: where the leads stood on the left, and where they stand now on the right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TypeVar

from prequal.owner.rescoring.tally import Tally
from prequal.owner.rescoring.words import GRADES, VERDICTS, leads

_Side = TypeVar("_Side")
_MARGIN, _LABEL, _BAR, _WAY = 32, 120, 12, 200
_PANEL = 2 * (_LABEL + _BAR) + _WAY
_TOP, _TALL, _GAP = 76, 280, 14
_WIDTH = 3 * _MARGIN + 2 * _PANEL
_HEIGHT = _TOP + _TALL + 2 * _GAP + _MARGIN
# One lead among a million is still seen, and a number has room to stand in its ribbon.
_THINNEST, _ROOMY = 1.5, 15
# Where on its way a ribbon has its number, and how far it has come down by then: beside the others, not across them.
_AT, _DOWN = 0.297, 0.156
_STYLE = """
svg{background:#f2f4f1}text{font:14px system-ui,sans-serif;fill:#12201f}.head{font-weight:600}.quiet{fill:#4a5957}
.before{text-anchor:end}.count{font-size:12px;text-anchor:middle}.bar{fill:#12201f}.stays{fill:#c5cdc9;opacity:.6}
.up{fill:#ffcf1f}.down{fill:#6b8f89}
@media (prefers-color-scheme:dark){svg{background:#0e1716}text,.bar{fill:#e8eeeb}.quiet{fill:#a8b6b2}
.stays{fill:#2f3e3b}.down{fill:#5f857f}.up+.count{fill:#12201f}}
"""


def drawn(tally: Tally) -> str:
    """Return the picture: ribbons as broad as the leads are many, yellow where they rise, dark where they fall."""
    title = f"{tally.moving.count:,} of {leads(tally.leads)} move under version {tally.form.version}"
    panels = (
        *_panel("Grade", GRADES, tally.grades, _MARGIN),
        *_panel("Invited by score", VERDICTS, tally.verdicts, 2 * _MARGIN + _PANEL),
    )
    body = "\n".join(panels)
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-labelledby="title">\n'
        f'<title id="title">{title}</title>\n<style>{_STYLE}</style>\n'
        f'<text class="head" x="{_MARGIN}" y="{_MARGIN}">{title}</text>\n{body}\n</svg>\n'
    )


def _panel(head: str, names: Mapping[_Side, str], counts: Counter[tuple[_Side, _Side]], left: int) -> Iterator[str]:
    scale = _TALL / max(counts.total(), 1)
    before = {side: sum(counts[side, other] for other in names) for side in names}
    after = {side: sum(counts[other, side] for other in names) for side in names}
    start, end = left + _LABEL + _BAR, left + _LABEL + _BAR + _WAY
    yield f'<text class="quiet" x="{start + _WAY / 2}" y="{_TOP - 16}" text-anchor="middle">{head}</text>'
    yield f'<text class="quiet before" x="{start}" y="{_TOP - 16}">before</text>'
    yield f'<text class="quiet" x="{end}" y="{_TOP - 16}">now</text>'
    yield from _ribbons(names, counts, _tops(before, scale), _tops(after, scale), scale, start)
    for kind, x, label, totals in (
        ("before", start - _BAR, start - _BAR - 10, before),
        ("now", end, end + _BAR + 10, after),
    ):
        for side, top in _tops(totals, scale).items():
            tall = max(totals[side] * scale, _THINNEST)
            middle = top + tall / 2 + 5
            yield f'<rect class="bar" x="{x}" y="{top:.1f}" width="{_BAR}" height="{tall:.1f}"/>'
            yield f'<text class="{kind}" x="{label}" y="{middle:.1f}">{names[side]} {totals[side]:,}</text>'


def _tops(totals: Mapping[_Side, int], scale: float) -> dict[_Side, float]:
    """Return where each part of a column begins."""
    tops, y = {}, float(_TOP)
    for side, total in totals.items():
        tops[side] = y
        y += total * scale + _GAP
    return tops


def _ribbons(  # noqa: PLR0913, PLR0917, two columns and what lies between them
    names: Mapping[_Side, str],
    counts: Counter[tuple[_Side, _Side]],
    before: dict[_Side, float],
    after: dict[_Side, float],
    scale: float,
    x: int,
) -> Iterator[str]:
    """Draw the ribbons, those that stay below the others."""
    staying: list[str] = []
    moving: list[str] = []
    order = list(names)
    for old in order:
        for new in order:
            if count := counts[old, new]:
                kind = "stays" if old == new else "up" if order.index(new) < order.index(old) else "down"
                words = f"{leads(count)}: {names[old]} → {names[new]}"
                drawn_so = _ribbon(kind, x, before[old], after[new], count * scale)
                (staying if old == new else moving).append(f"{drawn_so}<title>{words}</title></path>")
                if old != new and count * scale >= _ROOMY:
                    y = before[old] + (after[new] - before[old]) * _DOWN + count * scale / 2 + 4
                    moving.append(f'<text class="count" x="{x + _WAY * _AT:.1f}" y="{y:.1f}">{count:,}</text>')
            before[old] += count * scale
            after[new] += count * scale
    yield from staying
    yield from moving


def _ribbon(kind: str, x: int, before: float, after: float, breadth: float) -> str:
    breadth = max(breadth, _THINNEST)
    middle, end = x + _WAY / 2, x + _WAY
    return (
        f'<path class="{kind}" d="M{x} {before:.1f}C{middle} {before:.1f} {middle} {after:.1f} {end} {after:.1f}'
        f'v{breadth:.1f}C{middle} {after + breadth:.1f} {middle} {before + breadth:.1f} {x} {before + breadth:.1f}Z">'
    )
