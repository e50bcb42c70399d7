"""Questions that follow from the answer to another one."""

from __future__ import annotations

from typing import Any

import pytest

from prequal.core.answers import make_parser, read_answers
from prequal.core.conditions import ALWAYS, Condition
from prequal.core.errors import InvalidAnswersError
from prequal.core.form import form_from
from prequal.core.scoring import score
from support import builders

_OPTIONS = [{"id": "few", "label": "Few", "points": -5}, {"id": "most", "label": "Most", "points": 10}]


def _document() -> dict[str, Any]:
    """Return a form that asks `follow` after one answer of `lead`, and `detail` after some of `parts`."""
    lead = {"id": "lead", "type": "one", "axis": "fit", "label": "Have one?", "options": _OPTIONS}
    parts = {"id": "parts", "type": "many", "axis": "fit", "label": "Which?", "required": False, "options": _OPTIONS}
    follow = {"id": "follow", "type": "one", "axis": "intent", "label": "Since when?", "options": _OPTIONS}
    questions = [
        lead,
        parts,
        {**follow, "ask_if": {"lead": ["most"]}},
        {**follow, "id": "detail", "ask_if": {"parts": ["few", "most"]}},
    ]
    return {**builders.document(), "questions": questions}


FORM = form_from(_document())


def refused(**sent: Any) -> set[str]:
    """Return the questions of which something is refused."""
    with pytest.raises(InvalidAnswersError) as caught:
        read_answers(FORM, sent)
    return set(caught.value.errors)


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ("most", True),
        ("few", False),
        (("few", "most"), True),
        (["other"], False),
        ((), False),
        (None, False),
        (5, False),
    ],
)
def test_a_condition_holds_for_a_listed_value(value: object, *, holds: bool) -> None:
    """A value, or one of several, must be listed."""
    assert Condition({"lead": ("most", "all")}).holds({"lead": value}) is holds
    assert ALWAYS.holds({"lead": value})


def test_each_name_of_a_condition_must_hold() -> None:
    """Of several names, each must have one of its values."""
    both = Condition({"lead": ("most",), "language": ("fr", "nl")})
    assert both.holds({"lead": "most", "language": "nl"})
    assert not both.holds({"lead": "most"})
    assert not both.holds({"lead": "few", "language": "nl"})


def test_what_is_not_asked_is_not_required() -> None:
    """A required question is demanded only from those who are asked it."""
    assert read_answers(FORM, {"lead": "few"}) == {"lead": "few"}
    assert refused(lead="most") == {"follow"}
    assert refused(lead="most", parts=["few"]) == {"follow", "detail"}


@pytest.mark.parametrize("value", ["most", "unknown", ["few", "most"], 5, {}])
def test_what_was_sent_without_being_asked_is_dropped(value: object) -> None:
    """An answer to a question that is not asked is neither kept nor refused, whatever it is."""
    assert read_answers(FORM, {"lead": "few", "follow": value}) == {"lead": "few"}


def test_a_refused_answer_asks_nothing() -> None:
    """Without a valid answer before it, a question is not asked, and the fault of the other is named alone."""
    assert refused() == {"lead"}
    assert refused(lead="none of them", follow="most") == {"lead"}
    assert refused(lead="few", parts=["unknown"]) == {"parts"}


def test_an_option_that_is_gone_asks_nothing() -> None:
    """On a page of another version, an option that is no longer offered leads to no question."""
    sent = builders.sent(lead="few", parts=["gone"], detail="most", form_version="000000000000")
    assert make_parser(FORM)(sent).answers == {"lead": "few"}


def test_what_is_not_asked_has_no_reason() -> None:
    """The score has a reason for each question that was asked, and no points for another."""
    found = score(FORM, {"lead": "few", "follow": "most", "parts": ("few",)})
    assert [(reason.question, reason.answer) for reason in found.reasons] == [
        ("lead", "few"),
        ("parts", ("few",)),
        ("detail", None),
    ]
    assert (found.fit, found.intent) == (-10, 0)
