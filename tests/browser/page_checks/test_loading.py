"""The files that the pages load: their weight and their hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from bench.weight import BUDGET, is_extra, loaded, with_brotli
from browser.page_checks.states import BUILT
from browser.visiting import HOMES, visit
from support.gallery import pages_in
from support.running import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_every_built_page_is_checked(server: Server) -> None:
    """These checks cover exactly the pages that the builder writes."""
    pages = {path for path in pages_in(server.site) if "/answers/" not in path}

    assert pages == set(BUILT)


@pytest.mark.parametrize("path", BUILT)
def test_pages_ask_no_other_host_and_complain_of_nothing(browser: Browser, server: Server, path: str) -> None:
    """Every page loads only from its own host, every request succeeds, and the console stays empty."""
    with visit(browser, "about:blank") as page:
        found: list[str] = []
        page.on("request", lambda asked: None if asked.url.startswith(f"{server.url}/") else found.append(asked.url))
        page.on("response", lambda answer: None if answer.ok else found.append(answer.url))
        page.on("console", lambda told: found.append(told.text))
        page.on("pageerror", lambda error: found.append(str(error)))
        page.goto(server.url + path, wait_until="networkidle")

    assert found == []


@pytest.mark.parametrize("language", HOMES)
def test_the_start_page_is_light(server: Server, language: str) -> None:
    """The start page and what it needs, fonts and pictures aside, weigh at most 14 KiB, compressed with brotli."""
    files = loaded(server.site, HOMES[language])

    assert sum(len(with_brotli(content)) for path, content in files.items() if not is_extra(path)) <= BUDGET


def test_the_scales_hold_all_that_is_loaded(browser: Browser, server: Server) -> None:
    """The weighed files include every file that a browser loads by itself."""
    with visit(browser, "about:blank") as page:
        asked: set[str] = set()
        page.on("request", lambda request: asked.add(urlsplit(request.url).path))
        page.goto(server.url, wait_until="networkidle")

    assert asked <= loaded(server.site).keys()
