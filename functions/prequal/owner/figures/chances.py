"""What so many leads can tell, and what may as well be chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, sqrt
from statistics import NormalDist

# Below this many, percentages say more than is known.
FEW = 20
_DOUBT = 0.05


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """Return the part; 0 of none is none."""
        return self.count / self.of if self.of else 0.0

    def interval(self, z: float | None = None) -> tuple[float, float]:
        """Return between what the part lies that these are a sample of, 95 times in 100 (Wilson 1927)."""
        if not self.of:
            return 0.0, 1.0
        z = _z() if z is None else z
        centre = self.value + z * z / (2 * self.of)
        reach = z * sqrt(self.value * (1 - self.value) / self.of + z * z / (4 * self.of**2))
        scale = 1 + z * z / self.of
        # At none and at all the formula gives 0 and 1, but for how the computer rounds.
        low = (centre - reach) / scale if self.count else 0.0
        high = (centre + reach) / scale if self.count < self.of else 1.0
        return low, high

    def __str__(self) -> str:
        few = self.of < FEW
        return f"{self.count:,} of {self.of:,}" if few else f"{self.count:,} of {self.of:,} ({self.value:.0%})"


def differ(one: Share, other: Share, comparisons: int = 1) -> bool:
    """Return whether two parts differ by more than chance: 0 is outside the difference's interval.

    The interval is Newcombe's (1998, method 10); the more comparisons are made, the wider it is (Bonferroni).
    """
    if not one.of or not other.of:
        return False
    z = _z(comparisons)
    (low, high), (other_low, other_high) = one.interval(z), other.interval(z)
    difference = one.value - other.value
    below = sqrt((one.value - low) ** 2 + (other_high - other.value) ** 2)
    above = sqrt((high - one.value) ** 2 + (other.value - other_low) ** 2)
    return abs(difference) > (below if difference > 0 else above)


def rates_differ(count: int, days: int, other: int, other_days: int) -> bool:
    """Return whether so many in so many days differ from so many in others by more than chance.

    Of all of them, the part that fell into the first is compared with that of the days (Przyborowski & Wilenski 1940).
    """
    low, high = Share(count, count + other).interval()
    return not low <= days / (days + other_days) <= high


def quantile(counts: Mapping[int, int], part: float) -> int:
    """Return the smallest value that at least this part of all values do not exceed; of none, ValueError."""
    return _at(counts, ceil(part * sum(counts.values())))


def median_interval(counts: Mapping[int, int]) -> tuple[int, int]:
    """Return between which of these values the median lies, 95 times in 100 (Conover 1999, 3.2)."""
    number = sum(counts.values())
    reach = _z() * sqrt(number)
    return _at(counts, floor((number - reach) / 2)), _at(counts, ceil((number + reach) / 2) + 1)


def _at(counts: Mapping[int, int], rank: int) -> int:
    """Return the value of this rank, from 1 for the smallest; beyond the ends, that at the end."""
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= rank:
            return value
    return max(counts)


def _z(comparisons: int = 1) -> float:
    return NormalDist().inv_cdf(1 - _DOUBT / comparisons / 2)
