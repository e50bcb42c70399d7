"""Checks of the booking pages: that of the settings, and those of the form."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from prequal.core.booking_page import PLACEHOLDER, unknown_answers
from prequal.core.form import Form
from prequal.doctor.results import CheckResult, failed, passed, skipped
from prequal.doctor.visits import UnreachableError, visit

_SETTING = "PREQUAL_BOOKING_URL"


def check_booking_pages(booking_url: str, forms: Sequence[Form]) -> Iterator[CheckResult]:
    """Check that each booking page exists; none of them gets anything about a lead."""
    questions = [question.id for form in forms for question in form.questions]
    if not booking_url:
        yield skipped("booking", f"{_SETTING} is not set here.")
    elif forms and (unknown := unknown_answers(booking_url, questions)):
        yield failed("booking", f"{_SETTING} names a question that is not asked, {unknown[0]}: correct it.")
    else:
        yield _check("The booking page", booking_url, _SETTING)
    of_rules = {PLACEHOLDER.sub("", rule.url): rule.url for form in forms for rule in form.booking}
    for opened, url in of_rules.items():
        if opened != PLACEHOLDER.sub("", booking_url):
            yield _check(f"The booking page {url.partition('?')[0]}", url, "booking in the form file")


def _check(name: str, url: str, source: str) -> CheckResult:
    if PLACEHOLDER.search(urlsplit(url).path):
        return skipped("booking", f"{name} is another for each lead, by the path in {source}: open one yourself.")
    try:
        status = visit(PLACEHOLDER.sub("", url)).status
    except UnreachableError as error:
        return failed("booking", f"{error} Check {source}.")
    if status >= HTTPStatus.BAD_REQUEST:
        return failed("booking", f"{name} answers {status}: check {source}.")
    return passed("booking", f"{name} exists.")
