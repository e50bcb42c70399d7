"""Days in a time zone; None is the zone of this machine."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo


def day_of(instant: datetime, zone: tzinfo | None) -> date:
    """Return the day of an instant."""
    return instant.astimezone(zone).date()


def start_of(day: date, zone: tzinfo | None) -> datetime:
    """Return the instant, in UTC, at which a day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of(day: date, zone: tzinfo | None) -> datetime:
    """Return the last second of a day, in UTC."""
    return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)
