"""`prequal check`: what is wrong with a form, what to think twice about, and what its score would do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

from prequal.core.form import Form
from prequal.forms import form_file, question_bank, scoring_rules, wording_rules
from prequal.forms.drafts import Draft, Rule, draft_of
from prequal.forms.examples import failing_examples
from prequal.forms.shares import Shares
from prequal.forms.words import faulty_words, untranslated
from prequal.forms.yaml_files import Fault, FaultyFileError, YamlFile
from prequal.resources import find_site

_BAR_WIDTH = 40
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the check found; the draft is there when the form could be read."""

    errors: Sequence[Fault]
    warnings: Sequence[Fault]
    draft: Draft | None

    def as_json(self) -> dict[str, Any]:
        """Return the report for other programs."""
        share = {name: float(part) for name, part in _parts(self.draft.shares).items()} if self.draft else None
        return {
            "errors": [asdict(fault) for fault in self.errors],
            "warnings": [asdict(fault) for fault in self.warnings],
            "share": share,
        }

    def in_words(self, path: Path) -> str:
        """Return the report for a person."""
        return "\n".join(self._lines(path))

    def _lines(self, path: Path) -> Iterator[str]:
        for kind, faults in (("error", self.errors), ("warning", self.warnings)):
            for fault in faults:
                yield f"{path}:{fault.line}:{fault.column}: {kind}: {fault.message}"
        if self.draft:
            form = self.draft.form
            yield f"{path}: {len(form.questions)} questions in {', '.join(form.languages)}, version {form.version}"
            if not self.errors and (examples := self.draft.document.get("examples")):
                yield f"Examples that come out as expected: {len(examples)}."
            yield "Of all possible answers:"
            for name, part in _parts(self.draft.shares).items():
                yield f"  {name:<9} {_percent(part):>6}  {_bar(part)}".rstrip()


def refuse_errors(path: Path) -> None:
    """Raise FaultyFileError where the check finds an error: such a form must not be deployed."""
    report = check_form(path)
    if report.errors:
        raise FaultyFileError(path, report.errors)


def check_form(path: Path, words: Path | None = None) -> Report:
    """Check a form file, and whether the folder of the page's words has all that its languages need."""
    try:
        file = form_file.checked(path)
    except FaultyFileError as error:
        return Report(errors=error.faults, warnings=(), draft=None)
    draft = draft_of(file.content)
    words = words or find_site() / "content"

    def broken(*rules: Rule) -> list[Fault]:
        return [file.fault(where, message) for rule in rules for where, message in rule(draft)]

    unsound = broken(*scoring_rules.ERRORS)
    idle = () if unsound else broken(*scoring_rules.WARNINGS_UNLESS_ERRORS)
    return Report(
        errors=sorted([*unsound, *broken(failing_examples), *_words(file, draft.form, words)]),
        warnings=sorted(
            [
                *idle,
                *broken(*scoring_rules.WARNINGS, *wording_rules.WARNINGS, question_bank.unknown_topics),
                *_catalogues(file, draft.form),
            ]
        ),
        draft=draft,
    )


def _words(file: YamlFile, form: Form, folder: Path) -> Iterator[Fault]:
    """Say what the files of the page's words lack, at the language that asks for them."""
    for error in faulty_words(folder, form.languages):
        where = ("languages", form.languages.index(error.path.stem))
        for fault in error.faults:
            yield file.fault(where, f"{folder.name}/{error.path.name}, line {fault.line}: {fault.message}")


def _catalogues(file: YamlFile, form: Form) -> Iterator[Fault]:
    """Say what the catalogues lack, at the language."""
    for index, language in enumerate(form.languages):
        for sentence in untranslated(language):
            yield file.fault(("languages", index), f"The catalogue has no {language} for “{sentence}”.")


def _parts(shares: Shares) -> dict[str, Fraction]:
    return {**{grade.value: part for grade, part in shares.grades.items()}, "qualified": shares.qualified}


def _percent(part: Fraction) -> str:
    """Write a share so that what is there never looks like nothing, nor what isn't all like all."""
    if 0 < part < Fraction(1, 1000):
        return "<0.1%"
    return ">99.9%" if Fraction(999, 1000) < part < 1 else f"{float(part):.1%}"


def _bar(part: Fraction) -> str:
    eighths = ceil(part * _BAR_WIDTH * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
