"""Aggregation of leads to figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prequal.analysis.intervals import Share
from prequal.core.form import Grade, form_from
from prequal.core.lead import Booking, HoldReason, InvitationState, Lead, Status, first_attempt
from prequal.core.lifecycle import booked, declined, disowned, ended, invited, offered, opened
from prequal.core.scoring import score
from prequal.core.source import Source, source_name
from prequal.core.stages import Stage, furthest_stage
from prequal.owner.figures.aggregation import aggregate
from prequal.owner.figures.model import Figures, Period, Reaction
from prequal.pages.zone import UTC_ZONE
from support import builders
from support.builders import NOW
from support.season import season

FORMS = {builders.form().version: builders.form()}
DAY = timedelta(days=1)


def figures(*leads: Lead, now: datetime = NOW + DAY, **options: Any) -> Figures:
    """Return the figures of leads, a day after they came."""
    return aggregate(leads, FORMS, now, UTC_ZONE, **options)


def a_booking(at: datetime = NOW) -> Booking:
    """Return an appointment made then."""
    return Booking(id="", booked_at=at)


class TestStages:
    @pytest.mark.parametrize(
        ("lead", "stage"),
        [
            (builders.lead(**builders.UNQUALIFIED), Stage.RECEIVED),
            (builders.lead(), Stage.INVITED),
            (opened(builders.lead(), NOW), Stage.OPENED),
            (booked(builders.lead(), a_booking(), NOW), Stage.BOOKED),
            (ended(booked(builders.lead(), a_booking(), NOW), Status.LOST, NOW), Stage.BOOKED),
            (ended(builders.lead(), Status.WON, NOW), Stage.WON),
            (ended(builders.lead(), Status.LOST, NOW), Stage.INVITED),
            (invited(builders.lead(**builders.UNQUALIFIED), builders.form(), "A friend", NOW), Stage.INVITED),
            (declined(opened(builders.lead(), NOW), "No time", NOW), Stage.OPENED),
            (declined(builders.lead(), "Before it was sent", NOW), Stage.QUALIFIED),
        ],
    )
    def test_furthest(self, lead: Lead, stage: Stage) -> None:
        """A lead counts at the furthest stage that it reached, whatever happened afterwards."""
        assert furthest_stage(lead) is stage

    def test_undelivered(self) -> None:
        """A lead whose invitation was not delivered does not count as invited."""
        lead = builders.lead()
        assert lead.invitation
        failed = replace(lead, invitation=replace(lead.invitation, state=InvitationState.FAILED))

        assert furthest_stage(failed) is Stage.QUALIFIED
        assert figures(failed).undelivered == 1


class TestCounting:
    def test_a_few(self) -> None:
        """Each lead counts once, by stage and by grade."""
        leads = [
            builders.lead(**builders.UNQUALIFIED),
            builders.lead(),
            booked(builders.lead(services=["design", "build"]), a_booking(NOW + 30 * DAY), NOW + 30 * DAY),
        ]

        found = figures(*leads, now=NOW + 40 * DAY)

        assert [found.all.reached(stage) for stage in Stage] == [3, 2, 2, 1, 1, 0]
        assert [found.all.graded(grade) for grade in Grade] == [1, 1, 1]
        assert found.hours_to_booking == {30 * 24: 1}
        assert found.waiting == 0

    def test_none(self) -> None:
        """Without leads, all figures are 0."""
        found = figures()

        assert found.all.received == 0
        assert found.all.share(Stage.QUALIFIED).value == 0
        assert list(found.periods) == [date(2026, 3, 2)]

    def test_quarantined(self) -> None:
        """Quarantined leads are counted separately, and nowhere else."""
        caught = replace(builders.lead(), status=Status.QUARANTINED, invitation=None)

        found = figures(caught, builders.lead())

        assert (found.quarantined, found.all.received, sum(scores.number for scores in found.scores)) == (1, 1, 1)

    def test_since(self) -> None:
        """Earlier leads are left out."""
        found = figures(builders.lead(NOW - DAY), builders.lead(NOW), since=NOW)

        assert found.all.received == 1
        assert found.since == found.first_day == NOW.date()

    def test_since_long_ago(self) -> None:
        """Periods start with the first lead: earlier ones would lower the average."""
        leads = [builders.lead(NOW), builders.lead(NOW + 40 * DAY)]

        found = figures(*leads, now=NOW + 70 * DAY, since=NOW - 1000 * DAY)

        assert found == replace(figures(*leads, now=NOW + 70 * DAY), since=(NOW - 1000 * DAY).date())
        assert next(iter(found.periods)) == found.first_day == NOW.date()

    @given(st.integers(0, 60), st.sampled_from([None, *Period]))
    def test_sums(self, number: int, period: Period | None) -> None:
        """Every division of the leads adds up to all of them, and no stage has more than the one before."""
        leads = list(season(builders.form(), number))

        found = figures(*leads, now=NOW, period=period)

        received = found.all.received
        assert received + found.quarantined == number
        assert sum(tally.received for tally in found.periods.values()) == received
        assert sum(tally.received for tally in found.sources.values()) == received
        assert sum(scores.number for scores in found.scores) == received
        assert sum(found.all.graded(grade) for grade in Grade) == received
        reached = [found.all.reached(stage) for stage in Stage]
        assert reached == sorted(reached, reverse=True)
        assert found.all.reached(Stage.BOOKED) == sum(found.hours_to_booking.values())
        assert found.all.reached(Stage.WON) == found.ended(Status.WON)
        assert found.ended(Status.LOST) >= sum(found.lost.values())
        assert sum(share.of for share in found.won_by_grade.values()) == sum(
            map(found.ended, (Status.WON, Status.LOST))
        )

    def test_waiting(self) -> None:
        """Leads with a working link are counted as waiting, and listed only with names."""
        lead = builders.lead()
        assert lead.invitation

        assert figures(lead).waiting == 1
        assert figures(lead, now=lead.invitation.expires_at).waiting == 0
        assert figures(lead).newest == []
        assert figures(lead, names=True).newest == [lead]

    @pytest.mark.parametrize("status", [Status.RECEIVED, Status.INVITED])
    def test_held(self, status: Status) -> None:
        """A held invitation waits for the owner: it was not sent, and nobody may book."""
        lead = builders.lead()
        assert lead.invitation
        held = replace(lead.invitation, state=InvitationState.HELD, held_for=HoldReason.BUDGET)

        found = figures(replace(lead, status=status, invitation=held), lead, names=True)

        assert (found.held, found.waiting, found.newest) == (1, 1, [lead])
        assert found.all.reached(Stage.INVITED) == 1

    def test_an_ended_invitation_is_not_held(self) -> None:
        """Nothing waits for the owner where somebody said that it wasn't them."""
        assert figures(disowned(builders.lead(), NOW)).held == 0


