"""The desk's pages: the list, a lead, and the decisions about it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.bootstrap_desk import build_local_desk
from prequal.compiled import Compiled, CompiledForm
from prequal.core.form import form_from
from prequal.core.lead import Status
from prequal.pages.zone import UTC_ZONE
from support import builders
from support.builders import NOW
from unit.desk.conftest import DeskVisit


def names(page: str) -> list[str]:
    """Return the names in a list of leads, in its order."""
    return re.findall('class="who" href="[^"]+">([^<]+)<', page)


def test_the_list_has_the_newest_first(desk: DeskVisit) -> None:
    """Fifty leads make a page; older ones are behind a link, each once."""
    for number in range(60):
        desk.admit(NOW - timedelta(days=number), name=f"Prospect {number}", email=f"{number}@example.com")
    first = desk.client.get("/desk/").text
    older = re.search('href="(/desk/[^"]+)" rel="next"', first)
    assert older
    second = desk.client.get(older[1].replace("&amp;", "&")).text

    assert names(first) + names(second) == [f"Prospect {number}" for number in range(60)]
    assert 'rel="next"' not in second


def test_the_list_is_filtered(desk: DeskVisit) -> None:
    """Status and grade narrow the list, and stay chosen."""
    desk.admit(name="Ada")
    desk.admit(name="Grace", email="grace@example.com", **builders.UNQUALIFIED)
    page = desk.client.get("/desk/?status=received&grade=").text
    assert names(page) == ["Grace"]
    assert "<option selected>received</option>" in page
    assert names(desk.client.get("/desk/?grade=warm").text) == ["Ada"]
    assert "No lead is like this." in desk.client.get("/desk/?status=won").text


@pytest.mark.parametrize("query", ["status=unknown", "grade=x", "after=x", "after=2026-01-01_x", "after=2026-01-01T00"])
def test_a_query_that_is_none_is_refused(desk: DeskVisit, query: str) -> None:
    """An address that no page links to gets a page that says what to do."""
    answer = desk.client.get(f"/desk/?{query}")
    assert (answer.status_code, "Go back to the list" in answer.text) == (400, True)


def test_a_search_reads_every_lead_and_says_so(desk: DeskVisit) -> None:
    """A search finds what people wrote, newest first, and says how many leads it read."""
    desk.admit(name="Ada", goals="Fewer <calls>")
    desk.admit(NOW - timedelta(days=1), name="Grace", email="grace@example.com", company="Fewer & Sons")
    desk.admit(NOW - timedelta(days=2), name="Joan", email="joan@example.com")
    page = desk.send("/desk/search", text="fewer").text
    assert names(page) == ["Ada", "Grace"]
    assert "3 leads read at 09:30 UTC." in page
    assert "2 leads have “fewer”" in page
    assert "1 lead has" in desk.send("/desk/search", text="<calls>").text


def test_results_are_kept_for_ten_minutes(desk: DeskVisit) -> None:
    """A search and the report read every lead once in ten minutes, and anew after a change."""
    lead = desk.admit()

    def read_at(path: str, **fields: str) -> str:
        answer = desk.send(path, **fields)
        page = desk.client.get(answer.headers["Location"]) if answer.status_code == 303 else answer
        return page.text

    assert "1 lead read at 09:30 UTC." in read_at("/desk/search", text="Ada")
    assert "Read all leads, and draw it" in desk.client.get("/desk/report").text
    report = read_at("/desk/report")
    assert "1 lead" in report
    desk.admit(email="grace@example.com")
    desk.clock.forward(timedelta(minutes=9))
    assert "1 lead read at 09:30 UTC." in read_at("/desk/search", text="ADA")
    assert read_at("/desk/report") == report
    desk.clock.forward(timedelta(minutes=1))
    assert "2 leads read at 09:40 UTC." in read_at("/desk/search", text="Ada")
    assert "Read all leads, and draw it" in desk.client.get("/desk/report").text
    desk.send(f"/desk/leads/{lead.id}/note", text="Met at the fair")
    desk.clock.forward(timedelta(minutes=1))
    assert "2 leads read at 09:41 UTC." in read_at("/desk/search", text="fair")


def test_several_forms_have_a_column_and_reports_of_their_own(desk: DeskVisit) -> None:
    """Lists name the form where there are several; each has its report, of the same reading."""
    desk.admit()
    former = {**builders.document(), "id": "workshops"}
    desk.forms.append(form_from(former))
    lead, attempt = builders.admitted(email="zoe@example.com")
    desk.store.admit(replace(lead, form_id="workshops"), attempt, [], lambda existing: (existing, ()))

    every = desk.client.get(desk.send("/desk/report").headers["Location"]).text
    one = desk.client.get("/desk/report?form=workshops").text

    assert '<span class="form quiet">workshops</span>' in desk.client.get("/desk/").text
    assert '<span class="form quiet">workshops</span>' in desk.send("/desk/search", text="ada").text
    assert '<a href="/desk/report?form=workshops">workshops</a>' in every
    assert ("2 leads, 2 of them qualified." in every, "One lead, qualified." in one) == (True, True)
    assert '<a href="/desk/report?form=">All forms</a>' in one
    assert desk.client.get("/desk/report?form=shops").status_code == 404


def test_the_report_names_those_who_may_book(desk: DeskVisit) -> None:
    """The report loads nothing, runs nothing, and leads back to the list."""
    desk.admit(name="<b>Ada</b>")
    answer = desk.client.get(desk.send("/desk/report").headers["Location"])
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert '<a href="/desk/">Back to the leads</a>' in answer.text
    assert "<b>Ada" not in answer.text


def test_a_lead_says_why_it_is_not_invited(desk: DeskVisit) -> None:
    """The page of a lead has its answers in words, each point, and the reasons of the verdict."""
    lead = desk.admit(budget="below", timeline="rushed", goals="More\norders", company="Engines & Co", phone="")
    page = desk.client.get(f"/desk/leads/{lead.id}").text
    for words in (
        "Why it isn’t invited",
        "Ruled out: Cannot afford the starting price.",
        "-10 of 65 points; Warm begins at 30.",
        "Fit is 0, and the minimum 20.",
        "Our projects start at €5,000. Were you prepared to spend that?",
        "<dd>Less</dd>",
        "Engines &amp; Co",
        "More\norders",
    ):
        assert words in page


def test_a_lead_has_the_reaction_to_a_price(desk: DeskVisit) -> None:
    """The answer before a text was revealed stands beside the one after it."""
    lead = desk.admit(**{"budget.before": "unsure"})
    page = desk.client.get(f"/desk/leads/{lead.id}").text
    assert "Not sure → About that (after the text was shown)" in page


def test_words_of_a_visitor_stay_words(desk: DeskVisit) -> None:
    """Markup that a prospect typed is shown as text."""
    lead = desk.admit(name="<script>alert(1)</script>", goals="<img src=x onerror=alert(1)>", company='"><b>')
    for page in (desk.client.get("/desk/").text, desk.client.get(f"/desk/leads/{lead.id}").text):
        assert "<script>" not in page
        assert "<img" not in page
        assert "<b>" not in page


def test_an_owner_invites_a_lead(desk: DeskVisit) -> None:
    """A lead that the score kept out is invited: its mail is queued, and the page says so."""
    lead = desk.admit(**builders.UNQUALIFIED)
    answer = desk.send(f"/desk/leads/{lead.id}/invite", text=" A friend of a client ")
    assert answer.headers["Location"] == f"/desk/leads/{lead.id}?done=invite"
    assert "Invited. The mail is on its way." in desk.client.get(answer.headers["Location"]).text
    invited = desk.lead(lead.id)
    assert invited.status is Status.INVITED
    assert invited.decision is not None
    assert invited.decision.reason == "A friend of a client"
    assert [mail.to for mail in desk.store.list_mails(lead.id)] == ["ada@example.com"]


def test_after_the_call(desk: DeskVisit) -> None:
    """Appointment, offer with its day, and outcome with its reason are noted from the page alone."""
    lead = desk.admit()
    for action, fields, status in (
        ("booked", {}, Status.BOOKED),
        ("offered", {"day": "2026-03-20"}, Status.OFFERED),
        ("lost", {"text": "Too dear"}, Status.LOST),
        ("won", {}, Status.WON),
    ):
        assert desk.send(f"/desk/leads/{lead.id}/{action}", **fields).status_code == 303
        assert desk.lead(lead.id).status is status
        page = desk.client.get(f"/desk/leads/{lead.id}").text
        assert f"/{action}" not in re.findall('action="[^"]+(/[a-z]+)"', page) or action == "offered"
    ended = desk.lead(lead.id)
    assert ended.offered is not None
    assert ended.offered.until is not None
    assert f"{ended.offered.until:%Y-%m-%d %H:%M}" == "2026-03-20 23:59"
    assert "lost. Too dear" not in page
    assert "won" in page


@pytest.mark.parametrize(
    ("action", "fields", "fault", "status"),
    [
        ("invite", {"text": " "}, "Say in a few words why you invite", 422),
        ("decline", {}, "Say in a few words why you decline", 422),
        ("note", {"text": ""}, "Write a few words", 422),
        ("offered", {"day": "soon"}, "Write the day like 2026-01-31.", 422),
        ("invite", {"text": "Why not"}, "can’t be invited", 409),
        ("note", {"text": "x" * 1001}, "shorten it to 1000", 409),
        ("dance", {}, "There is nothing here", 404),
    ],
)
def test_a_refusal_says_what_to_do(
    desk: DeskVisit, action: str, fields: dict[str, str], fault: str, status: int
) -> None:
    """A refusal is a sentence on the page of the lead, which stays as it was."""
    lead = desk.admit()
    answer = desk.send(f"/desk/leads/{lead.id}/{action}", **fields)
    assert answer.status_code == status
    assert fault.replace("’", "&#39;") in answer.text or fault in answer.text
    assert desk.lead(lead.id) == lead


def test_a_note_is_kept(desk: DeskVisit) -> None:
    """A note is on the page of the lead, the last one first."""
    lead = desk.admit()
    desk.send(f"/desk/leads/{lead.id}/note", text="Met at the fair")
    desk.send(f"/desk/leads/{lead.id}/note", text="Called, nobody there")
    page = desk.client.get(f"/desk/leads/{lead.id}?done=note").text
    notes = page.partition('class="notes"')[2].partition("</ul>")[0]
    assert notes.index("nobody there") < notes.index("at the fair")
    assert "Your note is kept." in page


def test_an_erasure_needs_a_tick(desk: DeskVisit) -> None:
    """A lead is erased only with the box ticked; its page is gone then."""
    lead = desk.admit()
    assert desk.send(f"/desk/leads/{lead.id}/erase").status_code == 422
    assert desk.lead(lead.id) == lead
    assert desk.send(f"/desk/leads/{lead.id}/erase", sure="yes").status_code == 303
    assert desk.store.find_lead(lead.id) is None
    assert desk.client.get(f"/desk/leads/{lead.id}").status_code == 404
    assert desk.send(f"/desk/leads/{lead.id}/erase", sure="yes").status_code in (303, 404)


def test_an_export_can_only_be_read(store: SqliteLeadStore) -> None:
    """Over leads that can only be read there are no forms but the search, and none works."""
    desk = DeskVisit(store, read_only=True).sign_in()
    lead = desk.admit()
    page = desk.client.get(f"/desk/leads/{lead.id}").text
    assert set(re.findall('method="post" action="([^"]+)"', page)) == {"/desk/search", "/desk/leave"}
    assert desk.send(f"/desk/leads/{lead.id}/decline", text="Because").status_code == 409
    assert desk.send(f"/desk/leads/{lead.id}/erase", sure="yes").status_code == 409
    assert desk.lead(lead.id) == lead


def test_forms_of_older_leads_are_known(store: SqliteLeadStore) -> None:
    """The desk knows the stored forms from its first page on, for the report of leads that an earlier form scored."""
    former = {**builders.document(), "starting_price": 4000}
    store.save_form(former)
    parts = CompiledForm(document=builders.document(), form=builders.form(), content={}, suggestions=())
    compiled = Compiled(forms=[parts], assets={}, picture="")
    desk = build_local_desk(compiled, store, None, "the key", UTC_ZONE)
    assert desk.load_forms(()).keys() == {form_from(former).version, builders.form().version}


def test_an_unknown_lead(desk: DeskVisit) -> None:
    """A lead that is gone, and the beginning of an id, are pages that say so."""
    lead = desk.admit()
    for lead_id in ("0" * 24, lead.id[:8], "..", "x" * 500):
        assert desk.client.get(f"/desk/leads/{lead_id}").status_code == 404
