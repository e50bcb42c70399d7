"""What `prequal check` tells the owner."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from prequal.forms.form_check import FormReport, check_form
from prequal.resources import SHIPPED
from support import builders


class File:
    """A form file, written as JSON, which is YAML too, with a value a line."""

    def __init__(self, folder: Path, document: dict[str, Any]) -> None:
        self.path = folder / "form.yaml"
        self.text = json.dumps(document, indent=2, ensure_ascii=False)
        self.path.write_text(self.text, encoding="utf-8")

    def check(self) -> FormReport:
        """Check it."""
        return check_form(self.path)

    def line(self, words: str) -> int:
        """Return the number of the first line with these words."""
        return next(number for number, line in enumerate(self.text.split("\n"), start=1) if words in line)


def told(report: FormReport) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the errors and the warnings of a report, each with its line."""
    return (
        [(fault.line, fault.message) for fault in report.errors],
        [(fault.line, fault.message) for fault in report.warnings],
    )


def plain(**changes: Any) -> dict[str, Any]:
    """Return a form's document that gives no reason for a warning."""
    return {**builders.document(), "languages": ["en", "fr"], **changes}


def unreachable(grade: str, low: int, high: int) -> str:
    """Return what is said of a grade that no answers reach."""
    return f"No answers reach {grade}, as totals go from {low} to {high}: change this, or the points."


def yes_or_no(name: str, points: int = 10) -> dict[str, Any]:
    """Return the document of a scored question."""
    options = [{"id": "no", "label": "No"}, {"id": "yes", "label": "Yes", "points": points}]
    return {"id": name, "type": "one", "axis": "fit", "label": f"Really {name}?", "options": options}


def test_a_good_form_has_nothing_to_tell(tmp_path: Path) -> None:
    """A form whose grades can all be reached, with every text and few questions, is fine."""
    report = File(tmp_path, plain()).check()
    assert told(report) == ([], [])
    assert report.analysis is not None
    assert report.analysis.form == builders.form()


def test_the_faults_of_a_form_are_errors(tmp_path: Path) -> None:
    """A form that can't be read has its faults as errors, and no share."""
    document = plain(currency="EUX", starting_price="much")
    file = File(tmp_path, document)
    report = file.check()
    errors, warnings = told(report)
    assert [line for line, _ in errors] == [file.line('"currency"'), file.line('"starting_price"')]
    assert warnings == []
    assert report.analysis is None


@pytest.mark.parametrize(
    ("grades", "place", "grade"),
    [
        ({"hot": 66, "warm": 30}, '"hot"', "hot"),
        ({"hot": 50, "warm": -10}, '"warm"', "cold"),
        ({"hot": -10, "warm": -20}, '"warm"', "cold"),
    ],
)
def test_an_unreachable_grade_is_an_error(tmp_path: Path, grades: dict[str, int], place: str, grade: str) -> None:
    """A grade that no answers reach is an error at the points that it takes."""
    file = File(tmp_path, plain(scoring={"grades": grades}))
    errors, _ = told(file.check())
    assert (file.line(place), unreachable(grade, -10, 65)) in errors


def test_the_last_points_of_a_grade_can_be_reached(tmp_path: Path) -> None:
    """A grade that only the best answers of all reach is reachable."""
    assert told(File(tmp_path, plain(scoring={"grades": {"hot": 65, "warm": 30}})).check())[0] == []


def test_every_unreachable_grade_is_told(tmp_path: Path) -> None:
    """Several grades that can't be reached are several errors, by line."""
    file = File(tmp_path, plain(scoring={"grades": {"hot": 600, "warm": 500}}))
    assert told(file.check())[0] == [
        (file.line('"hot"'), unreachable("hot", -10, 65)),
        (file.line('"warm"'), unreachable("warm", -10, 65)),
    ]


def test_a_fifth_scored_question_is_warned_about(tmp_path: Path) -> None:
    """The fifth scored question, and it alone, is where the owner is asked whether it is worth it."""
    questions = [yes_or_no(name) for name in ("one", "two", "three", "four", "five", "six")]
    questions.insert(2, {"id": "goals", "type": "text", "label": "Why?"})
    file = File(tmp_path, plain(questions=questions, scoring={"grades": {"hot": 30, "warm": 20}}))
    errors, warnings = told(file.check())
    assert errors == []
    assert warnings == [
        (
            file.line('"id": "five"') - 1,
            (
                "This is scored question number 5 of 6, and every question costs leads: when a web agency cut "
                "its form from eleven fields to four, far more visitors sent it. Is it worth it?"
            ),
        )
    ]


