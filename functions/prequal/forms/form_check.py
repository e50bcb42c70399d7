"""The report of `prequal check`: errors and warnings of a form, and the share of all possible answers in each grade."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

import click

from prequal.analysis.faults import Faults, Where
from prequal.analysis.form_analysis import Analysis, Rule, analyse
from prequal.analysis.shares import percent
from prequal.core.form import Grade
from prequal.core.text import counted
from prequal.forms import rules
from prequal.forms.booking_rules import setting_faults, unfilled_placeholders, unreached_booking_pages
from prequal.forms.examples import failing_examples
from prequal.forms.form_file import is_text, refuse_faults
from prequal.forms.form_folder import clashes, form_files, idle_beside_main, unused_texts
from prequal.forms.lost_text import lost_text, stray_quotes
from prequal.forms.pictures import heavy_pictures, unnamed_pictures
from prequal.forms.placeholder_rules import broken_in, strings, unknown_in
from prequal.forms.question_bank import unknown_topics
from prequal.forms.silence import FileWarning, apply_silences, name_warnings
from prequal.forms.site_content import check_content, remaining_examples, untranslated_sentences
from prequal.forms.style_sheet import find_style, mail_colours
from prequal.forms.yaml_files import FaultyFileError, FileFault, YamlFile, read_yaml
from prequal.pages.ansi import coloured, heading
from prequal.resources import find_content

_Fault = TypeVar("_Fault", bound=FileFault)

_KINDS = {"error": click.style("error", fg="red", bold=True), "warning": heading("warning")}
_BAR_WIDTH = 40
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormReport:
    """The findings of the check."""

    errors: Sequence[FileFault]
    warnings: Sequence[FileWarning]
    #: None if the form could not be read.
    analysis: Analysis | None
    #: Examples that came with prequal and are still in the texts, which are not deployed with them.
    examples: Sequence[FileFault] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the report for other programs."""
        shares = self.analysis.shares.by_name() if self.analysis else None
        return {
            "errors": [_as_json(fault) for fault in self.errors],
            "warnings": [_as_json(fault) for fault in self.warnings],
            "examples": [_as_json(fault) for fault in self.examples],
            "share": shares and {name: float(share) for name, share in shares.items()},
            "asked": self.analysis and {name: float(share) for name, share in self.analysis.asked.items()},
        }

    def in_words(self, path: Path) -> str:
        """Return the report for a person."""
        return "\n".join(self._lines(path))

    def _lines(self, path: Path) -> Iterator[str]:
        for kind, faults in (("error", self.errors), ("warning", self.warnings), ("warning", self.examples)):
            for fault in faults:
                yield f"{fault.file or path}:{fault.line}:{fault.column}: {_KINDS[kind]}: {fault}"
        if self.analysis:
            form = self.analysis.form
            questions = f"{counted(len(form.questions), 'question')} in {', '.join(form.languages)}"
            fields = counted(len(rules.visible_fields(form)), "field")
            yield f"{path}: {questions}, version {form.version}; visitors see {fields}"
            if not self.errors and (examples := self.analysis.document.get("examples")):
                yield f"Examples with the expected result: {len(examples)}."
            yield heading("Of all possible answers:")
            for name, share in self.analysis.shares.by_name().items():
                label = coloured(Grade(name), name) + " " * (9 - len(name)) if name in set(Grade) else f"{name:<9}"
                yield f"  {label} {percent(share):>6}  {_bar(share)}".rstrip()
            for name, share in self.analysis.asked.items():
                yield f"{name}: asked of {percent(share)}."


def refuse_errors(path: Path, booking_url: str) -> None:
    """Raise FaultyFileError if the check of a form, or of a folder of them, finds errors: such must not be deployed."""
    if errors := find_errors(path, booking_url):
        raise FaultyFileError(path, errors)


def find_errors(path: Path, booking_url: str, *, for_visitors: bool = False) -> Sequence[FileFault]:
    """Return the errors of a form, or of a folder of them, each with its file.

    `for_visitors`: examples, which nobody but the owner should see, are errors, too.
    """
    return [
        replace(error, file=error.file or str(file))
        for file, report in check_forms(path, booking_url)
        for error in (*report.errors, *(report.examples if for_visitors else ()))
    ]


def check_forms(path: Path, booking_url: str = "") -> Iterator[tuple[Path, FormReport]]:
    """Check a form file, or each one of a folder, the main one first.

    `booking_url` is PREQUAL_BOOKING_URL, whose placeholders may name questions of any of these forms.
    """
    files = form_files(path)
    readable = []
    for file in files if len(files) > 1 else ():
        with suppress(FaultyFileError):  # which its own report has
            readable.append(read_yaml(file))
    main, *others = [check_form(file, among=readable) for file in files]
    forms = [report.analysis.form for report in (main, *others) if report.analysis]
    faults = setting_faults(forms, booking_url) if len(forms) == len(files) else ()
    yield from zip(files, (replace(main, errors=[*main.errors, *faults]), *others), strict=True)


