"""The owner's walk through the desk, and axe-core in every state on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.examining import LOOKS, SCREENS, SCREENSHOTS, load_axe, save_screenshot, set_look, violations_on
from browser.visiting import visit
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.forms.compilation import compile_files
from prequal.resources import SCHEMA
from support.running import UNQUALIFIED, Server, address, outbox, post_json, production_server, prospect, until
from support.season import only_attempt, season

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OWNER = "owner@studio.example"
ALL_LOOKS = [(screen, scheme) for screen in SCREENS for _, scheme in LOOKS]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server whose store holds the leads of some months."""
    folder = tmp_path_factory.mktemp("desk")
    now, form = datetime.now(UTC), compile_files(SCHEMA / "form.yaml").main
    (folder / ".prequal").mkdir()
    with closing(SqliteLeadStore(folder / ".prequal/prequal.db")) as store:
        for lead in season(form, 150, now):
            store.admit(lead, only_attempt(lead), [], lambda existing: (existing, ()))
    with production_server(folder, PREQUAL_OWNER=OWNER) as server:
        yield server


@dataclass(slots=True, kw_only=True)
class Walk:
    """The owner in a browser."""

    page: Page
    server: Server
    #: Whether the browser runs scripts: axe-core is one.
    scripted: bool
    #: The number of states that were examined.
    states: int = 0
    #: What axe-core and the width of the pages have told.
    faults: list[str] = field(default_factory=list)

    @property
    def home(self) -> str:
        """Return the address of the list."""
        return f"{self.server.url}/desk/"

    def press(self, button: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def see(self, state: str) -> None:
        """Examine the page as it is now, in one look in turn, or in all of them for screenshots; `state` names it."""
        if not self.scripted:
            save_screenshot(self.page, f"desk-no-script-{state}")
            return
        load_axe(self.page)
        self.states += 1
        for screen, scheme in ALL_LOOKS if SCREENSHOTS else [LOOKS[self.states % len(LOOKS)]]:
            set_look(self.page, screen, scheme)
            save_screenshot(self.page, f"desk-{screen}-{scheme}-{state}")
            found = violations_on(self.page)
            if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append("it is wider than the screen")
            self.faults += [f"{state}, {screen}, {scheme}: {fault}" for fault in found]
        set_look(self.page, "desktop", "light")

    def submit(self, name: str, answers: Mapping[str, str]) -> str:
        """Send the form as a prospect, and return the name, which differs from those of the other walk."""
        name = f"{name} {'Script' if self.scripted else 'Plain'}"
        assert post_json(self.server.leads, prospect(name, answers)).status == 202
        return name

    def links(self) -> set[str]:
        """Return the links that were mailed to the owner."""
        texts = [mail.get_body(("plain",)) for mail in outbox(self.server.folder) if mail["To"] == OWNER]
        return {link for text in texts if text for link in re.findall(rf"{self.home}in/\S+", text.get_content())}

    def enter(self) -> str:
        """Sign in by a mailed link, and return it."""
        known = self.links()
        self.page.goto(f"{self.home}in/nonsense")
        expect(self.page.get_by_role("alert")).to_contain_text("not one of ours")
        self.see("sign-in-fault")
        self.page.goto(self.home)
        self.see("sign-in")
        self.press("Mail me a link")
        self.see("link-sent")
        [link] = until(lambda: self.links() - known, "the link")
        self.page.goto(link)
        self.see("enter")
        self.press("Sign in")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Leads")
        return link

    def find(self, name: str) -> None:
        """Find a lead by a search, and open it."""
        self.page.get_by_label("Search in").fill(name.upper())
        self.press("Search")
        expect(self.page.get_by_role("heading", level=1)).to_have_text(f"1 lead has “{name.upper()}”")
        self.see("search")
        self.page.get_by_role("link", name=name).click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)

    def list_leads(self) -> None:
        """Page, filter, and search in vain."""
        self.see("list")
        self.page.get_by_role("link", name="Older").click()
        self.see("list-older")
        for grade, state in (("hot", "list-filtered"), ("cold", "list-empty")):
            self.page.goto(self.home)
            self.page.get_by_label("Status").select_option("won")
            self.page.get_by_label("Grade").select_option(grade)
            self.press("Show")
            expect(self.page.locator(".leads li").first).to_be_visible(visible=state == "list-filtered")
            self.see(state)
        self.page.get_by_label("Search in").fill("nobody has written this")
        self.press("Search")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("No lead has")
        self.see("search-in-vain")

    def take(self, button: str, told: str, state: str, *, why: str = "", day: str = "") -> None:
        """Take a step with the lead, for a reason or with a day."""
        form = self.page.locator("form").filter(has=self.page.get_by_role("button", name=button, exact=True))
        if why:
            form.locator("[name=text]").fill(why)
        if day:
            form.locator("[name=day]").fill(day)
        form.get_by_role("button").click()
        expect(self.page.locator(".told")).to_have_text(told)
        self.see(state)

    def decide(self) -> None:
        """Invite one whom the score kept out, decline another, and follow the first to the end."""
        ada, grace = self.submit("Ada", UNQUALIFIED), self.submit("Grace", UNQUALIFIED)
        self.find(ada)
        expect(self.page.get_by_role("heading", name="Why it isn’t invited")).to_be_visible()
        expect(self.page.get_by_text("Ruled out: Cannot afford the starting price.")).to_be_visible()
        why = "Say in a few words why you invite: it stays with the lead, for your own eyes."
        self.take("Invite", why, "lead-without-a-reason", why=" ")
        self.take("Invite", "Invited. The mail is on its way.", "lead-invite", why="A friend of a client")
        until(lambda: [mail for mail in outbox(self.server.folder) if mail["To"] == address(ada)], "the invitation")
        self.take("Keep it", "Your note is kept.", "lead-note", why="Met at the fair\nCall on Monday")
        self.take("They have an appointment", "Noted: there is an appointment.", "lead-booked")
        day = f"{datetime.now(UTC) + timedelta(days=7):%Y-%m-%d}"
        self.take("An offer is made", "Noted: an offer is made.", "lead-offered", day=day)
        with self.page.context.new_page() as another:
            another.goto(self.page.url)
            self.take("Won", "Won. Congratulations.", "lead-won", why="Our references")
            another.locator("#decline").fill("Too late")
            another.get_by_role("button", name="Decline", exact=True).click()
            expect(another.get_by_role("alert")).to_be_visible()
            replace(self, page=another).see("lead-too-late")
        expect(self.page.locator(".lead")).to_contain_text("won")
        expect(self.page.locator(".happened")).to_contain_text("Our references")

        self.find(grace)
        self.take("Decline", "Declined.", "lead-decline", why="Too far away")
        self.page.get_by_text("Erase this lead").click()
        self.page.get_by_label("Delete answers").check()
        self.see("lead-erase")
        self.press("Erase")
        self.page.goto(f"{self.home}?status=declined")
        expect(self.page.get_by_text(grace)).to_have_count(0)
        for status in ("opened", "expired", "lost"):
            self.page.goto(f"{self.home}?status={status}")
            self.page.locator(".who").first.click()
            expect(self.page.locator(".lead")).to_contain_text(status)
            self.see(f"lead-{status}")

    def ask_what_if(self) -> None:
        """Change a point, and see who would move."""
        self.page.get_by_role("link", name="What if?").click()
        self.see("what-if")
        warm = self.page.get_by_label("warm", exact=True)
        warm.fill("10")
        self.press("Which leads would move?")
        expect(self.page.locator("#result")).to_contain_text("leads would move")
        expect(self.page.locator(".movers a").first).to_be_visible()
        self.see("what-if-moved")
        warm.fill("")
        if not self.scripted:
            self.press("Show")
        expect(self.page.locator(".wrong:visible").first).to_be_visible()
        self.see("what-if-fault")

    def read_report(self) -> None:
        """Have the report drawn."""
        self.page.goto(self.home)
        self.page.get_by_role("link", name="Report").click()
        self.see("report-button")
        self.press("Read all leads, and draw it")
        expect(self.page.locator("figure").first).to_be_visible()
        self.see("report")
        self.page.get_by_role("link", name="Back to the leads").click()

    def leave(self, link: str) -> None:
        """See what is gone, sign out, and find that the link is used up."""
        self.page.goto(f"{self.home}leads/{'0' * 24}")
        expect(self.page.get_by_role("banner")).to_have_text("Studio North")
        self.see("message")
        self.page.goto(self.home)
        self.press("Sign out")
        expect(self.page.get_by_role("button", name="Mail me a link")).to_be_visible()
        self.page.goto(link)
        expect(self.page.get_by_role("alert")).to_be_visible()


PASSES: dict[str, dict[str, Any]] = {
    "script": {"viewport": SCREENS["desktop"]},
    "no script": {"viewport": SCREENS["phone"], "color_scheme": "dark", "java_script_enabled": False},
}


@pytest.mark.parametrize("mode", PASSES)
def test_the_owners_walk(browser: Browser, server: Server, mode: str) -> None:
    """From the mailed link to the sign-out, with a script on a desktop and without on a phone, nothing is in the way.

    Where scripts run, axe-core reports no violation in any state, and no page scrolls sideways.
    """
    with visit(browser, "about:blank", **PASSES[mode]) as page:
        walk = Walk(page=page, server=server, scripted=mode == "script")
        link = walk.enter()
        walk.list_leads()
        walk.decide()
        walk.ask_what_if()
        walk.read_report()
        walk.leave(link)

        assert walk.faults == []
