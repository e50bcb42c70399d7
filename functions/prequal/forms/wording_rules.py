"""What visitors would stumble over, or leave for: too many questions, and words that don't say what they should."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from prequal.core.form import Text
from prequal.forms import form_rules
from prequal.forms.drafts import Draft, Rule
from prequal.forms.yaml_files import Where
from prequal.pages.wording import placeholders

_FEW, _MANY = 4, 7
# The agency's own account: "Fewer fields in a contact form sharply increases conversions", imagescape.com.
_REASON = "when a web agency cut its form from eleven fields to four, far more visitors sent it"
_PLACEHOLDER = re.compile(r"\{\w*\}")


def too_many_questions(draft: Draft) -> Iterator[tuple[Where, str]]:
    """More scored questions than visitors put up with."""
    scored = [index for index, question in enumerate(draft.form.questions) if question.axis]
    if len(scored) > _MANY:
        yield (
            ("questions", scored[_MANY]),
            (
                f"{len(scored)} scored questions are far too many, and each one costs leads: {_REASON}. Keep the "
                f"{_FEW} that tell most: `prequal calibrate --questions {_FEW}` finds them."
            ),
        )
    elif len(scored) > _FEW:
        yield (
            ("questions", scored[_FEW]),
            (
                f"This is scored question number {_FEW + 1} of {len(scored)}, and every question costs leads: "
                f"{_REASON}. Is it worth it?"
            ),
        )


def missing_translations(draft: Draft) -> Iterator[tuple[Where, str]]:
    """A text that some visitors will read in another language."""
    for where, words in form_rules.texts(draft.document):
        missing = [language for language in draft.form.languages if language not in words]
        if missing:
            fallback = next(language for language in draft.form.languages if language in words)
            yield where, f"This has no {', '.join(missing)}: visitors there will read {fallback}."


def unknown_placeholders(draft: Draft) -> Iterator[tuple[Where, str]]:
    """Braces that nothing fills in."""
    known = placeholders(draft.form, draft.form.default_language)
    for where, words in form_rules.words_of(draft.document):
        for place, text in _strings(words, where):
            for name in _PLACEHOLDER.findall(text):
                if name not in known:
                    yield place, f"Visitors would read {name} as it is: write one of {', '.join(known)}, or remove it."


def same_words(draft: Draft) -> Iterator[tuple[Where, str]]:
    """Two questions, or two answers to one question, that visitors can't tell apart."""
    yield from _same([question.label for question in draft.form.questions], ("questions",), "question")
    for index, question in enumerate(draft.form.questions):
        yield from _same([option.label for option in question.options], ("questions", index, "options"), "answer")


WARNINGS: Sequence[Rule] = (too_many_questions, missing_translations, unknown_placeholders, same_words)


def _strings(words: object, where: Where) -> Iterator[tuple[Where, str]]:
    """Return each string that stands for a text, with its place."""
    match words:
        case str():
            yield where, words
        case list():
            for index, item in enumerate(words):
                yield from _strings(item, (*where, index))
        case dict():
            for language, item in words.items():
                yield from _strings(item, (*where, language))


def _same(labels: Sequence[Text], where: Where, what: str) -> Iterator[tuple[Where, str]]:
    seen: set[tuple[str, str]] = set()
    for index, label in enumerate(labels):
        read: Mapping[str, tuple[str, str]] = {
            language: (language, " ".join(words.casefold().split())) for language, words in label.items()
        }
        again = [language for language in read if read[language] in seen]
        if again:
            yield (
                (*where, index, "label"),
                f"Another {what} reads the same in {', '.join(again)}: word one of them differently.",
            )
        seen.update(read.values())
