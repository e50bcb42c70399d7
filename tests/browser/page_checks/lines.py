"""A slow connection, as of a phone in a train."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROUND_TRIP_MS = 400
BYTES_PER_SECOND = 400_000 / 8


def slow_down(page: Page) -> None:
    """Limit the page's connection to slow 3G."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    conditions = {
        "offline": False,
        "latency": ROUND_TRIP_MS,
        "downloadThroughput": BYTES_PER_SECOND,
        "uploadThroughput": BYTES_PER_SECOND,
    }
    session.send("Network.emulateNetworkConditions", conditions)
