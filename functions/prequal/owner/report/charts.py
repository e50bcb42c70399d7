"""Charts of the report: figures drawn for windows of any width."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from prequal.analysis.intervals import Share
from prequal.core.form import Grade
from prequal.owner.figures.model import Figures, Period, Scores
from prequal.pages.labels import UNITS
from prequal.svg import Drawing, ticks, whole_step

_HEIGHT, _FOOT = 300, 48
_ROW, _BAR = 56, 16
_LETTER = 7.6  # the mean width of one, in pixels
_WIDEST_LABELS = {Period.WEEK: 64, Period.MONTH: 44}
_WIDEST_TOTAL = 46
_WIDEST_NAME = 80
_WIDEST_COLUMN = 56
_EDGE = 0.25
_MOST_BINS = 24


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar below its name, in parts by grade, with words after it."""

    name: str
    parts: Sequence[tuple[int, Grade]]
    words: str


def over_time(figures: Figures, width: int) -> Drawing:
    """Draw the leads of each period, by grade."""
    starts = list(figures.periods)
    stacks = [{grade: figures.periods[start].graded(grade) for grade in Grade} for start in starts]
    drawing, left, slot = _columns(stacks, width, _HEIGHT, top=12)
    every = -(-len(starts) * _WIDEST_LABELS[figures.period] // width)
    shown = [index for index in range(len(starts)) if (len(starts) - 1 - index) % every == 0]
    for index, label in zip(shown, _dates([starts[index] for index in shown], figures), strict=True):
        drawing.text("small quiet middle", (left + (index + 0.5) * slot, _HEIGHT - _FOOT + 19), label)
    return drawing


def scores(measured: Scores, width: int) -> Drawing:
    """Draw the distribution of totals, with the lowest totals for the grades."""
    totals = [total for total, _ in measured.counts]
    marks = {Grade.WARM: measured.yardstick.warm, Grade.HOT: measured.yardstick.hot}
    known = [mark for mark in marks.values() if mark is not None]
    low, high = min([0, *totals, *known]), max([measured.yardstick.max, *totals, *known])
    step = whole_step(high - low, _MOST_BINS)
    bins = list(range(low // step * step, high + step, step))
    stacks = [dict.fromkeys(Grade, 0) for _ in bins]
    for (total, grade), count in measured.counts.items():
        stacks[(total - bins[0]) // step][grade] += count
    drawing, left, slot = _columns(stacks, width, _HEIGHT, top=46)

    def across(total: float) -> float:
        """Return the place of a total: a column stands in the middle of its totals."""
        return left + (total - bins[0] + 0.5) / step * slot

    every = -(-len(bins) * _WIDEST_TOTAL // width)
    for total in bins[::every]:
        drawing.text("small quiet middle", (across(total), _HEIGHT - _FOOT + 19), f"{total:,}".replace("-", "−"))
    drawing.text("small quiet end", (width, _HEIGHT - 8), UNITS[measured.yardstick.method])
    # Labels stand outwards, where there is room, and one above the other: the thresholds may be close.
    for (grade, mark), y, outwards in zip(marks.items(), (38, 21), ("end", "start"), strict=True):
        if mark is not None:
            x = across(mark - 0.5)
            side = "start" if x < width * _EDGE else "end" if x > width * (1 - _EDGE) else outwards
            drawing.line("mark", (x, y), (x, _HEIGHT - _FOOT))
            drawing.text(f"small {side}", (x + (6 if side == "start" else -6), y + 5), f"{grade} from {mark}")
    return drawing


def bars(rows: Sequence[Bar], width: int) -> Drawing:
    """Draw bars one below the other, each below its name and followed by its words."""
    room = width - max((len(row.words) for row in rows), default=0) * _LETTER - 14
    most = max((sum(value for value, _ in row.parts) for row in rows), default=0) or 1
    drawing = Drawing(width, len(rows) * _ROW)
    for index, row in enumerate(rows):
        middle, x = index * _ROW + 38, 1.0
        drawing.text("name", (0, middle - 17), _short(row.name, width))
        for value, grade in row.parts:
            if value:
                drawing.box(f"bar {grade}", (x, middle - _BAR / 2), value / most * room, _BAR)
            x += value / most * room
        drawing.text("small quiet", (x + 8, middle + 5), row.words)
    return drawing


def intervals(
    rows: Mapping[str, Share], everyone: Share, width: int, grades: Mapping[str, Grade] | None = None
) -> Drawing:
    """Draw the share of each row as a dot on its confidence interval; the dot has the colour of its row's grade."""
    top, bottom, left = 30, 26, 7
    height = top + len(rows) * _ROW + bottom
    drawing = Drawing(width, height)

    def across(share: float) -> float:
        return left + share * (width - 2 * left)

    mean = across(everyone.value)
    drawing.line("mark dashed", (mean, 24), (mean, height - bottom))
    side = "start" if everyone.value < _EDGE else "end" if everyone.value > 1 - _EDGE else "middle"
    drawing.text(f"small {side}", (mean, 16), f"all: {everyone}")
    for index, (name, share) in enumerate(rows.items()):
        middle = top + index * _ROW + 38
        low, high = share.interval()
        drawing.line("grid", (across(0), middle), (across(1), middle))
        drawing.line("interval", (across(low), middle), (across(high), middle))
        drawing.dot((grades or {}).get(name, Grade.HOT), (across(share.value), middle), 5.5)
        drawing.text("backed", (0, middle - 17), _short(name, width - 130))
        drawing.text("backed small quiet end", (width, middle - 17), str(share))
    for percent, side in ((0, "start"), (25, "middle"), (50, "middle"), (75, "middle"), (100, "end")):
        drawing.text(f"small quiet {side}", (across(percent / 100), height - 8), f"{percent}%")
    return drawing


def columns(counts: Mapping[str, int], width: int) -> Drawing:
    """Draw a column for each count, with its name below."""
    height = _HEIGHT - 60
    drawing, left, slot = _columns([{Grade.WARM: count} for count in counts.values()], width, height, top=12)
    narrow = width < len(counts) * _WIDEST_NAME
    for index, name in enumerate(counts):
        at = (left + (index + 0.5) * slot, height - _FOOT + 19)
        drawing.text("small quiet middle", at, name.replace(" ", "\n") if narrow else name)
    return drawing


def _columns(stacks: Sequence[Mapping[Grade, int]], width: int, height: int, top: int) -> tuple[Drawing, float, float]:
    """Draw columns in slots of equal width beside an axis; also return the left edge and the width of the slots."""
    drawing, bottom = Drawing(width, height), height - _FOOT
    most = max(1, *(sum(stack.values()) for stack in stacks))
    left = len(f"{most:,}") * _LETTER + 12
    slot, scale = (width - left) / len(stacks), (bottom - top) / most
    for tick in ticks(0, most, 5):
        y = bottom - tick * scale
        drawing.line("grid" if tick else "axis", (left, y), (width, y))
        drawing.text("small quiet end", (left - 7, y + 5), f"{tick:,}")
    breadth = min(0.8 * slot, _WIDEST_COLUMN)
    for index, stack in enumerate(stacks):
        y = float(bottom)
        for grade, count in stack.items():
            y -= count * scale
            if count:
                drawing.box(f"bar {grade}", (left + (index + 0.5) * slot - breadth / 2, y), breadth, count * scale)
    return drawing, left, slot


def _dates(starts: Sequence[date], figures: Figures) -> Iterator[str]:
    """Return short dates, with the year only where it changes. The last period still runs."""
    year = 0
    for start in starts:
        name = f"{start:%b}" if figures.period is Period.MONTH else figures.zone.short_day(start)
        below = "so far" if start == starts[-1] else "" if start.year == year else start.year
        year = start.year
        yield f"{name}\n{below}".strip()


def _short(words: str, width: float) -> str:
    most = int(width / _LETTER)
    return words if len(words) <= most else f"{words[: most - 1]}…"
