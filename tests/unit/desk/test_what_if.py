"""The what-if: exact shares of a form with other values, and the faults that prequal check would find."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prequal.analysis.adjustments import MOST_POINTS, NOT_POINTS, adjust, adjustable
from prequal.core.form import Form, form_from
from prequal.core.scoring import score
from prequal.desk.what_if import WhatIf, field_name
from prequal.forms.form_check import check_form
from prequal.forms.schema_faults import load_schema
from support import builders
from unit import strategies


def typed(document: dict[str, Any], changes: dict[Any, Any]) -> dict[str, str]:
    """Return the fields that a browser sends with these changes."""
    values = {**adjustable(document), **changes}
    fields = {field_name(where): str(value) for where, value in values.items() if not isinstance(value, bool)}
    fields |= {field_name(where): "yes" for where, value in values.items() if value is True}
    return {name: "" if value == "None" else value for name, value in fields.items()}


def counted_shares(form: Form) -> dict[str, Fraction]:
    """Return the shares by counting each way to answer."""
    scores = [score(form, answers) for answers in strategies.all_answers(form)]
    grades = Counter(each.grade.value for each in scores)
    shares = {grade: Fraction(grades[grade], len(scores)) for grade in ("hot", "warm", "cold")}
    return {**shares, "qualified": Fraction(sum(each.qualified for each in scores), len(scores))}


@given(strategies.documents(2), st.integers(0, 2**32))
def test_shares_are_those_of_each_way_to_answer(document: dict[str, Any], seed: int) -> None:
    """Before and after any changes, the shares are exact: points, traits, bands, conditions, caps and minimums."""
    chance = Random(seed)  # noqa: S311, it keeps no secret
    changes: dict[Any, Any] = {}
    for where, present in adjustable(document).items():
        if chance.random() < 0.5:
            match where[-1]:
                case "desired":
                    changes[where] = chance.random() < 0.5
                case "qualify":
                    changes[where] = chance.choice(["hot", "warm", "cold"])
                case "max_points" | "fit" | "intent":
                    changes[where] = chance.choice([None, chance.randint(-10, 30)])
                case "hot" | "warm":
                    changes[where] = int(present or 0) + chance.randint(-3, 3)
                case _:
                    changes[where] = chance.randint(-20, 30)

    what_if = WhatIf(document=document, sent=typed(document, changes))

    assert what_if.before.shares.by_name() == counted_shares(form_from(document))
    if not what_if.faults:
        assert what_if.after.shares.by_name() == counted_shares(form_from(adjust(document, changes)))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"scoring.grades.hot": "30"}, ("scoring", "grades", "hot")),
        ({"scoring.grades.hot": "1000"}, ("scoring", "grades", "hot")),
        ({"scoring.grades.warm": "-50", "scoring.minimum.fit": ""}, ("scoring", "grades", "warm")),
        ({"scoring.minimum.fit": "46"}, ("scoring", "minimum", "fit")),
        ({"questions.1.options.0.points": "x"}, ("questions", 1, "options", 0, "points")),
        ({"questions.1.options.0.points": ""}, ("questions", 1, "options", 0, "points")),
        ({"questions.2.bands.1.points": "1.5"}, ("questions", 2, "bands", 1, "points")),
        ({"questions.3.max_points": "many"}, ("questions", 3, "max_points")),
        ({"questions.0.options.1.points": str(MOST_POINTS + 1)}, ("questions", 0, "options", 1, "points")),
        ({"scoring.qualify": "lukewarm"}, ("scoring", "qualify")),
    ],
)
def test_values_that_the_check_refuses(tmp_path: Path, changes: dict[str, str], place: tuple[Any, ...]) -> None:
    """A value has a fault exactly if prequal check finds an error in the form file with it, and at the same place."""
    document = builders.document()
    what_if = WhatIf(document=document, sent={**typed(document, {}), **changes})
    values = {**adjustable(document), place: changes[field_name(place)], **what_if.values}
    path = tmp_path / "form.yaml"
    path.write_text(json.dumps(adjust(document, values)), encoding="utf-8")

    errors = [error.message for error in check_form(path).errors]

    assert list(what_if.faults) == [place]
    assert errors
    if place in what_if.values:
        assert list(what_if.faults.values()) == errors


def test_the_limits_are_those_of_the_schema() -> None:
    """The limits and the sentence are those of the form's schema, which is not deployed."""
    rule = load_schema("form")["$defs"]["points"]
    assert (-rule["minimum"], rule["maximum"], rule["errorMessage"]) == (MOST_POINTS, MOST_POINTS, NOT_POINTS)


def test_a_faultless_form_has_no_faults() -> None:
    """The form's own values are no change and have no fault, however they are typed."""
    document = builders.document()
    sent = {
        name: f" +{value}" if value.isdigit() else value.replace("-", "−")
        for name, value in typed(document, {}).items()
    }
    what_if = WhatIf(document=document, sent=sent)
    assert not what_if.faults
    assert not what_if.changes
