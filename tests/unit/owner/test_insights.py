"""Insights: the sentences on the figures, and those that few leads don't support."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from prequal.core.lead import Booking, HoldReason, InvitationState, Lead, Status
from prequal.core.source import Source
from prequal.owner.figures.aggregation import aggregate
from prequal.owner.figures.insights import duration, headline, insights, reservation
from prequal.owner.figures.model import Period
from prequal.owner.figures.topics import Topic
from prequal.pages.zone import UTC_ZONE
from support import builders
from support.season import season

NOW = datetime(2026, 5, 4, tzinfo=UTC)
FORMS = {builders.form().version: builders.form()}
GOOD = builders.QUALIFIED
HOT: dict[str, Any] = {**GOOD, "services": ["design", "build"]}
POOR = {"budget": "unsure", "timeline": "soon"}
RULED_OUT = builders.UNQUALIFIED


HELD: dict[str, Any] = {"state": InvitationState.HELD, "held_for": HoldReason.BUDGET}


def came(number: int, month: int, /, source: str = "", **answers: Any) -> list[Lead]:
    """Return a number of leads of a month with these answers."""
    first = datetime(2026, month, 1, tzinfo=UTC)
    lead = builders.lead(**answers)
    return [
        replace(lead, received_at=first + timedelta(hours=index), source=Source(source=source))
        for index in range(number)
    ]


def said(leads: Iterable[Lead], topic: Topic) -> list[tuple[str, bool]]:
    """Return the insights on one topic, each with whether it stands out."""
    figures = aggregate(sorted(leads, key=lambda lead: lead.received_at), FORMS, NOW, UTC_ZONE, period=Period.MONTH)
    return [(insight.words, insight.stands_out) for insight in insights(figures) if insight.topic is topic]


def told(leads: Iterable[Lead]) -> str:
    """Return headline, reservation and insights as one text."""
    figures = aggregate(leads, FORMS, NOW, UTC_ZONE)
    return " ".join([headline(figures), reservation(figures), *(insight.words for insight in insights(figures))])


class TestHeadline:
    @pytest.mark.parametrize(
        ("leads", "words"),
        [
            ([], "No leads yet."),
            (came(1, 3, **GOOD), "One lead, qualified."),
            (came(3, 3, **POOR), "3 leads, none qualified."),
            (came(2, 3, **POOR) + came(1, 4, **GOOD), "3 leads, 1 of them qualified."),
        ],
    )
    def test_headline(self, leads: list[Lead], words: str) -> None:
        """The headline is one sentence."""
        assert headline(aggregate(leads, FORMS, NOW, UTC_ZONE)) == words

    @pytest.mark.parametrize(
        ("since", "caught", "words"),
        [
            (NOW, False, "No leads since 4 May 2026."),
            (NOW - timedelta(days=50), True, "No leads since 15 March 2026 but those that the spam trap caught."),
            (None, True, "No leads but those that the spam trap caught."),
        ],
    )
    def test_nobody(self, since: datetime | None, words: str, *, caught: bool) -> None:
        """Without leads, the headline says since when, and whether the spam trap caught any."""
        leads = [replace(lead, status=Status.QUARANTINED) if caught else lead for lead in came(2, 4)]

        assert headline(aggregate(leads, FORMS, NOW, UTC_ZONE, since=since)) == words

    def test_what_became_of_them(self) -> None:
        """Bookings and wins appear in the headline once there are any."""
        [lead] = came(1, 3, **GOOD)
        booking = Booking(id="", booked_at=lead.received_at)
        leads = [replace(lead, booking=booking, outcome="won"), replace(lead, booking=booking)]

        assert headline(aggregate(leads, FORMS, NOW, UTC_ZONE)) == "2 leads, 2 of them qualified; 2 booked, 1 won."


class TestFew:
    @pytest.mark.parametrize("number", range(1, 20))
    def test_few_leads_make_no_claim(self, number: int) -> None:
        """Below twenty leads there are no percentages, and nothing but undelivered mail stands out."""
        leads = [lead for lead in season(builders.form(), number, NOW) if not _failed(lead)]

        assert "%" not in told(leads)
        assert not any(insight.stands_out for insight in insights(aggregate(leads, FORMS, NOW, UTC_ZONE)))
        assert "too few to draw conclusions" in told(leads)

    def test_no_change_of_few(self) -> None:
        """Two months are not compared if they have few leads, however much they differ."""
        assert said(came(1, 2) + came(1, 3) + came(17, 4), Topic.CHANGE) == [
            ("There are too few leads to compare.", False)
        ]

    @pytest.mark.parametrize("answers", [GOOD, POOR])
    def test_no_verdict_on_the_form(self, answers: dict[str, str]) -> None:
        """Few leads give no insight on the form, whether all of them qualify or none."""
        assert said(came(19, 3, **answers), Topic.SCORES) == []

    def test_many_leads_have_an_interval(self) -> None:
        """From twenty leads on, the share comes with its confidence interval."""
        leads = came(30, 3, **GOOD) + came(70, 4, **POOR)

        assert "30% qualify (95% confidence interval: 22% to 40%)." in told(leads)

    def test_none(self) -> None:
        """Without leads, the report says only what it will show."""
        assert told([]).startswith("No leads yet. Once somebody has answered your form")

    def test_none_since(self) -> None:
        """The report says if earlier leads are left out."""
        assert (
            reservation(aggregate(came(2, 3), FORMS, NOW, UTC_ZONE, since=NOW))
            == "Leads from before that day are left out."
        )


class TestChange:
    def test_a_change(self) -> None:
        """A significant change stands out."""
        assert said(came(5, 2) + came(20, 3) + came(60, 4), Topic.CHANGE)[0] == (
            "April 2026 brought 60 leads, after 20 in March 2026: more than chance explains.",
            True,
        )

    def test_chance(self) -> None:
        """A change that is not significant is said to be possibly chance."""
        assert said(came(5, 2) + came(20, 3, **GOOD) + came(26, 4, **GOOD), Topic.CHANGE) == [
            ("April 2026 brought 26 leads, after 20 in March 2026, which may be chance.", False),
            ("Of these, 26 of 26 (100%) qualified, after 20 of 20 (100%), which may be chance.", False),
        ]

    def test_better_leads(self) -> None:
        """A higher share of qualified leads is a change, even with the same number of leads."""
        leads = came(5, 2) + came(25, 3, **POOR) + came(5, 3, **GOOD) + came(10, 4, **POOR) + came(20, 4, **GOOD)

        assert said(leads, Topic.CHANGE)[1] == (
            "Of these, 20 of 30 (67%) qualified, after 5 of 30 (17%): more than chance explains.",
            True,
        )

    def test_few(self) -> None:
        """Periods with a handful of leads are not compared."""
        assert said(came(5, 2) + came(4, 3) + came(1, 4), Topic.CHANGE) == [
            ("There are too few leads to compare.", False)
        ]

    def test_the_first_month(self) -> None:
        """The current month is not compared with a first month that may be incomplete."""
        assert said(came(50, 4), Topic.CHANGE) == [("There are no two whole months to compare yet.", False)]


class TestSources:
    def test_the_best_and_the_worst(self) -> None:
        """Of the sources that differ significantly from the others, the best and the worst are named."""
        fair = came(20, 3, source="fair", **GOOD) + came(20, 3, source="fair", **POOR)
        leads = came(40, 3, source="ada", **GOOD) + fair + came(40, 3, source="search", **POOR)

        assert said(leads, Topic.SOURCES) == [
            ("More of the leads from ada qualify, 40 of 40 (100%), than of all others, 20 of 80 (25%).", True),
            ("Fewer of the leads from search qualify, 0 of 40 (0%), than of all others, 60 of 80 (75%).", True),
        ]

    def test_alike(self) -> None:
        """The report says if no source differs significantly."""
        leads = [lead for source in "ab" for answers in (GOOD, POOR) for lead in came(20, 3, source=source, **answers)]

        assert said(leads, Topic.SOURCES) == [("No source brings significantly better leads than the others.", False)]

    def test_few(self) -> None:
        """A source with few leads is not compared."""
        assert said(came(9, 3, source="ada", **GOOD) + came(90, 3, source="search", **POOR), Topic.SOURCES) == []


class TestAnswers:
    def test_reasons(self) -> None:
        """The most frequent reason is named, with the number of leads that it alone kept out."""
        keen = {"budget": "below", "timeline": "soon", "services": ["design", "build"], "pages": 9}
        leads = came(30, 3, **GOOD) + came(12, 3, **RULED_OUT) + [builders.lead(**keen)]

        assert said(leads, Topic.ANSWERS) == [
            ("An answer ruled out 13 of 43 (30%). Most often: “Cannot afford the starting price”, 13.", True),
            ("“Cannot afford the starting price” alone kept out 1 who would have qualified otherwise.", False),
        ]

    def test_nobody(self) -> None:
        """The report says if nobody was ruled out."""
        assert said(came(3, 3, **GOOD), Topic.ANSWERS) == [("No answer has ruled anybody out.", False)]


class TestScores:
    @pytest.mark.parametrize(
        ("good", "poor", "words"),
        [
            (60, 1, "Nearly everybody qualifies, 60 of 61 (98%): the form filters little."),
            (1, 90, "Hardly anybody qualifies, 1 of 91 (1%): the form, or where its visitors come from, may be wrong."),
        ],
    )
    def test_a_form_that_sifts_wrongly(self, good: int, poor: int, words: str) -> None:
        """A form that qualifies nearly everybody, or hardly anybody, stands out."""
        assert (words, True) in said(came(good, 3, **GOOD) + came(poor, 3, **POOR), Topic.SCORES)

    def test_the_middle(self) -> None:
        """Otherwise the median total is named, on the scale of the form."""
        assert said(came(20, 3, **GOOD) + came(15, 3, **POOR), Topic.SCORES) == [
            ("Half of the leads have 40 of 65 points or fewer.", False)
        ]


class TestBooking:
    def booked(self, *hours: int) -> list[tuple[str, bool]]:
        """Return the insights for leads that booked these hours after the form."""
        [lead] = came(1, 3, **GOOD)
        bookings = [Booking(id="", booked_at=lead.received_at + timedelta(hours=hour)) for hour in hours]
        return said([replace(lead, booking=booking) for booking in bookings], Topic.BOOKING)

    def test_many(self) -> None:
        """Median and ninth decile are named, the median with its confidence interval."""
        [(words, _)] = self.booked(*range(0, 200, 2))

        assert words == (
            "Half of the 100 who booked did so within 5 days of the form (95% confidence interval: 4 days to 6 days), "
            "nine of ten within 8 days."
        )

    def test_a_few(self) -> None:
        """With few bookings, only the first and the last are named."""
        assert self.booked(2, 50, 30) == [("3 booked, the first within 3 hours of the form, the last 3 days.", False)]

    def test_one(self) -> None:
        """A single booking is named alone."""
        assert self.booked(0) == [("One booked, within an hour of the form.", False)]

    def test_durations(self) -> None:
        """Durations are in hours up to a day, then in days."""
        assert Counter(map(duration, range(49))) == Counter(
            ["an hour", *(f"{hours} hours" for hours in range(2, 25)), *["2 days"] * 24, "3 days"]
        )


def test_undelivered() -> None:
    """Undelivered invitations stand out, however few: somebody is waiting for one."""
    [lead] = came(1, 3, **GOOD)
    assert lead.invitation
    failed = replace(lead, invitation=replace(lead.invitation, state=InvitationState.FAILED))

    assert said([failed], Topic.FUNNEL) == [
        ("1 invitation could not be delivered: the address may be mistyped.", True),
    ]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1 invitation is held: “prequal leads list” marks it, and “prequal leads invite” sends it."),
        (2, "2 invitations are held: “prequal leads list” marks them, and “prequal leads invite” sends them."),
    ],
)
def test_held(number: int, words: str) -> None:
    """Held invitations stand out, however few: they wait for the owner."""
    leads = came(number, 3, **GOOD)
    held = [replace(lead, invitation=lead.invitation and replace(lead.invitation, **HELD)) for lead in leads]

    assert said(held, Topic.FUNNEL) == [(words, True)]


def _failed(lead: Lead) -> bool:
    return lead.invitation is not None and lead.invitation.state is InvitationState.FAILED


class TestEndings:
    @staticmethod
    def endings(won: int, lost: int, **answers: Any) -> list[Lead]:
        """Return leads of these answers that were won and lost."""
        return [
            replace(lead, status=status, outcome=status.value)
            for status, number in ((Status.WON, won), (Status.LOST, lost))
            for lead in came(number, 3, **answers)
        ]

    @pytest.mark.parametrize(
        ("hot", "words", "stands_out"),
        [
            ((18, 2), "You win more of the hot leads, 18 of 20 (90%), than of the warm ones, 5 of 20 (25%)", True),
            ((0, 20), "You win fewer of the hot leads, 0 of 20 (0%), than of the warm ones, 5 of 20 (25%)", True),
            (
                (7, 13),
                "Whether a lead is hot or warm says nothing certain yet about whether you win it: 7 of 20",
                False,
            ),
        ],
    )
    def test_whether_the_grades_tell(self, hot: tuple[int, int], words: str, *, stands_out: bool) -> None:
        """The report says whether hot leads are won more often, and what to do if it is the reverse."""
        leads = self.endings(*hot, **HOT) + self.endings(5, 15, **GOOD)

        [_, told] = said(leads, Topic.ENDINGS)

        assert told[0].startswith(words)
        assert told[1] is stands_out

    def test_few(self) -> None:
        """Few outcomes are counted, and not compared."""
        assert said(self.endings(2, 1, **HOT) + self.endings(1, 0, **GOOD), Topic.ENDINGS) == [
            ("3 won, 1 lost.", False)
        ]


def test_reactions() -> None:
    """Whether a text changed answers is said for each, with an interval from twenty leads on."""
    read = [replace(lead, reactions={"budget": "unsure"}) for lead in came(15, 3, **POOR) + came(5, 3, **GOOD)]

    assert said(read, Topic.REACTIONS) == [
        (
            (
                "“Not sure”: 5 of 20 (25%) chose another answer once they had read the text "
                "(95% confidence interval: 11% to 47%)."
            ),
            False,
        )
    ]
