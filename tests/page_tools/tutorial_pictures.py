"""Pictures of the tutorial: each step as its reader sees it."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from browser.examining import SCREENS
from browser.visiting import fill_in, send
from page_tools.pictures import write_picture
from support import chromium
from support.running import (
    CHECKOUT,
    UNQUALIFIED,
    Server,
    development_server,
    outbox,
    post_form,
    prequal,
    prospect,
    until,
)

_FOLDER = CHECKOUT / "docs/tutorial"


def main() -> None:
    """Make the tutorial's project, and write a picture of each step."""
    _FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        options = ["--languages", "en", "--starting-price", "3000", "--business"]
        prequal(Path(folder), "new", "studio", *options, "Studio South").check_returncode()
        with (
            development_server(Path(folder) / "studio", PREQUAL_FORM="schema/form.yaml") as server,
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=chromium.find()) as browser,
        ):
            _follow(browser, server)


def _follow(browser: Browser, server: Server) -> None:
    page = browser.new_page(viewport=SCREENS["desktop"])
    page.goto(server.url)
    page.reload(wait_until="networkidle")  # a headline's font that comes late is only shown the next time
    write_picture(page, _FOLDER / "page.webp")
    page.set_viewport_size(SCREENS["phone"])
    fill_in(page, prospect("Ada Lovelace"))
    page.mouse.move(0, 0)
    page.locator("[data-field=budget]").evaluate(
        "(field) => scrollTo({top: field.offsetTop - 90, behavior: 'instant'})"
    )
    write_picture(page, _FOLDER / "form.webp")
    send(page)
    page.wait_for_url("**/thanks/")
    until(lambda: outbox(server.folder), "the invitation")
    page.set_viewport_size(SCREENS["desktop"])
    page.goto(f"{server.url}/inbox/")
    page.get_by_role("listitem").get_by_role("link").click()
    page.wait_for_load_state("networkidle")
    write_picture(page, _FOLDER / "invitation.webp")
    page.frame_locator("iframe").get_by_role("link", name="Choose a time").click()
    page.get_by_role("button", name="Choose a time").wait_for()
    page.set_viewport_size(SCREENS["phone"])
    write_picture(page, _FOLDER / "link.webp")
    page.get_by_role("button", name="Choose a time").click()
    page.get_by_role("button", name="Book").click()
    page.get_by_role("button", name="Cancel").wait_for()
    post_form(server.leads, prospect("Charles Babbage", UNQUALIFIED))
    page.set_viewport_size({"width": 1280, "height": 420})
    [desk] = re.findall(r"http://\S+/desk/\?start=\S+", server.log)
    page.goto(desk)
    page.wait_for_load_state("networkidle")
    write_picture(page, _FOLDER / "desk.webp")
    page.get_by_role("link", name="Charles Babbage").click()
    page.wait_for_load_state("networkidle")
    page.set_viewport_size(SCREENS["desktop"])
    write_picture(page, _FOLDER / "lead.webp")


if __name__ == "__main__":
    main()
