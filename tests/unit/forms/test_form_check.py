"""The report of `prequal check`."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click import unstyle

from prequal.core.form import form_from
from prequal.forms.form_check import FormReport, check_form
from prequal.resources import SHIPPED
from support import builders
from support.shipped_site import write_texts

if TYPE_CHECKING:
    from click.testing import Result


class File:
    """A form file, written as JSON, which is YAML too, one value per line."""

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


def findings(report: FormReport) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the errors and the warnings of a report, each with its line."""
    return (
        [(fault.line, fault.message) for fault in report.errors],
        [(fault.line, fault.message) for fault in report.warnings],
    )


def plain(**changes: Any) -> dict[str, Any]:
    """Return the document of a form without warnings."""
    contact = {"company": "off", "website": "off"}
    return {**builders.document(), "languages": ["en", "fr"], "contact": contact, **changes}


def unreachable(grade: str, low: int, high: int) -> str:
    """Return the message for a grade that no answers reach."""
    return f"No answers reach {grade}, as totals go from {low} to {high}: change this, or the points."


def yes_or_no(name: str, points: int = 10) -> dict[str, Any]:
    """Return the document of a scored question."""
    options = [{"id": "no", "label": "No"}, {"id": "yes", "label": "Yes", "points": points}]
    return {"id": name, "type": "one", "axis": "fit", "label": f"Really {name}?", "options": options}


def test_a_good_form_has_no_findings(tmp_path: Path) -> None:
    """A form whose grades can all be reached, with every text and few questions, has neither errors nor warnings."""
    report = File(tmp_path, plain()).check()
    assert findings(report) == ([], [])
    assert report.analysis is not None
    assert report.analysis.form == form_from(plain())


def test_the_faults_of_a_form_are_errors(tmp_path: Path) -> None:
    """A form that can't be read has its faults as errors, and no share."""
    document = plain(currency="EUX", starting_price="much")
    file = File(tmp_path, document)
    report = file.check()
    errors, warnings = findings(report)
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
    """A grade that no answers reach is an error at its threshold."""
    file = File(tmp_path, plain(scoring={"grades": grades}))
    errors, _ = findings(file.check())
    assert (file.line(place), unreachable(grade, -10, 65)) in errors


def test_a_threshold_that_only_the_best_answers_meet(tmp_path: Path) -> None:
    """A grade that only the best possible answers reach is reachable."""
    assert findings(File(tmp_path, plain(scoring={"grades": {"hot": 65, "warm": 30}})).check())[0] == []


def test_every_unreachable_grade_is_reported(tmp_path: Path) -> None:
    """Several grades that can't be reached are several errors, by line."""
    file = File(tmp_path, plain(scoring={"grades": {"hot": 600, "warm": 500}}))
    assert findings(file.check())[0] == [
        (file.line('"hot"'), unreachable("hot", -10, 65)),
        (file.line('"warm"'), unreachable("warm", -10, 65)),
    ]


@pytest.mark.parametrize(("texts", "much"), [(1, "many"), (3, "many"), (4, "far too many")])
def test_many_fields_are_warned_about(tmp_path: Path, texts: int, much: str) -> None:
    """Every field that visitors see counts, scored or not, with those that each form has."""
    questions = [yes_or_no(name) for name in ("one", "two", "three", "four", "five")]
    questions += [{"id": f"text{index}", "type": "text", "label": f"Why {index}?"} for index in range(texts)]
    file = File(tmp_path, plain(questions=questions, scoring={"grades": {"hot": 30, "warm": 20}}))
    errors, warnings = findings(file.check())
    assert errors == []
    assert warnings == [
        (
            file.line('"questions"'),
            (
                f"Visitors see {8 + texts} fields, name, email, consent among them, "
                f"which is {much}, and each one costs leads (when a web agency cut its form from eleven fields to "
                "four, far more visitors sent it): keep the questions that predict most, which `prequal calibrate "
                "--questions 4` finds."
            ),
        )
    ]


def test_eight_fields_are_few(tmp_path: Path) -> None:
    """As many fields as the shipped form has get no warning."""
    questions = [yes_or_no(name) for name in ("one", "two", "three", "four")]
    questions.append({"id": "text", "type": "text", "label": "Why?"})
    assert (
        findings(File(tmp_path, plain(questions=questions, scoring={"grades": {"hot": 30, "warm": 20}})).check())[1]
        == []
    )


