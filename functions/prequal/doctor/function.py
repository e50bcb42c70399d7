"""Checks of the function: it answers, it accepts submissions, and it has the page's form."""

from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote

from prequal.doctor.landing_page import form_version
from prequal.doctor.results import CheckResult, failed, passed, skipped
from prequal.doctor.visits import Visit, visit

# Leases and links depend on the clock, and both tolerate more than this.
_CLOCK_TOLERANCE = timedelta(seconds=30)


def check_health(health: Visit) -> CheckResult:
    """Check that the function answers at all."""
    if health.json().get("status") == "ok":
        return passed("health", "The function answers.")
    problem = f"/api/health answers {health.status}, but not as the function does"
    return failed("health", f"{problem}: let the host pass /api/ and /b/ on to it, and look at its log.")


def check_origin(health: Visit, origin: str) -> CheckResult:
    """Check that the function answers scripts of a page on another host."""
    if health.headers.get("Access-Control-Allow-Origin") == origin:
        return passed("origin", "The function answers the page's script.")
    remedy = "give it the PREQUAL_PUBLIC_URL and PREQUAL_FUNCTION_URL that the page was built with"
    return failed("origin", f"The function does not answer scripts of {origin}: {remedy}.")


def check_versions(page: Visit, health: Visit, url: str) -> CheckResult:
    """Check that the page and the function have the same form, and the pages of several forms the same ones."""
    versions = health.json().get("form_versions")
    forms = sorted(versions.items()) if isinstance(versions, dict) and len(versions) > 1 else []
    pages = [("page", page, health.json().get("form_version"))]
    pages += [(f"page /{form_id}/", visit(f"{url}/{quote(form_id)}/"), version) for form_id, version in forms]
    for name, each, in_function in pages:
        on_page = form_version(each)
        if on_page is None and each is not page:
            return failed("versions", f"There is no {name} with its form: run prequal package, and deploy both.")
        if on_page is None or in_function is None:
            return skipped("versions", "The page or the function does not say which form it has.")
        if on_page != in_function:
            problem = f"The {name} has form {on_page}, the function {in_function}"
            return failed("versions", f"{problem}: run prequal package, and deploy both.")
    if forms:
        return passed("versions", f"The pages and the function have the same {len(forms)} forms.")
    return passed("versions", "The page and the function have the same form.")


def check_clock(health: Visit, now: datetime) -> CheckResult:
    """Check the function's clock against this machine's."""
    time = health.json().get("time")
    if not isinstance(time, str):
        return skipped("clock", "The function does not report its time.")
    difference = abs(datetime.fromisoformat(time) - now)
    if difference > _CLOCK_TOLERANCE:
        problem = f"The function's clock and this machine's differ by {round(difference.total_seconds()):,} s"
        return failed("clock", f"{problem}: set the one that is wrong.")
    return passed("clock", "The function's clock is right.")


def check_submission(url: str) -> CheckResult:
    """Check that a submission is understood, with one that denies consent, which no form takes."""
    answer = visit(f"{url}/api/leads", post={"name": "prequal doctor", "lang": "en", "consent": "no"})
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return skipped("submission", "The function accepts no more from here for a minute: try again then.")
    if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY and "consent" in answer.json().get("errors", {}):
        return passed("submission", "A submission without consent is refused, and nothing is stored.")
    problem = f"A submission without consent is answered with {answer.status}, not 422"
    return failed("submission", f"{problem}: look at the function's log.")


def check_link(url: str) -> CheckResult:
    """Check that booking links lead to the function, with a link that nobody has."""
    answer = visit(f"{url}/b/nobody")
    caching = answer.headers.get("Cache-Control", "")
    if answer.status == HTTPStatus.NOT_FOUND and form_version(answer) is None and "no-store" in caching:
        return passed("links", "Booking links lead to the function.")
    problem = f"/b/ answers {answer.status}, but not as the function does"
    return failed("links", f"{problem}: let the host pass /b/ on to it.")
