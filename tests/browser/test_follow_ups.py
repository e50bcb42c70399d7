"""Questions that follow, and texts that depend on answers, in a browser: by style alone, and with the script."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.examining import SCREENS, load_axe, violations_on
from browser.visiting import MODES, answers, fill_in, send, visit
from prequal.core.answers import make_parser
from prequal.core.errors import InvalidAnswersError
from prequal.core.form import Form, Option, form_from
from prequal.forms.compilation import read_assets
from prequal.forms.site_content import read_content
from prequal.pages.site import Site
from prequal.resources import SHIPPED
from support.following import random_document, write_following_form
from support.running import Server, development_server, exported, prospect
from support.search import SEARCHES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

_FORMS = 400 if SEARCHES else 40
_VISITS = 12
_FIRST_SEED = time.time_ns() if SEARCHES else 0

# Shows a page, without its scripts, chooses exactly these answers at each visit, and returns what is shown then, and
# what the form would send.
_CHOOSE = """([html, visits]) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  document.replaceChild(page.documentElement, document.documentElement);
  const seen = (element) => element.getClientRects().length > 0;
  return visits.map((chosen) => {
  for (const input of document.querySelectorAll(".option input")) {
    input.checked = (chosen[input.name] ?? []).includes(input.value);
  }
  return {
    asked: [...document.querySelectorAll("[data-field]")].filter(seen).map((field) => field.dataset.field),
    revealed: [...document.querySelectorAll(".reveals > *")].filter(seen).map((text) => text.textContent),
    sent: [...new FormData(document.querySelector("form"))],
  };
})}"""

# Of the form, what a path with a follow-up question answers.
SHOP = {"work": "shop", "budget": "around"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server of a form with questions that follow."""
    folder = tmp_path_factory.mktemp("following")
    with development_server(folder, PREQUAL_FORM=str(write_following_form(folder))) as server:
        yield server


def test_page_and_server_ask_the_same(browser: Browser) -> None:
    """Without its script, the page of a random form shows the server's questions, and the texts of the form."""
    words = read_content(SHIPPED / "site/content", ["en"])
    with visit(browser, "about:blank") as page:
        for seed in range(_FORMS):
            chance = random.Random(seed + _FIRST_SEED)  # noqa: S311, no secret
            form = form_from(random_document(chance))
            visits = [_choices(chance, form) for _ in range(_VISITS)]
            for chosen, shown in zip(visits, page.evaluate(_CHOOSE, [_built(form, words), visits]), strict=True):
                _compare(form, chosen, shown, f"seed {seed + _FIRST_SEED}: {chosen}")