def test_four_scored_questions_are_few(tmp_path: Path) -> None:
    """Up to four scored questions, with others beside them, are no reason to warn."""
    questions = [yes_or_no(name) for name in ("one", "two", "three", "four")]
    questions += [{"id": f"text{index}", "type": "text", "label": f"Why {index}?"} for index in range(5)]
    assert (
        told(File(tmp_path, plain(questions=questions, scoring={"grades": {"hot": 30, "warm": 20}})).check())[1] == []
    )


def test_a_missing_translation_is_warned_about(tmp_path: Path) -> None:
    """A text without one of the form's languages says which are missing, and what visitors will read instead."""
    document = plain(languages=["en", "fr", "nl"])
    document["questions"][1]["label"] = {"fr": "Pour quand ?"}
    document["questions"][1]["help"] = "For all"
    document["questions"][0]["label"]["nl"] = "Hoeveel?"
    file = File(tmp_path, document)
    assert told(file.check())[1] == [
        (file.line('"Pour quand ?"') - 1, "Add en, nl here: without it, visitors will read fr."),
        (file.line('"prepare"'), "Add nl here: without it, visitors will read en."),
    ]


def test_a_topic_that_the_bank_lacks(tmp_path: Path) -> None:
    """A topic that no file of the question bank has is misspelt, as nothing follows from it."""
    document = plain()
    document["questions"][0]["topic"] = "costs"
    file = File(tmp_path, document)
    ((line, message),) = told(file.check())[1]
    assert line == file.line('"topic"')
    assert message.startswith("The question bank has no file costs: choose from need, buying_temperature, ")


def test_the_report_in_words(tmp_path: Path) -> None:
    """A person reads the faults by line, what the form is, and how many of all answers reach each grade."""
    document = plain(
        questions=[yes_or_no("one"), yes_or_no("two")], scoring={"grades": {"hot": 20, "warm": 10}, "qualify": "hot"}
    )
    document["languages"] = ["en", "fr", "nl"]
    file = File(tmp_path, document)
    report = file.check()
    assert report.analysis is not None
    line = file.line('"prepare"')
    assert report.in_words(file.path).splitlines() == [
        f"{file.path}:{line}:5: warning: Add nl here: without it, visitors will read en.",
        f"{file.path}: 2 questions in en, fr, nl, version {report.analysis.form.version}",
        "Of all possible answers:",
        "  hot        25.0%  ██████████",
        "  warm       50.0%  ████████████████████",
        "  cold       25.0%  ██████████",
        "  qualified  25.0%  ██████████",
    ]


def test_errors_in_words(tmp_path: Path) -> None:
    """Of a form that can't be read, a person reads the errors and nothing else."""
    path = tmp_path / "form.yaml"
    assert check_form(path).in_words(path) == f"{path}:1:1: error: There is no such file."


def test_the_report_as_json(tmp_path: Path) -> None:
    """Other programs get errors and warnings with line, column and message, and the shares as numbers."""
    document = plain(
        questions=[yes_or_no("one"), yes_or_no("two")], scoring={"grades": {"hot": 20, "warm": 0}, "qualify": "hot"}
    )
    document["languages"] = ["en", "fr", "nl"]
    file = File(tmp_path, document)
    assert json.loads(json.dumps(file.check().as_json())) == {
        "errors": [{"line": file.line('"warm"'), "column": 7, "message": unreachable("cold", 0, 20)}],
        "warnings": [
            {"line": file.line('"prepare"'), "column": 5, "message": "Add nl here: without it, visitors will read en."}
        ],
        "share": {"hot": 0.25, "warm": 0.75, "cold": 0.0, "qualified": 0.25},
    }


def test_a_form_that_cannot_be_read_has_no_share(tmp_path: Path) -> None:
    """Where there is no form, there is no share of it."""
    assert check_form(tmp_path / "form.yaml").as_json() == {
        "errors": [{"line": 1, "column": 1, "message": "There is no such file."}],
        "warnings": [],
        "share": None,
    }


