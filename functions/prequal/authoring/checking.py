"""`prequal check`: what is wrong with a form, what to think twice about, and what its score would do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from prequal.authoring import form_file, form_rules
from prequal.authoring.places import SITE
from prequal.authoring.shares import Shares, shares
from prequal.authoring.words import faulty_words, untranslated
from prequal.authoring.yaml_files import Fault, FaultyFileError
from prequal.core.form import Grade, form_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from prequal.authoring.yaml_files import YamlFile
    from prequal.core.form import Form

# Forms with four fields were filled in far more often than forms with eleven (mission, Q13).
_FEW_QUESTIONS = 4
_BAR_WIDTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the check found; `form` and `shares` are there when the form could be read."""

    errors: Sequence[Fault]
    warnings: Sequence[Fault]
    form: Form | None
    shares: Shares | None

    def as_json(self) -> dict[str, Any]:
        """Return the report for other programs."""
        share = None
        if self.shares:
            share = {grade.value: float(part) for grade, part in self.shares.grades.items()}
            share["qualified"] = float(self.shares.qualified)
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
        if self.form and self.shares:
            languages = ", ".join(self.form.languages)
            yield f"{path}: {len(self.form.questions)} questions in {languages}, version {self.form.version}"
            yield "Of all possible answers:"
            parts = {**{grade.value: part for grade, part in self.shares.grades.items()}}
            for name, part in {**parts, "qualified": self.shares.qualified}.items():
                yield f"  {name:<9} {float(part):>6.1%}  {'█' * round(part * _BAR_WIDTH)}"


def refuse_errors(path: Path) -> None:
    """Raise FaultyFileError where the check finds an error: such a form must not be deployed."""
    report = check_form(path)
    if report.errors:
        raise FaultyFileError(path, report.errors)


def check_form(path: Path, words: Path = SITE / "content") -> Report:
    """Check a form file, and whether the folder of the page's words has all that its languages need."""
    try:
        file = form_file.checked(path)
    except FaultyFileError as error:
        return Report(errors=error.faults, warnings=(), form=None, shares=None)
    form = form_from(file.content)
    found = shares(form)
    return Report(
        errors=sorted([*_unreachable(file, found), *_words(file, form, words)]),
        warnings=sorted(_warnings(file, form)),
        form=form,
        shares=found,
    )


def _unreachable(file: YamlFile, found: Shares) -> Iterator[Fault]:
    for grade, part in found.grades.items():
        if not part:
            threshold = Grade.WARM if grade is Grade.COLD else grade
            yield file.fault(
                ("scoring", "grades", threshold.value), f"No answers reach {grade}: change this, or the points."
            )


def _words(file: YamlFile, form: Form, folder: Path) -> Iterator[Fault]:
    """Say what the files of the page's words lack, at the language that asks for them."""
    for error in faulty_words(folder, form.languages):
        where = ("languages", form.languages.index(error.path.stem))
        for fault in error.faults:
            yield file.fault(where, f"{folder.name}/{error.path.name}, line {fault.line}: {fault.message}")


def _warnings(file: YamlFile, form: Form) -> Iterator[Fault]:
    scored = [index for index, question in enumerate(form.questions) if question.axis]
    if len(scored) > _FEW_QUESTIONS:
        yield file.fault(
            ("questions", scored[_FEW_QUESTIONS]),
            f"This is scored question number {_FEW_QUESTIONS + 1} of {len(scored)}, and every question costs leads: "
            "forms of four fields convert far better than forms of eleven. Is it worth it?",
        )
    for where, words in form_rules.texts(file.content):
        missing = [language for language in form.languages if language not in words]
        if missing:
            fallback = next(language for language in form.languages if language in words)
            yield file.fault(where, f"This has no {', '.join(missing)}: visitors there will read {fallback}.")
    for index, language in enumerate(form.languages):
        for sentence in untranslated(language):
            yield file.fault(("languages", index), f"The catalogue has no {language} for “{sentence}”.")
