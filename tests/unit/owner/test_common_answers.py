"""The comparison of good clients, as the report, the desk and the terminal say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from prequal.core.lead import Lead, Status
from prequal.core.past_client import PastClient
from prequal.owner.common_answers import as_text
from prequal.owner.figures.aggregation import aggregate, aggregate_by_form
from prequal.owner.figures.model import Figures
from prequal.owner.report.page import render_report
from prequal.pages.zone import UTC_ZONE
from support import builders
from support.builders import NOW

FORM = builders.form()


def lead(number: int, timeline: str, outcome: str | None = None) -> Lead:
    """Return a lead with an answer."""
    return replace(builders.lead(), id=f"lead-{number}", answers={"timeline": timeline}, outcome=outcome)


def client(client_id: str) -> PastClient:
    """Return a past client with an answer."""
    return replace(builders.past_client(), id=client_id, answers={"timeline": "soon"})


OTHERS = [lead(number, "rushed") for number in range(30)]


def figures(leads: Sequence[Lead], asked: Sequence[PastClient] = ()) -> Figures:
    """Return the figures of leads and past clients."""
    return aggregate(leads, {FORM.version: FORM}, NOW, UTC_ZONE, past_clients=asked)


def people(leads: Sequence[Lead], asked: Sequence[PastClient]) -> tuple[int, int]:
    """Return the numbers of good clients and of others."""
    common = figures(leads, asked).common[FORM.id]
    return common.good, common.others


def test_good_clients_are_won_leads_and_past_clients() -> None:
    """Somebody who is both counts once: as the lead if it was won, else as the past client."""
    won = lead(100, "soon", Status.WON)

    assert people([*OTHERS, won, lead(101, "soon", Status.LOST)], []) == (1, 31)
    assert people([*OTHERS, won], [client("asked"), client(won.id)]) == (2, 30)
    assert people(OTHERS, [client(OTHERS[0].id)]) == (1, 29)


def test_only_of_the_time_and_the_form() -> None:
    """A report since a later day leaves them out, and each form has its own."""
    asked, forms = [client("asked")], {FORM.version: FORM}
    by_form = aggregate_by_form(OTHERS, forms, NOW, UTC_ZONE, past_clients=asked)

    assert not aggregate([], forms, NOW, UTC_ZONE, since=NOW + timedelta(days=1), past_clients=asked).common
    assert {form_id: its.common.keys() for form_id, its in by_form.items()} == {"": {FORM.id}, FORM.id: {FORM.id}}


def test_the_report_shows_them() -> None:
    """A section has a table for each group, and warns of ruling anybody out; without good clients, there is none."""
    html = render_report(figures(OTHERS, [client(f"asked-{number}") for number in range(10)]))
    section = html[html.index('id="common"') : html.index("</section>", html.index('id="common"'))]

    assert "<h3>Said more often than by everybody</h3>" in section
    assert "10 of 10</td><td>sure" in section
    assert "<h3>Said less often than by everybody</h3>" in section
    assert "Don’t rule anybody out because of this" in section
    assert 'id="common"' not in render_report(figures(OTHERS))


def test_few_are_told_how_many_it_takes() -> None:
    """With few good clients, the report says from how many on it compares."""
    html = render_report(figures(OTHERS, [client("asked")]))

    assert "1 good client beside 30 others are too few to compare: it takes 5 and 20." in html
    assert "Said more often" not in html


def test_the_terminal_says_the_same() -> None:
    """Each answer has a line with both shares."""
    common = figures(OTHERS, [client(f"asked-{number}") for number in range(10)]).common[FORM.id]
    text = "\n".join(as_text(common))

    assert "What good clients have in common: 10 good clients beside 30 others" in text
    assert "10 of 10, everybody  25%  sure  " in text
    assert "0 of 10, everybody  75%  sure  " in text
