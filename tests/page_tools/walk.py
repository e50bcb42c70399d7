"""A walk along the questions that follow, in each browser engine: errors, another language, sending, back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from playwright.sync_api import Error, sync_playwright

from support import chromium
from support.following import write_following_form
from support.running import PATIENCE, development_server, free_port, until

Command: TypeAlias = "Callable[..., Any]"
"""Commands of a browser: `open` an address, go `back`, or `run` a JavaScript expression and return its value."""

_HERE = Path(__file__).parent
_STEPS = """
  globalThis.choose = (name, value) => document.querySelector(`[name="${name}"][value="${value}"] + label`).click();
  globalThis.type = (name, text) => {
    document.querySelector(`[name="${name}"]`).value = text;
    document.querySelector(`[name="${name}"]`).dispatchEvent(new Event("input", { bubbles: true }));
  };
  globalThis.asks = (name) => document.querySelector(`[data-field="${name}"]`).getClientRects().length > 0;
  globalThis.isChosen = (value) => document.querySelector(`[value="${value}"]`).checked;
  globalThis.send = () => document.querySelector("button[data-thanks]").click();
  globalThis.faulty = () => [...document.querySelectorAll(".summary a")].map((link) => link.hash.slice(1)).join();
"""


def walk() -> Iterator[str]:
    """Walk in every browser that is there; yield what is wrong, and print a line on each."""
    with tempfile.TemporaryDirectory() as folder:
        form = write_following_form(Path(folder))
        with development_server(Path(folder), PREQUAL_FORM=str(form)) as server:
            for name, browser in (("Chromium", _chromium), ("Firefox", _firefox), ("WebKit", _webkit)):
                start = time.monotonic()
                try:
                    with browser() as command:
                        _walk(command, server.url)
                except FileNotFoundError as missing:
                    print(f"{name} was not found, so nobody walked there: install {missing}.")
                except AssertionError as error:
                    yield f"{name}: {error}"
                else:
                    print(f"{name}: walked along the questions that follow in {time.monotonic() - start:.0f} s")


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
    run("choose('work', 'shop')")
    assert run("asks('products')")
    run("send()")
    becomes("faulty() === 'products,budget,name,email'")
    run("choose('budget', 'unsure')")
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


@contextmanager
def _chromium() -> Iterator[Command]:
    if not (path := chromium.find()):
        raise FileNotFoundError("Chromium")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]) as it:
        page = it.new_page()
        commands: dict[str, Command] = {"open": page.goto, "back": page.go_back, "run": page.evaluate}
        yield lambda name, *arguments: commands[name](*arguments)


@contextmanager
def _firefox() -> Iterator[Command]:
    if not (path := shutil.which("firefox-esr") or shutil.which("firefox")):
        raise FileNotFoundError("firefox-esr")
    with subprocess.Popen(
        ["node", str(_HERE / "firefox.mjs"), path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        lines, answers = process.stdin, process.stdout

        def command(name: str, argument: str = "") -> Any:
            lines.write(f"{json.dumps([name, argument])}\n")
            lines.flush()
            return json.loads(answers.readline())

        yield command
        lines.close()


@contextmanager
def _webkit() -> Iterator[Command]:
    minis = sorted(Path("/usr/lib").glob("*/webkit2gtk-4*/MiniBrowser"))
    if not (minis and shutil.which("WebKitWebDriver") and shutil.which("Xvfb")):
        raise FileNotFoundError("webkit2gtk-driver and xvfb")
    port, display = free_port(), f":{free_port() % 10_000 + 100}"
    with (
        subprocess.Popen(["Xvfb", display, "-nolisten", "tcp"], stderr=subprocess.DEVNULL) as screen,
        subprocess.Popen(["WebKitWebDriver", f"--port={port}"], env={**os.environ, "DISPLAY": display}) as driver,
    ):
        try:
            options = {"binary": str(minis[-1]), "args": ["--automation"]}

            def ask(path: str, body: Any, method: str = "POST") -> Any:
                request = urllib.request.Request(
                    f"http://127.0.0.1:{port}/session{path}",
                    json.dumps(body).encode() if body is not None else None,
                    {"Content-Type": "application/json"},
                    method=method,
                )
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                    return json.load(answer)["value"]

            wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
            until(lambda: _is_listening(port), "WebKit's driver")
            session = ask("", {"capabilities": wanted})["sessionId"]
            commands: dict[str, Command] = {
                "open": lambda url: ask(f"/{session}/url", {"url": url}),
                "back": lambda: ask(f"/{session}/back", {}),
                "run": lambda script: ask(f"/{session}/execute/sync", {"script": f"return {script}", "args": []}),
            }
            yield lambda name, *arguments: commands[name](*arguments)
            ask(f"/{session}", None, "DELETE")
        finally:
            driver.terminate()
            screen.terminate()


def _is_listening(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/status"):
            return True
    except OSError:
        return False
