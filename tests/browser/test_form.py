"""The form in a browser, with its script and without."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.visiting import MODES, answers, fill_in, send, visit
from prequal.core.answers import REACTION
from support.running import Server, development_server, exported, prospect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

# Budget and consent are missing, and the address is invalid.
INCOMPLETE = {
    "work": "other",
    "provider": "nobody",
    "timeline": "soon",
    "goals": "Plus de visites,\nplus de clients.",
    "name": "Blaise Pascal",
    "email": "blaise@",
    "website": "pascal.example",
}
FAULTY = ["budget", "email", "consent"]

# The visible state of the form, and that for screen readers.
_SEEN = """() => {
  const words = (element) => element?.textContent.replace(/\\s+/g, " ").trim();
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    title: document.title.replace(/\\s+/g, " "),
    focused: document.activeElement.className,
    heading: words(document.querySelector(".summary h2")),
    summary: all(".summary li").map((item) => [item.querySelector("a").getAttribute("href"), words(item)]),
    messages: Object.fromEntries(
      all("[data-field]").map((field) => [field.dataset.field, words(field.querySelector(".error"))])
    ),
    told: all("form [aria-describedby], form [aria-invalid]").map((control) => [
      control.id || control.dataset.field,
      control.getAttribute("aria-invalid"),
      control.getAttribute("aria-describedby").split(" ").map((id) => words(document.getElementById(id))),
    ]),
  };
}"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The page after answers were refused: its messages, and the form's content."""

    seen: dict[str, Any]
    kept: dict[str, str]


@pytest.fixture(scope="module")
def refusals(browser: Browser, server: Server) -> dict[str, Refusal]:
    """Send the incomplete answers in French, in each mode."""
    found = {}
    for mode, options in MODES.items():
        with visit(browser, f"{server.url}/fr/", **options) as page:
            fill_in(page, INCOMPLETE)
            send(page)
            expect(page.locator(".summary")).to_be_visible()
            # Only the script tells what was chosen before a text was revealed.
            kept = {name: value for name, value in answers(page).items() if not name.endswith(REACTION)}
            found[mode] = Refusal(page.evaluate(_SEEN), kept)
    return found


def test_errors_are_the_same_with_and_without_the_script(refusals: dict[str, Refusal]) -> None:
    """Summary, messages, title, focus and answers are the same, whether the script or the server writes them."""
    assert refusals["script"] == refusals["no script"]


@pytest.mark.parametrize("mode", MODES)
class TestErrors:
    """Errors are listed at the top and shown at each field, and no answer is lost."""

    def test_the_summary_names_every_faulty_field(self, refusals: dict[str, Refusal], mode: str) -> None:
        """The summary links to each faulty field in the page's order; the field says what to do."""
        seen = refusals[mode].seen

        messages = {field: message for field, message in seen["messages"].items() if message}
        assert list(messages) == FAULTY
        assert [link for link, _ in seen["summary"]] == [f"#{field}" for field in FAULTY]
        assert all(message.startswith("Erreur : ") for message in messages.values())

    def test_the_summary_has_the_focus(self, refusals: dict[str, Refusal], mode: str) -> None:
        """The summary has the focus, and the title begins with the word for an error."""
        seen = refusals[mode].seen

        assert seen["focused"] == "summary wide"
        assert seen["title"].startswith("Erreur : Studio North")

    def test_answers_stay(self, refusals: dict[str, Refusal], mode: str) -> None:
        """Every answer is still in the form, the faulty ones too."""
        assert INCOMPLETE.items() <= refusals[mode].kept.items()

    def test_the_summary_links_to_the_field(self, browser: Browser, server: Server, mode: str) -> None:
        """A link of the summary moves the focus to its field."""
        with visit(browser, f"{server.url}/fr/", **MODES[mode]) as page:
            send(page)
            page.locator(".summary").get_by_role("link", name="adresse").click()

            expect(page.locator("[name=email]")).to_be_focused()


