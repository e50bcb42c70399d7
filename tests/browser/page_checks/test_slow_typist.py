"""A slow typist on a phone with a slow connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.examining import SCREENS
from browser.page_checks.lines import BYTES_PER_SECOND, ROUND_TRIP_MS, slow_down
from browser.visiting import send, visit
from support.running import Server, prospect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

_MS_A_KEY = 120
_MS_A_CHOICE = 500
_SECONDS_ALLOWED = 30

# Layout shifts without input in the half second before: the elements and the distances.
_WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) {
    if (!shift.hadRecentInput) shifts.push([shift.value, shift.sources.map(({ node }) => node?.cloneNode().outerHTML)]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit from the page to the thanks."""

    milliseconds: float
    """Return the time for keys, choices, round trips and bytes, one after the other."""
    shifts: list[Any]


@pytest.fixture(scope="module")
def slow_visit(browser: Browser, server: Server) -> Visit:
    """Open the page, fill in the form at a slow typist's pace, send it, and wait for the thanks."""
    with visit(browser, "about:blank", viewport=SCREENS["phone"], has_touch=True) as page:
        page.add_init_script(_WATCH_SHIFTS)
        slow_down(page)
        loaded: list[Request] = []
        page.on("requestfinished", lambda request: loaded.extend([request]))
        page.goto(server.url)
        typed = _type_slowly(page, prospect("Ada Lovelace", goals="More visitors who write to us."))
        shifts = page.evaluate("shifts")
        send(page)
        expect(page).to_have_url(f"{server.url}/thanks/")
        page.wait_for_load_state()
        received = sum(request.sizes()["responseBodySize"] for request in loaded)
        return Visit(typed + len(loaded) * ROUND_TRIP_MS + 1000 * received / BYTES_PER_SECOND, shifts)


def test_half_a_minute_is_enough(slow_visit: Visit) -> None:
    """A visit takes less than 30 seconds, at 120 ms a key and 500 ms a choice."""
    assert 10 < slow_visit.milliseconds / 1000 < _SECONDS_ALLOWED


def test_nothing_moves_by_itself(slow_visit: Visit) -> None:
    """Nothing on the page shifts while it loads and is filled in."""
    assert slow_visit.shifts == []


def _type_slowly(page: Page, fields: dict[str, str]) -> int:
    """Fill in the form and return the milliseconds of the visitor's pauses."""
    paused = 0
    for name, value in fields.items():
        controls = page.locator(f"form [name={name}]:not([type=hidden])")
        if controls.count() == 0:
            continue
        page.wait_for_timeout(_MS_A_CHOICE)  # to read, and to move the finger there
        paused += _MS_A_CHOICE
        if controls.first.get_attribute("type") in {"radio", "checkbox"}:
            page.locator(f"form [name={name}][value={value}]").check()
        else:
            controls.press_sequentially(value, delay=_MS_A_KEY)
            paused += len(value) * _MS_A_KEY
    return paused