def test_missing_words_of_the_page_are_errors(tmp_path: Path) -> None:
    """A page without its words in one of the form's languages can't be built, and the check says so at the language."""
    words = tmp_path / "content"
    words.mkdir()
    english = (SHIPPED / "site" / "content" / "en.yaml").read_text(encoding="utf-8")
    (words / "en.yaml").write_text(english, encoding="utf-8")
    (words / "fr.yaml").write_text(english.replace("title:", "titel:", 1), encoding="utf-8")
    file = File(tmp_path, plain())

    errors, _ = told(check_form(file.path, words))

    assert errors == [
        (file.line('"fr"'), "content/fr.yaml, line 1: Add title, which is missing here."),
        (file.line('"fr"'), "content/fr.yaml, line 3: titel is not known here: did you mean title?"),
    ]


def test_a_little_is_not_nothing(tmp_path: Path) -> None:
    """What one in two thousand answers reaches is neither written nor drawn as if none did, nor the rest as all."""
    questions = [yes_or_no(f"number{index}") for index in range(11)]
    file = File(tmp_path, plain(questions=questions, scoring={"grades": {"hot": 110, "warm": 10}}))
    assert file.check().in_words(file.path).splitlines()[-4:] == [
        "  hot        <0.1%  ▏",
        f"  warm      >99.9%  {'█' * 40}",
        "  cold       <0.1%  ▏",
        f"  qualified >99.9%  {'█' * 40}",
    ]


def test_what_follows_from_an_error_is_not_told(tmp_path: Path) -> None:
    """While nobody can be invited no answer makes a difference, and only the reason for that is told."""
    document = plain()
    document["scoring"]["minimum"] = {"fit": 1000}
    file = File(tmp_path, document)
    assert told(file.check()) == (
        [
            (
                file.line('"fit": 1000'),
                "Nobody is invited, as fit is 45 at most: lower this, or raise the points.",
            )
        ],
        [],
    )


def test_examples_of_traits_count_desired_answers(tmp_path: Path) -> None:
    """Where desired answers are counted, an example that fails is explained by their number."""
    document = plain(
        scoring={"method": "traits", "grades": {"hot": 3, "warm": 2}},
        examples=[{"name": "Ada", "answers": builders.QUALIFIED, "grade": "hot"}],
    )
    file = File(tmp_path, document)
    reasons = "2 of 3 desired answers (budget 1, timeline 1, pages 0, services 0)"
    assert told(file.check())[0] == [
        (file.line('"grade"'), f"Ada: should be hot, but is warm and qualified with {reasons}.")
    ]


def test_examples_that_come_out_are_counted(tmp_path: Path) -> None:
    """A person reads how many examples come out as expected."""
    examples = [{"name": "Ada", "answers": builders.QUALIFIED, "grade": "warm", "qualified": True}]
    file = File(tmp_path, plain(examples=examples))
    assert "Examples with the expected result: 1." in file.check().in_words(file.path).splitlines()


def large(kind: str, questions: int, options: int, points: tuple[int, int], hot: int) -> dict[str, Any]:
    """Return the document of a form of so many questions, each with so many options worth something in a range."""
    dice = random.Random(1)  # noqa: S311, it is no secret
    asked = [
        {
            "id": f"q{index}",
            "type": kind,
            "axis": ("fit", "intent")[index % 2],
            "label": f"Question {index}?",
            "options": [{"id": f"o{n}", "label": f"{n}", "points": dice.randint(*points)} for n in range(options)],
        }
        for index in range(questions)
    ]
    scoring = {"grades": {"hot": hot, "warm": hot // 2}, "minimum": {"fit": hot // 4, "intent": hot // 4}}
    return plain(questions=asked, scoring=scoring)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(large("many", 2, 14, (500, 15000), 90000), id="many"),
        pytest.param(large("one", 20, 30, (0, 1000), 10000), id="one"),
    ],
)
def test_a_large_form_is_checked(tmp_path: Path, document: dict[str, Any]) -> None:
    """Ten thousand totals of an axis beside ten thousand of the other: pair by pair that would take minutes."""
    report = File(tmp_path, document).check()

    assert report.errors == []
    assert report.analysis is not None
    assert sum(report.analysis.shares.grades.values()) == 1
