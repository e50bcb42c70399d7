"""Rescoring: stored leads under other rules."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from click import unstyle
from hypothesis import given
from hypothesis import strategies as st

from prequal.core.documents import lead_document
from prequal.core.form import Form, form_from
from prequal.core.lead import Decision, HoldReason, InvitationState, Lead, Status, first_attempt
from prequal.core.scoring import Answer, score
from prequal.owner.rescoring.comparison import Comparison, RescoringSummary, make_rescorer
from prequal.owner.rescoring.output import in_words
from prequal.services.ports import Store
from support import builders, commands
from support.builders import NOW
from support.commands import admit
from support.exporting import record, write_export
from unit import strategies

if TYPE_CHECKING:
    from click.testing import Result

LATER = NOW + timedelta(days=30)


def lead_of(form: Form, answers: Mapping[str, Answer]) -> Lead:
    """Return a lead with these answers to a form."""
    submission = replace(builders.submission(), answers=answers)
    return first_attempt(form, submission, score(form, answers), NOW)[0]


def summarised(form: Form, leads: Iterable[Lead]) -> RescoringSummary:
    """Return the summary of rescoring leads by a form."""
    summary, rescored = RescoringSummary(form), make_rescorer(form, LATER)
    for lead in leads:
        summary.add(Comparison(before=lead, after=rescored(lead)))
    return summary


@st.composite
def answered(draw: st.DrawFn) -> tuple[Form, list[Lead]]:
    """Return a form and leads that answered it."""
    form = draw(strategies.forms())
    return form, [lead_of(form, answers) for answers in draw(st.lists(strategies.answers_to(form), max_size=8))]


class TestAnyForms:
    @given(answered())
    def test_the_same_form_changes_nothing(self, case: tuple[Form, list[Lead]]) -> None:
        """Rescoring by the form that they answered changes no lead."""
        form, leads = case
        rescored = make_rescorer(form, LATER)

        assert all(rescored(lead) is lead for lead in leads)

    @given(answered(), strategies.forms())
    def test_counts_are_those_of_scoring_anew(self, case: tuple[Form, list[Lead]], other: Form) -> None:
        """Under any other form, even with other kinds of questions, the counts equal those of scoring each lead."""
        _, leads = case
        pairs = [(lead.score, score(other, lead.answers)) for lead in leads]

        summary = summarised(other, leads)

        assert summary.grades == Counter((before.grade, after.grade) for before, after in pairs)
        assert summary.verdicts == Counter((before.qualified, after.qualified) for before, after in pairs)
        moving = [
            (before, after)
            for before, after in pairs
            if (before.grade, before.qualified) != (after.grade, after.qualified)
        ]
        assert summary.moving.count == len(moving)
        assert (summary.raised + summary.lowered) == Counter(
            question
            for before, after in moving
            for question in {reason.question for reason in (*before.reasons, *after.reasons)}
            if sum(reason.points for reason in before.reasons if reason.question == question)
            != sum(reason.points for reason in after.reasons if reason.question == question)
        )

    @given(answered(), strategies.forms())
    def test_twice_is_once(self, case: tuple[Form, list[Lead]], other: Form) -> None:
        """A lead with its new score does not move again."""
        _, leads = case
        rescored = make_rescorer(other, LATER)

        assert summarised(other, [rescored(lead) for lead in leads]).changed == 0


def test_applying_writes_the_score_alone(any_store: Store) -> None:
    """Score, version and time are written; a second run writes nothing."""
    lead, attempt = builders.admitted()
    any_store.admit(lead, attempt, [], lambda existing: (existing, ()))
    form = form_from(dearer())

    first = list(any_store.change_each_lead(make_rescorer(form, LATER)))
    again = list(any_store.change_each_lead(make_rescorer(form, LATER + timedelta(days=1))))

    after = replace(lead, score=score(form, lead.answers), form_version=form.version, updated_at=LATER)
    assert (first, again) == ([(lead, after)], [(after, after)])
    assert any_store.find_lead(lead.id) == after
    assert any_store.list_attempts(lead.id) == [attempt]


def dearer() -> dict[str, Any]:
    """Return the builders' form with fewer points for the starting price and more for uncertainty."""
    document = builders.document()
    document["questions"][0]["options"][1]["points"] = 10
    document["questions"][0]["options"][2]["points"] = 35
    return document


@pytest.fixture
def rescore(run: Callable[..., Result], tmp_path: Path) -> Callable[..., Result]:
    """Return a way to run `prequal rescore`, where `new.yaml` is the dearer form."""
    (tmp_path / "form.yaml").write_text(json.dumps(builders.document()), encoding="utf-8")
    (tmp_path / "new.yaml").write_text(json.dumps(dearer()), encoding="utf-8")
    return lambda *arguments: run("rescore", *arguments, PREQUAL_FORM="form.yaml")


@pytest.fixture
def unsure(rescore: Callable[..., Result]) -> str:  # noqa: ARG001, which makes the folder
    """Return the id of a lead that the dearer form qualifies."""
    return admit(name="Grace Hopper", email="grace@example.com", budget="unsure")


