"""The owner's report in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.visiting import visit
from prequal.owner.figures.aggregation import aggregate
from prequal.owner.report.page import render_report
from prequal.pages.zone import UTC_ZONE
from support import builders
from support.builders import NOW
from support.season import season

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

    ColorScheme = Literal["light", "dark"]

LOOKS: dict[ColorScheme, ViewportSize] = {
    "light": {"width": 1280, "height": 900},
    "dark": {"width": 320, "height": 640},
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report with every section."""
    form = builders.form()
    path = tmp_path_factory.mktemp("report") / "report.html"
    figures = aggregate(season(form, 150), {form.version: form}, NOW, UTC_ZONE, names=True)
    path.write_text(render_report(figures), encoding="utf-8")
    return path


def test_it_asks_for_nothing(browser: Browser, report: Path) -> None:
    """Opened as a file without scripts, the page is complete and makes no request."""
    asked: list[str] = []
    told: list[str] = []
    with visit(browser, "about:blank", java_script_enabled=False) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: told.append(message.text))
        page.goto(report.as_uri())

        assert page.locator("figure").count() == 8
        assert page.locator("svg[role=img]:visible").count() == 8
        assert page.locator("figure tbody tr:visible").count() == 0
        page.locator("summary").first.click()
        assert page.locator("figure tbody tr:visible").count() > 0
        assert asked == [report.as_uri()]
        assert told == []


def test_axe_finds_nothing(browser: Browser, report: Path) -> None:
    """axe-core finds no violation on a light desktop and a dark phone, and nothing scrolls sideways."""
    # The page forbids scripts, and axe-core is one.
    with visit(browser, report.as_uri(), bypass_csp=True) as page:
        page.evaluate("for (const table of document.querySelectorAll('details')) table.open = true")
        for scheme, size in LOOKS.items():
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)

            answer = Axe().run(page, options={"resultTypes": ["violations"]}).response
            assert [violation["id"] for violation in answer["violations"]] == []
            assert page.evaluate("document.documentElement.scrollWidth") == size["width"]


def test_on_paper(browser: Browser, report: Path) -> None:
    """It prints in light colours, with the wide drawings, and nothing to unfold."""
    with visit(browser, report.as_uri(), color_scheme="dark") as page:
        page.emulate_media(media="print")

        assert page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") == "rgb(255, 255, 255)"
        assert page.locator(".on-wide svg:visible").count() == 8
        assert page.locator("summary:visible").count() == 0
