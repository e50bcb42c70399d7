"""Visits of the page, and what their counts say however their messages arrive."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest

from prequal.core.form import form_from
from prequal.core.visits import Funnel, Visit, page_fields, visit_from
from prequal.pages.views import form_view
from support import builders

SENT = len(page_fields(builders.form())) + 2
STAGES = SENT + 1


@pytest.mark.parametrize("consent", ["notice", "required"])
def test_fields_are_in_the_order_of_the_page(consent: str) -> None:
    """The fields by which stages are numbered are those of the page that are filled in."""
    form = form_from({**builders.document(), "consent": consent, "contact": {"phone": "required", "website": "off"}})

    shown = [field.id for field in form_view(form, "en").fields if field.type != "notice"]
    assert page_fields(form) == shown


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"stage": None},
        {"stage": -1},
        {"stage": True},
        {"stage": "3"},
        {"stage": 2.5},
        {"stage": SENT + 1},
        {"stage": 3, "reported": 3},
        {"stage": 3, "reported": -1},
        {"stage": 3, "pace": 4},
        {"stage": SENT, "pace": 41},
        {"stage": SENT, "reported": SENT},
    ],
)
def test_nonsense_is_refused(message: dict[str, Any]) -> None:
    """A stage is one of the page's; a visit moves forward only; only a sent form took its time."""
    with pytest.raises(ValueError):  # noqa: PT011, nobody is told why
        visit_from(message, builders.form())


def messages_of(visits: random.Random, number: int) -> tuple[list[Visit], list[int]]:
    """Return the messages of some visits, of which some are left and come back to, and their furthest stages."""
    messages, furthest = [], []
    for _ in range(number):
        stages = sorted({visits.randrange(STAGES) for _ in range(visits.choice([1, 1, 1, 2, 3]))})
        before = None
        for stage in stages:
            messages.append(Visit(stage=stage, sent=stage == SENT, reported=before))
            before = stage
        furthest.append(stages[-1])
    return messages, furthest


def funnel(messages: list[Visit]) -> list[int]:
    """Return the funnel that messages make."""
    counts = Funnel()
    for message in messages:
        counts.add(message.increments)
    return [*(counts.reached(stage) for stage in range(SENT)), counts.sent]


@pytest.mark.parametrize("seed", range(20))
def test_counts_are_exact_and_never_rise(seed: int) -> None:
    """In any order, the funnel is exact; with lost and doubled messages, no drop-off is negative."""
    visits = random.Random(seed)  # noqa: S311, no secret
    messages, furthest = messages_of(visits, 100)
    visits.shuffle(messages)

    assert funnel(messages) == [sum(stage <= its for its in furthest) for stage in range(STAGES)]
    spoiled = [message for message in messages for _ in range(visits.choice([0, 0, 1, 1, 2]))]
    assert all(before >= after >= 0 for before, after in pairwise(funnel(spoiled)))
