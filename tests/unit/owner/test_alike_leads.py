"""Leads counted together, and tried under other forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from prequal.analysis.adjustments import adjust, adjustable
from prequal.analysis.faults import Where
from prequal.core.form import Form, form_from
from prequal.core.lead import Decision, Lead, Status
from prequal.core.lifecycle import Step
from prequal.owner.rescoring.alike import MOST_NAMED, AlikeLeads, Moves
from prequal.owner.rescoring.comparison import Comparison, RescoringSummary, make_rescorer
from support import builders
from support.builders import NOW
from unit import strategies
from unit.owner.test_rescoring import lead_of

_INVITED = Decision(by="owner", verdict=Step.INVITE, reason="I know them", at=NOW)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Form, Form, list[Lead]]:
    """Return a form, the same with other numbers, and leads of every status that answered it."""
    document = draw(strategies.documents())
    form = form_from(document)
    numbers = [where for where, value in adjustable(document).items() if type(value) is int]
    other = form_from(adjust(document, {where: draw(st.integers(-20, 30)) for where in draw(_some(numbers))}))
    leads = [
        replace(
            lead_of(form, draw(strategies.answers_to(form))),
            id=f"{index:024x}",
            name=f"Prospect {index}",
            status=draw(st.sampled_from(Status)),
            decision=draw(st.sampled_from([None, _INVITED])),
            form_id=draw(st.sampled_from([form.id, form.id, "another"])),
            received_at=NOW + timedelta(minutes=index // 2),
        )
        for index in range(draw(st.integers(0, 15)))
    ]
    return form, other, leads


def _some(numbers: Sequence[Where]) -> st.SearchStrategy[list[Where]]:
    return st.lists(st.sampled_from(numbers), unique=True)


@given(cases())
def test_they_move_as_prequal_rescore_says(case: tuple[Form, Form, list[Lead]]) -> None:
    """Number, names and verdicts of moving leads are those of comparing each lead by itself."""
    form, other, leads = case
    summary, rescored = RescoringSummary(other), make_rescorer(other, NOW)
    compared = [Comparison(before=lead, after=rescored(lead)) for lead in leads]
    moving = [each for each in compared if summary.add(each) and each.moves]
    alike = AlikeLeads([form])
    for lead in leads:
        alike.add(lead)

    moves = alike.rescore(other, NOW)

    assert (moves.leads, moves.moving) == (summary.leads, summary.moving.count)
    assert (moves.gained, moves.lost) == (summary.verdicts[False, True], summary.verdicts[True, False])
    assert (moves.to_invite, moves.in_doubt) == (summary.to_invite.count, summary.in_doubt.count)
    newest = sorted(moving, key=lambda each: (each.before.received_at, each.before.id), reverse=True)[:MOST_NAMED]
    named = [(lead.id, lead.name, lead.status, lead.before.grade, lead.after) for lead in moves.newest]
    assert [each[:4] for each in named] == [
        (each.before.id, each.before.name, each.before.status, each.before.score.grade) for each in newest
    ]
    assert [(each[4].grade, each[4].total, each[4].qualified) for each in named] == [
        (each.after.score.grade, each.after.score.total, each.after.score.qualified) for each in newest
    ]


def test_texts_keep_no_leads_apart() -> None:
    """Leads that differ in name, texts and notes only are counted as one kind, so that many fit into memory."""
    alike = AlikeLeads([builders.form()])
    for index in range(30):
        common = {"name": f"Prospect {index}", "email": f"{index}@example.com", "goals": f"Goal {index}"}
        alike.add(builders.lead(**common))
        alike.add(builders.lead(**common, timeline="rushed"))

    def under(warm: int) -> Moves:
        document = builders.document()
        document["scoring"]["grades"]["warm"] = warm
        return alike.rescore(form_from(document), NOW)

    assert len(alike) == 2
    raised, lowered = under(45), under(5)
    assert (raised.moving, raised.gained, raised.lost, raised.to_invite, raised.in_doubt) == (30, 0, 30, 0, 30)
    assert (lowered.moving, lowered.gained, lowered.lost, lowered.to_invite, lowered.in_doubt) == (30, 30, 0, 30, 0)
    assert len(raised.newest) == MOST_NAMED
