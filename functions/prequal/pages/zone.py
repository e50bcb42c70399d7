"""Days and times for the owner: in the owner's time zone, in the style of its country."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import cache
from typing import NamedTuple

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_interval, format_skeleton, format_time, get_datetime_format
from babel.localedata import exists
from babel.localtime import LOCALTZ

from prequal.core.days import day_of

# The territory of a zone without one, such as UTC: in English, 9 Dec 2026 and 14:05.
_EUROPE = "150"


class Zone(NamedTuple):
    """The owner's time zone; None is this machine's."""

    tz: tzinfo | None

    @property
    def name(self) -> str:
        """Return the name of the zone, such as Europe/Oslo; empty if this machine doesn't tell its own."""
        return str(self.tz) if self.tz else getattr(LOCALTZ, "key", "")

    def day(self, at: datetime | date, language: str = "en") -> str:
        """Return a day, or that of an instant, such as 9 Dec 2026."""
        return format_date(self._day(at), "medium", locale=self._locale(language))

    def long_day(self, at: datetime | date, language: str = "en") -> str:
        """Return a day, or that of an instant, such as 9 December 2026."""
        return format_date(self._day(at), "long", locale=self._locale(language))

    def short_day(self, at: datetime | date, language: str = "en") -> str:
        """Return a day, or that of an instant, without its year."""
        return format_skeleton("MMMd", self._day(at), locale=self._locale(language))

    def weekday(self, at: datetime | date, language: str = "en") -> str:
        """Return a day with the day of the week, without its year, such as Thu, 3 Dec."""
        return format_skeleton("MMMEd", self._day(at), locale=self._locale(language))

    def days(self, first: date, last: date, language: str = "en") -> str:
        """Return the days from the first to the last."""
        return format_interval(first, last, "yMMMd", locale=self._locale(language))

    def minute(self, instant: datetime, language: str = "en") -> str:
        """Return the day and the minute of an instant."""
        pattern = str(get_datetime_format("medium", locale=self._locale(language)))
        return pattern.format(self.time(instant, language), self.day(instant, language))

    def time(self, instant: datetime, language: str = "en") -> str:
        """Return the hour and the minute of an instant; UTC is named, any other zone is the owner's own."""
        local = instant.astimezone(self.tz)
        words = format_time(local.time(), "short", locale=self._locale(language))
        return f"{words} UTC" if local.tzname() == "UTC" else words

    def _day(self, at: datetime | date) -> date:
        return day_of(at, self.tz) if isinstance(at, datetime) else at

    def _locale(self, language: str) -> Locale:
        return _locale(language, self.name)


UTC_ZONE = Zone(UTC)


@cache
def _locale(language: str, zone: str) -> Locale:
    """Return the language as it is written where the zone is, or else in Europe or anywhere."""
    name = get_global("zone_aliases").get(zone, zone)
    territory = get_global("zone_territories").get(name, _EUROPE)
    language = language.replace("-", "_")
    styles = (f"{language}_{territory}", f"{language}_{_EUROPE}", language)
    return Locale.parse(next(filter(exists, styles)))
