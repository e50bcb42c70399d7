"""Pictures of the examples for the gallery of the documentation, on a screen and on a phone."""

from __future__ import annotations

import tempfile
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from browser.examining import SCREENS
from support import chromium
from support.examples import EXAMPLES, make_project
from support.running import CHECKOUT, development_server

_FOLDER = CHECKOUT / "docs/gallery"
#: The answers of each example to show on the phone, after which the form asks or says more.
_ANSWERS = {
    "coach": {"payer": "employer", "agreed": "not_yet"},
    "lawyer": {"work": "dismissal", "letter": "late"},
    "photographer": {"work": "wedding", "budget": "unsure"},
    "pottery": {"work": "tableware", "budget": "unsure"},
}


def main() -> None:
    """Write two pictures of each example."""
    _FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=chromium.find()) as browser:
        for example in EXAMPLES:
            with tempfile.TemporaryDirectory() as folder:
                project = make_project(example, Path(folder))
                with development_server(project, PREQUAL_FORM="schema/form.yaml") as server:
                    _take(browser, server.url, example.name, _ANSWERS[example.name])


def _take(browser: Browser, address: str, name: str, answers: Mapping[str, str]) -> None:
    page = browser.new_page(viewport=SCREENS["desktop"])
    page.goto(address, wait_until="networkidle")
    page.reload(wait_until="networkidle")  # a headline's font that comes late is only shown the next time
    write_picture(page, _FOLDER / f"{name}-desktop.webp")
    page.set_viewport_size(SCREENS["phone"])
    for question, answer in answers.items():
        page.check(f"input[name={question}][value={answer}]")
    page.mouse.move(0, 0)
    page.locator(f"[data-field={[*answers][-1]}]").evaluate(
        "(field) => scrollTo({top: field.getBoundingClientRect().bottom + scrollY - innerHeight, behavior: 'instant'})"
    )
    write_picture(page, _FOLDER / f"{name}-phone.webp", scale=2)


def write_picture(page: Page, path: Path, scale: float = 1) -> None:
    """Write a picture of what the screen shows as WebP, which Playwright itself doesn't."""
    shown = page.evaluate("({x: scrollX, y: scrollY, width: innerWidth, height: innerHeight})")
    options = {"format": "webp", "quality": 80, "clip": {**shown, "scale": scale}}
    picture = page.context.new_cdp_session(page).send("Page.captureScreenshot", options)
    path.write_bytes(b64decode(picture["data"]))


if __name__ == "__main__":
    main()
