"""The report of `prequal check`: errors and warnings of a form, and the share of all possible answers in each grade."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

from prequal.core.form import Form
from prequal.core.text import counted
from prequal.forms import rules
from prequal.forms.analysis import Analysis, Rule, analyse
from prequal.forms.examples import failing_examples
from prequal.forms.form_file import read_form_file
from prequal.forms.question_bank import unknown_topics
from prequal.forms.site_content import find_faulty_files, untranslated_sentences
from prequal.forms.yaml_files import Faults, FaultyFileError, FileFault
from prequal.resources import find_site

_BAR_WIDTH = 40
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormReport:
    """The findings of the check."""

    errors: Sequence[FileFault]
    warnings: Sequence[FileFault]
    #: None if the form could not be read.
    analysis: Analysis | None

    def as_json(self) -> dict[str, Any]:
        """Return the report for other programs."""
        shares = self.analysis.shares.by_name() if self.analysis else None
        return {
            "errors": [asdict(fault) for fault in self.errors],
            "warnings": [asdict(fault) for fault in self.warnings],
            "share": shares and {name: float(share) for name, share in shares.items()},
        }

    def in_words(self, path: Path) -> str:
        """Return the report for a person."""
        return "\n".join(self._lines(path))

    def _lines(self, path: Path) -> Iterator[str]:
        for kind, faults in (("error", self.errors), ("warning", self.warnings)):
            for fault in faults:
                yield f"{path}:{fault.line}:{fault.column}: {kind}: {fault.message}"
        if self.analysis:
            form = self.analysis.form
            questions = counted(len(form.questions), "question")
            yield f"{path}: {questions} in {', '.join(form.languages)}, version {form.version}"
            if not self.errors and (examples := self.analysis.document.get("examples")):
                yield f"Examples with the expected result: {len(examples)}."
            yield "Of all possible answers:"
            for name, share in self.analysis.shares.by_name().items():
                yield f"  {name:<9} {_percent(share):>6}  {_bar(share)}".rstrip()


def refuse_errors(path: Path) -> None:
    """Raise FaultyFileError if the check finds errors: such a form must not be deployed."""
    report = check_form(path)
    if report.errors:
        raise FaultyFileError(path, report.errors)


def check_form(path: Path, content: Path | None = None) -> FormReport:
    """Check a form file, and that the page texts are complete in each of its languages."""
    try:
        file = read_form_file(path)
    except FaultyFileError as error:
        return FormReport(errors=error.faults, warnings=(), analysis=None)
    analysis = analyse(file.content)

    def located(faults: Faults) -> list[FileFault]:
        return [file.fault(where, message) for where, message in faults]

    def broken(*checks: Rule) -> list[FileFault]:
        return [fault for check in checks for fault in located(check(analysis))]

    errors = broken(*rules.ERRORS)
    idle = [] if errors else broken(*rules.WARNINGS_UNLESS_ERRORS)
    errors += broken(failing_examples) + located(_faults_of_content(content, analysis.form))
    warnings = broken(*rules.WARNINGS, unknown_topics) + idle + located(_gaps_of_catalogues(analysis.form))
    return FormReport(errors=sorted(errors), warnings=sorted(warnings), analysis=analysis)


def _faults_of_content(folder: Path | None, form: Form) -> Faults:
    """Find faults of the page texts, and report them at the language that needs them."""
    folder = folder or find_site() / "content"
    for error in find_faulty_files(folder, form.languages):
        where = ("languages", form.languages.index(error.path.stem))
        for fault in error.faults:
            yield where, f"{folder.name}/{error.path.name}, line {fault.line}: {fault.message}"


def _gaps_of_catalogues(form: Form) -> Faults:
    for index, language in enumerate(form.languages):
        for sentence in untranslated_sentences(language):
            yield ("languages", index), f"The catalogue has no {language} for “{sentence}”."


def _percent(share: Fraction) -> str:
    """Format a share so that a tiny one doesn't look like none, nor a huge one like all."""
    if 0 < share < Fraction(1, 1000):
        return "<0.1%"
    return ">99.9%" if Fraction(999, 1000) < share < 1 else f"{float(share):.1%}"


def _bar(share: Fraction) -> str:
    eighths = ceil(share * _BAR_WIDTH * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
