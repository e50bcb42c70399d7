"""The picture of a calibration, as SVG: points by answer with their uncertainty, and the ROC curve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from prequal.calibration.calibrating import Calibration, Learning
from prequal.calibration.design import name_of
from prequal.calibration.ridge import Floats
from prequal.calibration.validation import ROC_GRID

_Z = 1.959964
_LINE, _MARGIN = 22, 32
_LABELS, _AXIS, _GAP, _ROC = 250, 380, 70, 320
_STYLE = """
text{font:13px system-ui,sans-serif;fill:#1f2933}.small{font-size:11px;fill:#52606d}.question{font-weight:600}
.grid{stroke:#d9e2ec}.error{stroke:#9fb3c8;stroke-width:2}.point{fill:#0b6e99}.unseen{fill:#fff;stroke:#0b6e99}
.roc{fill:none;stroke:#0b6e99;stroke-width:2.5}.owner{fill:none;stroke:#b44d12;stroke-width:1.5;stroke-dasharray:5 4}
@media (prefers-color-scheme:dark){svg{background:#14191f}text{fill:#e4e7eb}.small{fill:#9aa5b1}.grid{stroke:#323f4b}
.point,.unseen{stroke:#5cc0e6}.point{fill:#5cc0e6}.unseen{fill:#14191f}.roc{stroke:#5cc0e6}.owner{stroke:#f0a070}}
"""


def drawn(calibration: Calibration) -> str:
    """Return the picture of what was learned, or of nothing where too few clients are known."""
    learning = calibration.learning
    rows = sum(1 + len(block.choices) for block in learning.design.blocks) if learning else 0
    height = max(_MARGIN * 2 + rows * _LINE, _MARGIN * 3 + _ROC)
    width = _MARGIN * 2 + _LABELS + _AXIS + _GAP + _ROC
    parts = [*_answers(learning), *_curve(learning)] if learning else []
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">\n'
        f'<title id="title">Points learned from {len(calibration.clients.good)} past clients</title>\n'
        f"<style>{_STYLE}</style>\n{body}\n</svg>\n"
    )


def _answers(learning: Learning) -> Iterator[str]:
    """Draw a line for each answer: its points, and within what they lie as far as these clients can tell."""
    card, left = learning.card, _MARGIN + _LABELS
    low = float(min(0.0, (card.points - _Z * card.errors).min()))
    high = float(max(1.0, (card.points + _Z * card.errors).max()))

    def across(points: float) -> float:
        return round(left + (points - low) / (high - low) * _AXIS, 1)

    y, bottom = _MARGIN, _MARGIN + sum(1 + len(block.choices) for block in learning.design.blocks) * _LINE
    for tick in _ticks(low, high):
        yield f'<line class="grid" x1="{across(tick)}" x2="{across(tick)}" y1="{_MARGIN}" y2="{bottom}"/>'
        yield f'<text class="small" x="{across(tick)}" y="{bottom + 16}" text-anchor="middle">{tick}</text>'
    for block, columns in zip(learning.design.blocks, learning.design.slices, strict=True):
        yield f'<text class="question" x="{_MARGIN}" y="{y + 15}">{escape(block.question.id)}</text>'
        y += _LINE
        answers = zip(block.choices, card.points[columns], card.errors[columns], card.shares[columns], strict=True)
        for choice, points, error, share in answers:
            middle = y + _LINE // 2
            name = escape(name_of(block.question, choice))
            yield f'<text x="{_MARGIN + 14}" y="{y + 15}">{name}</text>'
            yield (f'<text class="small" x="{left - 12}" y="{y + 15}" text-anchor="end">{share:.0%}</text>')
            yield (
                f'<line class="error" x1="{across(points - _Z * error)}" x2="{across(points + _Z * error)}" '
                f'y1="{middle}" y2="{middle}"/>'
            )
            kind = "point" if share > 0 else "unseen"
            yield (
                f'<circle class="{kind}" cx="{across(points)}" cy="{middle}" r="4.5">'
                f"<title>{name}: {points:.0f} points</title></circle>"
            )
            y += _LINE
    yield (
        f'<text class="small" x="{_MARGIN}" y="{_MARGIN - 12}">Points, with 95 % intervals; '
        "the share is that of the clients who answered so</text>"
    )


def _curve(learning: Learning) -> Iterator[str]:
    left, top = _MARGIN + _LABELS + _AXIS + _GAP, _MARGIN
    trial = learning.trial
    yield f'<text class="small" x="{left}" y="{top - 12}">ROC curve, on clients not learned from</text>'
    yield f'<rect class="grid" x="{left}" y="{top}" width="{_ROC}" height="{_ROC}" fill="none"/>'
    yield f'<line class="grid" x1="{left}" y1="{top + _ROC}" x2="{left + _ROC}" y2="{top}"/>'
    yield f'<polyline class="owner" points="{_path(trial.roc_owner, left, top)}"/>'
    yield f'<polyline class="roc" points="{_path(trial.roc, left, top)}"/>'
    yield (
        f'<text class="small" x="{left + _ROC / 2}" y="{top + _ROC + 16}" text-anchor="middle">'
        "share of the others that is let through</text>"
    )
    yield (
        f'<text class="small" transform="translate({left - 10} {top + _ROC / 2}) rotate(-90)" text-anchor="middle">'
        "share of the good ones that is found</text>"
    )
    for row, (kind, words, area) in enumerate(
        (("roc", "learned", trial.auc.mean), ("owner", "your own points", trial.auc_owner))
    ):
        y = top + _ROC - 40 + row * 20
        yield f'<line class="{kind}" x1="{left + 120}" x2="{left + 146}" y1="{y - 4}" y2="{y - 4}"/>'
        yield f'<text x="{left + 154}" y="{y}">{words}: {area:.2f}</text>'


def _path(curve: Floats, left: int, top: int) -> str:
    points: Sequence[tuple[float, float]] = list(zip(ROC_GRID.tolist(), curve.tolist(), strict=True))
    return f"{left},{top + _ROC} " + " ".join(f"{left + x * _ROC:.1f},{top + (1 - y) * _ROC:.1f}" for x, y in points)


def _ticks(low: float, high: float) -> Sequence[int]:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if (high - low) / step <= 8)  # noqa: PLR2004
    return list(range(int(np.ceil(low / step)) * step, int(high) + 1, step))
