"""Rules of the check: about the score, for all possible answers and not for a sample of them; and about the wording."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise

from prequal.core.form import Form, Grade, Method, Question, Text
from prequal.core.scoring import worth
from prequal.forms.analysis import Analysis
from prequal.forms.form_file import texts_by_language
from prequal.forms.influence import Influence
from prequal.forms.outcomes import outcomes_of
from prequal.forms.path_rules import idle_conditions, idle_reveals
from prequal.forms.placeholder_rules import broken_placeholders, unknown_placeholders, written_amounts
from prequal.forms.shares import shares
from prequal.forms.yaml_files import Faults
from prequal.forms.yaml_values import Where
from prequal.pages.views import form_view

_QUALIFY = ("scoring", "qualify")
# The shipped form has as many: four questions by which to choose clients, one in their own words, and three fields
# that say who asks.
_MOST, _FAR_TOO_MANY = 8, 11
_FEW = 4
# The agency's own account: "Fewer fields in a contact form sharply increases conversions", imagescape.com.
_REASON = "when a web agency cut its form from eleven fields to four, far more visitors sent it"


def unreachable_grades(analysis: Analysis) -> Faults:
    """Find grades that no answers reach."""
    (low, _), (high, _) = min(analysis.totals), max(analysis.totals)
    for grade, share in analysis.shares.grades.items():
        if not share:
            where = ("scoring", "grades", Grade.WARM if grade is Grade.COLD else grade)
            yield where, f"No answers reach {grade}, as totals go from {low} to {high}: change this, or the points."


def unmet_minimums(analysis: Analysis) -> Faults:
    """Find minimums of an axis that no answers meet."""
    for axis, minimum in analysis.form.scoring.minimum.items():
        most = analysis.most[axis]
        if most < minimum:
            where = ("scoring", "minimum", axis)
            yield where, f"Nobody is invited, as {axis} is {most} at most: lower this, or raise the points."


def knock_outs_without_exception(analysis: Analysis) -> Faults:
    """Find required questions whose every answer rules out."""
    for index, question in enumerate(analysis.form.questions):
        if all(out for _, out in outcomes_of(question, analysis.form.scoring.method)):
            where = ("questions", index, "options")
            nobody = "Nobody who is asked this" if question.id in analysis.asked else "Nobody"
            yield where, f"{nobody} is invited, as every answer rules out: leave at least one that doesn't."


def nobody_qualified(analysis: Analysis) -> Faults:
    """Find a form that invites nobody for a reason that the other rules don't explain."""
    qualify = analysis.form.scoring.qualify
    reached = any(share and grade.reaches(qualify) for grade, share in analysis.shares.grades.items())
    explained = [*unmet_minimums(analysis), *knock_outs_without_exception(analysis)]
    if reached and not explained and not analysis.shares.qualified:
        yield _QUALIFY, f"Nobody is invited, as all who reach {qualify} are ruled out or below a minimum: ask for less."


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


def everybody_qualified(analysis: Analysis) -> Faults:
    """Find a form that invites everybody."""
    if analysis.shares.qualified == 1:
        yield _QUALIFY, "Everybody is invited, whatever they answer: ask for more, or let an answer rule out."


def idle_minimums(analysis: Analysis) -> Faults:
    """Find minimums of an axis without which the same leads would be invited."""
    scoring = analysis.form.scoring
    for axis in scoring.minimum:
        others = {other: minimum for other, minimum in scoring.minimum.items() if other is not axis}
        without = shares(analysis.totals, analysis.cases, replace(scoring, minimum=others))
        if without.qualified == analysis.shares.qualified > 0:
            yield ("scoring", "minimum", axis), "Everybody who is invited meets this anyway: raise it, or remove it."