class TestEndings:
    def test_by_grade(self) -> None:
        """Of each grade's leads that were won or lost, the share won; open ones are counted, but in no share."""
        warm, hot = builders.lead(), builders.lead(services=["design", "build"])
        called = booked(warm, a_booking(), NOW)

        found = figures(
            *(ended(lead, Status.WON, NOW) for lead in (warm, hot, hot)),
            ended(called, Status.LOST, NOW),
            called,
            offered(called, None, NOW),
            warm,
        )

        assert found.won_by_grade == {Grade.HOT: Share(2, 2), Grade.WARM: Share(1, 2)}
        assert {status: found.ended(status) for status in Status if found.ended(status)} == {
            Status.WON: 3,
            Status.LOST: 1,
            Status.BOOKED: 1,
            Status.OFFERED: 1,
        }

    def test_reasons(self) -> None:
        """Lost leads are counted by reason; one of a single lead is not shown, as it may be about a person."""
        reasons = ["Too expensive", "too expensive.", "Ada knows somebody", None]
        leads = [ended(builders.lead(), Status.LOST, NOW, reason) for reason in reasons]

        assert figures(*leads).lost == {"Too expensive": 2, "Others": 1}

    def test_moved_and_cancelled(self) -> None:
        """Calls that were moved or cancelled are counted."""
        moved = booked(builders.lead(), replace(a_booking(), replaces=("first",)), NOW)
        cancelled = replace(moved, booking=replace(a_booking(), cancelled_at=NOW))

        found = figures(moved, cancelled)

        assert (found.moved, found.cancelled) == (1, 1)


class TestReactions:
    def test_whether_they_stayed(self) -> None:
        """Leads that read a text are counted by the answer at which it was shown, and whether they stayed with it."""
        read = {"budget": "unsure"}
        stayed = replace(builders.lead(budget="unsure"), reactions=read)
        changed = booked(replace(builders.lead(), reactions=read), a_booking(), NOW)

        found = figures(stayed, changed, changed, builders.lead())

        assert {(each.answer, each.stayed): counts.received for each, counts in found.reactions.items()} == {
            ("Not sure", True): 1,
            ("Not sure", False): 2,
        }
        assert found.reactions[Reaction("Not sure", stayed=False)].reached(Stage.BOOKED) == 2


