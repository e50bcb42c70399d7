"""Reactions to revealed texts: the answer before and after, on the way from the page to the owner."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from prequal.core.answers import body_limit, make_parser
from prequal.core.documents import attempt_document, attempt_from, lead_document, lead_from
from prequal.core.exported_lead import lead_json
from prequal.core.form import form_from
from prequal.core.lead import Attempt, Lead, first_attempt
from prequal.core.lifecycle import resubmitted
from prequal.core.scoring import score
from prequal.owner.exporter import Exporter, Format
from prequal.owner.terminal import describe_lead
from prequal.pages.views import form_view
from prequal.pages.zone import UTC_ZONE
from prequal.resources import SCHEMA
from support import builders
from support.builders import NOW
from support.following import following_document
from support.mails import read

FORM = form_from(following_document())
PATH = {"work": "website", "budget": "around", "timeline": None}


def admitted(**changes: Any) -> tuple[Lead, Attempt]:
    """Return lead and attempt of a first submission on a path."""
    given = make_parser(FORM)(builders.sent(**{**PATH, **changes}))
    return first_attempt(FORM, given, score(FORM, given.answers), NOW)


@pytest.mark.parametrize(
    "sent",
    [
        *({"budget.before": value} for value in ("around", "nothing", "", 5, None, ["unsure"], {"unsure": 1})),
        {"work.before": "shop"},
        {"nothing.before": "unsure"},
        {"budget": "around", "before": "unsure"},
    ],
)
def test_what_no_page_sends_is_ignored(sent: dict[str, Any]) -> None:
    """Only an option of the question that reveals a text is a reaction; anything else is no error."""
    assert admitted(**sent)[0].reactions == {}


def test_it_is_kept_beside_the_answers() -> None:
    """Lead and attempt have it, a later attempt replaces it, and the same answers are the same submission."""
    lead, attempt = admitted(**{"budget.before": "unsure"})
    given = [make_parser(FORM)(builders.sent(**PATH, **more)) for more in ({}, {"budget.before": "unsure"})]

    assert lead.reactions == attempt.reactions == given[1].reactions == {"budget": "unsure"}
    assert given[0].fingerprint == given[1].fingerprint
    received = admitted(budget="below", work="other")[0]
    assert resubmitted(received, lead).reactions == {"budget": "unsure"}
    assert lead_from(lead_document(lead)) == lead
    older = {key: value for key, value in attempt_document(attempt).items() if key != "reactions"}
    assert attempt_from(older) == replace(attempt, reactions={})


def test_it_fits_into_the_limit() -> None:
    """The limit of a body has room for it."""
    document = following_document()
    del document["questions"][2]["options"][2]["reveals"]
    assert body_limit(FORM) >= body_limit(form_from(document)) + len('"budget.before":"unsure",')


def test_a_page_that_comes_back_keeps_it() -> None:
    """The page with errors sends it again."""
    view = form_view(FORM, "en", {"budget.before": "unsure", "work.before": "shop"})
    assert view.reactions == {"budget": "unsure"}


def test_the_owner_reads_it_in_words() -> None:
    """Brief and `leads show` say what was answered before the text was shown, or that nothing changed."""
    composer = replace(builders.composer(), forms=builders.lead_forms(FORM))
    for before, said in (("around", ""), ("unsure", "Not sure → Yes, about that (after the text was shown)")):
        lead, attempt = admitted(**{"budget.before": before})
        brief = composer.brief(lead, None, NOW)
        assert brief is not None
        assert said in read(brief).text
        assert said in read(brief).html
        assert said in describe_lead(lead, [attempt], [], {FORM.version: FORM}, UTC_ZONE)
    stayed, attempt = admitted(budget="unsure", work="shop", products="3", **{"budget.before": "unsure"})
    brief = composer.brief(stayed, None, NOW)
    assert brief is not None
    assert "Stayed with it after the text was shown" in read(brief).text
    assert "stayed with it after the text was shown" in describe_lead(
        stayed, [attempt], [], {FORM.version: FORM}, UTC_ZONE
    )


def test_an_older_brief_is_rendered() -> None:
    """A brief that was queued without reactions shows none."""
    brief = replace(builders.composer(), forms=builders.lead_forms(FORM)).brief(admitted()[0], None, NOW)
    assert brief is not None
    assert all("reaction" not in question for question in brief.content["questions"])
    assert "text was shown" not in read(brief).text


def test_exports_have_it() -> None:
    """A line of JSON has it by question; a table has a column for it, and one with its label, behind the others."""
    leads = [admitted(email="grace@example.com")[0], admitted(**{"budget.before": "unsure"})[0]]
    schema = json.loads((SCHEMA / "lead.schema.json").read_text(encoding="utf-8"))
    exported = [json.loads(lead_json(lead, FORM)) for lead in leads]
    for line in exported:
        Draft202012Validator(schema).validate(line)
    assert [line["reactions"] for line in exported] == [{}, {"budget": "unsure"}]
    assert list(exported[0])[-2:] == list(schema["properties"])[-2:] == ["reactions", "not_asked"]

    out = io.BytesIO()
    Exporter(format=Format.CSV, forms={FORM.version: FORM}).write(leads, out)
    rows = list(csv.reader(io.StringIO(out.getvalue().decode())))
    assert [row[-3:-1] for row in rows] == [
        ["reactions.budget", "reactions.budget.words"],
        ["", ""],
        ["unsure", "Not sure"],
    ]
