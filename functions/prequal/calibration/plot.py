"""Plot of a calibration, as SVG: points by answer with their confidence intervals, and the ROC curves."""

import numpy as np

from prequal.calibration.design import choice_name
from prequal.calibration.evaluation import Z
from prequal.calibration.pipeline import Calibration, Learning
from prequal.calibration.ridge import Floats
from prequal.calibration.validation import ROC_GRID
from prequal.svg import Drawing, ticks

_LINE, _MARGIN = 22, 32
_AXIS, _GAP, _ROC = 380, 70, 320
_LEFT = _MARGIN + 250  # of the axis of points
_MOST_TICKS = 8


def render_svg(calibration: Calibration) -> str:
    """Return the plot as a file; an empty one where there were too few clients to learn from."""
    learning = calibration.learning
    rows = sum(1 + len(block.choices) for block in learning.design.blocks) if learning else 0
    height = max(_MARGIN * 2 + rows * _LINE, _MARGIN * 3 + _ROC)
    drawing = Drawing(_LEFT + _AXIS + _GAP + _ROC + _MARGIN, height)
    if learning:
        _answers(drawing, learning, bottom=_MARGIN + rows * _LINE)
        _roc_curves(drawing, learning, _LEFT + _AXIS + _GAP, _MARGIN)
    return drawing.for_file(f"Points learned from {len(calibration.clients.good)} past clients")


def _answers(drawing: Drawing, learning: Learning, bottom: int) -> None:
    """Draw a line for each answer: its share of the clients, its points and their interval."""
    card = learning.scorecard
    lows, highs = card.points - Z * card.errors, card.points + Z * card.errors
    low, high = float(min(0.0, lows.min())), float(max(1.0, highs.max()))

    def across(points: float) -> float:
        return _LEFT + (points - low) / (high - low) * _AXIS

    head = "Points, with 95 % intervals; the share is that of the clients who answered so"
    drawing.text("small quiet", (_MARGIN, _MARGIN - 12), head)
    for tick in ticks(low, high, _MOST_TICKS):
        drawing.line("grid", (across(tick), _MARGIN), (across(tick), bottom))
        drawing.text("small quiet middle", (across(tick), bottom + 16), str(tick))
    y = _MARGIN
    for block, columns in learning.design.parts:
        drawing.text("strong", (_MARGIN, y + 15), block.question.id)
        y += _LINE
        answers = zip(block.choices, *(each[columns] for each in (card.points, lows, highs, card.shares)), strict=True)
        for choice, points, start, end, share in answers:
            middle, name = y + _LINE // 2, choice_name(block.question, choice)
            drawing.text("", (_MARGIN + 14, y + 15), name)
            drawing.text("small quiet end", (_LEFT - 12, y + 15), f"{share:.0%}")
            drawing.line("interval", (across(start), middle), (across(end), middle))
            look = "hot" if share > 0 else "cold"  # no client gave the latter
            drawing.dot(look, (across(points), middle), 5, title=f"{name}: {points:.0f} points")
            y += _LINE


def _roc_curves(drawing: Drawing, learning: Learning, left: int, top: int) -> None:
    found, bottom = learning.validation, top + _ROC
    drawing.text("small quiet", (left, top - 12), "ROC curve, on clients not learned from")
    drawing.add("grid", "rect", x=left, y=top, width=_ROC, height=_ROC, fill="none")
    drawing.line("grid", (left, bottom), (left + _ROC, top))
    drawing.text("small quiet middle", (left + _ROC / 2, bottom + 16), "share of the others that is let through")
    turned = f"translate({left - 10} {top + _ROC / 2}) rotate(-90)"
    drawing.add("small quiet middle", "text", "share of the good ones that is found", transform=turned)
    for look, curve, y, words, area in (
        ("reference", found.roc_owner, bottom - 20, "your own points", found.auc_owner),
        ("curve", found.roc, bottom - 40, "learned", found.auc.mean),
    ):
        drawing.add(look, "polyline", points=_path(curve, left, top))
        drawing.line(look, (left + 120, y - 4), (left + 146, y - 4))
        drawing.text("", (left + 154, y), f"{words}: {area:.2f}")


def _path(curve: Floats, left: int, top: int) -> str:
    xs, ys = left + ROC_GRID * _ROC, top + (1 - curve) * _ROC
    return f"{left},{top + _ROC} " + " ".join(f"{x:.1f},{y:.1f}" for x, y in np.column_stack((xs, ys)).tolist())