def test_errors_go_as_they_are_mended(browser: Browser, server: Server) -> None:
    """An answer takes the error from its field and strikes out its line in the summary; nothing moves."""
    place = "option => option.getBoundingClientRect().top + scrollY"
    with visit(browser, server.url) as page:
        send(page)
        field = page.locator("[data-field=budget]")
        expect(field.locator(".error")).to_be_visible()
        option = field.get_by_role("radio").first
        before = option.evaluate(place)
        option.check()

        expect(field.locator(".error")).to_be_hidden()
        expect(field).not_to_have_attribute("aria-describedby", "budget-error")
        expect(page.locator(".summary .mended")).to_have_text(
            "Our projects start at €5,000. Were you prepared to spend that?"
        )
        assert option.evaluate(place) == before
        expect(page.locator("[data-field=timeline] .error")).to_be_visible()


def test_a_reveal_shows_only_when_chosen(browser: Browser, server: Server) -> None:
    """Without a script, choosing "not sure" shows the usual price range, and choosing otherwise hides it again."""
    with visit(browser, server.url, java_script_enabled=False) as page:
        reveal = page.get_by_text("Most of our projects come to between €5,000 and €12,000.")

        expect(reveal).to_be_hidden()
        page.get_by_label("I’m not sure yet").check()
        expect(reveal).to_be_visible()
        page.get_by_label("Yes, about that").check()
        expect(reveal).to_be_hidden()


def test_the_first_touch_wakes_the_function(browser: Browser, server: Server) -> None:
    """Reading the page sends no request to the function; the first touch of the form sends one."""
    with visit(browser, "about:blank") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
        page.goto(server.url, wait_until="networkidle")
        assert asked == []

        fill_in(page, prospect("Ada"))
        page.wait_for_load_state("networkidle")
        assert asked == [f"{server.url}/api/health"]


def test_progress_counts_required_answers(browser: Browser, server: Server) -> None:
    """Each required question counts once while it has an answer; nothing is shown before the first."""
    with visit(browser, server.url) as page:
        told = page.locator(".progress")
        expect(told).to_have_text("0 of 7 answered")
        expect(told).to_be_hidden()

        fill_in(page, {"budget": "unsure", "goals": "More visitors.", "company": "Engines", "name": "Ada"})
        expect(told).to_have_text("2 of 7 answered")
        expect(told).to_be_visible()
        fill_in(page, {"budget": "more", "name": " "})
        expect(told).to_have_text("1 of 7 answered")
        fill_in(page, prospect("Ada"))
        expect(told).to_have_text("7 of 7 answered")


def test_progress_is_hidden_without_the_script(browser: Browser, server: Server) -> None:
    """Without the script the progress, which would never change, is hidden."""
    with visit(browser, server.url, java_script_enabled=False) as page:
        expect(page.locator(".progress")).to_be_hidden()


def send_and_fail(page: Page) -> None:
    """Send the form, and check that the failure is shown and every answer kept."""
    before = answers(page)
    trouble = page.get_by_text("Perhaps your answers didn’t arrive.")
    expect(trouble).to_be_hidden()
    send(page)
    expect(trouble).to_be_visible()
    assert answers(page) == before


def send_again(page: Page) -> None:
    """Send the same form again, and check that it is accepted."""
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. Your answers have arrived.")


def test_nothing_is_lost_when_the_server_is_gone(browser: Browser, tmp_path: Path) -> None:
    """While the server is gone the answers stay in the form; sent again after it is back, they make one lead."""
    with development_server(tmp_path) as server, visit(browser, server.url) as page:
        fill_in(page, prospect("Ada", goals="More visitors."))
        server.stop()
        send_and_fail(page)
        server.start()
        send_again(page)

    [lead] = exported(tmp_path)
    assert (lead["name"], lead["answers"]["goals"], lead["attempts"]) == ("Ada", "More visitors.", 1)


def test_nothing_counts_twice_when_the_answer_was_lost(browser: Browser, tmp_path: Path) -> None:
    """When the line drops after the answers have arrived, sending them again is the same submission."""

    def drop(route: Route) -> None:
        assert route.fetch().status == 202
        route.abort("connectionreset")

    with development_server(tmp_path) as server, visit(browser, server.url) as page:
        fill_in(page, prospect("Ada"))
        page.route("**/api/leads", drop, times=1)
        send_and_fail(page)
        send_again(page)

    [lead] = exported(tmp_path)
    assert (lead["name"], lead["attempts"]) == ("Ada", 1)
