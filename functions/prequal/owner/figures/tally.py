"""How far leads came, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from prequal.core.form import Grade
from prequal.core.stages import Stage
from prequal.owner.figures.chances import Share

_ORDER = {stage: order for order, stage in enumerate(Stage)}


@dataclass(frozen=True, slots=True)
class Tally:
    """Leads, counted by how far they came and by their grade."""

    counts: Counter[tuple[Stage, Grade]] = field(default_factory=Counter)

    def reached(self, stage: Stage) -> int:
        """Return how many came to a stage, or further."""
        return sum(count for (last, _), count in self.counts.items() if _ORDER[last] >= _ORDER[stage])

    def graded(self, grade: Grade) -> int:
        """Return how many have a grade."""
        return sum(count for (_, its), count in self.counts.items() if its is grade)

    def share(self, stage: Stage, of: Stage = Stage.RECEIVED) -> Share:
        """Return how many of those who came to one stage came to another."""
        return Share(self.reached(stage), self.reached(of))

    @property
    def received(self) -> int:
        """Return how many there are."""
        return self.counts.total()

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.counts + other.counts)

    def __sub__(self, other: Tally) -> Tally:
        return Tally(self.counts - other.counts)
