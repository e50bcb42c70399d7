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

from prequal.cli import main
from prequal.forms import rules
from prequal.forms.analysis import Rule, analyse
from prequal.forms.examples import failing_examples
from prequal.forms.form_file import read_form_file

FORMS = sorted((Path(__file__).resolve().parents[2] / "forms" / "unsound").glob("*.yaml"))
RULES = [
    *rules.ERRORS,
    *rules.WARNINGS,
    *rules.WARNINGS_UNLESS_ERRORS,
    failing_examples,
]
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


@all_forms
def test_each_finding_is_one_line(path: Path) -> None:
    """The owner reads each finding on a line of its own that editors can follow; any error is status 1."""
    findings = announced(path)

    status, output = check(str(path))

    lines = [f"{path}:{line}:{column}: {kind}: {message}" for line, column, kind, message in findings]
    assert [line for line in output.splitlines() if ": error: " in line or ": warning: " in line] == lines
    assert status == int(any(kind == "error" for *_, kind, _ in findings))


@all_forms
def test_json_has_the_same_findings(path: Path) -> None:
    """--json has the same findings, each with its line, its column and its message."""
    _, output = check(str(path), "--json")

    report: dict[str, Any] = json.loads(output)
    for key, kind in (("errors", "error"), ("warnings", "warning")):
        assert report[key] == [
            {"line": line, "column": column, "message": message}
            for line, column, found, message in announced(path)
            if found == kind
        ]


def test_no_two_forms_have_the_same_findings() -> None:
    """Each of these forms has findings, and no two of them have the same."""
    findings = [tuple(message for *_, message in announced(path)) for path in FORMS]
    assert len(FORMS) > 10
    assert all(findings)
    assert len(set(findings)) == len(findings)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_is_shown(rule: Rule) -> None:
    """For each rule there is a form that breaks it."""
    assert any(list(rule(analyse(read_form_file(path).content))) for path in FORMS)
