"""Questions that were not asked, beside those that were not answered: in exports, briefs and rescoring."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest

from prequal.core.answers import make_parser
from prequal.core.form import Form, form_from
from prequal.core.lead import Lead, first_attempt
from prequal.core.scoring import score
from prequal.owner.exporter import Exporter, Format
from prequal.owner.rescoring.comparison import Comparison, RescoringSummary, make_rescorer
from support import builders
from support.builders import NOW


def asking(**conditions: dict[str, list[str]]) -> Form:
    """Return the builders' form with conditions on some of its questions."""
    document = builders.document()
    for question in document["questions"]:
        if question["id"] in conditions:
            question["ask_if"] = conditions[question["id"]]
    return form_from(document)


ASKED = asking()
FOLLOWED = asking(timeline={"budget": ["unsure"]})


def lead_of(form: Form, **changes: Any) -> Lead:
    """Return a lead of a form."""
    submission = make_parser(form)(builders.sent(**changes))
    return first_attempt(form, submission, score(form, submission.answers), NOW)[0]


def exported(kind: Format, lead: Lead, *forms: Form) -> str:
    """Return an export of one lead."""
    out = io.BytesIO()
    Exporter(format=kind, forms={form.version: form for form in forms}).write([lead], out)
    return out.getvalue().decode()


def test_exports_say_what_was_not_asked() -> None:
    """Lines and tables end with the questions that were not asked; nobody can tell if the form is not known."""
    lead = lead_of(FOLLOWED, budget="around")
    assert "timeline" not in lead.answers
    assert json.loads(exported(Format.JSONL, lead, FOLLOWED))["not_asked"] == ["timeline"]
    assert json.loads(exported(Format.JSONL, lead_of(ASKED), ASKED))["not_asked"] == []
    assert json.loads(exported(Format.JSONL, lead))["not_asked"] is None
    heading, row = exported(Format.CSV, lead, FOLLOWED).splitlines()
    assert (heading.rpartition(",")[2], row.rpartition(",")[2]) == ("not_asked", "timeline")


def test_a_brief_has_what_was_asked() -> None:
    """A brief neither lists a question that was not asked, nor suggests to ask it."""
    labels = []
    for form in (ASKED, FOLLOWED):
        composer = replace(builders.composer(), forms=builders.lead_forms(form))
        brief = composer.brief(lead_of(form, budget="around"), None, NOW)
        assert brief is not None
        labels.append([question["label"] for question in brief.content["questions"]])
    assert [label for label in labels[0] if label not in labels[1]] == ["By when?"]


@pytest.mark.parametrize(
    ("before", "after", "unanswered", "not_asked"),
    [(FOLLOWED, ASKED, ["timeline"], []), (ASKED, FOLLOWED, [], ["timeline"]), (FOLLOWED, FOLLOWED, [], [])],
)
def test_rescoring_by_other_conditions(before: Form, after: Form, unanswered: list[str], not_asked: list[str]) -> None:
    """A question that is newly asked is unanswered; one that is no longer asked adds nothing."""
    lead = lead_of(before, budget="around")
    summary = RescoringSummary(after)
    summary.add(Comparison(before=lead, after=make_rescorer(after, NOW)(lead)))
    assert (list(summary.unanswered), list(summary.not_asked)) == (unanswered, not_asked)
