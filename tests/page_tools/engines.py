"""The browser engines that `make page` walks in, each driven by the same commands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from playwright.sync_api import sync_playwright

from support import chromium
from support.running import PATIENCE, free_port, until

Command: TypeAlias = "Callable[..., Any]"
"""Commands of a browser: `open` an address, go `back`, or `run` a JavaScript expression and return its value."""

_HERE = Path(__file__).parent


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


ENGINES = {"Chromium": _chromium, "Firefox": _firefox, "WebKit": _webkit}
