"""Plot of a calibration, as SVG: points by answer with their confidence intervals."""

from prequal.calibration.clients import Clients
from prequal.calibration.design import choice_name
from prequal.calibration.evaluation import Z
from prequal.calibration.learner import Scorecard
from prequal.svg import Drawing, ticks

_LINE, _MARGIN, _AXIS = 22, 32, 380
_LEFT = _MARGIN + 250  # of the axis of points
_MOST_TICKS = 8


def render_svg(clients: Clients, card: Scorecard) -> str:
    """Return the plot as a file: a line for each answer, with its share of the clients, points and interval."""
    blocks = [block for block in clients.blocks if block.question.id in card.points]
    bottom = _MARGIN + sum(1 + len(block.choices) for block in blocks) * _LINE
    drawing = Drawing(_LEFT + _AXIS + _MARGIN, bottom + _MARGIN)
    lows = {name: points - Z * card.errors[name] for name, points in card.points.items()}
    highs = {name: points + Z * card.errors[name] for name, points in card.points.items()}
    low = min(0.0, *(float(each.min()) for each in lows.values()))
    high = max(1.0, *(float(each.max()) for each in highs.values()))

    def across(points: float) -> float:
        return _LEFT + (points - low) / (high - low) * _AXIS

    head = "Points, with 95 % intervals; the share is that of the clients who answered so"
    drawing.text("small quiet", (_MARGIN, _MARGIN - 12), head)
    for tick in ticks(low, high, _MOST_TICKS):
        drawing.line("grid", (across(tick), _MARGIN), (across(tick), bottom))
        drawing.text("small quiet middle", (across(tick), bottom + 16), str(tick))
    y = _MARGIN
    for block in blocks:
        question = block.question
        drawing.text("strong", (_MARGIN, y + 15), question.id)
        y += _LINE
        columns = (*(part[question.id] for part in (card.points, lows, highs)), block.shares)
        for choice, points, start, end, share in zip(block.choices, *columns, strict=True):
            middle, name = y + _LINE // 2, choice_name(question, choice)
            drawing.text("", (_MARGIN + 14, y + 15), name)
            drawing.text("small quiet end", (_LEFT - 12, y + 15), f"{share:.0%}")
            drawing.line("interval", (across(start), middle), (across(end), middle))
            look = "hot" if share > 0 else "cold"  # no client gave the latter
            drawing.dot(look, (across(points), middle), 5, title=f"{name}: {points:.0f} points")
            y += _LINE
    return drawing.for_file(f"Points learned from {len(clients.good)} past clients")
