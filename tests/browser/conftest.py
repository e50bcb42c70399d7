"""One browser for all tests; each visit has its own cookies, storage and cache."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from support import chromium
from support.running import PATIENCE, Server, development_server
from support.shipped_form import MORE_FIELDS, write_form
from support.tools import leave_out


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser."""
    path = chromium.find()
    if not path:
        leave_out("Chromium was not found: install it to have the pages tested.")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    expect.set_options(timeout=PATIENCE * 1000)
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path, args=arguments, timeout=PATIENCE * 1000) as browser,
    ):
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for the tests of a module, of a form that has a box to tick."""
    folder = tmp_path_factory.mktemp("server")
    with development_server(folder, PREQUAL_FORM=str(write_form(folder, *MORE_FIELDS))) as server:
        yield server
