"""Intervals and tests, compared with published figures."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prequal.analysis.intervals import Share, differ, median_interval, quantile, rates_differ

shares = st.integers(1, 10_000).flatmap(lambda of: st.integers(0, of).map(lambda count: Share(count, of)))


class TestShare:
    @pytest.mark.parametrize(
        ("count", "of", "low", "high"),
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
    )
    def test_interval(self, count: int, of: int, low: float, high: float) -> None:
        """The interval is Wilson's, as in Newcombe's comparison of seven methods (1998, table I)."""
        assert Share(count, of).interval() == pytest.approx((low, high), abs=5e-5)

    @given(shares)
    def test_the_interval_has_the_share_in_it(self, share: Share) -> None:
        """The interval lies between 0 and 1, and contains the share."""
        low, high = share.interval()

        assert 0 <= low <= share.value <= high <= 1

    def test_of_none(self) -> None:
        """A share of nothing has the whole interval."""
        assert Share(0, 0).interval() == (0, 1)

    @pytest.mark.parametrize(
        ("share", "words"),
        [(Share(3, 4), "3 of 4"), (Share(19, 19), "19 of 19"), (Share(1200, 2000), "1,200 of 2,000 (60%)")],
    )
    def test_few_have_no_percentage(self, share: Share, words: str) -> None:
        """A share of few has no percentage, which would suggest too much precision."""
        assert str(share) == words


class TestDiffer:
    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            # Newcombe (1998, table II): 0.0524 to 0.3339, 0.1705 to 0.8090, and −0.0381 to 0.1926.
            (Share(56, 70), Share(48, 80), True),
            (Share(9, 10), Share(3, 10), True),
            (Share(5, 56), Share(0, 29), False),
            # Four a side tell nothing.
            (Share(3, 4), Share(1, 4), False),
            (Share(0, 0), Share(9, 10), False),
        ],
    )
    def test_differ(self, one: Share, other: Share, *, expected: bool) -> None:
        """Two shares differ if the interval of their difference excludes 0."""
        assert differ(one, other) is expected

    @given(shares, shares)
    def test_either_way(self, one: Share, other: Share) -> None:
        """The test is symmetric."""
        assert differ(one, other) is differ(other, one)

    def test_many_comparisons_ask_for_more(self) -> None:
        """More comparisons demand a clearer difference of each."""
        one, other = Share(56, 70), Share(48, 80)

        assert differ(one, other)
        assert not differ(one, other, comparisons=20)


class TestRates:
    @pytest.mark.parametrize(
        ("count", "other", "expected"), [(52, 30, True), (40, 30, False), (5, 1, False), (0, 0, False), (8, 0, True)]
    )
    def test_counts_of_equal_spans(self, count: int, other: int, *, expected: bool) -> None:
        """Counts of two equal spans differ if their split is not plausibly even."""
        assert rates_differ(count, 30, other, 30) is expected

    def test_spans_of_different_length(self) -> None:
        """Twice as many in twice the time is the same rate."""
        assert not rates_differ(400, 62, 200, 31)


class TestQuantiles:
    def test_quantile(self) -> None:
        """Half of the values are at most the median."""
        assert quantile({1: 2, 5: 1, 9: 1}, 0.5) == 1
        assert quantile({1: 2, 5: 1, 9: 1}, 0.9) == 9

    def test_median_interval(self) -> None:
        """The interval of the median of a hundred values runs from the 40th to the 61st (binomial)."""
        assert median_interval(Counter(range(1, 101))) == (40, 61)

    @given(st.dictionaries(st.integers(0, 50), st.integers(1, 50), min_size=1))
    def test_the_interval_has_the_median_in_it(self, counts: dict[int, int]) -> None:
        """The median lies between the ends of its interval."""
        low, high = median_interval(counts)

        assert low <= quantile(counts, 0.5) <= high
