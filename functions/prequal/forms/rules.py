"""Rules of the check about fields and wording; those about the score are in `analysis.score_rules`."""

from collections.abc import Sequence
from itertools import pairwise

from prequal.analysis.faults import Faults, Where
from prequal.analysis.form_analysis import Analysis
from prequal.analysis.score_rules import (
    SCORE_ERRORS,
    alike_answers,
    everybody_qualified,
    idle_answers,
    idle_caps,
    idle_minimums,
    idle_questions,
)
from prequal.core.form import Form, Text
from prequal.forms.form_file import texts_by_language
from prequal.forms.path_rules import idle_conditions, idle_reveals
from prequal.forms.placeholder_rules import broken_placeholders, unknown_placeholders, written_amounts
from prequal.pages.views import form_view

# The shipped form has as many: four questions by which to choose clients, one in their own words, and three fields
# that say who asks.
_MOST, _FAR_TOO_MANY = 8, 11
_FEW = 4
# The agency's own account: "Fewer fields in a contact form sharply increases conversions", imagescape.com.
_REASON = "when a web agency cut its form from eleven fields to four, far more visitors sent it"


def bands_out_of_bounds(analysis: Analysis) -> Faults:
    """Find bands that contain no number between min and max."""
    for index, question in enumerate(analysis.form.questions):
        bounds = [None, *(band.up_to for band in question.bands)]
        for position, (below, up_to) in enumerate(pairwise(bounds)):
            where = ("questions", index, "bands", position)
            if question.max is not None and below is not None and below >= question.max:
                yield where, f"No number up to {question.max} is in this band: remove it, or raise max."
            if question.min is not None and up_to is not None and up_to < question.min:
                yield where, f"No number from {question.min} on is in this band: remove it, or lower min."


def visible_fields(form: Form) -> Sequence[str]:
    """Return the ids of the fields that visitors fill in: questions, contact fields and consent, if it is asked."""
    return [field.id for field in form_view(form, form.default_language).fields if field.type != "notice"]


def many_fields(analysis: Analysis) -> Faults:
    """Find more fields, those that every form has among them, than visitors accept."""
    form = analysis.form
    fields = visible_fields(form)
    if len(fields) > _MOST:
        own = ", ".join(field for field in fields if not form.question(field))
        much = "far too many" if len(fields) > _FAR_TOO_MANY else "many"
        what = f"Visitors see {len(fields)} fields, {own} among them, which is {much}, and each one costs leads"
        what_to_do = f"keep the questions that predict most, which `prequal calibrate --questions {_FEW}` finds"
        yield ("questions",), f"{what} ({_REASON}): {what_to_do}."


def missing_translations(analysis: Analysis) -> Faults:
    """Find texts that some visitors will read in another language."""
    languages = analysis.form.languages
    for where, text in texts_by_language(analysis.document):
        missing = [language for language in languages if language not in text]
        if missing:
            fallback = next(language for language in languages if language in text)
            yield where, f"Add {', '.join(missing)} here: without it, visitors will read {fallback}."


def unlisted_languages(analysis: Analysis) -> Faults:
    """Find texts in languages that the form doesn't list: one warning for all of them."""
    texts = (text for _, text in texts_by_language(analysis.document))
    others = dict.fromkeys(language for text in texts for language in text if language not in analysis.form.languages)
    if others:
        what_to_do = f"add {'it' if len(others) == 1 else 'them'} here, or remove the texts"
        yield ("languages",), f"Texts in {', '.join(others)} are not used, as no language here is theirs: {what_to_do}."


def same_words(analysis: Analysis) -> Faults:
    """Find two questions, or two answers to one question, that read the same."""
    questions = analysis.form.questions
    yield from _same([question.label for question in questions], ("questions",), "question")
    for index, question in enumerate(questions):
        yield from _same([option.label for option in question.options], ("questions", index, "options"), "answer")


ERRORS = (*SCORE_ERRORS, bands_out_of_bounds, broken_placeholders)
# While a grade or everybody is out of reach, few answers have an effect, and a warning about each would not help.
WARNINGS_UNLESS_ERRORS = (idle_questions, idle_answers)
WARNINGS = (
    *(everybody_qualified, idle_minimums, alike_answers, idle_caps, idle_conditions, idle_reveals),
    *(many_fields, missing_translations, unlisted_languages, unknown_placeholders, written_amounts),
    same_words,
)


def _same(labels: Sequence[Text], where: Where, what: str) -> Faults:
    seen: set[tuple[str, str]] = set()
    for index, label in enumerate(labels):
        normalised = {(language, " ".join(words.casefold().split())) for language, words in label.items()}
        again = [language for language in label if language in dict(normalised & seen)]
        if again:
            place = (*where, index, "label")
            yield place, f"Another {what} reads the same in {', '.join(again)}: word one of them differently."
        seen |= normalised
