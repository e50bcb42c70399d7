"""The rules of `prequal check`, over the forms in tests/forms/unsound, which are valid but have findings.

A form begins with a comment for each finding: line, column, whether it is an error or a warning, and the message.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from prequal.analysis.form_analysis import Rule, analyse
from prequal.cli import main
from prequal.forms import rules
from prequal.forms.booking_rules import unfilled_placeholders, unreached_booking_pages
from prequal.forms.examples import failing_examples
from prequal.forms.form_check import gaps_of_catalogues
from prequal.forms.form_file import read_form_file
from prequal.forms.lost_text import lost_text, stray_quotes
from prequal.forms.question_bank import unknown_topics
from prequal.forms.schema_faults import load_schema

FORMS = sorted((Path(__file__).resolve().parents[2] / "forms" / "unsound").glob("*.yaml"))
RULES = [
    *rules.ERRORS,
    *rules.WARNINGS,
    *rules.WARNINGS_UNLESS_ERRORS,
    unreached_booking_pages,
    unfilled_placeholders,
    failing_examples,
]
# Forms with warnings that can be silenced.
NAMED = [path for path in FORMS if re.search(r" at [a-z_.0-9]+\]$", path.read_text(encoding="utf-8"), re.MULTILINE)]
_FINDING = re.compile(r"# (\d+):(\d+): (error|warning): (.+)")

all_forms = pytest.mark.parametrize("path", FORMS, ids=[path.stem for path in FORMS])


def announced(path: Path) -> list[tuple[int, int, str, str]]:
    """Return the findings that a form announces."""
    found = map(_FINDING.fullmatch, path.read_text(encoding="utf-8").splitlines())
    return [(int(line[1]), int(line[2]), line[3], line[4]) for line in found if line]


def check(*arguments: str) -> tuple[int, str]:
    """Run the command, and return its exit status and standard output."""
    result = CliRunner().invoke(main, ["check", *arguments], catch_exceptions=False)
    return result.exit_code, result.stdout


def in_words(fault: dict[str, Any]) -> str:
    """Return a finding of the JSON report as a person reads it."""
    name = f" [{fault['warning']} at {fault['at']}]" if "warning" in fault else ""
    return f"{fault['message']}{name}"


@all_forms
def test_each_finding_is_one_line(path: Path) -> None:
    """The owner reads each finding on a line of its own that editors can follow; any error is status 1."""
    findings = announced(path)

    status, output = check(str(path))

    lines = [f"{path}:{line}:{column}: {kind}: {message}" for line, column, kind, message in findings]
    assert [line for line in output.splitlines() if re.match(rf"{path}:\d", line)] == lines
    assert status == int(any(kind == "error" for *_, kind, _ in findings))


@all_forms
def test_json_has_the_same_findings(path: Path) -> None:
    """--json has the same findings, each with its line, its column and its message."""
    _, output = check(str(path), "--json")

    report: dict[str, Any] = json.loads(output)
    for key, kind in (("errors", "error"), ("warnings", "warning")):
        found = [(fault["line"], fault["column"], kind, in_words(fault)) for fault in report[key]]
        assert found == [finding for finding in announced(path) if finding[2] == kind]


def test_no_two_forms_have_the_same_findings() -> None:
    """Each of these forms has findings, and no two of them have the same."""
    findings = [tuple(message for *_, message in announced(path)) for path in FORMS]
    assert len(FORMS) > 10
    assert all(findings)
    assert len(set(findings)) == len(findings)


def test_every_warning_can_be_silenced() -> None:
    """The schema, and so an editor, knows the name of every warning."""
    names = load_schema("form")["properties"]["silence"]["items"]["properties"]["warning"]["enum"]
    of_form = [*rules.WARNINGS, *rules.WARNINGS_UNLESS_ERRORS, unknown_topics, gaps_of_catalogues]
    of_form += [unreached_booking_pages, unfilled_placeholders]
    assert names == sorted(rule.__name__ for rule in (*of_form, lost_text, stray_quotes))


@pytest.mark.parametrize("path", NAMED, ids=[path.stem for path in NAMED])
def test_a_silenced_warning_is_not_said(tmp_path: Path, path: Path) -> None:
    """Each warning is gone once the form file has its name and its place, with a reason."""
    _, output = check(str(path), "--json")
    warnings = {(warning["warning"], warning["at"]) for warning in json.loads(output)["warnings"]}
    silences = [f"  - {{warning: {name}, at: {at}, reason: So be it}}\n" for name, at in warnings]
    silenced = tmp_path / "form.yaml"
    silenced.write_text(path.read_text(encoding="utf-8") + "silence:\n" + "".join(silences), encoding="utf-8")

    _, output = check(str(silenced), "--json")

    assert json.loads(output)["warnings"] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_is_shown(rule: Rule) -> None:
    """For each rule there is a form that breaks it."""
    assert any(list(rule(analyse(read_form_file(path).content))) for path in FORMS)
