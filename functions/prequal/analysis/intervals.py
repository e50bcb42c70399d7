"""Confidence intervals, significance tests and quantiles, all at 95 %."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, sqrt
from statistics import NormalDist

# Below this number of leads, percentages would suggest a precision that is not there.
FEW = 20
ALPHA = 0.05
"""The chance that a test finds a difference where there is none."""


@dataclass(frozen=True, slots=True)
class Share:
    """Proportion: a count of a total."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """Return the proportion; 0 if the total is 0."""
        return self.count / self.of if self.of else 0.0

    def interval(self, z: float | None = None) -> tuple[float, float]:
        """Return the 95 % Wilson score interval of the proportion (Wilson 1927), or that of another z."""
        if not self.of:
            return 0.0, 1.0
        z = _z() if z is None else z
        centre = self.value + z * z / (2 * self.of)
        margin = z * sqrt(self.value * (1 - self.value) / self.of + z * z / (4 * self.of**2))
        scale = 1 + z * z / self.of
        # At both ends the formula gives exactly 0 and 1, but for rounding.
        low = (centre - margin) / scale if self.count else 0.0
        high = (centre + margin) / scale if self.count < self.of else 1.0
        return low, high

    def __str__(self) -> str:
        few = self.of < FEW
        return f"{self.count:,} of {self.of:,}" if few else f"{self.count:,} of {self.of:,} ({self.value:.0%})"


def differ(one: Share, other: Share, comparisons: int = 1) -> bool:
    """Return whether two proportions differ significantly: 0 is outside the interval of their difference.

    The interval is Newcombe's (1998, method 10), with Bonferroni's correction for several comparisons.
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
    """Return whether two Poisson rates differ significantly.

    The first count's share of both is compared with the share of its days (Przyborowski & Wilenski 1940).
    """
    low, high = Share(count, count + other).interval()
    return not low <= days / (days + other_days) <= high


def quantile(counts: Mapping[int, int], part: float) -> int:
    """Return the smallest value that at least this part of all values do not exceed; ValueError without values."""
    return _at(counts, ceil(part * sum(counts.values())))


def median_interval(counts: Mapping[int, int]) -> tuple[int, int]:
    """Return the 95 % confidence interval of the median (Conover 1999, 3.2)."""
    number = sum(counts.values())
    margin = _z() * sqrt(number)
    return _at(counts, floor((number - margin) / 2)), _at(counts, ceil((number + margin) / 2) + 1)


def _at(counts: Mapping[int, int], rank: int) -> int:
    """Return the value of a rank, from 1 for the smallest; a rank beyond the ends gives the value at the end."""
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= rank:
            return value
    return max(counts)


def _z(comparisons: int = 1) -> float:
    return NormalDist().inv_cdf(1 - ALPHA / comparisons / 2)
