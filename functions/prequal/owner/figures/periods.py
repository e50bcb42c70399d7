"""Weeks and months."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

# A chart of more weeks than this has bars too thin to read.
_MOST_WEEKS = timedelta(weeks=16)
_LONGEST_MONTH = timedelta(days=31)


class Period(StrEnum):
    """What leads are counted by; each is named by its first day."""

    WEEK = "week"
    MONTH = "month"

    def first_day(self, day: date) -> date:
        """Return the first day of the period that a day is in."""
        return day.replace(day=1) if self is Period.MONTH else day - timedelta(days=day.weekday())

    def following(self, first_day: date) -> date:
        """Return the first day of the next one."""
        return self.first_day(first_day + (_LONGEST_MONTH if self is Period.MONTH else timedelta(weeks=1)))

    def days(self, first_day: date) -> int:
        """Return how long it is."""
        return (self.following(first_day) - first_day).days

    def starts(self, first: date, last: date) -> Iterator[date]:
        """Return the first day of every period from that of one day to that of another."""
        start = self.first_day(first)
        while start <= last:
            yield start
            start = self.following(start)

    def called(self, first_day: date) -> str:
        """Return what people call it."""
        return f"{first_day:%B %Y}" if self is Period.MONTH else f"the week of {first_day.day} {first_day:%B %Y}"


def fitting(first: date, last: date) -> Period:
    """Return what shows such a span best."""
    return Period.WEEK if last - first <= _MOST_WEEKS else Period.MONTH