@pytest.fixture
def around(rescore: Callable[..., Result]) -> str:  # noqa: ARG001, which makes the folder
    """Return the id of an invited lead that the dearer form doesn't qualify."""
    return admit()


def stored() -> list[Lead]:
    """Return the leads of the folder's store."""
    with closing(commands.store()) as store:
        return list(store.iter_leads())


def changed(lead_id: str, **changes: Any) -> None:
    """Change a lead of the folder's store."""
    with closing(commands.store()) as store:
        store.change_lead(lead_id, lambda lead: (replace(lead, **changes), ()))


class TestCommand:
    def test_who_moves_and_why(self, rescore: Callable[..., Result], unsure: str, around: str) -> None:
        """Each moving lead is named with the answers whose points changed; tables and sums follow."""
        admit(email="same@example.com", budget="below")

        said = rescore("--form", "new.yaml").stdout

        assert f"{unsure[:8]}  Grace Hopper <grace@example.com>: cold 25 → hot 55, now qualified" in said
        assert f"{around[:8]}  Ada Lovelace <ada@example.com>: warm 40 → warm 30, no longer qualified" in said
        assert "budget: unsure 5 → 35\n" in said
        table = [line.split() for line in said.splitlines()]
        assert ["cold", "1", "0", "1"] in table
        assert ["not", "1", "1"] in table
        assert "2 of 3 leads move." in said
        assert ["budget", "2", "(1", "more", "points,", "1", "fewer)"] in table

    def test_nothing_is_changed_by_looking(self, rescore: Callable[..., Result], unsure: str) -> None:
        """Without --apply the store stays as it was."""
        before = stored()

        said = rescore("--form", "new.yaml").stdout

        assert said.endswith("Nothing is changed. --apply would write the new scores of 1 lead, and mail nobody.\n")
        assert [lead.id for lead in before] == [unsure]
        assert stored() == before

    def test_the_form_in_use(self, rescore: Callable[..., Result], unsure: str, tmp_path: Path) -> None:
        """Without --form, the leads are scored by the current form file."""
        assert "0 of 1 lead move" in rescore().stdout
        (tmp_path / "form.yaml").write_text(json.dumps(dearer()), encoding="utf-8")

        assert f"{unsure[:8]}  Grace Hopper" in rescore().stdout

    def test_applying(self, rescore: Callable[..., Result], unsure: str, around: str) -> None:
        """--apply writes the scores, saves the form, mails nobody, and names the leads to invite every time."""
        waiting = ["1 lead is qualified under this form, and never invited. To invite one:", f"  {unsure}  Grace"]
        doubtful = ["1 lead is invited, and not qualified under this form. Nothing is withdrawn:", f"  {around}  Ada"]

        first, again = (rescore("--form", "new.yaml", "--apply").stdout for _ in range(2))

        assert first.endswith("Wrote the new scores of 2 leads. Nobody was mailed.\n")
        assert all(words in said for said in (first, again) for words in (*waiting, *doubtful))
        assert "0 of 2 leads move." in again
        version = form_from(dearer()).version
        by_id = {lead.id: lead for lead in stored()}
        assert (by_id[unsure].score.qualified, by_id[unsure].status) == (True, Status.RECEIVED)
        assert (by_id[around].score.qualified, by_id[around].status) == (False, Status.INVITED)
        with closing(commands.store()) as store:
            assert (list(store.load_forms()), store.list_mails(unsure)) == ([version], [])

    def test_a_held_invitation_is_called_held(self, rescore: Callable[..., Result], around: str) -> None:
        """A lead in doubt whose invitation waits for the owner is not called invited."""
        [lead] = stored()
        assert lead.invitation
        held = replace(lead.invitation, state=InvitationState.HELD, held_for=HoldReason.BUDGET)
        changed(around, invitation=held)

        assert "  Ada Lovelace <ada@example.com>, held, warm 30" in rescore("--form", "new.yaml").stdout

    def test_who_was_decided_about_is_not_named(self, rescore: Callable[..., Result], unsure: str, around: str) -> None:
        """A lead that the owner declined is not to be invited, and one that the owner invited is not in doubt."""
        changed(unsure, status=Status.DECLINED)
        changed(around, decision=Decision(by="owner", verdict="invite", reason="A friend", at=NOW))

        summary = json.loads(rescore("--form", "new.yaml", "--json").stdout.splitlines()[-1])["summary"]

        assert (summary["moving"], summary["to_invite"], summary["in_doubt"]) == (2, 0, 0)

    def test_answers_to_an_earlier_version(
        self, rescore: Callable[..., Result], run: Callable[..., Result], tmp_path: Path
    ) -> None:
        """Unanswered, withdrawn and removed questions are reported; the words of the answers stay."""
        lead_id = admit(budget="unsure", pages=3)
        document = dearer()
        document["questions"][0]["options"][2]["id"] = "hardly"
        document["questions"][2] = {**document["questions"][1], "id": "decision"}
        (tmp_path / "new.yaml").write_text(json.dumps(document), encoding="utf-8")

        said = rescore("--form", "new.yaml", "--apply").stdout

        assert "1 lead has not answered decision, which this form requires: it adds nothing." in said
        assert "1 lead has given an answer to budget that this form doesn't offer: it adds nothing." in said
        assert "1 lead has answered pages, which this form doesn't ask: it adds nothing." in said
        assert "prepared to spend that?\n       unsure\n" in run("leads", "show", lead_id).stdout
        with closing(commands.store()) as store:
            store.save_form(builders.document())
        shown = run("leads", "show", lead_id).stdout
        assert "prepared to spend that?\n       Not sure\n" in shown
        assert "How many pages?\n       3\n" in shown

    def test_who_is_left_out(self, rescore: Callable[..., Result], unsure: str, around: str) -> None:
        """Leads of another form and quarantined leads are counted, and keep their scores."""
        changed(unsure, form_id="another")
        changed(around, status=Status.QUARANTINED)
        before = stored()

        said = rescore("--form", "new.yaml", "--apply").stdout

        assert "0 of 0 leads move, 1 quarantined left out, 1 of another form left out." in said
        assert said.endswith("No lead answered the form web-design.\n")
        assert stored() == before

    @pytest.mark.usefixtures("unsure", "around")
    def test_an_export(self, rescore: Callable[..., Result], tmp_path: Path) -> None:
        """An export gives the same output as its store, and can't be changed."""
        records = [record(f"leads/{lead.id}", lead_document(lead)) for lead in stored()]
        folder = str(write_export(tmp_path / "export", records))

        assert rescore("--form", "new.yaml", "--from", folder).stdout == rescore("--form", "new.yaml").stdout
        refused = rescore("--apply", "--from", folder)
        assert refused.exit_code == 2
        assert "An export can't be changed: leave out --apply, or --from." in refused.stderr

    def test_json(self, rescore: Callable[..., Result], unsure: str) -> None:
        """--json prints a line for each lead that the owner should see, and the counts last."""
        admit(email="same@example.com", budget="below")

        told, last = map(json.loads, rescore("--form", "new.yaml", "--json").stdout.splitlines())

        assert (told["id"], told["moves"], told["to_invite"], told["in_doubt"]) == (unsure, True, True, False)
        assert (told["before"]["grade"], told["after"]["grade"]) == ("cold", "hot")
        assert told["differences"] == [{"question": "budget", "answer": "unsure", "before": 5, "after": 35}]
        assert last["summary"]["grades"]["cold"] == {"hot": 1, "warm": 0, "cold": 1}
        assert last["summary"]["raised"] == {"budget": 1}

    @pytest.mark.usefixtures("unsure", "around")
    def test_the_picture(self, rescore: Callable[..., Result], tmp_path: Path) -> None:
        """--plot draws every move, the same each time."""
        drawings = []
        for _ in range(2):
            rescore("--form", "new.yaml", "--plot", "moves.svg")
            drawings.append((tmp_path / "moves.svg").read_text(encoding="utf-8"))

        root = ET.fromstring(drawings[0])  # noqa: S314, it is ours
        titles = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
        assert drawings[0] == drawings[1]
        assert titles[0] == f"2 of 2 leads move under version {form_from(dearer()).version}"
        assert {"1 lead: cold → hot", "1 lead: qualified → not", "1 lead: not → qualified"} <= set(titles)

    def test_a_form_with_faults(self, rescore: Callable[..., Result], tmp_path: Path) -> None:
        """An invalid form prints its errors and exits with status 2."""
        (tmp_path / "new.yaml").write_text("id: web", encoding="utf-8")

        refused = rescore("--form", "new.yaml")

        assert refused.exit_code == 2
        assert refused.stderr.startswith("new.yaml:1:")