def alike_answers(analysis: Analysis) -> Faults:
    """Find scored questions whose answers all score the same, rule nobody out, and decide nothing else."""
    deciding = _deciding(analysis.form)
    for index, question in enumerate(analysis.form.questions):
        if question.id not in deciding and _are_alike(question, analysis.form.scoring.method):
            what = "Every answer to this scores the same, so it costs leads and tells nothing"
            yield ("questions", index), f"{what}: score the answers differently, or leave it out."


def idle_questions(analysis: Analysis) -> Faults:
    """Find scored questions whose answers have different points, and yet never change the verdict."""
    deciding = _deciding(analysis.form)
    for influence in analysis.influences:
        question, method = influence.question, influence.method
        if question.id not in deciding and _is_idle(influence) and not _are_alike(question, method):
            what = "The answer to this never changes a grade or an invitation"
            yield ("questions", influence.index), f"{what}: score the answers further apart, or leave it out."


def idle_answers(analysis: Analysis) -> Faults:
    """Find points that never change the verdict, whatever else is answered.

    An answer that rules out is skipped: even if its points have no effect, it gives the reason. A desired answer always
    has an effect, as long as each grade can be reached.
    """
    deciding = _deciding(analysis.form)
    for influence in analysis.influences:
        if influence.question.id not in deciding and _is_idle(influence):
            continue
        kind = "options" if influence.question.options else "bands"
        for position, choice in enumerate(influence.question.choices):
            counts = worth(choice, influence.method) and choice.rules_out is None
            if counts and not influence.points_matter(choice):
                where = ("questions", influence.index, kind, position, "points")
                yield where, "These points never change a grade or an invitation: make them weigh more, or write 0."


def idle_caps(analysis: Analysis) -> Faults:
    """Find caps that no answers exceed."""
    for index, question in enumerate(analysis.form.questions):
        if question.max_points is not None and analysis.form.scoring.method is Method.POINTS:
            most, _ = max(outcomes_of(replace(question, max_points=None), Method.POINTS))
            if most <= question.max_points:
                where = ("questions", index, "max_points")
                yield where, f"This cap has no effect, as the answers add up to {most} at most: lower it, or remove it."


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


ERRORS = (
    *(unreachable_grades, unmet_minimums, knock_outs_without_exception, nobody_qualified, bands_out_of_bounds),
    broken_placeholders,
)
# While a grade or everybody is out of reach, few answers have an effect, and a warning about each would not help.
WARNINGS_UNLESS_ERRORS = (idle_questions, idle_answers)
WARNINGS = (
    *(everybody_qualified, idle_minimums, alike_answers, idle_caps, idle_conditions, idle_reveals),
    *(many_fields, missing_translations, unlisted_languages, unknown_placeholders, written_amounts),
    same_words,
)


def _deciding(form: Form) -> Collection[str]:
    """Return the names that conditions list: the answers to these questions decide more than the score."""
    reveals = [reveal for question in form.questions for option in question.options for reveal in option.reveals]
    conditions = [
        *(question.ask_if for question in form.questions),
        *(reveal.condition for reveal in reveals),
        *(rule.condition for rule in form.booking),
    ]
    return {name for condition in conditions for name in condition.listed}


def _are_alike(question: Question, method: Method) -> bool:
    given = outcomes_of(replace(question, required=True), method)
    return question.axis is not None and len(given) == 1 and not any(out for _, out in given)


def _is_idle(influence: Influence) -> bool:
    questions = (influence.question, *influence.followers)
    rule_out = any(choice.rules_out is not None for question in questions for choice in question.choices)
    return not rule_out and not influence.question_matters()


def _same(labels: Sequence[Text], where: Where, what: str) -> Faults:
    seen: set[tuple[str, str]] = set()
    for index, label in enumerate(labels):
        normalised = {(language, " ".join(words.casefold().split())) for language, words in label.items()}
        again = [language for language in label if language in dict(normalised & seen)]
        if again:
            place = (*where, index, "label")
            yield place, f"Another {what} reads the same in {', '.join(again)}: word one of them differently."
        seen |= normalised