def _built(form: Form, words: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the built page with its style inside."""
    assets = read_assets(form, contents=[words])
    addresses = {asset.name: asset.path for asset in assets}
    html = Site(form=form, content=words, assets=addresses, public_url="https://studio.example").landing("en")
    [style] = [asset for asset in assets if asset.name == "style.css"]
    link = f'<link rel="stylesheet" href="{style.path}">'
    assert link in html
    return html.replace(link, f"<style>{style.content.decode()}</style>")


def _choices(chance: random.Random, form: Form) -> dict[str, list[str]]:
    """Return options for some questions, asked or not: what was chosen stays when its question is hidden."""
    return {
        question.id: [
            option.id
            for option in chance.sample(
                question.options, chance.randint(0, 1 if question.kind == "one" else len(question.options))
            )
        ]
        for question in form.questions
        if question.options
    }


def _compare(form: Form, chosen: Mapping[str, list[str]], shown: Mapping[str, Any], case: str) -> None:
    asked = [question for question in form.questions if question.ask_if.holds(chosen)]
    assert [field for field in shown["asked"] if form.question(field)] == [question.id for question in asked], case
    revealed = [
        _text_of(option, chosen)
        for question in asked
        for option in question.options
        if option.id in chosen[question.id] and option.reveals
    ]
    assert shown["revealed"] == [text for text in revealed if text], case
    sent: dict[str, Any] = {}
    for name, value in shown["sent"]:
        sent.setdefault(name, []).append(value)
    try:
        make_parser(form)({name: values[0] if len(values) == 1 else values for name, values in sent.items()})
    except InvalidAnswersError as refused:
        errors = {field for field in refused.errors if form.question(field)}
    else:
        errors = set()
    assert errors == {question.id for question in asked if question.required and not chosen.get(question.id)}, case


def _text_of(option: Option, chosen: Mapping[str, list[str]]) -> str:
    return next((reveal.text["en"] for reveal in option.reveals if reveal.condition.holds(chosen)), "")


@pytest.mark.parametrize("mode", MODES)
def test_what_is_asked_must_be_answered(browser: Browser, server: Server, mode: str) -> None:
    """A question appears after its answer, has its error there, and counts only while it is asked."""
    name = mode.title()
    with visit(browser, server.url, **MODES[mode]) as page:
        products, error = page.locator("[data-field=products]"), page.locator("[data-field=products] .error")
        expect(products).to_be_hidden()
        fill_in(page, prospect(name, SHOP))
        expect(products).to_be_visible()
        expect(products.locator(".asked-if")).to_be_hidden()
        send(page)
        expect(page.locator(".summary li a")).to_have_text(["How many products?"])
        expect(error).to_be_visible()

        fill_in(page, {"products": "many", "work": "website"})
        expect(products).to_be_hidden()
        send(page)
        expect(page).to_have_url(f"{server.url}/thanks/")

        page.goto(server.url)
        fill_in(page, {**prospect(f"{name} again", SHOP), "products": "12"})
        send(page)
        expect(page).to_have_url(f"{server.url}/thanks/")

    leads = {lead["name"]: lead["answers"] for lead in exported(server.folder)}
    assert leads[name] == {"work": "website", "budget": "around"}
    assert leads[f"{name} again"] == {**SHOP, "products": 12}


def test_the_script_counts_what_is_asked_and_keeps_the_reaction(browser: Browser, server: Server) -> None:
    """Progress counts the questions of the path; the first answer at which a text was seen is sent, in any language."""
    with visit(browser, server.url) as page:
        told = page.locator(".progress > span")
        expect(told).to_have_text("0 of 4 answered")
        fill_in(page, {"work": "shop", "budget": "unsure"})
        expect(told).to_have_text("2 of 5 answered")
        expect(page.locator(".reveals p").filter(visible=True)).to_have_text("Shops come to €9,000.")
        assert _description(page) == "Shops come to €9,000."

        page.get_by_role("link", name="français").click()
        expect(page.locator(".reveals p").filter(visible=True)).to_contain_text("Les boutiques")
        expect(page.locator("[data-field=products]")).to_be_visible()
        fill_in(page, {**prospect("Grace", {"work": "other", "budget": "around"}), "parts": "texts"})
        expect(told).to_have_text(re.compile(r"4\D+5"))
        fill_in(page, {"writer": "Nous"})
        assert answers(page)["budget.before"] == "unsure"
        send(page)
        expect(page).to_have_url(f"{server.url}/fr/thanks/")

    [lead] = [lead for lead in exported(server.folder) if lead["name"] == "Grace"]
    assert lead["reactions"] == {"budget": "unsure"}
    assert lead["answers"] == {"work": "other", "budget": "around", "parts": ["texts"], "writer": "Nous"}


def _description(page: Page) -> str:
    """Return the description of the last answer to the budget, which a screen reader reads after its name."""
    with_tree = page.context.new_cdp_session(page)
    found = with_tree.send("Runtime.evaluate", {"expression": "document.querySelector('[value=unsure]')"})
    tree = with_tree.send("Accessibility.getPartialAXTree", {"objectId": found["result"]["objectId"]})
    described: str = tree["nodes"][0]["description"]["value"]
    return described


def test_a_browser_that_hides_nothing_says_for_whom_a_question_is(browser: Browser, server: Server) -> None:
    """Without :has(), every question is shown with a note before it, and counts once it is answered."""
    with visit(browser, "about:blank") as page:
        page.route("**/style.*.css", _without_has)
        page.goto(server.url)
        products = page.locator("[data-field=products]")

        expect(products.locator("label")).to_have_text("If you chose “A shop” above: How many products?")
        expect(products.locator(".asked-if")).to_be_visible()
        expect(page.locator(".progress > span")).to_have_text("0 of 4 answered")
        fill_in(page, {"work": "shop", "products": "7", "budget": "unsure"})
        expect(page.locator(".progress > span")).to_have_text("3 of 5 answered")
        expect(page.locator(".reveals p").filter(visible=True)).to_have_text("Most come to €5,000.")


def _without_has(route: Route) -> None:
    route.fulfill(body=route.fetch().text().replace(":has(", ":unknown("), content_type="text/css")


def test_another_language_brings_the_style_of_its_form(browser: Browser, server: Server) -> None:
    """When the form has changed since the page was loaded, its conditions come with the page in another language."""
    with visit(browser, server.url) as page:

        def change(route: Route) -> None:
            route.fulfill(
                body=re.sub(r"style\.\w+\.css", "style.newer.css", route.fetch().text()), content_type="text/html"
            )

        newer = "[data-field=budget] { display: none; }"
        page.route("**/fr/", change)
        page.route("**/style.newer.css", lambda route: route.fulfill(body=newer, content_type="text/css"))
        page.get_by_role("link", name="français").click()

        expect(page.locator("[data-field=budget]")).to_be_hidden()
        expect(page.locator("link[rel=stylesheet]")).to_have_count(1)
        expect(page.locator(".progress > span")).to_have_text(re.compile(r"0\D+3"))


@pytest.mark.parametrize("path", ["/", "/fr/"])
def test_axe_finds_nothing(browser: Browser, server: Server, path: str) -> None:
    """With follow-up questions open, a phone field and a notice, with errors too, axe-core reports no violation."""
    with visit(browser, f"{server.url}{path}", viewport=SCREENS["phone"]) as page:
        fill_in(page, {"work": "shop", "budget": "unsure", "parts": "texts"})
        load_axe(page)
        assert violations_on(page) == []
        send(page)
        expect(page.locator(".summary li")).to_have_count(4)
        page.emulate_media(color_scheme="dark")
        assert violations_on(page) == []
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") == 320
