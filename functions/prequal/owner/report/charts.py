"""The charts: figures drawn, at any width."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from prequal.core.form import Grade
from prequal.owner.figures.chances import Share
from prequal.owner.figures.figures import Figures, Scores
from prequal.owner.figures.periods import Period
from prequal.owner.report.drawing import COLD, HOT, INK, LINE, PAPER, QUIET, WARM, frame, paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GRADES = {Grade.HOT: HOT, Grade.WARM: WARM, Grade.COLD: COLD}
_SMALL = 13
_HEIGHT = 300
_ROW, _BAR = 56, 16
_LETTER = 7.6  # the mean width of one, in pixels
_WIDEST_LABELS = {Period.WEEK: 64, Period.MONTH: 44}
_WIDEST_TOTAL = 46
_WIDEST_NAME = 80
_WIDEST_BAR = 56
_EDGE = 0.25
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_MOST_BINS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar beneath its name: parts by colour, and what is written after it."""

    name: str
    parts: Sequence[tuple[int, str]]
    words: str


def over_time(figures: Figures, width: int) -> Figure:
    """Draw the leads of each period, by grade."""
    starts = list(figures.periods)
    stacks = [{grade: figures.periods[start].graded(grade) for grade in Grade} for start in starts]
    most = max(tally.received for tally in figures.periods.values())
    with paper(width, _HEIGHT) as figure:
        axes = frame(figure, left=_room(most), top=12, bottom=48)
        _stacked(axes, list(range(len(starts))), stacks, _bar_width(width, len(starts)))
        axes.set_xlim(-0.6, len(starts) - 0.4)
        every = -(-len(starts) * _WIDEST_LABELS[figures.period] // width)
        shown = [index for index in range(len(starts)) if (len(starts) - 1 - index) % every == 0]
        axes.set_xticks(shown, list(_dates([starts[index] for index in shown], figures.period)))
        _whole_numbers(axes)
    return figure


def scores(measured: Scores, width: int) -> Figure:
    """Draw how many leads have which total, with the lowest totals for the grades."""
    totals = [total for total, _ in measured.counts]
    marks = [mark for mark in (measured.yardstick.warm, measured.yardstick.hot) if mark is not None]
    low = min([0, *totals, *marks])
    high = max([measured.yardstick.max, *totals, *marks])
    step = next((step for step in _STEPS if (high - low) / step <= _MOST_BINS), _STEPS[-1])
    bins = list(range(low // step * step, high + step, step))
    stacks = [dict.fromkeys(Grade, 0) for _ in bins]
    for (total, grade), count in measured.counts.items():
        stacks[(total - bins[0]) // step][grade] += count
    most = max(sum(stack.values()) for stack in stacks)
    with paper(width, _HEIGHT) as figure:
        axes = frame(figure, left=_room(most), top=46, bottom=48)
        # A column stands in the middle of its totals, and a threshold between two totals.
        _stacked(axes, [start + (step - 1) / 2 for start in bins], stacks, step * _bar_width(width, len(bins)))
        axes.set_xlim(bins[0] - 0.5 - step / 4, bins[-1] - 0.5 + step * 1.25)
        every = -(-len(bins) * _WIDEST_TOTAL // width)
        axes.set_xticks(bins[::every])
        axes.set_xlabel(str(measured.yardstick.method), color=QUIET, fontsize=_SMALL, loc="right")
        _whole_numbers(axes)
        # Outwards, where there is room, and one above the other: they may be close.
        _threshold(axes, measured.yardstick.warm, Grade.WARM, 1.04, "right")
        _threshold(axes, measured.yardstick.hot, Grade.HOT, 1.12, "left")
    return figure


def bars(rows: Sequence[Bar], width: int) -> Figure:
    """Draw bars one below the other, each named above and told after."""
    room = width - max((len(row.words) for row in rows), default=0) * _LETTER - 14
    most = max((sum(value for value, _ in row.parts) for row in rows), default=0) or 1
    with paper(width, len(rows) * _ROW) as figure:
        axes = _pixels(figure, width, len(rows) * _ROW)
        for index, row in enumerate(rows):
            middle, x = index * _ROW + 38, 1.0
            axes.text(0, middle - 14, _short(row.name, width), va="bottom")
            for value, colour in row.parts:
                across = value / most * room
                if value:
                    axes.bar(x, _BAR, across, middle - _BAR / 2, align="edge", color=colour)
                x += across
            axes.text(x + 8, middle, row.words, va="center_baseline", fontsize=_SMALL, color=QUIET)
    return figure


def intervals(rows: Mapping[str, Share], everyone: Share, width: int) -> Figure:
    """Draw a part of each row as a dot on a line, and between what it lies."""
    top, bottom = 30, 26
    height = top + len(rows) * _ROW + bottom
    with paper(width, height) as figure:
        axes = _pixels(figure, width, height)
        left, right = 7, width - 7

        def across(part: float) -> float:
            return left + part * (right - left)

        axes.plot([across(everyone.value)] * 2, [24, height - bottom], color=INK, linewidth=1.5, dashes=(4, 3))
        side = "left" if everyone.value < _EDGE else "right" if everyone.value > 1 - _EDGE else "center"
        axes.text(across(everyone.value), 12, f"all: {everyone}", ha=side, va="center", fontsize=_SMALL)
        for index, (name, share) in enumerate(rows.items()):
            middle = top + index * _ROW + 38
            axes.plot([across(0), across(1)], [middle] * 2, color=LINE, linewidth=1)
            axes.plot([across(end) for end in share.interval()], [middle] * 2, color=WARM, linewidth=5)
            axes.plot(
                across(share.value), middle, "o", markersize=11, markerfacecolor=HOT, markeredgecolor=INK, zorder=3
            )
            label = {"facecolor": PAPER, "edgecolor": "none", "pad": 2}
            axes.text(0, middle - 14, _short(name, width - 120), va="bottom", bbox=label)
            axes.text(width, middle - 14, str(share), va="bottom", ha="right", fontsize=_SMALL, color=QUIET, bbox=label)
        for part, side in ((0, "left"), (0.25, "center"), (0.5, "center"), (0.75, "center"), (1, "right")):
            axes.text(across(part), height - 8, f"{part:.0%}", ha=side, fontsize=_SMALL, color=QUIET)
    return figure


def columns(counts: Mapping[str, int], width: int) -> Figure:
    """Draw a column for each count, named below."""
    with paper(width, _HEIGHT - 60) as figure:
        axes = frame(figure, left=_room(max(counts.values())), top=12, bottom=48)
        axes.bar(range(len(counts)), list(counts.values()), 0.7, color=WARM)
        narrow = width < len(counts) * _WIDEST_NAME
        axes.set_xticks(range(len(counts)), [name.replace(" ", "\n") if narrow else name for name in counts])
        _whole_numbers(axes)
    return figure


def _stacked(axes: Axes, places: Sequence[float], stacks: Sequence[Mapping[Grade, int]], width: float) -> None:
    floor = [0] * len(stacks)
    for grade, colour in _GRADES.items():
        heights = [stack[grade] for stack in stacks]
        shown = [index for index, height in enumerate(heights) if height]
        axes.bar(
            [places[index] for index in shown],
            [heights[index] for index in shown],
            width,
            [floor[index] for index in shown],
            color=colour,
        )
        floor = [below + height for below, height in zip(floor, heights, strict=True)]


def _threshold(axes: Axes, mark: int | None, grade: Grade, above: float, side: str) -> None:
    """Draw where a grade begins, if that is known; its name is written on this side of the line, where it has room."""
    if mark is None:
        return
    first, last = axes.get_xlim()
    if not first + (last - first) * _EDGE < mark < last - (last - first) * _EDGE:
        side = "left" if mark < (first + last) / 2 else "right"
    axes.axvline(mark - 0.5, ymax=above, color=INK, linewidth=1.5, clip_on=False)
    axes.annotate(
        f"{grade} from {mark}",
        (mark - 0.5, above),
        (6 if side == "left" else -6, 0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha=side,
        va="center",
        fontsize=_SMALL,
    )


def _whole_numbers(axes: Axes) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylim(0, max(axes.get_ylim()[1], 1))
    axes.grid(visible=True, axis="y")


def _room(most: int) -> int:
    """Return the width that numbers up to this one take beside the axis, in pixels."""
    return round(len(f"{most:,}") * _LETTER) + 12


def _pixels(figure: Figure, width: int, height: int) -> Axes:
    """Return axes whose units are pixels from the upper left corner."""
    axes = frame(figure)
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    axes.set_autoscale_on(False)
    return axes


def _dates(starts: Sequence[date], period: Period) -> Iterator[str]:
    """Return each date as short as can be: the year only where it is another one. The last period still runs."""
    year = 0
    for start in starts:
        name = f"{start:%b}" if period is Period.MONTH else f"{start.day} {start:%b}"
        below = "so far" if start == starts[-1] else "" if start.year == year else start.year
        year = start.year
        yield f"{name}\n{below}"


def _bar_width(width: int, number: int) -> float:
    """Return the part of its place that a bar takes: a few in a wide chart would be walls."""
    return min(0.8, _WIDEST_BAR * number / width)


def _short(words: str, width: float) -> str:
    most = int(width / _LETTER)
    return words if len(words) <= most else f"{words[: most - 1]}…"