def test_a_sentence_about_consent_is_no_field(tmp_path: Path) -> None:
    """Only what visitors fill in counts: neither a contact field that is off, nor a notice in place of a box."""
    file = File(tmp_path, plain(consent="notice", contact={"company": "off", "phone": "required"}))
    asked = len(plain()["questions"])
    assert f"; visitors see {asked + 4} fields" in file.check().in_words(file.path)


def test_a_missing_translation_is_warned_about(tmp_path: Path) -> None:
    """The warning names the languages that a text lacks, and the one that visitors will read instead."""
    document = plain(languages=["en", "fr", "nl"])
    document["questions"][1]["label"] = {"fr": "Pour quand ?"}
    document["questions"][1]["help"] = "For all"
    document["questions"][0]["label"]["nl"] = "Hoeveel?"
    file = File(tmp_path, document)
    assert findings(file.check())[1] == [
        (file.line('"Pour quand ?"') - 1, "Add en, nl here: without it, visitors will read fr."),
        (file.line('"prepare"'), "Add nl here: without it, visitors will read en."),
    ]


def test_a_topic_that_the_bank_lacks(tmp_path: Path) -> None:
    """A topic without a file in the question bank gets a warning, as it has no effect."""
    document = plain()
    document["questions"][0]["topic"] = "costs"
    file = File(tmp_path, document)
    ((line, message),) = findings(file.check())[1]
    assert line == file.line('"topic"')
    assert message.startswith("The question bank has no file costs: choose from need, buying_temperature, ")


def test_the_report_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person reads the findings by line, a summary of the form, and the share of all answers in each grade."""
    document = plain(
        questions=[yes_or_no("one"), yes_or_no("two")], scoring={"grades": {"hot": 20, "warm": 10}, "qualify": "hot"}
    )
    document["languages"] = ["en", "fr", "nl"]
    file = File(tmp_path, document)
    write_texts(tmp_path / "site")
    monkeypatch.chdir(tmp_path)
    report = file.check()
    assert report.analysis is not None
    line = file.line('"prepare"')
    missing = "Add nl here: without it, visitors will read en. [missing_translations at invitation.prepare]"
    assert unstyle(report.in_words(file.path)).splitlines() == [
        f"{file.path}:{line}:5: warning: {missing}",
        f"{file.path}: 2 questions in en, fr, nl, version {report.analysis.form.version}; visitors see 5 fields",
        "Of all possible answers:",
        "  hot        25.0%  ██████████",
        "  warm       50.0%  ████████████████████",
        "  cold       25.0%  ██████████",
        "  qualified  25.0%  ██████████",
    ]


def test_errors_in_words(tmp_path: Path) -> None:
    """If the form can't be read, a person reads the errors and nothing else."""
    path = tmp_path / "form.yaml"
    assert unstyle(check_form(path).in_words(path)) == f"{path}:1:1: error: There is no such file."


