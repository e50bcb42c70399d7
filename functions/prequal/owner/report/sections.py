"""Sections of the report, and their charts with the data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from markupsafe import Markup

from prequal.analysis.intervals import FEW, Share
from prequal.owner.figures.topics import Topic
from prequal.svg import Drawing

Table: TypeAlias = tuple[Sequence[str], Sequence[Sequence[object]]]
"""Heads and rows; the first cell of a row is its name."""

# Of a chart; the rest is left out, or drawn together.
MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Chart:
    """Chart with its data."""

    name: str
    title: str
    #: For those who don't see the chart.
    description: str
    draw: Callable[[int], Drawing]
    table: Table
    #: Words by colour.
    legend: Mapping[str, str] = field(default_factory=dict)
    #: Whether the table is shown at once, as it says more than the chart.
    is_open: bool = False

    def svg(self, width: int) -> Markup:
        """Return the chart for windows of at least this width."""
        return self.draw(width).for_page(f"{self.name}-{width}", self.title, self.description)


@dataclass(frozen=True, slots=True)
class Section:
    """Section of the report on one topic."""

    topic: Topic
    title: str
    charts: Sequence[Chart] = ()
    #: By their titles; a table that has the section to itself has none.
    tables: Mapping[str, Table] = field(default_factory=dict)
    note: str = ""


def interval_text(share: Share) -> str:
    """Return the 95 % interval of a share in words, if it is of enough to have one."""
    low, high = share.interval()
    return "–" if share.of < FEW else f"{low:.0%} to {high:.0%}"
