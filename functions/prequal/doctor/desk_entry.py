"""Check of the desk: it is reached, asks who comes, and no proxy keeps its pages."""

from http import HTTPStatus

from prequal.doctor.results import CheckResult, failed, passed
from prequal.doctor.visits import UnreachableError, visit

_REACHED = "/desk/desk."  # the style of each of its pages
_SIGNED_IN = 'action="/desk/search"'


def check_desk(url: str) -> CheckResult:
    """Check the desk at an address as a stranger sees it."""
    try:
        answer = visit(f"{url}/")
    except UnreachableError as error:
        return failed("desk", f"{error} Check PREQUAL_DESK_URL.")
    if _SIGNED_IN in answer.body:
        return failed("desk", "The desk shows leads to a stranger: let no proxy keep its pages, or sign in by itself.")
    if answer.status not in (HTTPStatus.OK, HTTPStatus.FORBIDDEN) or _REACHED not in answer.body:
        problem = f"{url} answers {answer.status}, but not as the desk does"
        return failed("desk", f"{problem}: let the host pass /desk on to it, or set PREQUAL_DESK_URL to its address.")
    if "no-store" not in answer.headers.get("Cache-Control", ""):
        return failed(
            "desk", "The desk's pages arrive without Cache-Control: no-store: let the host leave it as it is."
        )
    return passed("desk", "The desk is there, and shows nothing to a stranger.")
