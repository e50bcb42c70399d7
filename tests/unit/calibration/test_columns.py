"""Parsing of cells as owners fill them in."""

from __future__ import annotations

import pytest

from prequal.calibration.columns import make_parser
from prequal.calibration.design import UNKNOWN
from prequal.core.form import Form, Question, form_from
from prequal.core.scoring import Answer
from support import builders


def question(name: str, form: Form | None = None) -> Question:
    """Return a question of the builders' form."""
    found = (form or builders.form()).question(name)
    assert found is not None
    return found


@pytest.mark.parametrize("cell", ["around", "AROUND", "About  that", "about that"])
def test_an_option_by_id_or_label(cell: str) -> None:
    """An option is recognised by its id and its labels, in any case."""
    assert make_parser(question("budget"), [])(cell) == "around"


def test_a_label_in_any_language() -> None:
    """A label in any of the form's languages is recognised."""
    document = builders.document()
    document["questions"][0]["options"][1]["label"] = {"en": "About that", "fr": "À peu près"}
    assert make_parser(question("budget", form_from(document)), [])("à peu près") == "around"


def test_empty_and_unknown_cells() -> None:
    """An empty cell is no answer; a cell that matches no option is unknown."""
    read = make_parser(question("budget"), [])
    assert read("") is None
    assert read("a million") is UNKNOWN


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["12", "1 500", "1’500"], [12, 1500, 1500]),
        (["1.500", "12.000"], [1500, 12000]),
        (["1.861", "0.3", "-4"], [UNKNOWN, 1, -4]),
        (["1.861", "0.3333", "-4"], [2, 1, -4]),
        (["1,200.00", "1.200"], [1200, UNKNOWN]),
        (["1.500", "1,500"], [UNKNOWN, UNKNOWN]),
        (["1.200,50", "1,200.50", "1 200", "12"], [1201, 1201, 1200, 12]),
        (["3500 €", "€3,500", "EUR 1,234.00", "3500,-", "CHF 1’500.–"], [3500, 3500, 1234, 3500, 1500]),
        (["12 13", "5 Mio", "5 T€", "5k", "1-2"], [UNKNOWN] * 5),
        (["2,5", "7"], [3, 7]),
        (["1,200", "12,000", "9.50"], [1200, 12000, 10]),
        (["1.500", "12.000", "999,50"], [1500, 12000, 1000]),
        (["1,234.50", "2,500"], [1235, 2500]),
        (["1.500,00", "1.234.567", "-2.000"], [1500, 1234567, -2000]),
        (["0.500", "1.500"], [1, 2]),
        (["n. a.", "1.500"], [UNKNOWN, 1500]),
        (["12,5", "1.5"], [13, 2]),
        (["1,2,3", "1,500"], [UNKNOWN, 1500]),
        (["50 %", "12,5%", "%"], [50, 13, UNKNOWN]),
        (["−5", "+5"], [-5, 5]),
        (["9" * 400], [UNKNOWN]),
    ],
)
def test_numbers(cells: list[str], numbers: list[Answer]) -> None:
    """Numbers are parsed in their column's notation; a fraction belongs to the band of the next whole number."""
    read = make_parser(question("pages"), cells)
    assert [read(cell) for cell in cells] == numbers


def test_words_are_no_numbers() -> None:
    """Words in a column of numbers are unknown."""
    assert make_parser(question("pages"), ["many"])("many") == UNKNOWN
