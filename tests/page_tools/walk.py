"""A walk along the questions that follow, in each browser engine: errors, another language, sending, back."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Error

from page_tools.engines import ENGINES, Command
from page_tools.layout import Layout, build_framed, layout_faults, measure
from support.following import write_following_form
from support.running import development_server, until
from support.static_host import hosted

_STEPS = """
  globalThis.choose = (name, value) => document.querySelector(`[name="${name}"][value="${value}"] + label`).click();
  globalThis.type = (name, text) => {
    document.querySelector(`[name="${name}"]`).value = text;
    document.querySelector(`[name="${name}"]`).dispatchEvent(new Event("input", { bubbles: true }));
  };
  globalThis.asks = (name) => document.querySelector(`[data-field="${name}"]`).getClientRects().length > 0;
  globalThis.shows = (selector) => getComputedStyle(document.querySelector(selector)).visibility === "visible";
  globalThis.mended = () => [...document.querySelectorAll(".summary .mended")].map((link) => link.hash.slice(1)).join();
  globalThis.isChosen = (value) => document.querySelector(`[value="${value}"]`).checked;
  globalThis.send = () => document.querySelector("button[data-thanks]").click();
  globalThis.faulty = () => [...document.querySelectorAll(".summary a")].map((link) => link.hash.slice(1)).join();
"""


def walk() -> Iterator[str]:
    """Walk and measure in every browser that is there; yield what is wrong, and print a line on each."""
    layouts: dict[str, Layout] = {}
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as framed:
        form = write_following_form(Path(folder))
        # Without the page's own headers, which forbid frames.
        with (
            development_server(Path(folder), PREQUAL_FORM=str(form)) as server,
            hosted(Path(framed), headers={"X-Robots-Tag": "none"}) as url,
        ):
            build_framed(url, Path(framed))
            for name, browser in ENGINES.items():
                start = time.monotonic()
                try:
                    with browser() as command:
                        layouts[name] = measure(command, url)
                        _walk(command, server.url)
                except FileNotFoundError as missing:
                    print(f"{name} was not found, so nobody walked there: install {missing}.")
                except AssertionError as error:
                    yield f"{name}: {error}"
                else:
                    print(f"{name}: measured the page, and walked along its form, in {time.monotonic() - start:.0f} s")
    yield from layout_faults(layouts)


def _walk(command: Command, url: str) -> None:
    def run(script: str) -> Any:
        return command("run", f"(() => {{ {_STEPS}; return {script}; }})()")

    def holds(script: str) -> bool:
        try:
            return run(script) is True
        except (Error, OSError):  # the page changes
            return False

    def becomes(script: str) -> None:
        until(lambda: holds(script), script)

    command("open", url)
    assert not run("asks('products')")
    assert not run("shows('.progress')")
    run("choose('work', 'shop')")
    assert run("asks('products')")
    becomes("shows('.progress')")
    run("send()")
    becomes("faulty() === 'products,budget,name,email'")
    run("choose('budget', 'unsure')")
    becomes("mended() === 'budget' && !shows('[data-field=budget] .error') && shows('[data-field=products] .error')")
    run("document.querySelector('.languages [lang=fr]').click()")
    becomes("document.documentElement.lang === 'fr' && asks('products')")
    run("choose('work', 'other')")
    assert not run("asks('products')")
    run("choose('parts', 'texts')")
    assert run("asks('writer')")
    for name, text in (("writer", "Nous"), ("name", "Ada"), ("email", "ada@example.com")):
        run(f"type('{name}', '{text}')")
    run("choose('budget', 'around')")
    assert run("document.querySelector('[name=\"budget.before\"]').value") == "unsure"
    run("send()")
    becomes("location.pathname === '/fr/thanks/'")
    command("back")
    # Browsers differ in what they restore: what is asked must follow from it.
    becomes("asks('products') === isChosen('shop') && asks('writer') === isChosen('texts')")
