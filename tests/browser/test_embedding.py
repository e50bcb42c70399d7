"""The form on pages of other sites, whose styles do their worst: as a block, and in a frame."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.examining import load_axe, save_screenshot
from browser.visiting import MODES, counted_visits, fill_in, visit
from support.running import COMMAND, Server, development_server, exported, prospect, until
from support.shipped_form import write_form
from support.static_host import hosted

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Locator, Page

PAGES = Path(__file__).parent / "hosts"
HOSTS = ("reset", "dark", "framework")
NO_REQUESTS = """<meta http-equiv="Content-Security-Policy" content="connect-src 'none'">"""
ABOVE = "<p style='height: 1500px'>A long page.</p>"
# Screenshots to look at are taken on demand.


@dataclass(frozen=True, slots=True)
class Sites:
    """The function; a site that its settings name, and one that they don't, with the same pages."""

    function: Server
    named: str
    stranger: str

    def lead(self, name: str) -> dict[str, Any]:
        """Return the only lead of a name."""
        [lead] = [lead for lead in exported(self.function.folder) if lead["name"] == name]
        return lead


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Serve the form, and pages of other sites with the block and the frame that `prequal embed` prints."""
    folder, pages = tmp_path_factory.mktemp("server"), tmp_path_factory.mktemp("pages")
    with ExitStack() as stack:
        named, stranger = (stack.enter_context(hosted(pages, headers={"X-Robots-Tag": "none"})) for _ in range(2))
        settings = {"PREQUAL_ORIGINS": named, "PREQUAL_FRAMES": f"https://other.example {named}"}
        server = stack.enter_context(development_server(folder, **settings))
        block = pasted(server)
        contents = {host: (PAGES / f"{host}.html").read_text().replace("PASTED", block) for host in HOSTS}
        contents |= {
            "strict": f"{NO_REQUESTS}{block}",
            "two": pasted(server, "--language", "fr") + block,
            "frame": ABOVE + pasted(server, "--frame"),
        }
        for name, content in contents.items():
            page = content if name in HOSTS else f"<!doctype html><title>Another site</title>{content}"
            (pages / f"{name}.html").write_text(page, encoding="utf-8")
        yield Sites(server, named, stranger)


def pasted(server: Server, *options: str) -> str:
    """Run `prequal embed` for a server, and return its output."""
    environ = {**server.environ, "PREQUAL_PUBLIC_URL": server.url}
    command = [str(COMMAND), "embed", *options]
    return subprocess.run(command, cwd=server.folder, env=environ, capture_output=True, check=True).stdout.decode()


def complete(form: Page | Locator | FrameLocator, name: str) -> None:
    """Fill in the form, and send it."""
    fill_in(form, prospect(name))  # type: ignore[arg-type]  # what it needs, all three have
    press(form)


def press(form: Page | Locator | FrameLocator) -> None:
    """Press the button of the form."""
    form.locator("button[data-thanks]").click()


def oddities(page: Page) -> dict[str, Any]:
    """Return the oddities of the block: of its layout, and those that axe finds, contrast above all."""
    load_axe(page)
    violations = page.evaluate("axe.run('.prequal', {resultTypes: ['violations']})")["violations"]
    found: dict[str, Any] = page.evaluate((PAGES / "layout.js").read_text())
    found["violations"] = [(it["id"], [node["html"] for node in it["nodes"]]) for it in violations]
    return {name: value for name, value in found.items() if value not in ([], True, ["none"] * 3)}


@pytest.mark.parametrize("host", HOSTS)
def test_the_block_withstands_its_page(browser: Browser, sites: Sites, host: str) -> None:
    """Fields are stacked, labels look as they should, and errors and thanks come, whatever the page's styles do."""
    address = f"{sites.named}/{host}.html?source=partner"
    with visit(browser, address, viewport={"width": 1000, "height": 700}) as page:
        block = page.locator(".prequal")
        expect(block.locator(".progress")).not_to_have_attribute("hidden", "")  # the script has counted
        save_screenshot(page, f"block-{host}")
        assert oddities(page) == {}

        press(block)
        expect(block.locator("> .summary")).to_be_focused()
        save_screenshot(page, f"block-{host}-errors")
        assert oddities(page) == {}
        block.locator(".summary").get_by_role("link", name="email").click()
        expect(block.locator("[name=email]")).to_be_focused()
        assert page.url.startswith(address)

        complete(block, f"Ada {host}")
        expect(page).to_have_url(f"{sites.function.url}/thanks/")

    lead = sites.lead(f"Ada {host}")
    assert (lead["attempts"], lead["source"]["source"]) == (1, "partner")