def test_other_reasons_than_points() -> None:
    """Knock-outs, lifted knock-outs and other limits are reasons too."""
    document = builders.document()
    document["questions"][0]["options"][0].pop("rules_out")
    document["questions"][0]["options"][2]["rules_out"] = "No budget yet"
    document["scoring"]["grades"]["hot"] = 40
    leads = [
        builders.lead(),
        builders.lead(budget="below"),
        builders.lead(budget="unsure", pages=9, services=["build"]),
    ]

    summary = summarised(form_from(document), [*leads, builders.lead(budget="below", pages=9, services=["build"])])

    said = [unstyle(line).strip() for line in in_words(summary, applied=False)]
    assert f"{leads[0].id[:8]}  Ada Lovelace <ada@example.com>: warm 40 → hot 40" in said
    assert "the same total, under other limits" in said
    assert "ruled out now: No budget yet" in said
    assert "no longer ruled out: Cannot afford the starting price" in said
    assert (summary.ruled_out, summary.limits) == (2, 3)


def test_many_are_not_all_named() -> None:
    """At most a hundred moving leads are named, and the others counted."""
    summary = summarised(form_from(dearer()), [builders.lead(budget="unsure")] * 150)

    said = list(in_words(summary, applied=False))

    assert sum("now qualified" in line for line in said) == 100
    assert said.count("… and 50 leads more: --json names them all.") == 2