def test_the_report_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other programs get errors and warnings with line, column and message, and the shares as numbers."""
    document = plain(
        questions=[yes_or_no("one"), yes_or_no("two")], scoring={"grades": {"hot": 20, "warm": 0}, "qualify": "hot"}
    )
    document["languages"] = ["en", "fr", "nl"]
    file = File(tmp_path, document)
    write_texts(tmp_path / "site")
    monkeypatch.chdir(tmp_path)
    assert json.loads(json.dumps(file.check().as_json())) == {
        "errors": [{"line": file.line('"warm"'), "column": 7, "message": unreachable("cold", 0, 20)}],
        "warnings": [
            {
                "line": file.line('"prepare"'),
                "column": 5,
                "message": "Add nl here: without it, visitors will read en.",
                "warning": "missing_translations",
                "at": "invitation.prepare",
            }
        ],
        "examples": [],
        "share": {"hot": 0.25, "warm": 0.75, "cold": 0.0, "qualified": 0.25},
        "asked": {},
    }


def test_a_form_that_cannot_be_read_has_no_share(tmp_path: Path) -> None:
    """Without a form, there are no shares."""
    assert check_form(tmp_path / "form.yaml").as_json() == {
        "errors": [{"line": 1, "column": 1, "message": "There is no such file."}],
        "warnings": [],
        "examples": [],
        "share": None,
        "asked": None,
    }


def test_missing_page_texts_are_errors(tmp_path: Path) -> None:
    """A page can't be built without its texts in one of the form's languages: an error in the file of the texts."""
    words = tmp_path / "content"
    words.mkdir()
    english = (SHIPPED / "site" / "content" / "en.yaml").read_text(encoding="utf-8")
    (words / "en.yaml").write_text(english, encoding="utf-8")
    (words / "fr.yaml").write_text(english.replace("title:", "titel:", 1), encoding="utf-8")
    file = File(tmp_path, plain())

    report = check_form(file.path, words)

    assert unstyle(report.in_words(file.path)).splitlines()[:2] == [
        f"{words}/fr.yaml:1:1: error: Add title, which is missing here.",
        f"{words}/fr.yaml:3:1: error: titel is not known here: did you mean title?",
    ]
    assert report.as_json()["errors"][0]["file"] == f"{words}/fr.yaml"


def test_a_language_without_page_texts(tmp_path: Path) -> None:
    """A file of texts that is missing is an error that says which to add."""
    (tmp_path / "en.yaml").write_text((SHIPPED / "site/content/en.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (fault,) = check_form(File(tmp_path, plain()).path, tmp_path).errors
    assert fault.file == str(tmp_path / "fr.yaml")
    assert fault.message == "Add this file, with the texts of the page in fr, or remove fr from the form."


def test_a_warning_about_a_page_text_can_be_silenced(tmp_path: Path) -> None:
    """A text of the page that YAML cuts is a warning on its line of its file, and silenced in the form file."""
    english = (SHIPPED / "site/content/en.yaml").read_text(encoding="utf-8")
    for language in ("en", "fr"):
        (tmp_path / f"{language}.yaml").write_text(english, encoding="utf-8")
    (tmp_path / "fr.yaml").write_text(re.sub(r"(?m)^title: .*", "title: Notre #1", english), encoding="utf-8")
    (warning,) = check_form(File(tmp_path, plain()).path, tmp_path).warnings
    assert warning.file == str(tmp_path / "fr.yaml")
    assert (
        str(warning)
        == "Put this in quotes, or remove “#1”, which is no part of the text. [lost_text at content.fr.title]"
    )
    silence = [{"warning": "lost_text", "at": "content.fr.title", "reason": "Meant"}]
    assert check_form(File(tmp_path, plain(silence=silence)).path, tmp_path).warnings == []


def test_faults_of_spelling_are_said_with_errors(tmp_path: Path) -> None:
    """Text that YAML cuts is warned about even if the form can't be used, as it may be the reason."""
    path = tmp_path / "form.yaml"
    cut = Path(__file__).parents[2] / "forms/unsound/text_cut_by_a_comment.yaml"
    path.write_text(cut.read_text(encoding="utf-8").replace("currency: EUR", "currency: #EUR"), encoding="utf-8")
    report = check_form(path)
    assert [fault.message for fault in report.errors] == ["Write the currency as its ISO 4217 code, like EUR."]
    assert [warning.at for warning in report.warnings] == ["currency", "questions.goals.label"]


def test_a_tiny_share_is_not_shown_as_none(tmp_path: Path) -> None:
    """A share of one in two thousand is shown neither as none, nor the rest as all."""
    questions = [yes_or_no(f"number{index}") for index in range(11)]
    file = File(tmp_path, plain(questions=questions, scoring={"grades": {"hot": 110, "warm": 10}}))
    assert unstyle(file.check().in_words(file.path)).splitlines()[-4:] == [
        "  hot        <0.1%  ▏",
        f"  warm      >99.9%  {'█' * 40}",
        "  cold       <0.1%  ▏",
        f"  qualified >99.9%  {'█' * 40}",
    ]


def test_consequences_of_an_error_are_not_reported(tmp_path: Path) -> None:
    """While nobody can be invited, no answer has an effect, and only the reason is reported."""
    document = plain()
    document["scoring"]["minimum"] = {"fit": 1000}
    file = File(tmp_path, document)
    assert findings(file.check()) == (
        [
            (
                file.line('"fit": 1000'),
                "Nobody is invited, as fit is 45 at most: lower this, or raise the points.",
            )
        ],
        [],
    )


