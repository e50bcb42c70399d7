"""Rules of the check for booking pages: that leads come to each, and that its placeholders can be filled in."""

from collections.abc import Iterator, Sequence

from prequal.analysis.faults import Faults
from prequal.analysis.form_analysis import Analysis
from prequal.core.booking_page import PLACEHOLDER, named_answers, unknown_answers
from prequal.core.form import Form, Need
from prequal.forms.booking_reach import Parts, is_reached
from prequal.forms.schema_faults import unknown_key
from prequal.forms.yaml_files import FileFault


def unreached_booking_pages(analysis: Analysis) -> Faults:
    """Find booking pages that no lead comes to, qualified or not: the owner may invite anybody."""
    for index, (before, entry) in enumerate(_entries(analysis.form)):
        if not is_reached(analysis.form, (), entry):
            yield ("booking", index), "No answers lead here: change the condition, or remove this entry."
        elif not is_reached(analysis.form, before, entry):
            yield ("booking", index), "The entries before take every lead of this one: move it up, or remove it."


def unfilled_placeholders(analysis: Analysis) -> Faults:
    """Find placeholders in booking pages for something that none of the leads there were asked."""
    form = analysis.form
    for index, (rule, (before, entry)) in enumerate(zip(form.booking, _entries(form), strict=True)):
        where = ("booking", index, "url")
        for name, need in form.contact.items():
            if need is Need.OFF and name in PLACEHOLDER.findall(rule.url):
                yield where, f"{{{name}}} stays empty, as {name} is off: ask for it under contact, or leave it out."
        for name in named_answers(rule.url):
            question = form.question(name)
            asked = question.ask_if.listed.items() if question else ()
            if asked and not is_reached(form, before, [*entry, *asked]) and is_reached(form, before, entry):
                what = f"{{answers.{name}}} stays empty, as nobody who books here is asked that"
                yield where, f"{what}: leave it out."


def setting_faults(forms: Sequence[Form], booking_url: str) -> Iterator[FileFault]:
    """Yield the faults of PREQUAL_BOOKING_URL that only the forms tell, each with its column."""
    questions = [question.id for form in forms for question in form.questions]
    for name in unknown_answers(booking_url, questions):
        column = booking_url.index(f"{{answers.{name}}}") + 1
        message = f"In {{answers.{name}}}, {unknown_key(name, questions)}"
        yield FileFault(line=1, column=column, message=message, file="PREQUAL_BOOKING_URL")


def _entries(form: Form) -> Iterator[tuple[Sequence[Parts], Parts]]:
    """Yield the conditions of the booking pages, each after those before it."""
    entries = [[*rule.condition.listed.items()] for rule in form.booking]
    return ((entries[:index], entry) for index, entry in enumerate(entries))
