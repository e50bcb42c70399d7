"""Past clients from owners' tables and from leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from prequal.calibration.columns import match_columns
from prequal.calibration.lead_clients import clients_from_leads
from prequal.core.form import form_from
from prequal.tables.cells import TableError
from support import builders
from unit.calibration import past


class TestColumns:
    def test_by_id_label_and_export(self) -> None:
        """A column is matched by the question's id, its label in any language, or its name in our own export."""
        row = {"BUDGET": "around", "By when?": "soon", "answers.pages": "3", "ended": "won"}
        certain, _ = match_columns(builders.form(), past.table([row]), [], ["ended"])
        assert certain == {"budget": "BUDGET", "timeline": "By when?", "pages": "answers.pages"}

    def test_a_label_as_visitors_read_it(self) -> None:
        """Placeholders in the labels of questions and answers are filled in, in each language's notation."""
        document = builders.document()
        document["questions"][0]["options"][1]["label"] = {"en": "About {starting_price}", "fr": "Environ ça"}
        row = {"Nos projets commencent à 5 000 €. Aviez-vous prévu cette somme ?": "about €5,000", "ended": "won"}
        found = past.clients([row], form_from(document))
        assert found.unmatched == {}
        assert [choice.id for choice in found.blocks[0].choices if choice] == ["around", "unsure"]  # type: ignore[union-attr]
        assert found.blocks[0].cells.tolist() == [[1.0, 0.0]]

    def test_similar_columns_are_proposed(self) -> None:
        """A column with a similar name, or with the question's answers, is proposed and not used."""
        rows = [
            {"Budgets": "?", "When": "Next week", "ended": "won"},
            {"Budgets": "!", "When": "This season", "ended": "won"},
        ]
        certain, proposed = match_columns(builders.form(), past.table(rows), [], ["ended"])
        assert certain == {}
        assert proposed == {"budget": "Budgets", "timeline": "When"}

    def test_mappings_take_precedence(self) -> None:
        """The owner's mappings take precedence; a column mapped to nothing is left out."""
        row = {"budget": "around", "x": "soon", "timeline": "soon"}
        certain, _ = match_columns(builders.form(), past.table([row]), ["x=timeline", "budget="], [])
        assert certain == {"timeline": "x"}

    @pytest.mark.parametrize("mapped", ["x", "nowhere=budget", "budget=nothing"])
    def test_an_invalid_mapping(self, mapped: str) -> None:
        """A mapping of a missing column or question is an error in one sentence."""
        with pytest.raises(TableError, match=r"--map .*: write COLUMN=QUESTION with one of"):
            match_columns(builders.form(), past.table([{"budget": "around"}]), [mapped], [])


class TestClients:
    def test_unusable_rows_are_counted(self) -> None:
        """Rows that have no outcome, are open, have no answer or are too young are counted by reason."""
        ages = [1, 100, 100, 100, 100, 100]
        rows = [
            {"budget": "around", "ended": "won"},
            {"budget": "around", "ended": "won"},
            {"budget": "unsure", "ended": ""},
            {"budget": "", "ended": "lost"},
            {"budget": "unsure", "ended": "talking"},
            {"budget": "unsure", "ended": "#BEZUG!"},
        ]
        for row, age in zip(rows, ages, strict=True):
            row["on"] = (builders.NOW - timedelta(days=age)).date().isoformat()

        found = past.clients(rows, bad=["lost"], date="on", cycle=timedelta(days=30))

        assert found.good.tolist() == [True]
        assert found.left_out == {
            "too young to tell": 1,
            "ended is empty": 1,
            "no question is answered": 1,
            "ended is open": 1,
            "ended is an error": 1,
        }

    def test_ruled_out_clients_are_set_aside(self) -> None:
        """Clients whom an answer rules out are set aside, and the answer has no column."""
        rows = [*past.rows(30), {**past.rows(1)[0], "budget": "below", "ended": "won"}]
        found = past.clients(rows)
        assert len(found.good) == 30
        assert (found.ruled_out, found.ruled_out_good) == (1, 1)
        assert [choice.id for choice in found.blocks[0].choices if choice] == ["around", "unsure"]  # type: ignore[union-attr]

    def test_unmatched_cells_are_counted(self) -> None:
        """Cells that match no answer are counted by question."""
        rows = past.rows(20)
        rows[3]["timeline"] = rows[4]["timeline"] = "whenever"
        assert past.clients(rows).unmatched == {"timeline": {"whenever": 2}}

    def test_an_outcome_that_never_occurs(self) -> None:
        """If no row has the good outcome, the error names the outcomes that occur."""
        with pytest.raises(TableError, match="No row's ended is paid: it is "):
            past.clients(past.rows(20), good=["paid"])

    def test_an_invalid_date(self) -> None:
        """The error for an invalid date shows the required format."""
        with pytest.raises(TableError, match="31/3/26 is no date"):
            past.clients([{**past.rows(1)[0], "ended": "won", "on": "31/3/26"}], date="on")

    def test_from_leads(self) -> None:
        """Leads with an outcome are past clients; the others are counted by reason."""
        lead = builders.lead(pages=40, services=["design"])
        leads = [
            replace(lead, id="a", outcome="won"),
            replace(lead, id="b", outcome="lost"),
            replace(lead, id="c"),
            replace(lead, id="d", outcome="won", form_id="another"),
            replace(lead, id="e", outcome="won", received_at=datetime.now(UTC)),
        ]

        found = clients_from_leads(builders.form(), leads, timedelta(days=1), builders.NOW + timedelta(days=30))

        assert found.good.tolist() == [True, False]
        assert found.left_out == {"no outcome yet": 1, "another form": 1, "too young to tell": 1}
        assert [block.question.id for block in found.blocks] == ["budget", "timeline", "pages", "services"]

    @pytest.mark.parametrize(("good_only", "good"), [(False, [True, True, True]), (True, [False, True, True, True])])
    def test_those_who_were_asked(self, *, good_only: bool, good: list[bool]) -> None:
        """Past clients who were asked are good, undated, and once each; a lead that was won is that client."""
        lead, now = builders.lead(), builders.NOW + timedelta(days=30)
        ada, grace, mary = (builders.past_client(email=f"{name}@example.com") for name in ("ada", "grace", "mary"))
        leads = [
            replace(lead, id="open"),
            replace(lead, id=ada.id, outcome="won"),
            replace(lead, id=grace.id, outcome="lost"),
        ]
        elsewhere = replace(builders.past_client(email="d@example.com"), form_id="another")

        found = clients_from_leads(
            builders.form(), leads, timedelta(0), now, asked=[ada, grace, mary, elsewhere], good_only=good_only
        )

        assert found.good.tolist() == good
        assert found.left_out["answered as a past client"] == 1
        assert found.undated == (0 if good_only else 2)

    def test_no_answer_of_a_good_client_is_unknown(self) -> None:
        """Beside leads, a cell that the owner left empty is no answer of the client, and counts as the average."""
        lead = builders.lead(pages=40)
        found = past.clients(
            [{"budget": "around", "pages": ""}, {"budget": "unsure", "pages": "3"}],
            outcome="",
            good=[],
            unlabelled=[lead],
        )
        assert found.good.tolist() == [True, True, False]
        assert found.blocks[1].cells.tolist() == [[0.5, 0.5, 0], [1, 0, 0], [0, 1, 0]]