def check_form(path: Path, content: Path | None = None, among: Sequence[YamlFile] = ()) -> FormReport:
    """Check a form file, and that the page texts are complete in each of its languages.

    `among`: the form files of the project, if there are several, the main one first.
    """
    try:
        file = read_yaml(path)
    except FaultyFileError as error:
        return FormReport(errors=error.faults, warnings=(), analysis=None)
    warnings = [*_spelling(file, is_text)]
    try:
        refuse_faults(file)
    except FaultyFileError as error:
        return FormReport(errors=error.faults, warnings=_ordered(warnings), analysis=None)
    analysis = analyse(file.content)

    def broken(*checks: Rule) -> list[FileFault]:
        return [file.fault(where, message) for check in checks for where, message in check(analysis)]

    errors = broken(*rules.ERRORS)
    sound = not errors
    warning_rules = (
        *rules.WARNINGS,
        unreached_booking_pages,
        unfilled_placeholders,
        unknown_topics,
        gaps_of_catalogues,
    )
    for rule in (*warning_rules, *(rules.WARNINGS_UNLESS_ERRORS if sound else ())):
        warnings += name_warnings(rule.__name__, rule(analysis), file)
    if not among or file.path == among[0].path:
        warnings += (*_of_unnamed_pictures(), *_of_colours())
    for among_forms in (idle_beside_main, unused_texts):
        warnings += name_warnings(among_forms.__name__, among_forms(file, among), file)
    errors += [file.fault(where, message) for where, message in clashes(file, among)]
    errors += broken(failing_examples)
    in_content: list[FileWarning] = []
    examples: list[FileFault] = []
    for language, read in check_content(content or find_content(analysis.form.id), analysis.form.languages):
        if isinstance(read, YamlFile):
            within, texts = f"content.{language}", list(strings(read.content))
            in_content += _spelling(read, lambda _: True, within)
            in_content += name_warnings("unknown_placeholders", unknown_in(texts, analysis.form), read, within)
            in_content += name_warnings("heavy_pictures", heavy_pictures(read.content), read, within)
            errors += _in_file(read, broken_in(texts, analysis.form))
            examples += _in_file(read, remaining_examples(read.content))
        else:
            errors += (replace(fault, file=str(read.path)) for fault in read.faults)
    remaining = apply_silences([*warnings, *in_content], file, complete=sound)
    return FormReport(
        errors=_ordered(errors), warnings=_ordered(remaining), examples=_ordered(examples), analysis=analysis
    )


def _in_file(file: YamlFile, faults: Faults) -> Iterator[FileFault]:
    return (replace(file.fault(*fault), file=str(file.path)) for fault in faults)


def _spelling(file: YamlFile, is_text: Callable[[Where], bool], within: str = "") -> Iterator[FileWarning]:
    for rule in (lost_text, stray_quotes):
        yield from name_warnings(rule.__name__, rule(file, is_text), file, within)


def _of_unnamed_pictures() -> Iterator[FileWarning]:
    for path in unnamed_pictures():
        message = "No text names this picture, so it is not on the page: name it in site/content, or remove it."
        yield FileWarning(1, 1, message, str(path), warning="unnamed_pictures", at=f"pictures.{path.name}")


def _of_colours() -> Iterator[FileWarning]:
    style = find_style()
    _, unusable = mail_colours(style.read_text(encoding="utf-8"))
    if unusable:
        names = ", ".join(unusable)
        message = f"Mails keep prequal's own colours: write {names} in :root as #rrggbb to give them the page's."
        yield FileWarning(1, 1, message, str(style), warning="mail_colours", at="assets.style.css")


def _ordered(faults: Iterable[_Fault]) -> Sequence[_Fault]:
    return sorted(faults, key=lambda fault: (fault.file, fault))


def _as_json(fault: FileFault) -> dict[str, Any]:
    """Return a fault for other programs; one in the form file names no file."""
    return {key: value for key, value in asdict(fault).items() if value != ""}


def gaps_of_catalogues(analysis: Analysis) -> Faults:
    """Find sentences that visitors would read in English."""
    for index, language in enumerate(analysis.form.languages):
        for sentence in untranslated_sentences(language):
            yield ("languages", index), f"The catalogue has no {language} for “{sentence}”."


def _bar(share: Fraction) -> str:
    eighths = ceil(share * _BAR_WIDTH * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