def test_the_block_needs_no_script(browser: Browser, sites: Sites) -> None:
    """Without a script, nothing counts; our own page shows errors with all that was typed, and leads to the thanks."""
    with visit(browser, f"{sites.stranger}/dark.html", java_script_enabled=False) as page:
        block = page.locator(".prequal")
        expect(block.locator(".progress")).to_be_hidden()
        block.locator("[name=name]").fill("Blaise")
        press(block)
        expect(page).to_have_url(sites.function.leads)
        expect(page.locator(".summary")).to_be_visible()
        expect(page.locator("[name=name]")).to_have_value("Blaise")
        expect(page.locator(".wordmark")).to_be_visible()

        complete(page, "Blaise")
        expect(page).to_have_url(f"{sites.function.url}/thanks/")

    assert sites.lead("Blaise")["attempts"] == 1


def test_no_answer_is_lost_where_scripts_may_not_post(browser: Browser, sites: Sites) -> None:
    """The browser posts by itself: at once on a site that isn't named, and again where a page allows no requests."""
    with visit(browser, f"{sites.stranger}/reset.html") as page:
        complete(page.locator(".prequal"), "Emmy")
        expect(page).to_have_url(f"{sites.function.url}/thanks/")
    with visit(browser, f"{sites.named}/strict.html") as page:
        complete(page, "Sofia")
        expect(page.get_by_text("They are all still here")).to_be_visible()
        press(page)
        expect(page).to_have_url(f"{sites.function.url}/thanks/")

    assert [sites.lead(name)["attempts"] for name in ("Emmy", "Sofia")] == [1, 1]


def test_visits_of_other_sites_are_counted(browser: Browser, sites: Sites) -> None:
    """The block reports its visits from any site, as browsers let a page send a text anywhere."""
    before = counted_visits(sites.function)
    with visit(browser, f"{sites.stranger}/reset.html") as page:
        page.locator(".prequal [name=name]").fill("Grace")
        page.goto("about:blank")

    until(lambda: (counted_visits(sites.function) - before).total() == 1, "the visit to be counted")


def test_two_blocks_are_apart(browser: Browser, sites: Sites) -> None:
    """Each block on a page counts, and shows errors, for itself; an old one leads to the current form, filled in."""
    with visit(browser, f"{sites.named}/two.html") as page:
        first, second = page.locator(".prequal").first, page.locator(".prequal").last
        second.get_by_label("A website, new or rebuilt").check()
        expect(second.locator(".progress")).to_have_text("1 of 6 answered")
        expect(first.locator(".progress")).to_contain_text("0")
        press(second)
        expect(second.locator(".summary")).to_be_visible()
        expect(first.locator(".summary")).to_have_count(0)

        first.locator("[name=form_version]").evaluate("field => field.value = '0123456789ab'")
        first.locator("[name=name]").fill("Ada")
        press(first)
        expect(page).to_have_url(sites.function.leads)
        expect(page.locator("html[lang=fr] .summary")).to_be_visible()
        expect(page.locator("[name=name]")).to_have_value("Ada")


