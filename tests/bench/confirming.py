"""The wait of a prospect on a slow line, from the click to the thanks, at a cold start."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from bench.functions import Function
from bench.prospects import prospect
from bench.serving import started
from bench.table import Row, Section, milliseconds, times
from browser.page_checks.lines import slow_down
from browser.visiting import fill_in, send, visit
from prequal.forms.site_builder import build_site
from prequal.pages.site import Site
from support import chromium
from support.static_host import hosted

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VISITS = 5


class _Sleeper:
    """A function that starts at its first request, as in the cloud."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._lock = threading.Lock()
        self._process = ExitStack()
        self._port = 0

    def port(self) -> int:
        """Return the function's port as soon as it listens."""
        with self._lock:
            if not self._port:
                server = self._process.enter_context(started(self._function))
                with server.connection():
                    self._port = server.port
            return self._port

    def sleep(self) -> None:
        """Stop the function."""
        self._process.close()
        self._port = 0


def confirming(function: Function, site: Site, folder: Path) -> Section:
    """Visit alternately a page that wakes the function while it is filled in, and one whose waking request is lost."""
    path = chromium.find()
    if path is None:
        raise RuntimeError("Chromium was not found: install it.")
    build_site([site], folder)
    sleeper, prospects = _Sleeper(function), map(prospect, count(step=2))
    with sync_playwright() as playwright, hosted(folder, sleeper.port) as url:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        waits: dict[bool, list[float]] = {True: [], False: []}
        for wakes in [True, False] * VISITS:
            waits[wakes].append(_seconds(browser, url, next(prospects), wakes=wakes))
            sleeper.sleep()
        browser.close()
    woken, asleep = median(waits[True]), median(waits[False])
    row = Row("woken by the first touch", milliseconds(woken), f"asleep {milliseconds(asleep)}", times(woken / asleep))
    return Section(f"From the click to the thanks on slow 3G, median of {VISITS}", [row])


def _seconds(browser: Browser, url: str, fields: Mapping[str, str], *, wakes: bool) -> float:
    with visit(browser, "about:blank") as page:
        if not wakes:
            page.route("**/api/health", lambda route: route.abort())
        slow_down(page)
        page.goto(url)
        with page.expect_event("requestfinished" if wakes else "requestfailed", lambda asked: "health" in asked.url):
            fill_in(page, fields)
        start = time.perf_counter()
        send(page)
        page.wait_for_url("**/thanks/")
        return time.perf_counter() - start