class TestKnockOuts:
    def test_reasons(self) -> None:
        """A reason comes with its answers, its count, and the number of leads that it alone kept out."""
        poor = {"budget": "below", "timeline": "rushed"}
        keen = {"budget": "below", "timeline": "soon", "services": ["design", "build"], "pages": 9}

        [knock_out] = figures(builders.lead(**poor), builders.lead(**keen), builders.lead()).knock_outs

        assert knock_out.reason == "Cannot afford the starting price"
        assert knock_out.answers == ["Less"]
        assert (knock_out.count, knock_out.alone) == (2, 1)

    def test_whom_the_owner_invited(self) -> None:
        """A lead that the owner invited against its score was ruled out, but not kept out."""
        keen = builders.lead(budget="below", timeline="soon", services=["design", "build"], pages=9)

        [knock_out] = figures(invited(keen, builders.form(), "A friend", NOW)).knock_outs

        assert (knock_out.count, knock_out.alone) == (1, 0)

    def test_a_form_that_is_gone(self) -> None:
        """Without the form, it is unknown who would have qualified; the reason is stored with the lead."""
        lead = replace(builders.lead(**builders.UNQUALIFIED), form_version="gone")

        [knock_out] = figures(lead).knock_outs

        assert (knock_out.count, knock_out.alone) == (1, None)


class TestScores:
    def test_forms_that_measure_alike_are_one(self) -> None:
        """A form with other words has the same scale; one with other thresholds has not."""
        reworded, stricter = builders.document(), builders.document()
        reworded["questions"][0]["label"] = "Your budget?"
        stricter["scoring"]["grades"] = {"hot": 55, "warm": 35}
        forms = {form.version: form for form in map(form_from, (builders.document(), reworded, stricter))}
        given = builders.submission()
        leads = [first_attempt(form, given, score(form, given.answers), NOW)[0] for form in forms.values()]

        latest, earlier = aggregate(leads, forms, NOW, UTC_ZONE).scores

        assert (latest.yardstick.hot, latest.yardstick.warm, latest.number) == (55, 35, 1)
        assert (earlier.yardstick.hot, earlier.yardstick.warm, earlier.number) == (50, 30, 2)

    def test_a_form_that_is_gone(self) -> None:
        """Without the form, its thresholds are unknown."""
        [scores] = figures(replace(builders.lead(), form_version="gone")).scores

        assert (scores.yardstick.hot, scores.yardstick.max) == (None, builders.lead().score.max)


class TestSources:
    @pytest.mark.parametrize(
        ("source", "name"),
        [
            (Source(source="ada", utm_source="newsletter"), "ada"),
            (Source(utm_source="newsletter", referrer="https://mail.example/"), "newsletter"),
            (Source(referrer="https://www.search.example/results?q=grace@navy.example"), "search.example"),
            (Source(referrer="https://[broken"), "direct visits"),
            (Source(utm_source="grace@navy.example"), "a link with an address in it"),
            (Source(), "direct visits"),
        ],
    )
    def test_name(self, source: Source, name: str) -> None:
        """A source is the link's, else the referring site; never an email address."""
        assert source_name(source) == name

    def test_made_up(self) -> None:
        """The number of sources is limited, and no lead is lost."""
        lead = builders.lead()

        found = figures(*(replace(lead, source=Source(source=f"made up {number}")) for number in range(700)))

        assert len(found.sources) == 501
        assert sum(tally.received for tally in found.sources.values()) == 700


class TestPeriods:
    def test_no_gaps(self) -> None:
        """Periods without leads are included, and so is the current one."""
        found = figures(builders.lead(NOW), builders.lead(NOW + 70 * DAY), now=NOW + 130 * DAY)

        counts = {start.month: tally.received for start, tally in found.periods.items()}
        assert counts == {3: 1, 4: 0, 5: 1, 6: 0, 7: 0}

    @pytest.mark.parametrize(
        ("since", "whole"),
        [
            (None, [4, 5]),
            (datetime(2026, 2, 1, tzinfo=UTC), [4, 5]),
            (datetime(2026, 3, 1, tzinfo=UTC), [3, 4, 5]),
            (NOW, [4, 5]),
        ],
    )
    def test_whole(self, since: datetime | None, whole: list[int]) -> None:
        """Whole periods exclude the current one, and the first if the count began within it."""
        found = figures(builders.lead(NOW), now=NOW + 100 * DAY, since=since, period=Period.MONTH)

        assert [start.month for start in found.whole] == whole

    @given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(Period))
    def test_a_day_is_in_its_period(self, day: date, period: Period) -> None:
        """Every day is in one period, from its first day to the day before the next."""
        start = period.first_day(day)

        assert start <= day < period.following(start)
        assert list(period.starts(day, period.following(start))) == [start, period.following(start)]

    def test_fitting(self) -> None:
        """A few months are counted by week, more by month."""
        assert Period.for_span(date(2026, 1, 1), date(2026, 4, 1)) is Period.WEEK
        assert Period.for_span(date(2026, 1, 1), date(2026, 6, 1)) is Period.MONTH
