"""Every text on every page comes from the content, the form or the catalogue: nothing is hard-coded."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from browser.page_checks.pseudo_language import LANGUAGE, Words, is_marked, studio
from browser.page_checks.states import STATES
from prequal.pages.wording import duration, language_name
from support.running import CHECKOUT, Server, run

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Names of languages and durations come from Babel, the sender from a setting, and other texts from the prospect.
_OTHERS_WORDS = {language_name(LANGUAGE), language_name("en"), "hello@studio.example", "More visitors."}
_OTHERS_WORDS |= {duration(days, LANGUAGE) for days in (730, 180)}
# The states of the start page in the site's first language, and all pages in that language.
_NAMES = [name for name, state in STATES.items() if state.path in {"/", "/thanks/", "/privacy/", "/404.html"}]
_NAMES += [name for name in STATES if name.startswith("notice-")]
_NAMES.remove("another-language")


@pytest.fixture(scope="module")
def marked_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server whose texts are all marked."""
    with studio(tmp_path_factory.mktemp("studio")) as server:
        script = [sys.executable, str(CHECKOUT / "tests/support/gallery.py"), str(server.site), server.url]
        done = run(script, server.folder, server.environ)
        assert done.returncode == 0, done.stderr
        yield server


@pytest.mark.parametrize("name", _NAMES)
def test_every_text_is_marked(browser: Browser, marked_studio: Server, name: str) -> None:
    """Every word of the page, and of what its script adds, is marked."""
    with STATES[name].visit(browser, marked_studio) as page:
        texts = Words(page.content()).texts

    assert any(texts)
    assert [text for text in texts if text not in _OTHERS_WORDS and not is_marked(text)] == []


def test_the_manifest_is_marked(marked_studio: Server) -> None:
    """The name of the page on a phone's start screen is the studio's own."""
    manifest = json.loads((marked_studio.site / "manifest.webmanifest").read_text())

    assert is_marked(manifest["name"])