def test_the_frame_fits(browser: Browser, sites: Sites) -> None:
    """The frame is as high as its content; errors and thanks come into view; the source is that of the page around."""
    with visit(browser, f"{sites.named}/frame.html?utm_source=partner") as page:
        frame, element = page.frame_locator("iframe"), page.locator("iframe")
        element.scroll_into_view_if_needed()

        def fits() -> bool:
            height = frame.locator("html").evaluate("root => [root.offsetHeight, innerHeight]")
            return bool(height[0] == height[1] > 500)

        until(fits, "the frame to be as high as the form")
        save_screenshot(page, "frame")
        page.evaluate("globalThis.told = []; addEventListener('message', ({ data }) => told.push(data))")
        press(frame)
        expect(frame.locator(".summary")).to_be_in_viewport()
        # Chromium scrolls the page around by itself; other browsers need to be told.
        focus = frame.locator(".summary").evaluate("summary => summary.getBoundingClientRect().top")
        assert {"focus": focus} in page.evaluate("told")
        until(fits, "the frame to be as high as the form with errors")
        save_screenshot(page, "frame-errors")

        complete(frame, "Grace")
        expect(frame.get_by_role("heading", level=1)).to_be_in_viewport()
        expect(frame.get_by_role("link")).to_have_count(1)  # to the privacy note, in a window of its own
        save_screenshot(page, "frame-thanks")
        assert page.url.startswith(f"{sites.named}/frame.html")

    assert sites.lead("Grace")["source"]["utm_source"] == "partner"


def test_the_frame_needs_no_script(browser: Browser, sites: Sites) -> None:
    """Without a script, the frame shows errors with all that was typed, and then the thanks."""
    with visit(browser, f"{sites.named}/frame.html", java_script_enabled=False) as page:
        frame = page.frame_locator("iframe")
        page.locator("iframe").scroll_into_view_if_needed()
        frame.locator("[name=name]").fill("Alan")
        press(frame)
        expect(frame.locator(".summary")).to_be_visible()
        expect(frame.locator("[name=name]")).to_have_value("Alan")

        complete(frame, "Alan")
        expect(frame.get_by_role("heading", level=1)).to_be_visible()
        expect(frame.locator(".masthead")).to_have_count(0)

    assert sites.lead("Alan")["attempts"] == 1


def test_a_site_that_is_not_named_shows_no_frame(browser: Browser, sites: Sites) -> None:
    """The browser refuses the frame on any site that the settings don't name."""
    with visit(browser, f"{sites.stranger}/frame.html") as page:
        page.locator("iframe").scroll_into_view_if_needed()
        refused = until(lambda: page.frames[1].url.startswith("chrome-error:"), "the browser to refuse the frame")
        assert refused
        expect(page.frame_locator("iframe").locator("form")).to_have_count(0)


def test_the_owners_own_thanks(browser: Browser, tmp_path: Path) -> None:
    """From the page, the block and the frame, with a script or without, the whole window ends on the owner's page."""
    pages = tmp_path / "pages"
    pages.mkdir()
    with hosted(pages, headers={"X-Robots-Tag": "none"}) as host:
        thanks = f"{host}/thanks.html"
        form = write_form(tmp_path, ("\nbusiness:", f"\nthanks_url: {thanks}\nbusiness:"))
        settings = {"PREQUAL_FORM": str(form), "PREQUAL_FRAMES": host, "PREQUAL_ORIGINS": host}
        with development_server(tmp_path, **settings) as server:
            contents = {"thanks": "Thanks", "block": pasted(server), "frame": pasted(server, "--frame")}
            for name, content in contents.items():
                (pages / f"{name}.html").write_text(f"<!doctype html><title>Host</title>{content}", encoding="utf-8")
            places = (server.url, f"{host}/block.html", f"{host}/frame.html")
            for (mode, name), place in product({"script": "Ada", "no script": "Grace"}.items(), places):
                with visit(browser, place, **MODES[mode]) as page:
                    complete(page.frame_locator("iframe") if place.endswith("frame.html") else page, name)
                    expect(page).to_have_url(thanks)

        # Without a script, equal answers are one submission.
        assert sorted(lead["attempts"] for lead in exported(tmp_path)) == [1, 3]
