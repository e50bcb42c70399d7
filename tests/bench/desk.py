"""The desk with many leads on Firestore's emulator, beside the same desk with a few."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from statistics import median

from bench.table import Row, Section, milliseconds, times
from faults.rest_wire import RestWire
from faults.wire import Call
from prequal.adapters.firestore.rest_transport import RestTransport
from support import builders
from support.billing import bill_of
from support.desk_client import DeskClient, open_desk
from support.emulating import EmulatedStore, emulated
from support.many_leads import load

_FEW, _MANY = 100, 10_000
_VISITS, _SEARCHES, _WARMING = 15, 1, 60
_LISTS = {
    "list": "/desk/",
    "list, second page": "",
    "list, of one status": "/desk/?status=invited",
    "list, of one grade": "/desk/?grade=cold",
    "list, of one form": "/desk/?form=web-design",
    "list, of status, grade and form": "/desk/?status=invited&grade=warm&form=web-design",
    "list, of a status that none has": "/desk/?status=won",
}


class _Owner:
    """The owner at a desk of so many leads. It reads them over REST, as the deployed one does."""

    def __init__(self, emulator: str, number: int, running: ExitStack) -> None:
        project = f"bench-desk-{number}"
        with emulated(emulator):
            load(project, number)
            self._direct = running.enter_context(closing(EmulatedStore(project, RestTransport)))
            self._direct.save_form(builders.document())
        self._heard: list[Call] = []
        wire = running.enter_context(RestWire(emulator, heard=self._heard.append).serving())
        with emulated(wire):
            self._tapped = running.enter_context(closing(EmulatedStore(project, RestTransport)))
        self._desk = open_desk(self._direct)
        # The first answers of a database are slower than the desk waits.
        for _ in range(_WARMING):
            self._desk.client.get("/desk/")

    def seconds(self, page: str) -> float:
        """Return the time of a page; no search or report is kept from before."""
        desk = self._desk if page in _LISTS else open_desk(self._direct)
        address, form = _way(desk, page)
        start = time.perf_counter()
        _open(desk, address, form)
        return time.perf_counter() - start

    def reads(self, page: str) -> int:
        """Return the number of documents that a page reads."""
        desk = open_desk(self._tapped)
        desk.token()  # from the list, whose first page reads the stored forms, too
        address, form = _way(desk, page)
        self._heard.clear()
        _open(desk, address, form)
        return bill_of(self._heard).reads


def desk(emulator: str) -> Section:
    """Open the same pages with many leads and with a few, in turns."""
    with ExitStack() as running:
        few, many = (_Owner(emulator, number, running) for number in (_FEW, _MANY))
        rows = list(_rows(few, many))
    return Section(f"The desk with {_MANY:,} leads on Firestore's emulator, beside {_FEW}", rows)


def _rows(few: _Owner, many: _Owner) -> Iterator[Row]:
    for page in (*_LISTS, "search", "report"):
        visits = _VISITS if page in _LISTS else _SEARCHES
        waits = [(few.seconds(page), many.seconds(page)) for _ in range(visits)]
        beside, here = map(median, zip(*waits, strict=True))
        what = f"{page}: {many.reads(page):,} reads"
        yield Row(what, milliseconds(here), f"{few.reads(page)} reads {milliseconds(beside)}", times(here / beside))


def _way(desk: DeskClient, page: str) -> tuple[str, dict[str, str] | None]:
    """Return the address of a page, and the form that is sent there, if any."""
    if page not in _LISTS:
        return f"/desk/{page}", {"token": desk.token(), "text": "nobody has written this"}
    if page != "list, second page":
        return _LISTS[page], None
    older = re.search('href="(/desk/[^"]+)" rel="next"', desk.client.get("/desk/").text)
    if older is None:
        raise RuntimeError("The list has no second page.")
    return older[1].replace("&amp;", "&"), None


def _open(desk: DeskClient, address: str, form: dict[str, str] | None) -> None:
    answer = desk.client.post(address, data=form) if form else desk.client.get(address)
    if answer.status_code not in (200, 303):
        raise RuntimeError(f"{address} was answered with {answer.status}.")
