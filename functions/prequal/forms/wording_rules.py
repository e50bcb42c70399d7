"""Rules of the check about what visitors read: too many questions, and texts that are missing, wrong or ambiguous."""

import re
from collections.abc import Iterator, Sequence

from prequal.core.form import Text
from prequal.forms import form_rules
from prequal.forms.analysis import Analysis
from prequal.forms.yaml_files import Faults, Where
from prequal.pages.wording import placeholders

_FEW, _MANY = 4, 7
# The agency's own account: "Fewer fields in a contact form sharply increases conversions", imagescape.com.
_REASON = "when a web agency cut its form from eleven fields to four, far more visitors sent it"
_PLACEHOLDER = re.compile(r"\{\w*\}")


def too_many_questions(analysis: Analysis) -> Faults:
    """Find the first scored question beyond those that visitors accept."""
    scored = [index for index, question in enumerate(analysis.form.questions) if question.axis]
    if len(scored) > _MANY:
        what = f"{len(scored)} scored questions are far too many, and each one costs leads: {_REASON}"
        what_to_do = f"Keep the {_FEW} that predict most: `prequal calibrate --questions {_FEW}` finds them."
        yield ("questions", scored[_MANY]), f"{what}. {what_to_do}"
    elif len(scored) > _FEW:
        what = f"This is scored question number {_FEW + 1} of {len(scored)}, and every question costs leads: {_REASON}"
        yield ("questions", scored[_FEW]), f"{what}. Is it worth it?"


def missing_translations(analysis: Analysis) -> Faults:
    """Find texts that some visitors will read in another language."""
    languages = analysis.form.languages
    for where, text in form_rules.texts_by_language(analysis.document):
        missing = [language for language in languages if language not in text]
        if missing:
            fallback = next(language for language in languages if language in text)
            yield where, f"Add {', '.join(missing)} here: without it, visitors will read {fallback}."


def unknown_placeholders(analysis: Analysis) -> Faults:
    """Find placeholders that nothing fills in."""
    known = placeholders(analysis.form, analysis.form.default_language)
    for where, text in form_rules.visible_texts(analysis.document):
        for place, string in _strings(text, where):
            for name in _PLACEHOLDER.findall(string):
                if name not in known:
                    yield place, f"Visitors would read {name} as it is: write one of {', '.join(known)}, or remove it."


def same_words(analysis: Analysis) -> Faults:
    """Find two questions, or two answers to one question, that read the same."""
    questions = analysis.form.questions
    yield from _same([question.label for question in questions], ("questions",), "question")
    for index, question in enumerate(questions):
        yield from _same([option.label for option in question.options], ("questions", index, "options"), "answer")


WARNINGS = (too_many_questions, missing_translations, unknown_placeholders, same_words)


def _strings(text: object, where: Where) -> Iterator[tuple[Where, str]]:
    """Yield every string of a text, which may be one per language, and a list of several."""
    if isinstance(text, str):
        yield where, text
    elif isinstance(text, list | dict):
        for key, item in text.items() if isinstance(text, dict) else enumerate(text):
            yield from _strings(item, (*where, key))


def _same(labels: Sequence[Text], where: Where, what: str) -> Faults:
    seen: set[tuple[str, str]] = set()
    for index, label in enumerate(labels):
        normalised = {(language, " ".join(words.casefold().split())) for language, words in label.items()}
        again = [language for language in label if language in dict(normalised & seen)]
        if again:
            place = (*where, index, "label")
            yield place, f"Another {what} reads the same in {', '.join(again)}: word one of them differently."
        seen |= normalised
