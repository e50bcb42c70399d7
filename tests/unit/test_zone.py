"""Days and times for the owner."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from prequal.pages.wording import languages
from prequal.pages.zone import Zone
from support import builders
from support.mails import read

AT = datetime(2026, 12, 8, 23, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "language", "minute", "long_day"),
    [
        ("Europe/Oslo", "en", "9 Dec 2026, 00:05", "9 December 2026"),
        ("America/New_York", "en", "Dec 8, 2026, 6:05\u202fPM", "December 8, 2026"),
        ("US/Eastern", "en", "Dec 8, 2026, 6:05\u202fPM", "December 8, 2026"),
        ("Asia/Tokyo", "en", "9 Dec 2026, 08:05", "9 December 2026"),
        ("UTC", "en", "8 Dec 2026, 23:05 UTC", "8 December 2026"),
        ("Europe/Oslo", "fr", "9 déc. 2026, 00:05", "9 décembre 2026"),
        ("America/Toronto", "fr", "8 déc. 2026, 18 h 05", "8 décembre 2026"),
        ("Asia/Tokyo", "nl", "9 dec 2026, 08:05", "9 december 2026"),
        ("Europe/Warsaw", "pl", "9 gru 2026, 00:05", "9 grudnia 2026"),
        ("Europe/Oslo", "ru", "9 дек. 2026\u202fг., 00:05", "9 декабря 2026\u202fг."),  # noqa: RUF001
    ],
)
def test_the_style_is_that_of_the_zones_country(name: str, language: str, minute: str, long_day: str) -> None:
    """Days and times are in the owner's zone, and written as in its country; only UTC is named."""
    zone = Zone(ZoneInfo(name))

    assert (zone.minute(AT, language), zone.long_day(AT, language)) == (minute, long_day)


def test_days_without_a_year() -> None:
    """The same holds of a day without its year, and of a span."""
    oslo, new_york = Zone(ZoneInfo("Europe/Oslo")), Zone(ZoneInfo("America/New_York"))

    assert (oslo.short_day(AT), new_york.short_day(AT)) == ("9 Dec", "Dec 8")
    assert oslo.days(date(2026, 11, 30), date(2026, 12, 6)) == "30 Nov\u2009–\u20096 Dec 2026"


@pytest.mark.parametrize("language", languages())
def test_this_machine_has_a_zone(language: str) -> None:
    """Without a zone, days and times are this machine's."""
    assert Zone(None).day(AT, language) == Zone(None).day(AT.astimezone(), language)


def test_a_brief_has_the_owners_time() -> None:
    """A brief says in the owner's zone when the lead was received."""
    brief = builders.composer("owner@studio.example").brief(builders.lead(AT), None, AT)
    assert brief is not None

    assert "9 Dec 2026, 00:05\n" in read(brief, Zone(ZoneInfo("Europe/Oslo"))).text
