"""The function behind the page: whether it answers, takes submissions, and agrees with the page."""

from __future__ import annotations

from datetime import datetime, timedelta

from prequal.doctor.findings import Finding, fine, left_out, wrong
from prequal.doctor.site import form_version
from prequal.doctor.visiting import UnreachableError, Visit, visit

# Leases and links are told by the clock, and both allow for more.
_CLOCK = timedelta(seconds=30)


def check_health(health: Visit) -> Finding:
    """Whether the function answers at all."""
    if health.json().get("status") == "ok":
        return fine("health", "The function answers.")
    return wrong(
        "health",
        f"/api/health answers {health.status}, and not as the function does: "
        "let the host pass /api/ and /b/ on to it, and look at its log.",
    )


def check_origin(health: Visit, origin: str) -> Finding:
    """Whether the function answers the scripts of a page that comes from elsewhere."""
    if health.headers.get("Access-Control-Allow-Origin") == origin:
        return fine("origin", "The function answers the page's script.")
    return wrong(
        "origin",
        f"The function does not answer scripts of {origin}: give it the PREQUAL_PUBLIC_URL and PREQUAL_FUNCTION_URL "
        "that the page was built with.",
    )


def check_versions(page: Visit, health: Visit) -> Finding:
    """Whether page and function have the same form."""
    ours, theirs = form_version(page), health.json().get("form_version")
    if ours is None or theirs is None:
        return left_out("versions", "The page or the function does not say which form it has.")
    if ours != theirs:
        return wrong(
            "versions", f"The page has form {ours}, the function {theirs}: run prequal package, and deploy both."
        )
    return fine("versions", "Page and function have the same form.")


def check_clock(health: Visit, now: datetime) -> Finding:
    """Whether the function's clock is right, as far as this machine's is."""
    time = health.json().get("time")
    if not isinstance(time, str):
        return left_out("clock", "The function does not say what time it is.")
    apart = abs(datetime.fromisoformat(time) - now)
    if apart > _CLOCK:
        return wrong(
            "clock", f"The function's clock and this machine's are {apart.seconds} s apart: set whichever is wrong."
        )
    return fine("clock", "The function's clock is right.")


def check_submission(url: str) -> Finding:
    """Whether a submission is understood: one without consent, which is never kept."""
    answer = visit(f"{url}/api/leads", post={"name": "prequal doctor", "lang": "en"})
    if answer.status == 429:  # noqa: PLR2004, too many
        return left_out("submission", "The function takes no more from here for a minute: try again then.")
    if answer.status == 422 and "consent" in answer.json().get("errors", {}):  # noqa: PLR2004, as it should be
        return fine("submission", "A submission without consent is sent back, and nothing is stored.")
    return wrong(
        "submission",
        f"A submission without consent is answered with {answer.status}, not 422: look at the function's log.",
    )


def check_link(url: str) -> Finding:
    """Whether booking links lead to the function: one of nobody's is told so."""
    answer = visit(f"{url}/b/nobody")
    if answer.status == 404 and form_version(answer) is None and "no-store" in answer.headers.get("Cache-Control", ""):  # noqa: PLR2004
        return fine("links", "Booking links lead to the function.")
    return wrong("links", f"/b/ answers {answer.status}, and not as the function does: let the host pass /b/ on to it.")


def check_booking(address: str) -> Finding:
    """Whether there is a page to book at."""
    try:
        answer = visit(address)
    except UnreachableError as error:
        return wrong("booking", f"{error} Check PREQUAL_BOOKING_URL.")
    if answer.status >= 400:  # noqa: PLR2004, the errors of HTTP
        return wrong("booking", f"The booking page answers {answer.status}: check PREQUAL_BOOKING_URL.")
    return fine("booking", "The booking page is there.")