def test_examples_of_traits_count_desired_answers(tmp_path: Path) -> None:
    """If the score counts desired answers, a failing example is explained by their number."""
    document = plain(
        scoring={"method": "traits", "grades": {"hot": 3, "warm": 2}},
        examples=[{"name": "Ada", "answers": builders.QUALIFIED, "grade": "hot"}],
    )
    file = File(tmp_path, document)
    reasons = "2 of 3 desired answers (budget 1, timeline 1, pages 0, services 0)"
    assert findings(file.check())[0] == [
        (file.line('"grade"'), f"Ada: should be hot, but is warm and qualified with {reasons}.")
    ]


def test_examples_with_the_expected_result_are_counted(tmp_path: Path) -> None:
    """A person reads the number of examples with the expected result."""
    examples = [{"name": "Ada", "answers": builders.QUALIFIED, "grade": "warm", "qualified": True}]
    file = File(tmp_path, plain(examples=examples))
    assert "Examples with the expected result: 1." in file.check().in_words(file.path).splitlines()


def large(kind: str, questions: int, options: int, points: tuple[int, int], hot: int) -> dict[str, Any]:
    """Return the document of a form with many questions and options, whose points are random within a range."""
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
    """Ten thousand subtotals of each axis are combined in seconds: pair by pair it would take minutes."""
    report = File(tmp_path, document).check()

    assert report.errors == []
    assert report.analysis is not None
    assert sum(report.analysis.shares.grades.values()) == 1


def test_the_report_says_who_is_asked(tmp_path: Path) -> None:
    """Of each question with a condition, the report has the share of all answers after which it is asked."""
    follow = {**yes_or_no("follow"), "ask_if": {"first": ["yes"]}}
    report = File(tmp_path, plain(questions=[yes_or_no("first"), yes_or_no("second"), follow])).check()
    assert report.as_json()["asked"] == {"follow": 0.5}
    assert report.in_words(tmp_path).splitlines()[-1] == "follow: asked of 50.0%."


@pytest.mark.parametrize("decides", [{"ask_if": {"first": ["yes"]}}, {"ask_if": {"second": ["yes"]}}], ids=str)
def test_a_question_that_decides_may_score_alike(tmp_path: Path, decides: dict[str, Any]) -> None:
    """Answers that all score the same are no fault where another question follows from them."""
    questions = [yes_or_no("first", 0), yes_or_no("second"), yes_or_no("third"), {**yes_or_no("follow"), **decides}]
    report = File(tmp_path, plain(questions=questions)).check()
    assert ("alike_answers" in {warning.warning for warning in report.warnings}) is ("second" in decides["ask_if"])


def test_the_setting_of_the_booking_page_is_checked(run: Callable[..., Result], tmp_path: Path) -> None:
    """PREQUAL_BOOKING_URL may only name questions that one of the forms asks, which `package` insists on as well."""
    forms = tmp_path / "forms"
    for name, questions in (("form", ["one", "two"]), ("other", ["three", "four"])):
        scoring = {"grades": {"hot": 20, "warm": 10}}
        document = plain(id=name, scoring=scoring, questions=[yes_or_no(question) for question in questions])
        (forms / f"{name}.yaml").parent.mkdir(exist_ok=True)
        (forms / f"{name}.yaml").write_text(json.dumps(document), encoding="utf-8")
    known = "https://cal.example/?a1={answers.one}&a2={answers.three}"
    wrong = {"PREQUAL_FORM": str(forms), "PREQUAL_BOOKING_URL": f"{known}&a3={{answers.thee}}"}
    column = len(known) + len("&a3=") + 1
    sentence = "In {answers.thee}, thee is not known here: did you mean three?"

    assert run("check", PREQUAL_FORM=str(forms), PREQUAL_BOOKING_URL=known).exit_code == 0
    said = run("check", **wrong)
    assert (said.exit_code, said.output.splitlines()[0]) == (1, f"PREQUAL_BOOKING_URL:1:{column}: error: {sentence}")
    [report, _] = json.loads(run("check", "--json", **wrong).output)
    assert report["errors"] == [{"file": "PREQUAL_BOOKING_URL", "line": 1, "column": column, "message": sentence}]
    assert run("check", str(forms), **wrong).exit_code == 0  # the setting is about the project's own forms
    packaged = run("package", **wrong)
    assert packaged.exit_code
    assert sentence in packaged.output
    assert not (tmp_path / "build").exists()
