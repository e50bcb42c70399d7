"""The browser, one for all tests: each visit has cookies, storage and cache of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from support import chromium
from support.running import Server, development_server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser."""
    path = chromium.find()
    assert path, "There is no Chromium: run `make test`, or `python tests/browser/chromium.py`, which install it."
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=arguments) as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for the tests of a module that don't mind what others left in it."""
    with development_server(tmp_path_factory.mktemp("server")) as server:
        yield server
